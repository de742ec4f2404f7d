// Each limit of spec/limits.md: what is at it is written and read, what is above it is neither.

#include <gtest/gtest.h>

#include "crossing/limits.h"
#include "crossing/trace.h"
#include "crossing/value.h"
#include "event/bodies.h"
#include "frame/frame.h"
#include "io/bytes.h"
#include "sample.h"
#include "trace/attachments.h"
#include "trace/definition_table.h"

namespace crossing {
namespace {

using namespace crossing::testing;

/// A writer with the sample's definitions, and what it wrote.
struct Written {
  MemorySink sink;
  Writer writer;
  explicit Written(WriterOptions options = {.salt = 7}, bool defined = true)
      : writer(Writer::create(sink, sample_info(), options).value()) {
    if (!defined) return;
    for (const Definition& definition : sample_definitions()) must(writer.define(definition));
  }
  Error finish() {
    must(writer.finish());
    return read_trace(sink.bytes()).verdict;
  }
};

template <class T>
void expect_limit(const Result<T>& result) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().verdict, Verdict::limit) << result.error().text();
}

/// A trace of frames with any bodies, right in all that the container checks.
class Forged {
 public:
  Forged() : frames_(sink_, {.codec = Codec::zstd, .salt = 7}) {
    must(frames_.write_preamble());
    put(FrameKind::trace_info, encode_trace_info(sample_info()));
  }
  void put(FrameKind kind, Bytes body) { frames_.write(kind, body).value(); }
  [[nodiscard]] Error verdict() const { return read_trace(sink_.bytes()).verdict; }

 private:
  MemorySink sink_;
  FrameWriter frames_;
};

TEST(Limits, FrameDecodedSize) {  // [FRAME-07]
  for (const int more : {-1, 0, 1}) {
    FrameHeader header{.kind = static_cast<std::uint8_t>(FrameKind::events)};
    header.decoded_size = limits::frame_decoded_size + static_cast<std::uint32_t>(more);
    header.stored_size = header.decoded_size;
    const auto decoded = decode_header(encode_header(header, 7), 7, 0, {});
    EXPECT_EQ(decoded.has_value(), more <= 0);
    if (more > 0) expect_limit(decoded);

    MemorySink sink;
    FrameWriter writer(sink, {.codec = Codec::none, .salt = 7});
    const std::vector<std::uint8_t> body(header.decoded_size);
    const auto written = writer.write(FrameKind::bulk, body);
    EXPECT_EQ(written.has_value(), more <= 0);
    if (more > 0) expect_limit(written);
  }
}

TEST(Limits, PieceSizeAndBulkThreshold) {  // [PAY-03] [EVENT-03]
  for (const std::size_t limit : {limits::piece_size, limits::bulk_threshold}) {
    for (const int more : {-1, 0, 1}) {
      const std::size_t size = limit + static_cast<std::size_t>(more);
      Written written;
      const auto body = body_of(size);
      must(written.writer.append({.kind = EventKind::lower, .body = body}));
      EXPECT_EQ(written.writer.next_sequence(), size > limits::piece_size ? 2u : 1u);
      EXPECT_EQ(written.finish().verdict, Verdict::ok);
      // Where the body stands shows in a reader that leaves bulk bodies out.
      const ReadBack calls = read_trace(written.sink.bytes(), {.bulk = false});
      const std::size_t last_piece = size > limits::piece_size ? size - limits::piece_size : size;
      EXPECT_EQ(calls.events.at(0).body.size(),
                last_piece < limits::bulk_threshold ? last_piece : 0);
    }
  }
}

