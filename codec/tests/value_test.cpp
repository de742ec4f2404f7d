// Component values: their bytes, their text, and what of core values and memory is one
// (spec/values.md). Values of all types are tested by tests/values.

#include "crossing/value.h"

#include <gtest/gtest.h>

#include <string>

#include "component/types.h"
#include "io/fault.h"
#include "value/call.h"
#include "value/guest_bytes.h"
#include "value/lift.h"
#include "value/walk.h"

namespace crossing {
namespace {

using Body = std::vector<std::uint8_t>;

class Values : public ::testing::Test {
 protected:
  std::uint32_t add(Type type) {
    type.id = static_cast<std::uint32_t>(types_.size());
    types_.push_back(type);
    table_.append(std::move(type));
    return types_.back().id;
  }
  std::uint32_t add(TypeKind kind) { return add({.kind = kind}); }
  std::uint32_t list_of(std::uint32_t element) {
    return add({.kind = TypeKind::list, .element = element});
  }

  std::string wave(std::uint32_t type, std::string_view text) {
    const auto value = parse_wave(types_, type, text);
    if (!value) return value.error().text();
    return wave_text(types_, type, *value).value();
  }
  Body bytes(std::uint32_t type, std::string_view text) {
    return encode_value(types_, type, parse_wave(types_, type, text).value()).value();
  }
  std::string decoded(std::uint32_t type, const Body& body, const ValueLimits& limits = {}) {
    const auto value = decode_value(types_, type, body, limits);
    return value ? wave_text(types_, type, *value).value() : value.error().text();
  }

