// Canonical JSON of generated traces: trace -> JSON -> trace -> JSON gives the same, spec/json.md.

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "crossing/text.h"
#include "sample.h"

namespace crossing {
namespace {

using testing::must;
using testing::OwnedEvent;

/// Makes traces that a reader takes: every kind of definition and event, texts that need escaping,
/// numbers of all sizes, bodies in pieces.
class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::vector<std::uint8_t> trace() {
    TraceInfo info = testing::sample_info(below(2) == 0 ? Clock::none : Clock::per_event);
    info.producer_name = text();
    info.start_time = number();
    info.determinism.memory_limit = number();
    info.determinism.nan = NanMode(below(3));
    info.determinism.interruption = Interruption(below(4));
    info.features = {"async", "map", "unknown \"feature\""};
    info.needs_stacks = below(2) == 0;
    MemorySink sink;
    auto writer = Writer::create(sink, info,
                                 {.block_size = below(2) == 0 ? 1024U : 262144U, .salt = number()})
                      .value();
    for (const Definition& definition : definitions()) must(writer.define(definition));
    std::uint64_t time = 0;
    for (std::uint32_t i = below(40); i > 0; --i) {
      OwnedEvent one = event();
      if (info.clock != Clock::none) time += number() >> (8 + below(56));
      one.time = time;
      must(writer.append(one.view()));
    }
    must(writer.finish());
    return sink.take();
  }

 private:
  std::uint32_t any() { return static_cast<std::uint32_t>(random_()); }
  std::uint32_t below(std::uint32_t count) { return any() % count; }

  /// Of all sizes alike.
  std::uint64_t number() {
    const std::uint64_t bits = std::uint64_t{any()} << 32 | any();
    return bits >> below(64);
  }

  std::string text() {
    static constexpr std::string_view pieces[] = {"a", "\"",     "\\",   "\n", "\x01", "\x1f",
                                                  "é", "\u2028", "\x7f", "/",  "水",   "🜂"};
    std::string made;
    for (std::uint32_t i = below(6); i > 0; --i) made += pieces[below(std::size(pieces))];
    return made;
  }

  std::vector<Definition> definitions() {
    auto all = testing::sample_definitions();
    std::get<Component>(all[2]).name = text();
    std::get<Component>(all[2]).size = number();
    auto& function = std::get<Function>(all[5]);
    function.names = {{text(), text()}, {"", text()}};
    function.implements = text();
    function.external_id = text();
    std::vector<Type> types = {std::get<Type>(all[0]), std::get<Type>(all[1])};
    std::vector<std::uint32_t> values = {0};  // types of values
    for (std::uint32_t i = below(30); i > 0; --i) {
      types.push_back(type(static_cast<std::uint32_t>(types.size()), values));
      if (types.back().kind != TypeKind::func) values.push_back(types.back().id);
    }
    all.insert(all.begin() + 2, types.begin() + 2, types.end());
    return all;
  }

  Type type(std::uint32_t id, const std::vector<std::uint32_t>& values) {
    static constexpr TypeKind kinds[] = {
        TypeKind::bool_,   TypeKind::s64,    TypeKind::f32,     TypeKind::char_,
        TypeKind::string_, TypeKind::record, TypeKind::variant, TypeKind::tuple,
        TypeKind::flags,   TypeKind::enum_,  TypeKind::list,    TypeKind::fixed_length_list,
        TypeKind::option,  TypeKind::result, TypeKind::stream,  TypeKind::func};
    const auto value = [&] { return values[below(static_cast<std::uint32_t>(values.size()))]; };
    Type made{.id = id, .kind = kinds[below(std::size(kinds))], .name = text()};
    const auto members = [&](bool named, bool typed) {
      for (std::uint32_t i = 0; i <= below(4); ++i) {
        made.members.push_back(
            {named ? "m" + std::to_string(i) + text() : "", typed ? value() : none});
      }
    };
    switch (made.kind) {
      case TypeKind::record:
      case TypeKind::variant: members(true, true); break;
      case TypeKind::tuple: members(false, true); break;
      case TypeKind::flags:
      case TypeKind::enum_: members(true, false); break;
      case TypeKind::func:
        members(true, true);
        made.is_async = below(2) == 0;
        break;
      case TypeKind::fixed_length_list: made.length = 1 + below(1000); [[fallthrough]];
      case TypeKind::list:
      case TypeKind::option: made.element = value(); break;
      case TypeKind::result: made.key = below(2) == 0 ? none : value(); [[fallthrough]];
      case TypeKind::stream: made.element = below(2) == 0 ? none : value(); break;
      default: break;
    }
    return made;
  }