TEST(Limits, PayloadSize) {  // [PAY-03]
  std::vector<std::uint8_t> body(limits::payload_size + 1);
  const auto append = [&](std::size_t size) {
    MemorySink sink;
    auto writer = Writer::create(sink, sample_info(), {.salt = 7}).value();
    for (const Definition& definition : sample_definitions()) must(writer.define(definition));
    auto appended = writer.append({.kind = EventKind::lower, .body = Bytes(body).first(size)});
    if (!appended) return appended;
    must(writer.finish());
    MemorySource source(sink.bytes());
    auto reader = Reader::open(source).value();
    for (;;) {
      const auto item = reader.next();
      if (!item) return Result<void>(tl::unexpected(item.error()));
      if (std::holds_alternative<std::monostate>(*item)) break;
    }
    EXPECT_EQ(reader.totals().payload_bytes, size);
    return appended;
  };
  EXPECT_TRUE(append(limits::payload_size - 1));
  EXPECT_TRUE(append(limits::payload_size));
  expect_limit(append(limits::payload_size + 1));
}

TEST(Limits, Attachments) {  // [STREAM-06]
  Written written;
  for (std::uint32_t i = 0; i < limits::attachments; ++i) {
    MemorySource nothing(Bytes{});
    EXPECT_EQ(written.writer.attach("", nothing, 0).value(), i);
  }
  MemorySource nothing(Bytes{});
  expect_limit(written.writer.attach("", nothing, 0));
  EXPECT_EQ(written.finish().verdict, Verdict::ok);

  class Attachments read;
  for (std::uint32_t i = 0; i < limits::attachments; ++i) {
    EXPECT_TRUE(read.add({.id = i, .name = {}, .bytes = {}}, 0));
  }
  expect_limit(read.add({.id = limits::attachments, .name = {}, .bytes = {}}, 0));
}

TEST(Limits, AttachmentSizeAndPieces) {  // [STREAM-06]
  const std::vector<std::uint8_t> piece(limits::attachment_piece_size);
  for (const int more : {-1, 0, 1}) {
    class Attachments read;
    const std::uint64_t total = limits::attachment_size + static_cast<std::uint64_t>(more);
    const auto added = read.add({.name = {}, .total_size = total, .bytes = piece}, 0);
    EXPECT_EQ(added.has_value(), more <= 0);
    if (more > 0) expect_limit(added);
  }
  Written written;
  MemorySource source(piece);
  expect_limit(written.writer.attach("", source, limits::attachment_size + 1));
  for (const int more : {-1, 0, 1}) {
    class Attachments read;
    const auto size = limits::attachment_piece_size + static_cast<std::uint64_t>(more);
    const auto added = read.add(
        {.name = {}, .total_size = size, .bytes = Bytes(piece).first(std::min(size, piece.size()))},
        0);
    EXPECT_TRUE(added);
    EXPECT_EQ(read.finish(0).has_value(), more <= 0);  // one byte more: one piece more
  }
}

TEST(Limits, Definitions) {
  DefinitionTable table(sample_info());
  for (std::uint32_t i = 0; i < limits::definitions; ++i) {
    ASSERT_TRUE(table.add(Type{.id = i, .kind = TypeKind::u8}, 0).value());
  }
  expect_limit(table.add(Type{.id = limits::definitions, .kind = TypeKind::u8}, 0));
  // Other kinds count by themselves, and a repetition is none.
  EXPECT_FALSE(table.add(Type{.id = 5, .kind = TypeKind::u8}, 0).value());
  EXPECT_TRUE(table.add(Component{.digest = std::vector<std::uint8_t>(32)}, 0).value());
}