  TypeList types_;
  component::TypeTable table_;
};

// --- bytes -------------------------------------------------------------------

// [VALUE-01]
TEST_F(Values, HaveTheBytesOfTheSpecification) {
  const auto u8 = add(TypeKind::u8), u16 = add(TypeKind::u16), s32 = add(TypeKind::s32);
  const auto text = add(TypeKind::string_);
  const auto record = add({.kind = TypeKind::record, .members = {{"a", u16}, {"b", list_of(u8)}}});
  EXPECT_EQ(bytes(record, "{a: 300, b: [1, 2]}"), (Body{0xac, 2, 2, 1, 2}));
  const auto result = add({.kind = TypeKind::result, .element = s32, .key = text});
  EXPECT_EQ(bytes(result, "err(\"é\")"), (Body{1, 2, 0xc3, 0xa9}));
  EXPECT_EQ(bytes(result, "ok(-65)"), (Body{0, 0xbf, 0x7f}));
  Type flags{.kind = TypeKind::flags};
  for (char c = 'a'; c < 'j'; ++c) flags.members.push_back({std::string(1, c)});
  EXPECT_EQ(bytes(add(flags), "{a, i}"), (Body{1, 1}));
  const auto fixed = add({.kind = TypeKind::fixed_length_list, .element = u16, .length = 2});
  EXPECT_EQ(bytes(fixed, "[1, 128]"), (Body{1, 0x80, 1}));
  const auto map = add({.kind = TypeKind::map, .element = u8, .key = text});
  EXPECT_EQ(bytes(map, "{\"k\": 1, \"k\": 2}"), (Body{2, 1, 'k', 1, 1, 'k', 2}));  // [VALUE-03]
  EXPECT_EQ(bytes(add(TypeKind::f32), "nan:0x7fc00001"), (Body{1, 0, 0xc0, 0x7f}));
  EXPECT_EQ(bytes(add(TypeKind::stream), "#300"), (Body{0xac, 2}));  // [VALUE-05]
}

// [VALUE-02]
TEST_F(Values, HaveOneEncodingEach) {
  const auto refused = [&](std::uint32_t type, const Body& body, std::string_view expected) {
    EXPECT_EQ(decoded(type, body), expected);
  };
  const auto u16 = add(TypeKind::u16), s32 = add(TypeKind::s32), text = add(TypeKind::string_);
  refused(u16, {0x80, 0x00},
          "invalid at offset 2: expected a u16 as a shortest LEB128 of 16 bits, found another "
          "[VALUE-02]");
  refused(u16, {0xff, 0xff, 0x07},
          "invalid at offset 3: expected a u16 as a shortest LEB128 of 16 bits, found another "
          "[VALUE-02]");
  EXPECT_EQ(decoded(u16, {0xff, 0xff, 0x03}), "65535");
  EXPECT_EQ(decoded(s32, {0x80, 0x80, 0x80, 0x80, 0x78}), "-2147483648");
  for (const Body& body : {Body{0xff, 0x7f}, Body{0x80, 0x00}, Body{0x80, 0x80, 0x80, 0x80, 0x08},
                           Body{0xff, 0xff, 0xff, 0xff, 0xff, 0x00}}) {
    EXPECT_NE(decoded(s32, body).find("a shortest LEB128 of 32 bits"), std::string::npos);
  }
  refused(text, {1, 0xff},
          "invalid at offset 2: expected UTF-8 in a string, found other bytes [VALUE-02]");
  refused(text, {5, 'a'},
          "truncated at offset 1: expected 5 bytes of a string, found 1 [VALUE-02]");
  refused(text, {0, 0},
          "invalid at offset 1: expected the end of the value, found 1 bytes more [VALUE-02]");
  refused(add(TypeKind::bool_), {2},
          "invalid at offset 1: expected a discriminant below 2, found 2 [VALUE-02]");
  refused(add({.kind = TypeKind::flags, .members = {{"a"}, {"b"}}}), {4},
          "invalid at offset 1: expected no flags but the first 2, found more [VALUE-02]");
  refused(add(TypeKind::char_), {0xed, 0xa0, 0x80},
          "invalid at offset 0: expected a char as UTF-8, found other bytes [VALUE-02]");
  EXPECT_EQ(decoded(add(TypeKind::char_), {0xf0, 0x9f, 0x98, 0x80}), "'😀'");
}

// [VALUE-04]
TEST_F(Values, AreBounded) {
  const auto u8 = add(TypeKind::u8);
  const auto bytes = list_of(u8);
  const ValueLimits few{.parts = 3, .bytes = 4};
  EXPECT_EQ(decoded(bytes, {4, 1, 2, 3, 4}, few), "[1, 2, 3, 4]");
  EXPECT_EQ(decoded(bytes, {5, 1, 2, 3, 4, 5}, few),
            "limit at offset 1: expected a value of fewer parts and bytes, found more [VALUE-04]");
  const auto strings = list_of(add(TypeKind::string_));
  EXPECT_EQ(decoded(strings, {1, 1, 'a'}, few), "[\"a\"]");
  EXPECT_NE(decoded(strings, {2, 0, 0}, few).find("limit"), std::string::npos);
  // A count is not believed before its elements are there.
  const auto many =
      list_of(add({.kind = TypeKind::fixed_length_list, .element = u8, .length = none}));
  EXPECT_NE(decoded(many, {0xff, 0xff, 0xff, 0xff, 0x0f}).find("limit"), std::string::npos);
  std::uint32_t deep = u8;
  for (int i = 0; i < 70; ++i) deep = add({.kind = TypeKind::option, .element = deep});
  EXPECT_NE(decoded(deep, Body(80, 1)).find("nested at most 64 deep"), std::string::npos);
  std::string text;
  for (int i = 0; i < 70; ++i) text += "some(";
  EXPECT_NE(wave(deep, text).find("limit"), std::string::npos);
}

TEST_F(Values, AreRefusedWhereTheyAreNoneOfTheType) {
  const auto u8 = add(TypeKind::u8);
  const auto option = add({.kind = TypeKind::option, .element = u8});
  const auto record = add({.kind = TypeKind::record, .members = {{"a", u8}}});
  const auto resource = add(TypeKind::resource);
  const auto refused = [&](std::uint32_t type, const Value& value) {
    return !encode_value(types_, type, value) && !wave_text(types_, type, value);
  };
  EXPECT_TRUE(refused(u8, {.bits = 256}));
  EXPECT_TRUE(refused(add(TypeKind::s8), {.bits = 200}));
  EXPECT_FALSE(refused(add(TypeKind::s8), {.bits = ~std::uint64_t{0}}));
  EXPECT_TRUE(refused(option, {.bits = 2}));
  EXPECT_TRUE(refused(option, {.bits = 1}));
  EXPECT_TRUE(refused(option, {.bits = 0, .parts = {{}}}));
  EXPECT_TRUE(refused(record, {}));
  EXPECT_TRUE(refused(add(TypeKind::string_), {.text = "\xff"}));
  EXPECT_TRUE(refused(add(TypeKind::char_), {.bits = 0xd800}));
  EXPECT_TRUE(refused(resource, {}));
  EXPECT_TRUE(refused(999, {}));
}

// --- text --------------------------------------------------------------------

// [WAVE-02] [WAVE-03]
TEST_F(Values, HaveOneText) {
  const auto f32 = add(TypeKind::f32), f64 = add(TypeKind::f64);
  for (const char* text : {"0", "-0", "1", "0.5", "1e+22", "1e-7", "0.000001",
                           "123456789012345680000", "5e-324", "1.7976931348623157e+308", "inf",
                           "-inf", "nan", "nan:0x7ff0000000000001", "100", "-12.25"}) {
    EXPECT_EQ(wave(f64, text), text);
  }
  EXPECT_EQ(wave(f32, "0.1"), "0.1");
  EXPECT_EQ(wave(f32, "16777217"), "16777216");
  EXPECT_EQ(wave(f32, "1.5E3"), "1500");
  EXPECT_EQ(wave(f32, "-1e-60"), "-0");
  EXPECT_NE(wave(f32, "1e60").find("expected a float of the type"), std::string::npos);
  EXPECT_NE(wave(f32, "nan:0x7f800000").find("the bits of a NaN"), std::string::npos);
  const auto u8 = add(TypeKind::u8);
  const auto tuple =
      add({.kind = TypeKind::tuple, .members = {{"", u8}, {"", add(TypeKind::bool_)}}});
  EXPECT_EQ(wave(tuple, " ( 007 ,\n true ) "), "(7, true)");
  EXPECT_EQ(wave(list_of(tuple), "[(1, true), (2, false)]"), "[(1, true), (2, false)]");
  EXPECT_EQ(wave(list_of(tuple), "[ ]"), "[]");
  EXPECT_EQ(wave(add(TypeKind::u64), "18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(wave(u8, "256"),
            "invalid at offset 0: expected an integer of the type, found '256' [WAVE-01]");
  EXPECT_EQ(wave(u8, "1 2"),
            "invalid at offset 2: expected the end of the value, found '2' [WAVE-01]");
  EXPECT_EQ(wave(tuple, "(1"), "invalid at offset 2: expected ',', found the end [WAVE-01]");
}

// [WAVE-04] [SEC-06]
TEST_F(Values, EscapeWhatIsNotShown) {
  const auto text = add(TypeKind::string_), character = add(TypeKind::char_);
  EXPECT_EQ(wave(text, R"("a\u{61}\n\t\r\"\'\\\u{7}\u{202e}é")"),
            R"("aa\n\t\r\"'\\\u{7}\u{202e}é")");
  EXPECT_EQ(wave(character, R"('\'')"), R"('\'')");
  EXPECT_EQ(wave(character, R"('"')"), R"('"')");
  EXPECT_NE(wave(character, "'ab'").find("one character"), std::string::npos);
  EXPECT_NE(wave(text, R"("\u{d800}")").find("an escaped character"), std::string::npos);
  EXPECT_NE(wave(text, "\"\xff\"").find("expected UTF-8"), std::string::npos);
  EXPECT_EQ(wave(text, "\"abc"),
            "invalid at offset 4: expected a closing \", found the end [WAVE-01]");
}

// [WAVE-05]
TEST_F(Values, MarkLabelsThatAreWordsOfTheText) {
  const auto label = add({.kind = TypeKind::enum_, .members = {{"none"}, {"red"}, {"a b"}}});
  EXPECT_EQ(wave(label, "%none"), "%none");
  EXPECT_EQ(wave(label, "%red"), "red");
  EXPECT_EQ(wave(label, "\"a b\""), "\"a b\"");
  EXPECT_NE(wave(label, "blue").find("a label of the type"), std::string::npos);
}

// --- core values and memory --------------------------------------------------

class Breaches final : public values::BreachSink {
 public:
  void take(values::Breach breach) override {
    text += (text.empty() ? "" : "; ") + std::string(breach.rule) + (breach.traps ? "!" : "") +
            " " + expected_found(breach.expected, breach.found);
  }
  std::string text;
};

class Lifting : public Values {
 protected:
  /// What is found in core values, and in `text_` the value.
  std::string flat(std::uint32_t type, Law law, const std::vector<CoreType>& cores,
                   const std::vector<std::uint64_t>& bits) {
    Body body;
    for (std::size_t i = 0; i < cores.size(); ++i) {
      const bool wide = cores[i] == CoreType::i64 || cores[i] == CoreType::f64;
      for (int shift = 0; shift < (wide ? 64 : 32); shift += 8) {
        body.push_back(static_cast<std::uint8_t>(bits[i] >> shift));
      }
    }
    values::FlatValues slots(cores, body);
    return lifted(type, law, [&](values::Lifter& lifter) { lifter.lift_flat(type, slots); });
  }
  std::string loaded(std::uint32_t type, Law law, std::uint64_t address) {
    return lifted(type, law, [&](values::Lifter& lifter) { lifter.load(type, address); });
  }
  std::string lifted(std::uint32_t type, Law law, auto&& lift) {
    Breaches breaches;
    const values::LiftOptions options{.types = table_,
                                      .encoding = encoding_,
                                      .law = law,
                                      .canonical_nans = true,
                                      .memory_size = 65536,
                                      .memory = &memory_,
                                      .breaches = &breaches};
    values::ValueBuilder builder;
    values::Budget budget{.parts = 1000, .bytes = 1000};
    values::Lifter lifter(options, builder, budget);
    lift(lifter);
    text_ = builder.complete() && !budget.is_spent ? wave_text(types_, type, builder.take()).value()
                                                   : "?";
    return breaches.text;
  }

  values::GuestBytes memory_;
  StringEncoding encoding_ = StringEncoding::utf8;
  std::string text_;
};

constexpr CoreType i32 = CoreType::i32, i64 = CoreType::i64, f32 = CoreType::f32;

// [ABI-01] [ABI-08] [ABI-09] [ABI-10]: the guest may, the host may not.
TEST_F(Lifting, JudgesByTwoLaws) {
  const auto flags = add({.kind = TypeKind::flags, .members = {{"a"}, {"b"}}});
  const struct {
    std::uint32_t type;
    std::uint64_t bits;
    const char* value;
    const char* breach;
  } cases[] = {
      {add(TypeKind::bool_), 2, "true", "ABI-08 expected a bool of 0 or 1, found 2"},
      {add(TypeKind::u8), 300, "44", "ABI-09 expected the number 44, found 300"},
      {add(TypeKind::s8), 0xff, "-1", "ABI-09 expected the number 4294967295, found 255"},
      {add(TypeKind::s16), 0xffffffff, "-1", ""},
      {flags, 6, "{b}", "ABI-10 expected no flags but the first 2, found bits 6"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(flat(one.type, Law::lift, {i32}, {one.bits}), "");
    EXPECT_EQ(text_, one.value);
    EXPECT_EQ(flat(one.type, Law::lower, {i32}, {one.bits}), one.breach);
    EXPECT_EQ(text_, one.value);
  }
  memory_.write(16, Body{7});
  EXPECT_EQ(loaded(add(TypeKind::bool_), Law::lift, 16), "");
  EXPECT_EQ(loaded(add(TypeKind::bool_), Law::lower, 16),
            "ABI-08 expected a bool of 0 or 1, found 7");
}

// [ABI-02] [ABI-03]
TEST_F(Lifting, RefusesCharsAndDiscriminants) {
  const auto character = add(TypeKind::char_);
  const auto label = add({.kind = TypeKind::enum_, .members = {{"a"}, {"b"}}});
  const auto option = add({.kind = TypeKind::option, .element = character});
  for (const Law law : {Law::lift, Law::lower}) {
    EXPECT_EQ(flat(character, law, {i32}, {0xd800}),
              "ABI-02! expected a Unicode scalar value, found 55296");
    EXPECT_EQ(text_, "?");
    EXPECT_EQ(flat(character, law, {i32}, {0x110000}),
              "ABI-02! expected a Unicode scalar value, found 1114112");
    EXPECT_EQ(flat(label, law, {i32}, {2}), "ABI-03! expected a discriminant below 2, found 2");
    EXPECT_EQ(flat(option, law, {i32, i32}, {9, 9}),
              "ABI-03! expected a discriminant below 2, found 9");
  }
}

// [ABI-04]
TEST_F(Lifting, RefusesWhatIsNotWhereItShouldBe) {
  const auto text = add(TypeKind::string_);
  const auto words = list_of(add(TypeKind::u32));
  const auto pairs = list_of(add(
      {.kind = TypeKind::tuple, .members = {{"", add(TypeKind::u64)}, {"", add(TypeKind::u8)}}}));
  const std::uint64_t most = (1U << 28) - 1;
  EXPECT_EQ(flat(text, Law::lift, {i32, i32}, {0, most + 1}),
            "ABI-04! expected at most 268435455 code units, found 268435456");
  EXPECT_EQ(flat(text, Law::lift, {i32, i32}, {65535, 2}),
            "ABI-04! expected a string below 65536, found 2 bytes at 65535");
  EXPECT_EQ(flat(text, Law::lift, {i32, i32}, {65537, 0}),
            "ABI-04! expected a string below 65536, found 0 bytes at 65537");
  EXPECT_EQ(flat(text, Law::lift, {i32, i32}, {65536, 0}), "");
  EXPECT_EQ(text_, "\"\"");
  EXPECT_EQ(flat(words, Law::lift, {i32, i32}, {2, 0}),
            "ABI-04! expected a list at a multiple of 4, found 2");
  EXPECT_EQ(flat(pairs, Law::lift, {i32, i32}, {8, 0xffffffff}),
            "ABI-04! expected at most 16777215 elements, found 4294967295");
  EXPECT_EQ(flat(pairs, Law::lift, {i32, i32}, {0, 16777215}),
            "ABI-04! expected a list below 65536, found 268435440 bytes at 0");
  encoding_ = StringEncoding::utf16;
  EXPECT_EQ(flat(text, Law::lift, {i32, i32}, {1, 0}),
            "ABI-04! expected a string at a multiple of 2, found 1");
  EXPECT_EQ(flat(text, Law::lift, {i32, i32}, {0, most / 2 + 1}),
            "ABI-04! expected at most 134217727 code units, found 134217728");
}

// [ABI-05] [ABI-11]
TEST_F(Lifting, RefusesStringsThatAreNotWellFormed) {
  const auto text = add(TypeKind::string_);
  memory_.write(0, Body{0x00, 0xd8, 'a', 0, 'b', 0, 0xe9});
  EXPECT_EQ(flat(text, Law::lift, {i32, i32}, {0, 2}),
            "ABI-05! expected well-formed UTF-8 in a string, found other bytes at 0");
  encoding_ = StringEncoding::utf16;
  EXPECT_EQ(flat(text, Law::lift, {i32, i32}, {0, 2}),
            "ABI-05! expected well-formed UTF-16 in a string, found other bytes at 0");
  EXPECT_EQ(flat(text, Law::lift, {i32, i32}, {2, 2}), "");
  EXPECT_EQ(text_, "\"ab\"");
  encoding_ = StringEncoding::latin1_utf16;
  EXPECT_EQ(flat(text, Law::lower, {i32, i32}, {6, 1}), "");
  EXPECT_EQ(text_, "\"é\"");
  EXPECT_EQ(flat(text, Law::lift, {i32, i32}, {2, 0x80000002}), "");
  EXPECT_EQ(
      flat(text, Law::lower, {i32, i32}, {2, 0x80000002}),
      "ABI-11 expected the tag of UTF-16 only with a character over U+00FF, found it without one");
  EXPECT_EQ(text_, "\"ab\"");
}

// [ABI-06]
TEST_F(Lifting, JudgesThePlaceOfAValue) {
  const auto word = add(TypeKind::u32);
  EXPECT_EQ(loaded(word, Law::lift, 6),
            "ABI-06! expected the place of a value at a multiple of 4, found 6");
  EXPECT_EQ(loaded(word, Law::lift, 65536),
            "ABI-06! expected the place of a value below 65536, found 4 bytes at 65536");
  EXPECT_EQ(loaded(word, Law::lift, 64), "");  // [ABI-15]
  EXPECT_EQ(text_, "?");
  memory_.write(64, Body{1, 2, 0, 0});
  EXPECT_EQ(loaded(word, Law::lift, 64), "");
  EXPECT_EQ(text_, "513");
}

// [ABI-12] [ABI-13]
TEST_F(Lifting, JudgesSlotsOfVariants) {
  const auto variant = add({.kind = TypeKind::variant,
                            .members = {{"none"},
                                        {"word", add(TypeKind::u32)},
                                        {"float", add(TypeKind::f32)},
                                        {"long", add(TypeKind::u64)}}});
  EXPECT_EQ(flat(variant, Law::lift, {i32, i64}, {0, 5}), "");
  EXPECT_EQ(flat(variant, Law::lower, {i32, i64}, {0, 5}),
            "ABI-12 expected 0 in a slot that the case does not use, found another value");
  for (const std::uint64_t index : {1U, 2U}) {
    EXPECT_EQ(flat(variant, Law::lift, {i32, i64}, {index, 1ULL << 32}), "");
    EXPECT_EQ(flat(variant, Law::lower, {i32, i64}, {index, 1ULL << 32}),
              "ABI-13 expected the number 0, found 4294967296");
  }
  EXPECT_EQ(flat(variant, Law::lower, {i32, i64}, {3, 1ULL << 32}), "");
  EXPECT_EQ(text_, "long(4294967296)");
}

// [ABI-14]
TEST_F(Lifting, JudgesNans) {
  const auto single = add(TypeKind::f32);
  EXPECT_EQ(flat(single, Law::lift, {f32}, {0x7fc00001}), "");
  EXPECT_EQ(flat(single, Law::lower, {f32}, {0x7fc00000}), "");
  EXPECT_EQ(flat(single, Law::lower, {f32}, {0x7fc00001}),
            "ABI-14 expected the canonical NaN, found 0x7fc00001");
  EXPECT_EQ(text_, "nan:0x7fc00001");
}

// [ABI-07]
TEST_F(Lifting, TakesNoCoreValuesOfAnotherSignature) {
  const auto text = add(TypeKind::string_);
  Function function{
      .type = add({.kind = TypeKind::func, .members = {{"t", text}}, .element = text}),
      .core_params = {i32, i32, i32}};
  EXPECT_TRUE(values::call_shape(table_, {}, function).is_typed);
  EXPECT_TRUE(values::call_shape(table_, {}, function).has_result_area());
  function.core_params = {i32, i64, i32};
  EXPECT_FALSE(values::call_shape(table_, {}, function).is_typed);
  function.core_params = {i32, i32};
  EXPECT_FALSE(values::call_shape(table_, {}, function).is_typed);
}

// [ABI-15]
TEST_F(Lifting, FollowsBlocksThatMove) {
  const auto text = add(TypeKind::string_);
  memory_.write(100, Body{'a', 'b'});
  memory_.copy(100, 4, 200);
  memory_.write(202, Body{0xc3, 0xa9});
  EXPECT_EQ(flat(text, Law::lower, {i32, i32}, {200, 4}), "");
  EXPECT_EQ(text_, "\"abé\"");
  memory_.copy(201, 3, 202);  // overlapping
  EXPECT_EQ(flat(text, Law::lower, {i32, i32}, {200, 5}), "");
  EXPECT_EQ(text_, "\"abbé\"");
}

// Elements without end, overlapping blocks and unknown bytes end with the budget.
TEST_F(Lifting, IsBounded) {
  const auto text = add(TypeKind::string_);
  const auto texts = list_of(text);
  Body body;
  for (int i = 0; i < 500; ++i) {
    for (const int byte : {0, 0, 0, 0, 100, 0, 0, 0})
      body.push_back(static_cast<std::uint8_t>(byte));
  }
  memory_.write(0, body);
  EXPECT_EQ(flat(texts, Law::lift, {i32, i32}, {0, 500}), "");
  EXPECT_EQ(text_, "?");
  const auto nothing = list_of(add(TypeKind::resource));
  EXPECT_EQ(flat(nothing, Law::lift, {i32, i32}, {0, 0xffffffff}),
            "ABI-04! expected at most 0 elements, found 4294967295");
  const auto fixed = add({.kind = TypeKind::fixed_length_list, .element = text, .length = none});
  EXPECT_NE(loaded(fixed, Law::lift, 0), "");
}

}  // namespace
}  // namespace crossing
