// Comparing two recordings, spec/compare.md.

#include "crossing/compare.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "sample.h"
#include "value/guest_bytes.h"

namespace crossing {
namespace {

using K = EventKind;
using D = DifferenceKind;
using testing::must;
using testing::OwnedEvent;

using Body = std::vector<std::uint8_t>;

/// Little-endian i32s.
Body words(std::initializer_list<std::uint32_t> values) {
  Body body;
  for (const std::uint32_t value : values) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      body.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  }
  return body;
}

Body text(std::string_view characters) { return {characters.begin(), characters.end()}; }

// Types and functions of the component that the recordings are of.
enum Types : std::uint32_t { u8_, f32_, string_, pair_, thing_, own_, borrow_, strings_ };
enum Functions : std::uint32_t {
  take_text,    // import: func(t: string) -> string, result area
  get_pair,     // import: func() -> record{u8, f32}, result area
  get_thing,    // import: func() -> own<thing>
  use_thing,    // import: func(borrow<thing>)
  drop_thing,   // built-in
  run_,         // export: func(t: string)
  allocate,     // realloc
  get_strings,  // import: func() -> list<string>, result area
};

std::vector<Definition> definitions() {
  std::vector<Definition> all;
  std::uint32_t types = 0;
  const auto type = [&](Type one) {
    one.id = types++;
    all.emplace_back(one);
    return one.id;
  };
  type({.kind = TypeKind::u8});
  type({.kind = TypeKind::f32});
  type({.kind = TypeKind::string_});
  type({.kind = TypeKind::record, .members = {{"a", u8_}, {"b", f32_}}});
  type({.kind = TypeKind::resource, .name = "thing"});
  type({.kind = TypeKind::own, .element = thing_});
  type({.kind = TypeKind::borrow, .element = thing_});
  type({.kind = TypeKind::list, .element = string_});
  const auto function_type = [&](std::vector<Member> params, std::uint32_t result) {
    return type({.kind = TypeKind::func, .members = std::move(params), .element = result});
  };
  const std::uint32_t types_of[] = {function_type({{"t", string_}}, string_),
                                    function_type({}, pair_),
                                    function_type({}, own_),
                                    function_type({{"x", borrow_}}, none),
                                    function_type({{"t", string_}}, none),
                                    function_type({}, strings_)};
  all.emplace_back(
      Component{.id = 0, .name = "sample", .digest = std::vector<std::uint8_t>(32, 7), .size = 8});
  all.emplace_back(Instance{.id = 0, .component = 0, .path = {}, .bindings = {}});
  all.emplace_back(Memory{
      .id = 0, .instance = 0, .core_memory = 0, .core_instance = 0, .export_name = "memory"});
  std::uint32_t functions = 0;
  const auto function = [&](Role role, std::string name, std::uint32_t of, int params,
                            int results) -> Function& {
    Function one{.id = functions, .instance = 0, .role = role, .index = functions};
    ++functions;
    one.names = {{"host", std::move(name)}};
    one.type = of;
    if (role == Role::import_ || role == Role::export_) {
      one.options = {.memory = 0, .realloc = allocate};
    }
    one.core_params.assign(static_cast<std::size_t>(params), CoreType::i32);
    one.core_results.assign(static_cast<std::size_t>(results), CoreType::i32);
    if (role == Role::export_ || role == Role::realloc) {
      one.core_instance = 0;
      one.core_export = "f";
    }
    return std::get<Function>(all.emplace_back(one));
  };
  const auto area = [](Function& one, std::uint32_t param, std::uint32_t size) {
    one.result_area_param = param;
    one.result_area_size = size;
    one.result_area_alignment = 4;
  };
  area(function(Role::import_, "take-text", types_of[0], 3, 0), 2, 8);
  area(function(Role::import_, "get-pair", types_of[1], 1, 0), 0, 8);
  function(Role::import_, "get-thing", types_of[2], 0, 1);
  function(Role::import_, "use-thing", types_of[3], 1, 0);
  Function& drop = function(Role::builtin, "thing", none, 1, 0);
  drop.builtin = "resource.drop";
  drop.immediates.type = thing_;
  function(Role::export_, "run", types_of[4], 2, 0);
  function(Role::realloc, "", none, 4, 1);
  area(function(Role::import_, "get-strings", types_of[5], 1, 0), 0, 8);
  return all;
}

/// A recording in the making.
struct Recording {
  TraceInfo info = testing::sample_info();
  std::vector<OwnedEvent> events;