TEST(Limits, DefinitionBytes) {
  // Frames that repeat one definition, as long as they please: their bytes count all the same.
  const auto frame_of = [](std::size_t name_size) {
    const Definition component = Component{
        .id = 0, .name = std::string(name_size, 'x'), .digest = std::vector<std::uint8_t>(32)};
    return encode_definitions({&component, 1});
  };
  const Body large = frame_of(60000);
  for (const int more : {-8, 0, 8}) {
    Forged trace;
    std::uint64_t left = limits::definition_bytes + static_cast<std::uint64_t>(more);
    // A list of memories takes the last bytes: their names differ, the component's may not.
    Definition instance = Instance{.id = 0, .component = 0};
    const Body second = encode_definitions({&instance, 1});
    for (; left >= large.size() + 70000; left -= large.size())
      trace.put(FrameKind::definitions, large);
    trace.put(FrameKind::definitions, second);
    left -= second.size();
    Body last;
    for (std::uint32_t id = 0; left != 0; ++id) {
      const auto memory_of = [&](std::size_t name_size) {
        const Definition memory = Memory{.id = id, .export_name = std::string(name_size, 'm')};
        return encode_definitions({&memory, 1});
      };
      const std::size_t share = left > 65000 ? 60000 : left;
      std::size_t name_size = share - 120;
      while (memory_of(name_size).size() < share) ++name_size;
      last = memory_of(name_size);
      ASSERT_EQ(last.size(), share) << "sizes are multiples of 4";
      trace.put(FrameKind::definitions, last);
      left -= share;
    }
    EXPECT_EQ(trace.verdict().verdict, more <= 0 ? Verdict::truncated : Verdict::limit)
        << trace.verdict().text();
  }

  Written written({.salt = 7}, false);
  must(written.writer.define(Component{.id = 0, .digest = std::vector<std::uint8_t>(32)}));
  must(written.writer.define(Instance{.id = 0}));
  Result<void> defined;
  for (std::uint32_t id = 0; defined && id < 300; ++id) {
    defined = written.writer.define(Memory{.id = id, .export_name = std::string(65536, 'm')});
  }
  expect_limit(defined);
}

TEST(Limits, StringSize) {
  for (const int more : {-1, 0, 1}) {
    const std::string name(limits::string_size + static_cast<std::size_t>(more), 'n');
    Written written({.salt = 7}, false);
    const auto defined =
        written.writer.define(Component{.name = name, .digest = std::vector<std::uint8_t>(32)});
    MemorySource nothing(Bytes{});
    const auto attached = written.writer.attach(name, nothing, 0);
    EXPECT_EQ(defined.has_value(), more <= 0);
    EXPECT_EQ(attached.has_value(), more <= 0);
    if (more > 0) {
      expect_limit(defined);
      expect_limit(attached);
    }
    EXPECT_EQ(written.finish().verdict, Verdict::ok);

    TraceInfo info = sample_info();
    info.producer_name = name;
    MemorySink sink;
    const auto created = Writer::create(sink, info, {.salt = 7});
    EXPECT_EQ(created.has_value(), more <= 0);
    if (more > 0) expect_limit(created);
  }
}

TEST(Limits, OpenCalls) {  // [EVENT-06]
  Written written;
  const auto parameters = body_of(4);
  const Event call{.kind = EventKind::import_call, .body = parameters};
  for (std::uint32_t i = 0; i < limits::open_calls; ++i) must(written.writer.append(call));
  // A block that begins here lists all of them.
  must(written.writer.flush());
  must(written.writer.append({.kind = EventKind::lower, .body = parameters}));
  expect_limit(written.writer.append(call));
  EXPECT_EQ(written.finish().verdict, Verdict::ok);
}

TEST(Limits, IndexInterval) {  // [INDEX-01]
  for (const int more : {-1, 0, 1}) {
    Written written({.block_size = 1, .salt = 7});
    const auto blocks = limits::index_interval + static_cast<std::uint32_t>(more);
    for (std::uint32_t i = 0; i < blocks; ++i) {
      must(written.writer.append({.kind = EventKind::instantiate_end}));
    }
    EXPECT_EQ(written.finish().verdict, Verdict::ok);
    // Preamble aside: trace info, definitions, blocks, an index or two, summary, end.
    EXPECT_EQ(written.writer.totals().frame_count, blocks + (more == 1 ? 6u : 5u));
  }
}

TEST(Limits, CoreSignature) {  // [FUNC-08]
  for (const int more : {-1, 0, 1}) {
    DefinitionTable table(sample_info());
    EXPECT_TRUE(table.add(Component{.digest = std::vector<std::uint8_t>(32)}, 0));
    EXPECT_TRUE(table.add(Instance{}, 0));
    const std::vector<CoreType> values(limits::core_signature + static_cast<std::size_t>(more),
                                       CoreType::v128);
    const auto added = table.add(Function{.core_params = values, .core_results = values}, 0);
    EXPECT_EQ(added.has_value(), more <= 0);
    if (more > 0) expect_limit(added);
  }
}

