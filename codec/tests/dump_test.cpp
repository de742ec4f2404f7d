// Lines for people.

#include <gtest/gtest.h>

#include <string>

#include "crossing/text.h"
#include "sample.h"

namespace crossing {
namespace {

using testing::OwnedEvent;
using testing::sample_events;
using testing::write_trace;
using K = EventKind;

std::string dump(Bytes trace, const DumpOptions& options = {}) {
  MemorySource source(trace);
  MemorySink sink;
  const auto dumped = dump_text(source, sink, options);
  std::string text(sink.bytes().begin(), sink.bytes().end());
  if (!dumped) text += dumped.error().text();
  return text;
}

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

std::vector<std::uint8_t> words(std::initializer_list<std::uint32_t> values) {
  std::vector<std::uint8_t> bytes;
  for (const std::uint32_t value : values) {
    for (int shift = 0; shift < 32; shift += 8) {
      bytes.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  }
  return bytes;
}

/// A call of `run` around events.
std::vector<OwnedEvent> around(const std::vector<OwnedEvent>& inside) {
  std::vector<OwnedEvent> events = {{K::export_call, 0, 0, 1, 0, {}},
                                    {K::export_enter, 0, 0, 1, 0, words({1})}};
  events.insert(events.end(), inside.begin(), inside.end());
  events.push_back({K::export_result, 0, 0, 1, 0, words({4})});
  return events;
}

TEST(Dump, NestsByCallAndJoinsResults) {
  EXPECT_EQ(dump(write_trace(sample_events(1))),
            "        0  instantiate 0 sample\n"
            "        2  ┌ export run(x: 1)\n"
            "        4  │ ┌ import host f(2)\n"
            "        5  │ │ realloc(0x0, 0, 1, 5) → 0x8\n"
            "        7  │ │ lower~ 0x8, 5 bytes: 01 08 0f 16 1d  |.....|\n"
            "        8  │ └ → 3\n"
            "        9  └ → 4\n"
            "       10  digest of memory 0: 3615022833237690369 bytes, 6a635c554e474039\n"
            "       11  marker abc, 2 bytes: 01 02  |..|\n");
}

TEST(Dump, JoinsACallWithItsResult) {
  EXPECT_EQ(
      dump(write_trace(around({{K::import_call, 0, 0, 0, 0, words({7})},
                               {K::import_result, 0, 0, 0, 0, words({8})},
                               {K::import_call, flag_omitted, 0, 0, 0, {}},
                               {K::import_result, flag_redacted, 0, 0, 0, words({4, 0, 0, 0})}}))),
      "        0  ┌ export run(x: 1)\n"
      "        2  │ import host f(7) → 8\n"
      "        4  │ import host f(omitted) → redacted: 4 bytes, hash 0000000000000000\n"
      "        6  └ → 4\n");
}

TEST(Dump, ShowsTraps) {
  auto trap = words({1, 0});
  const auto message = bytes_of("a\x1b[31mb");
  trap.insert(trap.end(), message.begin(), message.end());
  EXPECT_EQ(dump(write_trace({{K::export_call, 0, 0, 1, 0, {}},
                              {K::export_enter, 0, 0, 1, 0, words({1})},
                              {K::import_call, 0, 0, 0, 0, words({7})},
                              {K::trap, 0, 0, 0, 14, trap},
                              {K::export_call, 0, 0, 1, 0, {}},
                              {K::export_enter, 0, 0, 1, 0, words({1})},
                              {K::trap, 0, 0, 1, 16, words({0, 3})}})),
            "        0  ┌ export run(x: 1)\n"
            "        2  │ ┌ import host f(7)\n"
            "        3  └ trap host_error (host): a\\u{1b}[31mb\n"
            "        4  ┌ export run(x: 1)\n"
            "        6  └ exit 3\n");
}

TEST(Dump, ShowsEveryOtherKind) {
  EXPECT_EQ(dump(write_trace({{K::lift, flag_hashed, 0, 0, 1ULL << 33, words({9, 0, 7, 0})},
                              {K::task_start, 0, 0, 0, 5, {}},
                              {K::task_resolve, 0, 0, 0, 5, words({2})},
                              {K::lower, 0, 0, 0, 16, bytes_of("hello\n\"world\"\\")},
                              {K::task_resolve_end, 0, 0, 0, 5, {}},
                              {K::task_cancel, 0, 0, 1, 6, {}},
                              {K::copy, 0, 0, 0, 3, words({0x00000100, 12})},
                              {K::copy_end, 0, 0, 0, 3, {}},
                              {K::end_dropped, 0, 0, 0, 3, {}},
                              {K::thread_start, 0, 0, 1, 6, {}},
                              {K::thread_switch, 0, 0, 0, 5, {}},
                              {K::grow, 0, 0, 0, 0, words({2, 0, 0xffffffff, 0xffffffff})},
                              {static_cast<K>(200), 0, 0, 1, 2, {3}},
                              {K::gap, 0, 0, none, 1, words({7, 0})}})),
            "        0  lift 0x200000000, hashed: 9 bytes, hash 0000000000000007\n"
            "        1  start import host f ·5\n"
            "        2  ┌ resolve import host f ·5: returned\n"
            "        3  │ lower 0x10, 14 bytes: \"hello\\n\\\"world\\\"\\\\\"\n"
            "        4  └\n"
            "        5  cancel export run ·6\n"
            "        6  copy stream #3 of instance 0 into the guest: 12 elements, dropped\n"
            "        8  end dropped #3 of instance 0\n"
            "        9  thread 1 begins ·6\n"
            "       10  thread 0 goes on\n"
            "       11  grow memory 0 by 2 → -1\n"
            "       12  kind 200 1, 2, 1 byte: 03  |.|\n"
            "       13  gap: 7 events dropped\n");
}

/// A trace of a component that reads from its host and says something: `read(self, length)`, with a
/// result area, and `greet(name) -> string`.
std::vector<std::uint8_t> typed_trace(const std::vector<OwnedEvent>& events) {
  MemorySink sink;
  auto writer = Writer::create(sink, testing::sample_info(), {.salt = 1}).value();
  const auto define = [&](const Definition& definition) {
    testing::must(writer.define(definition));
  };
  define(Type{.id = 0, .kind = TypeKind::u8});
  define(Type{.id = 1, .kind = TypeKind::bool_});
  define(Type{.id = 2, .kind = TypeKind::string_});
  define(Type{.id = 3, .kind = TypeKind::list, .element = 0});
  define(Type{.id = 4, .kind = TypeKind::tuple, .members = {{"", 3}, {"", 1}}});
  define(Type{.id = 5, .kind = TypeKind::enum_, .members = {{"access"}, {"busy"}}});
  define(Type{.id = 6, .kind = TypeKind::result, .element = 4, .key = 5});
  define(Type{.id = 7, .kind = TypeKind::resource, .name = "descriptor"});
  define(Type{.id = 8, .kind = TypeKind::borrow, .element = 7});
  define(Type{.id = 9, .kind = TypeKind::u64});
  define(Type{
      .id = 10, .kind = TypeKind::func, .members = {{"self", 8}, {"length", 9}}, .element = 6});
  define(Type{.id = 11, .kind = TypeKind::func, .members = {{"name", 2}}, .element = 2});
  for (const Definition& definition : testing::sample_definitions()) {
    const auto* function = std::get_if<Function>(&definition);
    if (std::holds_alternative<Type>(definition)) continue;
    if (function == nullptr || function->role == Role::realloc) {
      define(definition);
      continue;
    }
    Function typed = *function;
    typed.options = {.memory = 0, .realloc = 2};
    if (typed.role == Role::import_) {
      typed.names = {{"wasi:filesystem/types", "[method]descriptor.read"}};
      typed.type = 10;
      typed.core_params = {CoreType::i32, CoreType::i64, CoreType::i32};
      typed.core_results = {};
      typed.result_area_param = 2;
      typed.result_area_size = 16;
      typed.result_area_alignment = 4;
    } else {
      typed.names = {{"", "greet"}};
      typed.type = 11;
      typed.core_params = {CoreType::i32, CoreType::i32};
      typed.core_results = {CoreType::i32};
    }
    define(typed);
  }
  for (const OwnedEvent& event : events) testing::must(writer.append(event.view()));
  testing::must(writer.finish());
  return sink.take();
}

TEST(Dump, ShowsCallsAsPeopleReadThem) {
  const std::vector<OwnedEvent> events = {
      {K::export_call, 0, 0, 1, 0, {}},
      {K::realloc_call, 0, 0, 2, 0, words({0, 0, 1, 2})},
      {K::realloc_result, 0, 0, 2, 0, words({96})},
      {K::lower, 0, 0, 0, 96, bytes_of("a")},
      {K::realloc_call, 0, 0, 2, 0, words({96, 2, 1, 3})},
      {K::realloc_result, 0, 0, 2, 0, words({128})},
      {K::lower, 0, 0, 0, 129, bytes_of("\u00e9")},
      {K::export_enter, 0, 0, 1, 0, words({128, 3})},
      {K::import_call, 0, 0, 0, 0, words({3, 4096, 0, 64})},
      {K::realloc_call, 0, 0, 2, 0, words({0, 0, 1, 512})},
      {K::realloc_result, 0, 0, 2, 0, words({1024})},
      {K::lower, 0, 0, 0, 1024, std::vector<std::uint8_t>(512, 0x7f)},
      {K::lower, 0, 0, 0, 64, words({0, 1024, 512, 0})},
      {K::import_result, 0, 0, 0, 0, {}},
      {K::import_call, 0, 0, 0, 0, words({3, 1, 0, 64})},
      {K::lower, 0, 0, 0, 64, {1}},
      {K::lower, 0, 0, 0, 68, {1}},
      {K::import_result, 0, 0, 0, 0, {}},
      {K::import_call, 0, 0, 0, 0, words({3, 1, 0, 64})},
      {K::import_result, 0, 0, 0, 0, {}},
      {K::export_result, 0, 0, 1, 0, words({200})},
      {K::lift, 0, 0, 0, 200, words({300, 2})},
      {K::lift, 0, 0, 0, 300, bytes_of("hi")},
      {K::export_call, 0, 0, 1, 0, {}},
      {K::export_enter, 0, 0, 1, 0, words({500, 9})},
      {K::export_result, 0, 0, 1, 0, words({200})}};
  const std::string digits = "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f";
  EXPECT_EQ(
      dump(typed_trace(events)),
      "        0  ┌ export greet\n"
      "        1  │ realloc(0x0, 0, 1, 2) → 0x60\n"
      "        3  │ lower 0x60, 1 byte: \"a\"\n"
      "        4  │ realloc(0x60, 2, 1, 3) → 0x80\n"
      "        6  │ lower 0x81, 2 bytes: \"é\"\n"
      "        7  │ enter(name: \"aé\")\n"
      "        8  │ ┌ import wasi:filesystem/types [method]descriptor.read(self: #3, length: 4096, "
      "→ 0x40)\n"
      "        9  │ │ realloc(0x0, 0, 1, 512) → 0x400\n"
      "       11  │ │ lower 0x400, 512 bytes: 7f 7f 7f 7f 7f 7f 7f 7f 7f 7f 7f 7f …  "
      "|............|\n"
      "       12  │ │ lower 0x40, 16 bytes: 00 00 00 00 00 04 00 00 00 02 00 00 …  "
      "|............|\n"
      "       13  │ └ → ok((list of 512 bytes " +
          digits +
          "…, false))\n"
          "       14  │ ┌ import wasi:filesystem/types [method]descriptor.read(self: #3, length: "
          "1, "
          "→ 0x40)\n"
          "       15  │ │ lower 0x40, 1 byte: 01  |.|\n"
          "       16  │ │ lower 0x44, 1 byte: 01  |.|\n"
          "       17  │ └ → err(busy)\n"
          "       18  │ import wasi:filesystem/types [method]descriptor.read(self: #3, length: 1, "
          "→ "
          "0x40) → ()\n"
          "       20  └ → \"hi\"\n"
          "       21  lift 0xc8, 8 bytes: 2c 01 00 00 02 00 00 00  |,.......|\n"
          "       22  lift 0x12c, 2 bytes: \"hi\"\n"
          "       23  export greet(name: 0x1f4+9) → 0xc8\n");
  std::string whole;
  for (int i = 0; i < 512; ++i) whole += "7f";
  EXPECT_NE(
      dump(typed_trace(events), {.full = true}).find("list of 512 bytes " + whole + ", false"),
      std::string::npos);
}

TEST(Dump, ShowsArgumentsThatTheHostRead) {
  EXPECT_EQ(dump(typed_trace({{K::export_call, 0, 0, 1, 0, {}},
                              {K::export_enter, 0, 0, 1, 0, words({500, 9})},
                              {K::import_call, 0, 0, 0, 0, words({3, 1, 0, 64})},
                              {K::lift, 0, 0, 0, 7, bytes_of("x")},
                              {K::lift, flag_hashed, 0, 0, 9, words({1, 0, 2, 0})},
                              {K::lower, 0, 0, 0, 64, {1}},
                              {K::trap, 0, 0, 0, 14, words({1, 0})}})),
            "        0  ┌ export greet(name: 0x1f4+9)\n"
            "        2  │ ┌ import wasi:filesystem/types [method]descriptor.read(self: #3, length: "
            "1, → 0x40)\n"
            "        3  │ │ lift 0x7, 1 byte: \"x\"\n"
            "        4  │ │ lift 0x9, hashed: 1 bytes, hash 0000000000000002\n"
            "        5  │ │ lower 0x40, 1 byte: 01  |.|\n"
            "        6  └ trap host_error (host)\n");
}

TEST(Dump, ShowsTimesInSeconds) {
  EXPECT_EQ(dump(write_trace({{K::marker, 0, 1500, 0, 0, {}}}, {.salt = 1}, Clock::per_event)),
            "        0      0.000002  marker , 0 bytes\n");
}

TEST(Dump, ShowsRangesInTheirPlace) {
  const auto trace = write_trace(sample_events(2), {.block_size = 64, .salt = 1});
  EXPECT_EQ(dump(trace, {.from = 7, .to = 8}),
            "        2  ┌ export run(x: 1)\n"
            "        4  │ ┌ import host f(2)\n"
            "        7  │ │ lower~ 0x8, 5 bytes: 01 08 0f 16 1d  |.....|\n"
            "        8  │ └ → 3\n");
  EXPECT_EQ(dump(trace, {.from = 8, .to = 8}),
            "        2  ┌ export run(x: 1)\n"
            "        4  │ ┌ import host f(2)\n"
            "        8  │ └ → 3\n");
  EXPECT_EQ(dump(trace, {.from = 14, .to = 14}),
            "        2  ┌ export run(x: 1)\n"
            "       14  └ → 4\n");
  EXPECT_EQ(dump(trace, {.from = 5, .to = 5}),
            "        2  ┌ export run(x: 1)\n"
            "        4  │ ┌ import host f(2)\n"
            "        5  │ │ realloc(0x0, 0, 1, 5) → 0x8\n");
  EXPECT_EQ(dump(trace, {.from = 1000}), "");
  EXPECT_EQ(dump(trace, {.from = 5, .to = 4}), "");
}

/// A source in which one cannot seek.
class OneWay final : public ByteSource {
 public:
  explicit OneWay(Bytes bytes) : source_(bytes) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override { return source_.read(into); }

 private:
  MemorySource source_;
};

TEST(Dump, ShowsTheSameRangeWhetherItSeeksOrReads) {
  for (const std::size_t block_size : {1u, 64u, 200u, 100'000u}) {
    const auto trace = write_trace(sample_events(7, 300), {.block_size = block_size, .salt = 1});
    for (const Bytes part : {Bytes(trace), Bytes(trace).first(trace.size() - 300)}) {
      for (std::uint64_t from = 0; from < 45; ++from) {
        for (const std::uint64_t count : {0u, 3u, 100u}) {
          OneWay source(part);
          MemorySink sink;
          const DumpOptions range{.from = from, .to = from + count};
          const auto dumped = dump_text(source, sink, range);
          std::string expected(sink.bytes().begin(), sink.bytes().end());
          if (!dumped) expected += dumped.error().text();
          EXPECT_EQ(dump(part, range), expected) << from << " and " << count << " more";
        }
      }
    }
  }
}

TEST(Dump, ReadsNothingBeforeItsRange) {
  auto trace = write_trace(sample_events(50), {.block_size = 64, .salt = 1});
  const std::string expected = dump(trace, {.from = 200, .to = 210});
  trace[trace.size() / 3] ^= 1;
  EXPECT_NE(dump(trace).find("corrupt at offset"), std::string::npos);
  EXPECT_EQ(dump(trace, {.from = 200, .to = 210}), expected);
}

TEST(Dump, ShortensBytesUnlessFull) {
  const auto long_text = std::string(70000, 'x');
  const auto trace = write_trace(around({{K::lift, 0, 0, 0, 0, bytes_of(long_text)},
                                         {K::lift, 0, 0, 0, 0, std::vector<std::uint8_t>(300, 1)}}),
                                 {.block_size = 1024, .salt = 1});
  EXPECT_EQ(dump(trace),
            "        0  ┌ export run(x: 1)\n"
            "        2  │ lift 0x0, 70000 bytes: \"" +
                std::string(56, 'x') +
                "…\"\n"
                "        4  │ lift 0x0, 300 bytes: 01 01 01 01 01 01 01 01 01 01 01 01 …  "
                "|............|\n"
                "        5  └ → 4\n");
  std::string ones;
  for (int i = 0; i < 300; ++i) ones += "01";
  EXPECT_EQ(dump(trace, {.full = true}),
            "        0  ┌ export run(x: 1)\n"
            "        2  │ lift 0x0, 70000 bytes: \"" +
                long_text +
                "\"\n"
                "        4  │ lift 0x0, 300 bytes: " +
                ones +
                "\n"
                "        5  └ → 4\n");
}

TEST(Dump, ColoursOnRequest) {
  const std::string text = dump(write_trace(sample_events(1)), {.color = true});
  EXPECT_NE(text.find("\x1b[36mexport run\x1b[0m(x: 1)"), std::string::npos) << text;
  EXPECT_EQ(dump(write_trace(sample_events(1))).find('\x1b'), std::string::npos);
}

TEST(Dump, ShowsWhatStandsBeforeAFault) {
  const auto trace = write_trace(sample_events(1));
  const std::string text = dump(Bytes(trace).first(trace.size() - 8));
  EXPECT_NE(text.find("       11  marker abc"), std::string::npos);
  EXPECT_NE(text.find("truncated at offset"), std::string::npos);
}

TEST(Dump, PassesNoControlCharacters) {  // [SEC-06]
  MemorySink sink;
  auto writer = Writer::create(sink, testing::sample_info(), {.salt = 1}).value();
  for (Definition definition : testing::sample_definitions()) {
    if (auto* function = std::get_if<Function>(&definition); function && !function->names.empty()) {
      function->names[0] = {"a\x1b]0;title\a", "b\u202e\n\u0085c"};
    }
    if (auto* component = std::get_if<Component>(&definition)) component->name = "\x1b[2J";
    if (auto* type = std::get_if<Type>(&definition); type && !type->members.empty()) {
      type->members[0].name = "\r\x9b";
    }
    if (std::holds_alternative<Type>(definition) && std::get<Type>(definition).id == 1) {
      std::get<Type>(definition).members[0].name = "\r\x7f";
    }
    ASSERT_TRUE(writer.define(definition));
  }
  for (const auto& event : sample_events(1)) ASSERT_TRUE(writer.append(event.view()));
  ASSERT_TRUE(writer.finish());
  const std::string text = dump(sink.bytes());
  EXPECT_NE(text.find("a\\u{1b}]0;title\\u{7} b\\u{202e}\\n\\u{85}c(\\r\\u{7f}: 1)"),
            std::string::npos)
      << text;
  for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
}

TEST(Dump, SurvivesEventsInAnyOrder) {
  auto events = sample_events(2);
  for (std::size_t i = 0; i < events.size(); ++i) {
    std::vector<OwnedEvent> rest = events;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(dump(write_trace(rest)).empty());
    std::vector<OwnedEvent> reversed(rest.rbegin(), rest.rend());
    EXPECT_FALSE(dump(write_trace(reversed)).empty());
  }
}

TEST(Printable, EscapesWhatIsNotText) {
  EXPECT_EQ(printable("a\tb\x1b\x7f\xff\xc2\x9b é\U0001f600"),
            "a\\tb\\u{1b}\\u{7f}\\xff\\u{9b} é\U0001f600");
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");
  EXPECT_EQ(printable("\xed\xa0\x80\xc0\x80\xf4\x90\x80\x80"),
            "\\xed\\xa0\\x80\\xc0\\x80\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(printable("ääää", 5), "ää…");
}

}  // namespace
}  // namespace crossing
