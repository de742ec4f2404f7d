// The C interface does what the C++ one does, and its structs can grow.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c/definitions.h"
#include "c/events.h"
#include "c/wiring.h"
#include "crossing/crossing.h"
#include "fake_guest.h"

namespace crossing::testing {
namespace {

using c::from_c;
using c::to_c;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A handle that ends by its `…_delete`.
template <class Handle, void (*delete_)(Handle*)>
class Owned {
 public:
  Owned() = default;
  explicit Owned(Handle* handle) : handle_(handle) {}
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { delete_(handle_); }
  operator Handle*() const { return handle_; }
  Handle** out() { return &handle_; }

 private:
  Handle* handle_ = nullptr;
};
using ErrorHandle = Owned<crossing_error, crossing_error_delete>;
using SinkHandle = Owned<crossing_sink, crossing_sink_delete>;
using SourceHandle = Owned<crossing_source, crossing_source_delete>;
using WriterHandle = Owned<crossing_writer, crossing_writer_delete>;
using ReaderHandle = Owned<crossing_reader, crossing_reader_delete>;
using ReplayerHandle = Owned<crossing_replayer, crossing_replayer_delete>;

struct CInterface : ::testing::Test {
  ErrorHandle error{crossing_error_new()};

  /// Fails the test where a call failed.
  void good(crossing_verdict verdict) {
    EXPECT_EQ(verdict, CROSSING_OK) << crossing_error_text(error);
  }
  std::string message() { return crossing_error_message(error); }

  /// Defines the sample's, each once more through C.
  void define_sample(crossing_writer* writer) {
    crossing_definitions from;
    for (const Definition& definition : sample_definitions()) from.add(definition);
    const Owned<crossing_definitions, crossing_definitions_delete> to{crossing_definitions_new()};
    for (const auto& item : from.types) {
      good(crossing_definitions_add_type(to, &item.view, error));
    }
    for (const auto& item : from.components) {
      good(crossing_definitions_add_component(to, &item.view, error));
    }
    for (const auto& item : from.instances) {
      good(crossing_definitions_add_instance(to, &item.view, error));
    }
    for (const auto& item : from.memories) {
      good(crossing_definitions_add_memory(to, &item.view, error));
    }
    for (const auto& item : from.functions) {
      good(crossing_definitions_add_function(to, &item.view, error));
    }
    good(crossing_writer_define(writer, to, error));
  }

  crossing_verdict append(crossing_writer* writer, const OwnedEvent& event) {
    const crossing_event given = {sizeof given,
                                  static_cast<crossing_event_kind>(event.kind),
                                  event.flags,
                                  event.subject,
                                  event.detail,
                                  event.time,
                                  to_c(Bytes(event.body))};
    return crossing_writer_append(writer, &given, error);
  }

  void create_writer(crossing_sink* sink, WriterHandle& writer) {
    crossing_writer_options options;
    crossing_writer_options_init(&options, sizeof options);
    options.has_salt = true;
    options.salt = 42;
    const c::TraceInfoMirror info(sample_info());
    good(crossing_writer_create(sink, &info.view, &options, writer.out(), error));
  }