TEST(Limits, ValueParts) {  // [VALUE-04]
  const TypeList types = {Type{.id = 0, .kind = TypeKind::bool_},
                          Type{.id = 1, .kind = TypeKind::list, .element = 0}};
  for (const int more : {-1, 0, 1}) {
    // The list is a part too.
    const auto count = limits::value_parts - 1 + static_cast<std::uint32_t>(more);
    Value list;
    list.parts.resize(count);
    const auto bytes = encode_value(types, 1, list).value();
    const auto decoded = decode_value(types, 1, bytes);
    EXPECT_EQ(decoded.has_value(), more <= 0);
    const auto parsed = parse_wave(types, 1, wave_text(types, 1, list).value());
    EXPECT_EQ(parsed.has_value(), more <= 0);
    if (more > 0) {
      expect_limit(decoded);
      expect_limit(parsed);
    }
  }
}

TEST(Writer, RefusesStringsThatAReaderWouldRefuse) {  // [FRAME-13]
  Written written({.salt = 7}, false);
  const auto defined =
      written.writer.define(Component{.name = "\xff", .digest = std::vector<std::uint8_t>(32)});
  ASSERT_FALSE(defined);
  EXPECT_EQ(defined.error().rule, "FRAME-13");
  MemorySource nothing(Bytes{});
  EXPECT_FALSE(written.writer.attach("\xc0\x80", nothing, 0));
  EXPECT_EQ(written.finish().verdict, Verdict::ok);
  TraceInfo info = sample_info();
  info.quirks = {"\xed\xa0\x80"};
  MemorySink sink;
  EXPECT_FALSE(Writer::create(sink, info));
  EXPECT_TRUE(sink.bytes().empty());
}

TEST(Writer, RefusesAGapOverTheLastNumber) {  // [GAP-02]
  Written written;
  std::vector<std::uint8_t> count(8);
  const auto gap = [&](std::uint64_t missing) {
    store(count.data(), missing);
    return written.writer.append({.kind = EventKind::gap, .subject = none, .body = count});
  };
  EXPECT_FALSE(gap(UINT64_MAX));
  EXPECT_FALSE(gap((UINT64_MAX >> 1) + 1));
  EXPECT_TRUE(gap((UINT64_MAX >> 1) - 1));
  EXPECT_FALSE(gap(2));
  EXPECT_EQ(written.finish().verdict, Verdict::ok);
}

TEST(Writer, FailsWhenAnAttachmentCannotBeRead) {  // [END-02]
  class Broken final : public ByteSource {
    Result<std::size_t> read(std::span<std::uint8_t>) override {
      return tl::unexpected(
          Error{.verdict = Verdict::io, .message = "broken", .offset = {}, .event = {}});
    }
  };
  Written written;
  Broken source;
  EXPECT_FALSE(written.writer.attach("", source, 10));
  EXPECT_FALSE(written.writer.finish());
}

TEST(Recover, KeepsAttachmentsWhole) {  // [REC-02]
  Written written({.codec = Codec::none, .salt = 7});
  const auto content = body_of(3 * limits::attachment_piece_size + 5);
  MemorySource source(content);
  written.writer.attach("a", source, content.size()).value();
  EXPECT_EQ(written.finish().verdict, Verdict::ok);
  const auto recovered = [](std::vector<std::uint8_t> bytes) {
    MemorySource damaged(bytes);
    MemorySink whole;
    recover(damaged, whole).value();
    return read_trace(whole.bytes()).attachments;
  };
  auto cut = written.sink.bytes();
  cut.resize(cut.size() - 1);
  EXPECT_EQ(recovered(cut), content);
  auto damaged = written.sink.bytes();
  damaged[damaged.size() / 2] ^= 1;
  EXPECT_TRUE(recovered(damaged).empty());
}

}  // namespace
}  // namespace crossing