  Recording& add(K kind, std::uint32_t subject, Body body = {}, std::uint64_t detail = 0,
                 std::uint8_t flags = 0) {
    events.push_back({kind, flags, 0, subject, detail, std::move(body)});
    return *this;
  }
  /// The host asks for a block: old pointer, old size, alignment, new size.
  Recording& block(std::initializer_list<std::uint32_t> asked, std::uint32_t pointer) {
    return add(K::realloc_call, allocate, words(asked))
        .add(K::realloc_result, allocate, words({pointer}));
  }
  Recording& write(std::uint64_t address, Body bytes, std::uint8_t flags = 0) {
    return add(K::lower, 0, std::move(bytes), address, flags);
  }
  Recording& call(std::uint32_t function, std::initializer_list<std::uint32_t> params) {
    return add(K::import_call, function, words(params));
  }
  Recording& result(std::uint32_t function, std::initializer_list<std::uint32_t> results = {}) {
    return add(K::import_result, function, words(results));
  }
  [[nodiscard]] Body bytes() const {
    MemorySink sink;
    auto writer = Writer::create(sink, info, {.salt = 42}).value();
    for (const Definition& definition : definitions()) must(writer.define(definition));
    must(writer.append(OwnedEvent{K::instantiate}.view()));
    must(writer.append(OwnedEvent{K::instantiate_end}.view()));
    for (const OwnedEvent& event : events) must(writer.append(event.view()));
    must(writer.finish());
    return sink.take();
  }
};

Comparison compare_bytes(const Body& left, const Body& right, const CompareOptions& options = {}) {
  MemorySource a(left);
  MemorySource b(right);
  return compare(a, b, options);
}

Comparison operator^(const Recording& left, const Recording& right) {
  return compare_bytes(left.bytes(), right.bytes());
}

std::uint64_t count(const Comparison& comparison, D kind) {
  return comparison.found[static_cast<std::size_t>(kind)];
}

std::uint64_t all(const Comparison& comparison) {
  std::uint64_t sum = 0;
  for (const std::uint64_t one : comparison.found) sum += one;
  return sum;
}

/// The only difference that there is.
Difference only(const Comparison& comparison) {
  EXPECT_EQ(all(comparison), 1U);
  return comparison.differences.empty() ? Difference() : comparison.differences.front();
}

/// get-strings: ["", "ab"], in blocks from `at` on; an empty string has a block or none.
Recording strings(std::uint32_t at, bool empty_has_block) {
  Recording recording;
  recording.call(get_strings, {64}).block({0, 0, 4, 16}, at);
  if (empty_has_block) recording.block({0, 0, 1, 0}, 1);
  return recording.block({0, 0, 1, 2}, at + 16)
      .write(at + 16, text("ab"))
      .write(at, words({1, 0, at + 16, 2}))
      .write(64, words({at, 2}))
      .result(get_strings);
}

TEST(Compare, OfItselfIsNothing) {
  const auto bytes = testing::write_trace(testing::sample_events());
  const Comparison comparison = compare_bytes(bytes, bytes);
  EXPECT_TRUE(comparison.equal());
  EXPECT_EQ(all(comparison), 0U);
  EXPECT_EQ(comparison.steps, 8U);
}

// [COMPARE-01]
TEST(Compare, NumbersTimesMessagesAndMarkersDoNotCount) {
  Recording left;
  left.call(get_thing, {}).result(get_thing, {1});
  Recording right;
  right.add(K::marker, 0, text("noted"), 5).call(get_thing, {}).result(get_thing, {1});
  right.info.uuid[0] = 99;
  right.info.producer_name = "another";
  right.info.clock = Clock::coarse;
  right.info.clock_unit = 7;
  right.events.back().time = 1000;
  const Comparison comparison = left ^ right;
  EXPECT_TRUE(comparison.equal());
  EXPECT_EQ(all(comparison), 0U);
  EXPECT_EQ(comparison.steps, 4U);
}

// [COMPARE-01]
TEST(Compare, AStepInOneTraceAloneIsMissing) {
  Recording left;
  Recording right;
  for (std::uint32_t i = 0; i < 6; ++i) {
    left.call(get_thing, {}).result(get_thing, {i + 1});
    right.call(get_thing, {}).result(get_thing, {i + 1});
    if (i == 2) right.call(drop_thing, {1}).result(drop_thing);
  }
  const Comparison comparison = left ^ right;
  EXPECT_FALSE(comparison.equal());
  EXPECT_EQ(count(comparison, D::missing), 2U);
  EXPECT_EQ(all(comparison), 2U);
  EXPECT_EQ(comparison.steps, 14U);
  const Difference& first = comparison.differences.front();
  EXPECT_EQ(first.left_event, std::nullopt);
  EXPECT_EQ(first.right_event, 8U);
  EXPECT_EQ(first.left, "");
  EXPECT_EQ(first.right, "import_call resource.drop (host#thing):  handle");
}

TEST(Compare, WhereNothingCommonFollowsItSaysSoAndStops) {
  Recording left;
  Recording right;
  for (int i = 0; i < 100; ++i) {
    left.call(get_thing, {}).result(get_thing, {1});
    right.call(use_thing, {1}).result(use_thing);
  }
  const Comparison comparison = left ^ right;
  EXPECT_EQ(count(comparison, D::apart), 1U);
  EXPECT_EQ(comparison.steps, 2U);
  EXPECT_FALSE(comparison.equal());
}

// [COMPARE-02]
TEST(Compare, OfBytesWrittenTwiceTheLastCount) {
  Recording left;
  left.call(get_pair, {64}).write(64, Body(8, 0xff)).write(64, words({3, 0})).result(get_pair);
  Recording right;
  right.call(get_pair, {64}).write(64, words({3, 0})).result(get_pair);
  EXPECT_EQ(all(left ^ right), 0U);
  right.events[1].body[0] = 4;
  const Difference difference = only(left ^ right);
  EXPECT_EQ(difference.kind, D::values);
  EXPECT_EQ(difference.where, "host#get-pair, result");
  EXPECT_EQ(difference.left, "{a: 3, b: 0}");
  EXPECT_EQ(difference.right, "{a: 4, b: 0}");
  EXPECT_EQ(difference.left_event, 5U);
}

// [COMPARE-02]
TEST(Compare, WhatTheHostReadCountsWhereBothHaveIt) {
  const auto recording = [](const char* read) {
    Recording one;
    one.call(take_text, {100, 2, 64});
    if (read != nullptr) one.add(K::lift, 0, text(read), 100);
    return one.write(64, words({0, 0})).result(take_text);
  };
  EXPECT_EQ(all(recording("ab") ^ recording("ab")), 0U);
  EXPECT_EQ(all(recording("ab") ^ recording(nullptr)), 0U);
  const Difference difference = only(recording("ab") ^ recording("ac"));
  EXPECT_EQ(difference.kind, D::values);
  EXPECT_EQ(difference.left, "(\"ab\")");
  EXPECT_EQ(difference.right, "(\"ac\")");
}

// [COMPARE-03]
TEST(Compare, PaddingUpperBitsAndKindsOfNanMeanNothing) {
  Recording left;
  left.call(get_pair, {64}).write(64, words({3, 0x7fc00000})).result(get_pair);
  Recording right;
  right.call(get_pair, {64}).write(64, words({0x11223303, 0xffc01234})).result(get_pair);
  const Difference difference = only(left ^ right);
  EXPECT_EQ(difference.kind, D::bytes);
  EXPECT_EQ(difference.declared, "");
  EXPECT_FALSE((left ^ right).equal());
}

// [COMPARE-04] [REG-08]
TEST(Compare, AHandleIsTheThingThatItNames) {
  const auto recording = [](std::uint32_t first, std::uint32_t second, std::uint32_t used) {
    Recording one;
    return one.call(get_thing, {})
        .result(get_thing, {first})
        .call(get_thing, {})
        .result(get_thing, {second})
        .call(use_thing, {used})
        .result(use_thing);
  };
  const Comparison undeclared = recording(1, 2, 2) ^ recording(3, 4, 4);
  EXPECT_EQ(count(undeclared, D::handle), 3U);
  EXPECT_EQ(all(undeclared), 3U);
  EXPECT_FALSE(undeclared.equal());
  Recording quirky = recording(3, 4, 4);
  quirky.info.quirks = {"handles_per_type"};
  const Comparison declared = recording(1, 2, 2) ^ quirky;
  EXPECT_EQ(declared.differences.back().declared, "handles_per_type");
  EXPECT_TRUE(declared.equal());
  EXPECT_EQ(count(recording(1, 2, 2) ^ recording(3, 4, 3), D::values), 1U);
}

// [COMPARE-04]: an index that was freed names another thing later.
TEST(Compare, AReusedIndexIsAnotherThing) {
  const auto recording = [](std::uint32_t again, std::uint32_t used) {
    Recording one;
    return one.call(get_thing, {})
        .result(get_thing, {1})
        .call(drop_thing, {1})
        .result(drop_thing)
        .call(get_thing, {})
        .result(get_thing, {again})
        .call(use_thing, {used})
        .result(use_thing);
  };
  EXPECT_EQ(count(recording(1, 1) ^ recording(2, 2), D::values), 0U);
  EXPECT_EQ(count(recording(1, 1) ^ recording(2, 1), D::values), 1U);
}

// [COMPARE-05] [COMPARE-06]
TEST(Compare, AddressesAreOfTheAbi) {
  const Comparison comparison = strings(1024, true) ^ strings(2048, true);
  EXPECT_EQ(count(comparison, D::address), 1U);
  EXPECT_EQ(count(comparison, D::bytes), 1U);  // the addresses in the list
  EXPECT_EQ(all(comparison), 2U);
  EXPECT_FALSE(comparison.equal());
}

// [COMPARE-07] [REG-08]
TEST(Compare, WhatAQuirkOfOneTraceExplainsIsDeclared) {
  Recording quirky = strings(2048, false);
  EXPECT_FALSE((strings(1024, true) ^ quirky).equal());
  quirky.info.quirks = {"empty_string_without_realloc"};
  const Comparison comparison = strings(1024, true) ^ quirky;
  EXPECT_EQ(count(comparison, D::realloc), 1U);
  EXPECT_EQ(count(comparison, D::address), 1U);
  EXPECT_EQ(count(comparison, D::bytes), 1U);
  EXPECT_EQ(count(comparison, D::fact), 1U);
  EXPECT_TRUE(comparison.equal());
  // Both have it: then it explains nothing.
  Recording other = strings(1024, true);
  other.info.quirks = quirky.info.quirks;
  EXPECT_FALSE((other ^ quirky).equal());
  // It explains no other block.
  quirky.events[1].body = words({0, 0, 4, 32});
  EXPECT_FALSE((strings(1024, true) ^ quirky).equal());
}

// [REG-08]
TEST(Compare, AStringOfExactSizeIsDeclared) {
  Recording exact;
  exact.add(K::export_call, run_)
      .block({0, 0, 1, 2}, 1024)
      .write(1024, text("ab"))
      .add(K::export_enter, run_, words({1024, 2}))
      .add(K::export_result, run_);
  Recording shrinks;
  shrinks.add(K::export_call, run_)
      .block({0, 0, 1, 4}, 1024)
      .block({1024, 4, 1, 2}, 1024)
      .write(1024, text("ab"))
      .add(K::export_enter, run_, words({1024, 2}))
      .add(K::export_result, run_);
  const Difference difference = only(exact ^ shrinks);
  EXPECT_EQ(difference.kind, D::realloc);
  EXPECT_EQ(difference.left, "(0, 1, 2)");
  EXPECT_EQ(difference.right, "(0, 1, 4) (block 0, 4, 1, 2)");
  EXPECT_FALSE((exact ^ shrinks).equal());
  exact.info.quirks = {"string_exact_size"};
  EXPECT_TRUE((exact ^ shrinks).equal());
}

// [REG-08]
TEST(Compare, AreasAndDigestsThatFollow) {
  Recording exact;
  exact.call(get_pair, {64}).write(64, {3}).write(68, words({0})).result(get_pair);
  Recording area;
  area.call(get_pair, {64}).write(64, words({0xaaaaaa03, 0}), flag_snapshot).result(get_pair);
  exact.add(K::digest, 0, words({65536, 0, 1, 0}));
  area.add(K::digest, 0, words({65536, 0, 2, 0}));
  const Comparison comparison = exact ^ area;
  EXPECT_EQ(count(comparison, D::bytes), 1U);
  EXPECT_EQ(count(comparison, D::digest), 1U);
  EXPECT_EQ(comparison.differences.back().declared, "areas");
  area.events.back().body = exact.events.back().body;
  EXPECT_EQ(count(exact ^ area, D::digest), 0U);
}

// [COMPARE-05] [REG-08]
TEST(Compare, TrapsThatEnginesNameDifferently) {
  const auto trapped = [](TrapCode code) {
    Recording one;
    one.add(K::export_call, run_).add(K::export_enter, run_, words({8, 0}));
    return one.add(K::trap, run_, Body(8, 0), static_cast<std::uint64_t>(code));
  };
  const Comparison lines =
      trapped(TrapCode::bad_conversion_to_integer) ^ trapped(TrapCode::integer_overflow);
  EXPECT_EQ(only(lines).declared, "trap_lines");
  EXPECT_TRUE(lines.equal());
  EXPECT_EQ(only(trapped(TrapCode::unreachable) ^ trapped(TrapCode::integer_overflow)).kind,
            D::values);
}

// [COMPARE-06]
TEST(Compare, WhatTracesSayOfThemselves) {
  Recording left;
  left.call(get_thing, {}).result(get_thing, {1});
  Recording right = left;
  right.info.recorded_by = RecordedBy::hook;
  const Difference difference = only(left ^ right);
  EXPECT_EQ(difference.kind, D::fact);
  EXPECT_EQ(difference.where, "recorded_by");
  EXPECT_EQ(difference.right, "hook");
  EXPECT_TRUE((left ^ right).equal());
  right.info.core_complete = false;
  EXPECT_FALSE((left ^ right).equal());
}

TEST(Compare, AGapIsTheEnd) {
  Recording left;
  left.call(get_thing, {}).result(get_thing, {1});
  Recording right = left;
  right.add(K::gap, none, Body(8, 0));
  EXPECT_EQ(count(left ^ right, D::end), 1U);
}

TEST(Compare, ADamagedTraceIsComparedUpToItsFault) {
  const Body whole = strings(1024, true).bytes();
  Body cut = whole;
  cut.resize(cut.size() - 1);
  const Comparison comparison = compare_bytes(whole, cut);
  EXPECT_FALSE(comparison.left_fault);
  ASSERT_TRUE(comparison.right_fault);
  EXPECT_EQ(comparison.right_fault->verdict, Verdict::truncated);
  EXPECT_FALSE(comparison.equal());
  EXPECT_EQ(comparison.steps, 4U);
  const Comparison nothing = compare_bytes({}, whole);
  ASSERT_TRUE(nothing.left_fault);
  EXPECT_EQ(nothing.left_fault->verdict, Verdict::not_a_trace);
}

TEST(Compare, LimitsHold) {
  const Body bytes = strings(1024, true).bytes();
  CompareOptions options;
  options.lowering_bytes = 200;
  const Comparison many = compare_bytes(bytes, bytes, options);
  ASSERT_TRUE(many.left_fault);
  EXPECT_EQ(many.left_fault->text(),
            "limit at event 11: expected at most 200 bytes written in open calls, found more");
  options = {};
  options.value_parts = 2;
  const Comparison deep = compare_bytes(bytes, bytes, options);
  ASSERT_TRUE(deep.left_fault);
  EXPECT_EQ(deep.left_fault->verdict, Verdict::limit);
  options = {};
  options.differences = 1;
  const Comparison few = compare_bytes(bytes, strings(2048, false).bytes(), options);
  EXPECT_EQ(few.differences.size(), 3U);  // one of each kind
}

TEST(GuestBytes, KeepsTheLastOfEachByte) {
  values::GuestBytes memory;
  std::vector<int> expected(64, -1);
  std::uint32_t random = 1;
  for (int turn = 0; turn < 2000; ++turn) {
    random = random * 1664525 + 1013904223;
    const std::size_t address = random >> 8 & 63;
    const std::size_t size = std::min<std::size_t>(random >> 16 & 7, 64 - address);
    const Body bytes(size, static_cast<std::uint8_t>(turn));
    memory.write(address, bytes);
    for (std::size_t i = 0; i < size; ++i) expected[address + i] = static_cast<std::uint8_t>(turn);
    if (turn % 50 == 49) {  // and again from nothing
      for (std::size_t i = 0; i < 64; ++i) {
        const auto found = memory.read(i, 1);
        ASSERT_EQ(found ? (*found)[0] : -1, expected[i]) << turn << " " << i;
      }
      memory = {};
      std::fill(expected.begin(), expected.end(), -1);
    }
  }
}

}  // namespace
}  // namespace crossing