  void open_memory(Bytes bytes, SourceHandle& source) {
    good(crossing_source_new_memory(to_c(bytes), source.out(), error));
  }
};

TEST_F(CInterface, WritesWhatCppWrites) {
  const auto events = sample_events(3, 70000);
  SinkHandle sink;
  good(crossing_sink_new_memory(sink.out(), error));
  WriterHandle writer;
  create_writer(sink, writer);
  define_sample(writer);
  for (const OwnedEvent& event : events) good(append(writer, event));
  EXPECT_EQ(crossing_writer_next_sequence(writer), events.size() + 3);  // pieces of long ones
  good(crossing_writer_finish(writer, error));
  const Bytes written = from_c(crossing_sink_memory(sink));
  EXPECT_EQ(std::vector(written.begin(), written.end()), write_trace(events));

  crossing_totals totals = {};
  totals.struct_size = sizeof totals;
  crossing_writer_totals(writer, &totals);
  EXPECT_EQ(totals.event_count, events.size() + 3);
  EXPECT_EQ(totals.kind_counts[CROSSING_EVENT_IMPORT_CALL], 3u);
  EXPECT_EQ(crossing_writer_finish(writer, error), CROSSING_INVALID);
}

TEST_F(CInterface, ReadsWhatCppReads) {
  const auto trace = write_trace(sample_events(3, 70000));
  const ReadBack expected = read_trace(trace);
  SourceHandle source;
  open_memory(trace, source);
  ReaderHandle reader;
  good(crossing_reader_open(source, nullptr, reader.out(), error));
  EXPECT_EQ(from_c(*crossing_reader_info(reader)), sample_info());
  std::uint16_t major = 99, minor = 99, own_major = 98, own_minor = 98;
  crossing_reader_format_version(reader, &major, &minor);
  crossing_format_version(&own_major, &own_minor);
  EXPECT_EQ(std::pair(major, minor), std::pair(own_major, own_minor));

  const crossing_definitions* definitions = crossing_reader_definitions(reader);
  std::vector<OwnedEvent> events;
  std::vector<Definition> defined;
  const crossing_item* item = nullptr;
  for (;;) {
    good(crossing_reader_next(reader, &item, error));
    ASSERT_NE(item, nullptr);
    if (item->kind == CROSSING_ITEM_END) break;
    for (const auto& [kind, id] : std::span(item->definitions, item->definition_count)) {
      switch (kind) {
        case CROSSING_DEFINITION_TYPE:
          defined.push_back(*from_c(*crossing_definitions_type(definitions, id)));
          break;
        case CROSSING_DEFINITION_COMPONENT:
          defined.push_back(*from_c(*crossing_definitions_component(definitions, id)));
          break;
        case CROSSING_DEFINITION_INSTANCE:
          defined.push_back(*from_c(*crossing_definitions_instance(definitions, id)));
          break;
        case CROSSING_DEFINITION_MEMORY:
          defined.push_back(*from_c(*crossing_definitions_memory(definitions, id)));
          break;
        default: defined.push_back(*from_c(*crossing_definitions_function(definitions, id)));
      }
    }
    std::uint32_t pieces = 0;
    while (const crossing_event_view* event = crossing_reader_next_event(reader)) {
      EXPECT_EQ(event->sequence, item->base_sequence + pieces++);
      if (event->first) {
        events.push_back({static_cast<EventKind>(event->kind),
                          event->flags,
                          event->time,
                          event->subject,
                          event->detail,
                          {}});
      }
      const Bytes body = from_c(event->body);
      events.back().body.insert(events.back().body.end(), body.begin(), body.end());
    }
    EXPECT_EQ(pieces, item->event_count);
  }
  EXPECT_EQ(events, expected.events);
  EXPECT_EQ(defined, expected.definitions);
  EXPECT_EQ(crossing_definitions_count(definitions, CROSSING_DEFINITION_FUNCTION), 3u);
  EXPECT_EQ(crossing_definitions_function(definitions, 3), nullptr);
  EXPECT_EQ(crossing_reader_next_event(reader), nullptr);
  crossing_totals totals = {};
  totals.struct_size = sizeof totals;
  crossing_reader_totals(reader, &totals);
  EXPECT_EQ(totals.event_count, expected.totals.event_count);
  EXPECT_EQ(totals.frame_count, expected.totals.frame_count);
}

TEST_F(CInterface, Seeks) {
  const auto trace = write_trace(sample_events(2000), {.block_size = 4096, .salt = 42});
  SourceHandle source;
  open_memory(trace, source);
  ReaderHandle reader;
  good(crossing_reader_open(source, nullptr, reader.out(), error));
  good(crossing_reader_seek(reader, 5000, error));
  const crossing_item* item = nullptr;
  good(crossing_reader_next(reader, &item, error));
  ASSERT_EQ(item->kind, CROSSING_ITEM_BLOCK);
  EXPECT_LE(item->base_sequence, 5000u);
  EXPECT_GT(item->base_sequence + item->event_count, 5000u);
  const crossing_definitions* definitions = crossing_reader_definitions(reader);
  EXPECT_EQ(crossing_definitions_count(definitions, CROSSING_DEFINITION_FUNCTION), 3u);
  good(crossing_reader_seek_time(reader, 0, error));
  do {
    good(crossing_reader_next(reader, &item, error));
  } while (item->kind != CROSSING_ITEM_BLOCK);
  EXPECT_EQ(item->base_sequence, 0u);
  EXPECT_EQ(crossing_definitions_count(definitions, CROSSING_DEFINITION_FUNCTION), 3u);
}

TEST_F(CInterface, ReadsWhatIsPushed) {
  const auto trace = write_trace(sample_events(200), {.block_size = 4096, .salt = 42});
  const ReadBack expected = read_trace(trace);
  crossing_push_reader* reader = nullptr;
  good(crossing_push_reader_new(nullptr, &reader, error));
  EXPECT_EQ(crossing_push_reader_info(reader), nullptr);
  std::uint64_t events = 0;
  for (std::size_t at = 0; at < trace.size(); at += 100) {
    crossing_bytes bytes =
        to_c(Bytes(trace).subspan(at, std::min<std::size_t>(100, trace.size() - at)));
    const crossing_item* item = nullptr;
    do {
      good(crossing_push_reader_push(reader, &bytes, &item, error));
      while (crossing_push_reader_next_event(reader) != nullptr) ++events;
    } while (item != nullptr);
    EXPECT_EQ(bytes.size, 0u);
  }
  EXPECT_TRUE(crossing_push_reader_ended(reader));
  good(crossing_push_reader_finish(reader, error));
  EXPECT_EQ(events, expected.events.size());
  EXPECT_EQ(from_c(*crossing_push_reader_info(reader)), sample_info());
  EXPECT_EQ(crossing_push_reader_offset(reader), trace.size());
  EXPECT_EQ(crossing_definitions_count(crossing_push_reader_definitions(reader),
                                       CROSSING_DEFINITION_TYPE),
            2u);
  crossing_totals totals = {};
  totals.struct_size = sizeof totals;
  crossing_push_reader_totals(reader, &totals);
  EXPECT_EQ(totals.event_count, events);
  crossing_push_reader_delete(reader);
}

TEST_F(CInterface, ReadsWithoutBulk) {
  const auto trace = write_trace(sample_events(1, 300));
  SourceHandle source;
  open_memory(trace, source);
  ReaderHandle reader;
  const crossing_reader_options options = {sizeof options, true, 0};
  good(crossing_reader_open(source, &options, reader.out(), error));
  const crossing_item* item = nullptr;
  std::uint64_t left_out = 0;
  do {
    good(crossing_reader_next(reader, &item, error));
    while (const crossing_event_view* event = crossing_reader_next_event(reader)) {
      if (event->body.size == 0) left_out += event->body_size;
    }
  } while (item->kind != CROSSING_ITEM_END);
  EXPECT_EQ(left_out, 300u);
}

/// Every member other than in a new one.
Function full_function() {
  return {.id = 1,
          .instance = 2,
          .role = Role::callback,
          .side = Side::guest,
          .index_space = IndexSpace::type,
          .index = 3,
          .core_instance = 4,
          .core_export = "core-export",
          .canonical_definition = 5,
          .names = {{"a", "b"}, {"", "c"}},
          .implements = "implements",
          .version_suffix = "version-suffix",
          .external_id = "external-id",
          .builtin = "builtin",
          .type = 6,
          .options = {StringEncoding::utf16, 7, 8, 9, 10, true},
          .immediates = {true, true, 11, 12, 13, true},
          .core_params = {CoreType::f64, CoreType::v128},
          .core_results = {CoreType::externref},
          .result_area_param = 14,
          .result_area_size = 15,
          .result_area_alignment = 16};
}

TEST(CDefinitions, AreTheSameThereAndBack) {
  const Function function = full_function();
  EXPECT_EQ(from_c(c::FunctionMirror(function).view), function);
  const Type type{1, TypeKind::map, "name", {{"a", 2}, {"", none}}, 3, 4, 5, true};
  EXPECT_EQ(from_c(c::TypeMirror(type).view), type);
  const Component component{1, "name", DigestAlgorithm::sha256, {1, 2, 3}, 4, 5};
  EXPECT_EQ(from_c(c::ComponentMirror(component).view), component);
  const Instance instance{1, 2, {3, 4}, {{"a", Side::guest, 5, "b"}, {"c"}}};
  EXPECT_EQ(from_c(c::InstanceMirror(instance).view), instance);
  const Memory memory{1, 2, 3, 4, "export", IndexType::i64, 5, true};
  EXPECT_EQ(from_c(c::MemoryMirror(memory).view), memory);
  TraceInfo info = sample_info(Clock::per_call);
  info.start_time = 1;
  info.determinism = {NanMode::engine, RelaxedSimd::engine, 2, 3, 4, Interruption::fuel};
  info.features = {"a", "b"};
  info.quirks = {"c"};
  info.core_proposals = {"d", "e", "f"};
  info.needs_stacks = true;
  EXPECT_EQ(from_c(c::TraceInfoMirror(info).view), info);
}

TEST(CDefinitions, NewOnesAreThoseOfCpp) {
  crossing_function function;
  crossing_function_init(&function, sizeof function);
  EXPECT_EQ(from_c(function), Function());
  crossing_type type;
  crossing_type_init(&type, sizeof type);
  EXPECT_EQ(from_c(type), Type());
  crossing_component component;
  crossing_component_init(&component, sizeof component);
  EXPECT_EQ(from_c(component), Component());
  crossing_memory memory;
  crossing_memory_init(&memory, sizeof memory);
  EXPECT_EQ(from_c(memory), Memory());
}

TEST_F(CInterface, RefusesNumbersThatNoReaderTakes) {
  SinkHandle sink;
  good(crossing_sink_new_memory(sink.out(), error));
  crossing_trace_info info = {};
  info.struct_size = sizeof info;
  info.clock = 99;
  WriterHandle writer;
  EXPECT_NE(crossing_writer_create(sink, &info, nullptr, writer.out(), error), CROSSING_OK);
  EXPECT_EQ(writer, nullptr);
  create_writer(sink, writer);
  crossing_function function;
  crossing_function_init(&function, sizeof function);
  function.role = 99;
  crossing_definitions definitions;
  good(crossing_definitions_add_function(&definitions, &function, error));
  EXPECT_NE(crossing_writer_define(writer, &definitions, error), CROSSING_OK);
  crossing_writer_options options;
  crossing_writer_options_init(&options, sizeof options);
  options.codec = 99;
  WriterHandle other;
  info.clock = 0;
  EXPECT_EQ(crossing_writer_create(sink, &info, &options, other.out(), error), CROSSING_IO);
  EXPECT_EQ(message(), "expected a codec of 0 or 1, found 99");
}

TEST_F(CInterface, IdsOfDefinitionsCountOn) {
  crossing_definitions definitions;
  crossing_memory memory;
  crossing_memory_init(&memory, sizeof memory);
  memory.id = 5;
  good(crossing_definitions_add_memory(&definitions, &memory, error));
  EXPECT_EQ(crossing_definitions_add_memory(&definitions, &memory, error), CROSSING_IO);
  EXPECT_EQ(message(), "expected the id 6, found 5");
  EXPECT_EQ(crossing_definitions_memory(&definitions, 5)->id, 5u);
  EXPECT_EQ(crossing_definitions_memory(&definitions, 4), nullptr);
  EXPECT_EQ(crossing_definitions_memory(&definitions, 6), nullptr);
}

/// On machines of 64 bits. One that grows gets a larger size here and its first one in
/// `first_size`; the others keep theirs while `CROSSING_ABI_VERSION` is the same.
TEST(CStructs, KeepTheirSizes) {
  EXPECT_EQ(sizeof(crossing_sink_callbacks), 40u);
  EXPECT_EQ(sizeof(crossing_source_callbacks), 48u);
  EXPECT_EQ(sizeof(crossing_trace_info), 160u);
  EXPECT_EQ(sizeof(crossing_type), 64u);
  EXPECT_EQ(sizeof(crossing_component), 64u);
  EXPECT_EQ(sizeof(crossing_instance), 48u);
  EXPECT_EQ(sizeof(crossing_memory), 48u);
  EXPECT_EQ(sizeof(crossing_function), 224u);
  EXPECT_EQ(sizeof(crossing_event), 48u);
  EXPECT_EQ(sizeof(crossing_event_view), 64u);
  EXPECT_EQ(sizeof(crossing_writer_options), 32u);
  EXPECT_EQ(sizeof(crossing_reader_options), 16u);
  EXPECT_EQ(sizeof(crossing_totals), 2128u);
  EXPECT_EQ(sizeof(crossing_item), 128u);
  EXPECT_EQ(sizeof(crossing_recovery), 64u);
  EXPECT_EQ(sizeof(crossing_guest), 64u);
  EXPECT_EQ(sizeof(crossing_guest_end), 32u);
  EXPECT_EQ(sizeof(crossing_replay_options), 40u);
  EXPECT_EQ(sizeof(crossing_replay_outcome), 160u);
  EXPECT_EQ(sizeof(crossing_recorder_options), 32u);
  EXPECT_EQ(sizeof(crossing_recording_file), 48u);
}
TEST(CStructs, WithoutASizeNeverChange) {
  static_assert(CROSSING_ABI_VERSION == 1);
  EXPECT_EQ(sizeof(crossing_bytes), 16u);
  EXPECT_EQ(sizeof(crossing_string), 16u);
  EXPECT_EQ(sizeof(crossing_determinism), 32u);
  EXPECT_EQ(sizeof(crossing_member), 24u);
  EXPECT_EQ(sizeof(crossing_binding), 40u);
  EXPECT_EQ(sizeof(crossing_name), 32u);
  EXPECT_EQ(sizeof(crossing_options), 20u);
  EXPECT_EQ(sizeof(crossing_immediates), 16u);
  EXPECT_EQ(sizeof(crossing_definition), 8u);
  EXPECT_EQ(sizeof(crossing_open_call), 24u);
  EXPECT_EQ(sizeof(crossing_attachment_piece), 56u);
  EXPECT_EQ(sizeof(crossing_core_import), 64u);
  EXPECT_EQ(sizeof(crossing_final_memory), 24u);
  EXPECT_EQ(sizeof(crossing_ring), 24u);
  EXPECT_EQ(sizeof(crossing_open_block), 64u);
}

/// An event of a later version, with members that are not known here.
struct LaterEvent {
  crossing_event known;
  std::uint64_t later;
};

TEST_F(CInterface, StructsGrow) {
  SinkHandle sink;
  good(crossing_sink_new_memory(sink.out(), error));
  WriterHandle writer;
  create_writer(sink, writer);
  LaterEvent event = {};
  event.known.struct_size = sizeof event;
  event.known.kind = CROSSING_EVENT_MARKER;
  const std::uint8_t body[] = {'e', 'x', 'h', 'i'};
  event.known.detail = 2;
  event.known.body = to_c(Bytes(body));
  good(crossing_writer_append(writer, &event.known, error));
  event.later = 1;
  EXPECT_EQ(crossing_writer_append(writer, &event.known, error), CROSSING_UNSUPPORTED);
  EXPECT_THAT(message(), HasSubstr("expected zeros after the"));
  event.known.struct_size = 8;
  EXPECT_EQ(crossing_writer_append(writer, &event.known, error), CROSSING_IO);
  EXPECT_THAT(message(), StartsWith("expected a struct_size of at least"));
  event.known.struct_size = std::size_t{1} << 60;
  EXPECT_EQ(crossing_writer_append(writer, &event.known, error), CROSSING_IO);

  // What is filled in ends where the caller's struct does, and says how far that was.
  struct {
    crossing_totals totals;
    std::uint64_t later;
  } larger = {};
  larger.totals.struct_size = sizeof larger;
  larger.later = 7;
  crossing_writer_totals(writer, &larger.totals);
  EXPECT_EQ(larger.totals.struct_size, sizeof(crossing_totals));
  EXPECT_EQ(larger.totals.event_count, 1u);
  EXPECT_EQ(larger.later, 7u);
  crossing_totals smaller = {};
  smaller.struct_size = offsetof(crossing_totals, last_time);
  smaller.last_time = 7;
  crossing_writer_totals(writer, &smaller);
  EXPECT_EQ(smaller.next_sequence, 1u);
  EXPECT_EQ(smaller.last_time, 7u);
}

TEST_F(CInterface, WantOfMemoryIsAnError) {
  SinkHandle sink;
  good(crossing_sink_new_memory(sink.out(), error));
  crossing_trace_info info = {};
  info.struct_size = sizeof info;
  info.producer_name = {"x", std::string().max_size() + 1};
  WriterHandle writer;
  EXPECT_EQ(crossing_writer_create(sink, &info, nullptr, writer.out(), error), CROSSING_IO);
  EXPECT_EQ(writer, nullptr);
  EXPECT_EQ(message(), "out of memory");
  EXPECT_STREQ(crossing_error_text(error), "io: out of memory");
  EXPECT_EQ(crossing_writer_create(sink, &info, nullptr, writer.out(), nullptr), CROSSING_IO);
}

TEST_F(CInterface, ErrorsSayWhatAndWhere) {
  EXPECT_EQ(crossing_error_verdict(error), CROSSING_OK);
  auto trace = write_trace(sample_events());
  trace[70] ^= 1;
  SourceHandle source;
  open_memory(trace, source);
  ReaderHandle reader;
  const crossing_verdict verdict = crossing_reader_open(source, nullptr, reader.out(), error);
  const Error expected = read_trace(trace).verdict;
  EXPECT_EQ(verdict, static_cast<int>(expected.verdict));
  EXPECT_EQ(crossing_error_verdict(error), verdict);
  EXPECT_EQ(message(), expected.message);
  EXPECT_EQ(crossing_error_text(error), expected.text());
  EXPECT_EQ(crossing_error_rule(error), expected.rule);
  std::uint64_t place = 0;
  EXPECT_TRUE(crossing_error_offset(error, &place));
  EXPECT_EQ(place, expected.offset);
  EXPECT_FALSE(crossing_error_event(error, &place));
  EXPECT_STREQ(crossing_verdict_name(verdict), "corrupt");
}

TEST_F(CInterface, ACallersSinkFailsOnce) {
  struct Counted {
    int writes = 0, closes = 0;
  } counted;
  crossing_sink_callbacks callbacks = {};
  callbacks.struct_size = sizeof callbacks;
  callbacks.context = &counted;
  callbacks.write = [](void* context, crossing_bytes) {
    return ++static_cast<Counted*>(context)->writes == 6 ? 28 : 0;
  };
  callbacks.close = [](void* context) { ++static_cast<Counted*>(context)->closes; };
  {
    SinkHandle sink;
    good(crossing_sink_new(&callbacks, sink.out(), error));
    WriterHandle writer;
    create_writer(sink, writer);
    crossing_verdict verdict = CROSSING_OK;
    while (verdict == CROSSING_OK) verdict = crossing_writer_finish(writer, error);
    EXPECT_EQ(verdict, CROSSING_IO);
    EXPECT_EQ(message(), "the caller's write gave 28");
    const int writes = counted.writes;
    EXPECT_EQ(crossing_writer_flush(writer, nullptr), CROSSING_IO);
    EXPECT_EQ(counted.writes, writes);
  }
  EXPECT_EQ(counted.closes, 1);
  callbacks.write = nullptr;
  SinkHandle sink;
  EXPECT_EQ(crossing_sink_new(&callbacks, sink.out(), error), CROSSING_IO);
}

TEST_F(CInterface, Recovers) {
  auto trace = write_trace(sample_events(2000), {.block_size = 4096, .salt = 42});
  trace.resize(trace.size() * 2 / 3);
  MemorySource cpp_source{trace};
  MemorySink cpp_sink;
  const Recovery expected = recover(cpp_source, cpp_sink).value();

  SourceHandle source;
  open_memory(trace, source);
  SinkHandle sink;
  good(crossing_sink_new_memory(sink.out(), error));
  crossing_recovery found = {};
  found.struct_size = sizeof found;
  good(crossing_recover(source, sink, &found, error));
  EXPECT_EQ(read_trace(from_c(crossing_sink_memory(sink))).events,
            read_trace(cpp_sink.bytes()).events);
  EXPECT_FALSE(found.whole);
  EXPECT_TRUE(found.tail_lost);
  EXPECT_EQ(found.fault, CROSSING_TRUNCATED);
  EXPECT_EQ(crossing_error_verdict(error), CROSSING_TRUNCATED);
  EXPECT_EQ(found.blocks, expected.blocks);
  EXPECT_EQ(found.events, expected.events);
  EXPECT_EQ(found.lost_bytes, expected.lost_bytes);

  crossing_source_callbacks callbacks = {};
  callbacks.struct_size = sizeof callbacks;
  callbacks.read = [](void*, std::uint8_t*, std::size_t, std::size_t*) { return 0; };
  SourceHandle in_order;
  good(crossing_source_new(&callbacks, in_order.out(), error));
  EXPECT_EQ(crossing_recover(in_order, sink, &found, error), CROSSING_IO);
}

TEST_F(CInterface, ACallersSourceSaysHowMuchItRead) {
  crossing_source_callbacks callbacks = {};
  callbacks.struct_size = sizeof callbacks;
  callbacks.read = [](void*, std::uint8_t*, std::size_t size, std::size_t* count) {
    *count = size + 1;
    return 0;
  };
  SourceHandle source;
  good(crossing_source_new(&callbacks, source.out(), error));
  ReaderHandle reader;
  EXPECT_EQ(crossing_reader_open(source, nullptr, reader.out(), error), CROSSING_IO);
  EXPECT_THAT(message(), HasSubstr("bytes of the caller's read, found"));
}

TEST_F(CInterface, Attaches) {
  SinkHandle sink;
  good(crossing_sink_new_memory(sink.out(), error));
  WriterHandle writer;
  create_writer(sink, writer);
  const std::vector<std::uint8_t> content = body_of(300000);
  SourceHandle content_source;
  open_memory(content, content_source);
  std::uint32_t id = none;
  good(crossing_writer_attach(writer, to_c("name"), content_source, content.size(), &id, error));
  EXPECT_EQ(id, 0u);
  good(crossing_writer_finish(writer, error));

  SourceHandle source;
  open_memory(from_c(crossing_sink_memory(sink)), source);
  ReaderHandle reader;
  good(crossing_reader_open(source, nullptr, reader.out(), error));
  std::vector<std::uint8_t> read;
  const crossing_item* item = nullptr;
  do {
    good(crossing_reader_next(reader, &item, error));
    if (item->kind != CROSSING_ITEM_ATTACHMENT) continue;
    EXPECT_EQ(from_c(item->attachment.name), "name");
    const Bytes piece = from_c(item->attachment.bytes);
    read.insert(read.end(), piece.begin(), piece.end());
  } while (item->kind != CROSSING_ITEM_END);
  EXPECT_EQ(read, content);
}

/// A replay through the C interface, of a guest that does `done`.
struct CReplay {
  explicit CReplay(const std::vector<OwnedEvent>& recorded, std::vector<OwnedEvent> guest_does)
      : trace(write_trace(recorded)), done(std::move(guest_does)) {
    EXPECT_EQ(crossing_source_new_memory(to_c(Bytes(trace)), source.out(), error), CROSSING_OK);
    EXPECT_EQ(crossing_replayer_create(source, &wiring, nullptr, replayer.out(), error),
              CROSSING_OK);
    callbacks.struct_size = sizeof callbacks;
    callbacks.context = this;
    callbacks.instantiate = [](void* context, std::uint32_t id, crossing_guest_end* end) {
      give(self(context).guest.instantiate(id), end);
    };
    callbacks.call = [](void* context, std::uint32_t function, crossing_bytes params,
                        std::uint8_t* results, std::size_t size, crossing_guest_end* end) {
      give(self(context).guest.call(function, from_c(params), {results, size}), end);
    };
    callbacks.memory_size = [](void* context, std::uint32_t memory, std::uint64_t* size) {
      const auto known = self(context).guest.memory_size(memory);
      if (known) *size = *known;
      return known.has_value();
    };
    callbacks.read = [](void* context, std::uint32_t memory, std::uint64_t address,
                        std::uint64_t size) {
      return self(context).guest.read(memory, address, size).data();
    };
    callbacks.write = [](void* context, std::uint32_t memory, std::uint64_t address,
                         crossing_bytes bytes) {
      self(context).guest.write(memory, address, from_c(bytes));
    };
  }