  std::vector<std::uint8_t> body(std::size_t size) {
    return testing::body_of(size, static_cast<std::uint8_t>(random_()));
  }
  std::vector<std::uint8_t> any_body() {
    static constexpr std::uint32_t most[] = {1, 20, 300, 70000, 140000};
    return body(below(most[below(std::size(most))]));
  }
  std::uint64_t address() { return number() >> 1; }

  OwnedEvent event() {
    using K = EventKind;
    switch (below(14)) {
      case 0: return {K::instantiate, 0, 0, 0, 0, {}};
      case 1: return {K::export_call, 0, 0, 1, number() >> 32, {}};
      case 2: return {K::export_enter, 0, 0, 1, number() >> 32, body(4)};
      case 3: return {K::export_result, flag_omitted, 0, 1, 0, {}};
      case 4: return {K::import_call, flag_redacted, 0, 0, 0, body(16)};
      case 5: return {K::lift, 0, 0, 0, address(), any_body()};
      case 6: return {K::lift, flag_hashed, 0, 0, address(), body(16)};
      case 7:
        return {K::lower,  static_cast<std::uint8_t>(below(2) * flag_snapshot), 0, 0, address(),
                any_body()};
      case 8: return {K::realloc_call, 0, 0, 2, 0, body(16)};
      case 9: return {K::realloc_result, 0, 0, 2, 0, body(4)};
      case 10: return {K::digest, 0, 0, 0, 0, body(16)};
      case 11: return {K::thread_switch, 0, 0, any(), 0, {}};
      case 12: {
        std::string name = text();
        OwnedEvent marker{K::marker, 0, 0, 0, name.size(), {name.begin(), name.end()}};
        const auto more = any_body();
        marker.body.insert(marker.body.end(), more.begin(), more.end());
        return marker;
      }
      default: return {K(129 + below(126)), 0, 0, any(), number(), any_body()};
    }
  }

  std::mt19937 random_;
};

std::vector<std::uint8_t> json_of(Bytes trace) {
  MemorySource source(trace);
  MemorySink json;
  must(write_json(source, json));
  return json.take();
}

TEST(CanonicalJson, OfGeneratedTracesGivesTheSameTrace) {  // [JSON-01] [JSON-08] [JSON-09]
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    const auto trace = Generator(seed).trace();
    const auto json = json_of(trace);
    MemorySource source(json);
    MemorySink again;
    const auto read = read_json(source, again, {.salt = 7});
    ASSERT_TRUE(read) << read.error().text();
    const auto before = testing::read_trace(trace);
    const auto after = testing::read_trace(again.bytes());
    ASSERT_EQ(before.verdict.verdict, Verdict::ok) << before.verdict.text();
    ASSERT_EQ(after.verdict.verdict, Verdict::ok) << after.verdict.text();
    ASSERT_TRUE(before.definitions == after.definitions);
    ASSERT_TRUE(before.events == after.events);
    ASSERT_EQ(json_of(again.bytes()), json);
  }
}

TEST(CanonicalJson, TakesNoGeneratedLineThatIsChanged) {  // [JSON-09]
  std::mt19937 random(1);
  int taken = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    auto json = json_of(Generator(seed).trace());
    const std::size_t at = random() % json.size();
    const auto before = json[at];
    json[at] = static_cast<std::uint8_t>(std::string_view("0 \"}9ax\\\n,")[random() % 10]);
    MemorySource source(json);
    MemorySink trace;
    // What is taken says exactly this.
    if (read_json(source, trace, {.salt = 7})) {
      ++taken;
      EXPECT_EQ(json_of(trace.bytes()), json) << at << " was " << int{before};
    }
  }
  EXPECT_GT(taken, 0);
  EXPECT_LT(taken, 300);
}

}  // namespace
}  // namespace crossing