  crossing_verdict run() { return crossing_replayer_run(replayer, &callbacks, &outcome, error); }

  static CReplay& self(void* context) { return *static_cast<CReplay*>(context); }
  static void give(const GuestEnd& from, crossing_guest_end* end) {
    EXPECT_EQ(end->struct_size, sizeof *end);
    end->kind = static_cast<crossing_guest_end_kind>(from.kind);
    end->code = static_cast<crossing_trap_code>(from.code);
    end->message = to_c("a message");
  }

  std::vector<std::uint8_t> trace;
  std::vector<OwnedEvent> done;
  crossing_wiring wiring{sample_wiring()};
  ErrorHandle error{crossing_error_new()};
  SourceHandle source;
  ReplayerHandle replayer;
  FakeGuest guest{[this](std::uint32_t function, Bytes params, std::span<std::uint8_t> results) {
                    return crossing_replayer_import_called(replayer, function, to_c(params),
                                                           results.data(), results.size());
                  },
                  done, wiring.wiring};
  crossing_guest callbacks = {};
  const crossing_replay_outcome* outcome = nullptr;
};

/// Events whose digest is not compared: that of the sample is none.
std::vector<OwnedEvent> replayable_events() {
  auto events = sample_events();
  std::erase_if(events, [](const auto& event) { return event.kind == EventKind::digest; });
  return events;
}

TEST(CReplayer, ReplaysToTheEnd) {
  CReplay replay(replayable_events(), replayable_events());
  EXPECT_EQ(crossing_replayer_info(replay.replayer), nullptr);
  EXPECT_EQ(crossing_replayer_refusal(replay.replayer, replay.error), CROSSING_OK);
  EXPECT_EQ(from_c(*crossing_replayer_info(replay.replayer)), sample_info());
  EXPECT_EQ(replay.run(), CROSSING_OK) << crossing_error_text(replay.error);
  ASSERT_NE(replay.outcome, nullptr);
  EXPECT_TRUE(replay.outcome->has_end);
  EXPECT_EQ(replay.outcome->end_kind, CROSSING_RUN_RETURNED);
  EXPECT_FALSE(replay.outcome->has_divergence);
  EXPECT_EQ(replay.guest.import_results, 6u);
  ASSERT_EQ(replay.outcome->memory_count, 1u);
  EXPECT_EQ(replay.outcome->memories[0].size, FakeGuest::memory_bytes);
}

TEST(CReplayer, SaysWhereItDiverges) {
  auto other = replayable_events();
  other[4].body = {9, 0, 0, 0};
  CReplay replay(replayable_events(), other);
  EXPECT_EQ(replay.run(), CROSSING_DIVERGED);
  ASSERT_NE(replay.outcome, nullptr);
  EXPECT_EQ(replay.outcome->verdict, CROSSING_DIVERGED);
  EXPECT_EQ(replay.outcome->exit_code, 9);
  EXPECT_TRUE(replay.outcome->has_divergence);
  EXPECT_TRUE(replay.outcome->divergence_has_event);
  EXPECT_EQ(replay.outcome->divergence_event, 4u);
  EXPECT_THAT(std::string(from_c(replay.outcome->divergence_found)), HasSubstr("9"));
  EXPECT_EQ(from_c(replay.outcome->message), crossing_error_message(replay.error));
  std::uint64_t event = 0;
  EXPECT_TRUE(crossing_error_event(replay.error, &event));
  EXPECT_EQ(event, 4u);
}

TEST(CReplayer, StopsBeforeAnEvent) {
  CReplay replay(replayable_events(), replayable_events());
  std::uint64_t stopped_at = 0;
  const auto stop = [](void* context, const crossing_event_view* next) {
    *static_cast<std::uint64_t*>(context) = next->sequence;
    return false;
  };
  EXPECT_EQ(crossing_replayer_stop_before(replay.replayer, 6, stop, &stopped_at, replay.error),
            CROSSING_OK);
  replay.run();
  EXPECT_EQ(stopped_at, 6u);
}

TEST(CReplayer, GoesStepByStep) {
  CReplay replay(replayable_events(), replayable_events());
  crossing_replay_stepper* stepper = nullptr;
  ASSERT_EQ(
      crossing_replay_stepper_create(replay.replayer, &replay.callbacks, &stepper, replay.error),
      CROSSING_OK);
  const crossing_event_view* next = nullptr;
  for (const unsigned event : {0u, 4u, 5u}) {
    EXPECT_EQ(crossing_replay_stepper_run_until(stepper, event, &next, replay.error), CROSSING_OK);
    ASSERT_NE(next, nullptr);
    EXPECT_EQ(next->sequence, event);
  }
  EXPECT_EQ(next->kind, CROSSING_EVENT_REALLOC_CALL);
  EXPECT_EQ(crossing_replay_stepper_run_until(stepper, 1000, &next, replay.error), CROSSING_OK);
  EXPECT_EQ(next, nullptr);
  EXPECT_EQ(crossing_replay_stepper_finish(stepper, &replay.outcome, replay.error), CROSSING_OK);
  ASSERT_NE(replay.outcome, nullptr);
  EXPECT_TRUE(replay.outcome->has_end);
  crossing_replay_stepper_delete(stepper);
}

TEST(CReplayer, RefusesAGuestWithoutCallbacks) {
  CReplay replay(replayable_events(), replayable_events());
  replay.callbacks.read = nullptr;
  EXPECT_EQ(replay.run(), CROSSING_IO);
  EXPECT_EQ(replay.outcome, nullptr);
}

TEST(CWiring, IsReadFromABinary) {
  const ErrorHandle error{crossing_error_new()};
  const std::uint8_t digest[32] = {1};
  const std::uint8_t no_component[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  crossing_wiring* wiring = nullptr;
  EXPECT_EQ(crossing_wiring_read(to_c(Bytes(no_component)), digest, &wiring, error),
            CROSSING_INVALID);
  EXPECT_EQ(wiring, nullptr);
  const std::uint8_t empty[] = {0, 'a', 's', 'm', 0x0d, 0, 1, 0};
  ASSERT_EQ(crossing_wiring_read(to_c(Bytes(empty)), digest, &wiring, error), CROSSING_OK);
  const auto* component = crossing_definitions_component(crossing_wiring_definitions(wiring), 0);
  EXPECT_EQ(component->digest.data[0], 1);
  EXPECT_EQ(crossing_wiring_core_module(wiring, 0), nullptr);
  EXPECT_EQ(crossing_wiring_core_instance(wiring, 0), nullptr);
  crossing_wiring_delete(wiring);

  const crossing_wiring sample(sample_wiring());
  ASSERT_NE(crossing_wiring_core_instance(&sample, 0), nullptr);
  EXPECT_EQ(crossing_wiring_core_instance(&sample, 0)->core_module, 0u);
}

}  // namespace
}  // namespace crossing::testing
