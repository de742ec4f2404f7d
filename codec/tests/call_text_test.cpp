// The values of a call, named and typed by the component type.

#include "text/call_text.h"

#include <gtest/gtest.h>

#include <bit>

#include "value/guest_bytes.h"

namespace crossing {
namespace {

/// Types, and the text of a function's parameters and results by them.
class CallText : public ::testing::Test {
 protected:
  std::uint32_t add(Type type) {
    type.id = static_cast<std::uint32_t>(definitions_.types.size());
    definitions_.types.push_back(std::move(type));
    return definitions_.types.back().id;
  }

  Function& function(Type type) {
    Function one{.id = static_cast<std::uint32_t>(definitions_.functions.size()),
                 .type = add(std::move(type))};
    return definitions_.functions.emplace_back(std::move(one));
  }

  std::string params(std::vector<Member> members, const std::vector<CoreType>& core,
                     const std::vector<std::uint64_t>& values, std::uint32_t type = none) {
    Function& one =
        function({.kind = TypeKind::func, .members = std::move(members), .element = type});
    one.core_params = core;
    std::string out;
    calls_.append_params(out, one, pack(core, values), &memory_);
    return out;
  }

  std::string result(std::uint32_t type, CoreType core, std::uint64_t value) {
    Function& one = function({.kind = TypeKind::func, .element = type});
    one.core_results = {core};
    std::string out;
    calls_.append_results(out, one, {}, pack({core}, {value}), &memory_);
    return out;
  }

  /// A result in its result area at 64.
  std::string area(std::uint32_t type) {
    Function& one = function({.kind = TypeKind::func, .element = type});
    one.core_params = {CoreType::i32};
    std::string out;
    calls_.append_results(out, one, pack(one.core_params, {64}), {}, &memory_);
    return out;
  }

  static std::vector<std::uint8_t> pack(const std::vector<CoreType>& core,
                                        const std::vector<std::uint64_t>& values) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < core.size(); ++i) {
      const bool wide = core[i] == CoreType::i64 || core[i] == CoreType::f64;
      for (int shift = 0; shift < (wide ? 64 : 32); shift += 8) {
        bytes.push_back(static_cast<std::uint8_t>(values[i] >> shift));
      }
    }
    return bytes;
  }

  Definitions definitions_;
  values::GuestBytes memory_;
  text::CallText calls_{definitions_, Profile::abi, false};
};

constexpr CoreType i32 = CoreType::i32, i64 = CoreType::i64, f32 = CoreType::f32,
                   f64 = CoreType::f64;

TEST_F(CallText, Scalars) {
  const auto one = [&](TypeKind kind, CoreType core, std::uint64_t value) {
    return result(add({.kind = kind}), core, value);
  };
  EXPECT_EQ(one(TypeKind::bool_, i32, 1), "true");
  EXPECT_EQ(one(TypeKind::s8, i32, 0xffffffff), "-1");
  EXPECT_EQ(one(TypeKind::u8, i32, 255), "255");
  EXPECT_EQ(one(TypeKind::u32, i32, 0xffffffff), "4294967295");
  EXPECT_EQ(one(TypeKind::s32, i32, 0xffffffff), "-1");
  EXPECT_EQ(one(TypeKind::u64, i64, ~0ULL), "18446744073709551615");
  EXPECT_EQ(one(TypeKind::f32, f32, std::bit_cast<std::uint32_t>(1.5F)), "1.5");
  EXPECT_EQ(one(TypeKind::f64, f64, 0x7ff4000000000001), "nan:0x7ff4000000000001");
  EXPECT_EQ(one(TypeKind::char_, i32, 'a'), "'a'");
  EXPECT_EQ(one(TypeKind::char_, i32, 0x202e), "'\\u{202e}'");
}

TEST_F(CallText, Compounds) {
  const auto u8 = add({.kind = TypeKind::u8});
  const auto u64 = add({.kind = TypeKind::u64});
  const auto text = add({.kind = TypeKind::string_});
  const auto single = add({.kind = TypeKind::f32});
  const auto resource = add({.kind = TypeKind::resource, .name = "r"});
  const auto own = add({.kind = TypeKind::own, .element = resource});
  const auto record = add({.kind = TypeKind::record, .members = {{"a", u8}, {"b", text}}});
  const auto flags = add({.kind = TypeKind::flags, .members = {{"r"}, {"w"}, {"x"}}});
  const auto label = add({.kind = TypeKind::enum_, .members = {{"red"}, {"green"}}});
  const auto variant =
      add({.kind = TypeKind::variant, .members = {{"none"}, {"int", u64}, {"float", single}}});
  const auto fixed = add({.kind = TypeKind::fixed_length_list, .element = u8, .length = 2});
  EXPECT_EQ(params({{"self", own}, {"record", record}}, {i32, i32, i32, i32}, {5, 7, 0x100, 12}),
            "self: #5, record: {a: 7, b: 0x100+12}");
  EXPECT_EQ(params({{"f", flags}, {"l", label}, {"m", label}}, {i32, i32, i32}, {5, 1, 9}),
            "f: {r, x}, l: green, m: ?");
  // The payload of each case stands in the same, widest slot.
  const auto shared = {i32, i64};
  EXPECT_EQ(params({{"v", variant}}, shared, {0, 99}), "v: %none");
  EXPECT_EQ(params({{"v", variant}}, shared, {1, ~0ULL}), "v: int(18446744073709551615)");
  EXPECT_EQ(params({{"v", variant}}, shared, {2, std::bit_cast<std::uint32_t>(0.5F)}),
            "v: float(0.5)");
  EXPECT_EQ(params({{"l", fixed}, {"o", add({.kind = TypeKind::option, .element = u8})}},
                   {i32, i32, i32, i32}, {1, 2, 1, 3}),
            "l: list of 2 bytes 0102, o: some(3)");
  EXPECT_EQ(params({{"x", u8}}, {i32, i32}, {1, 0x40}, text), "x: 1, → 0x40");
  EXPECT_EQ(result(add({.kind = TypeKind::result}), i32, 1), "err");
}

TEST_F(CallText, ShowsWhatLiesInMemory) {
  const auto u8 = add({.kind = TypeKind::u8});
  const auto bytes = add({.kind = TypeKind::list, .element = u8});
  const auto flag = add({.kind = TypeKind::bool_});
  const auto read = add({.kind = TypeKind::tuple, .members = {{"", bytes}, {"", flag}}});
  const auto code = add({.kind = TypeKind::enum_, .members = {{"access"}, {"busy"}}});
  const auto outcome = add({.kind = TypeKind::result, .element = read, .key = code});
  EXPECT_EQ(area(outcome), "()");  // nothing is known
  memory_.write(64, pack({i32, i32, i32, i32}, {0, 1024, 512, 0}));
  EXPECT_EQ(area(outcome), "ok((0x400+512, false))");
  std::vector<std::uint8_t> content(512, 1);
  content[0] = 0x7f;
  memory_.write(1024, content);
  EXPECT_EQ(area(outcome), "ok((list of 512 bytes 7f010101010101010101010101010101…, false))");
  memory_.write(64, std::vector<std::uint8_t>{1, 9, 9, 9, 1});
  EXPECT_EQ(area(outcome), "err(busy)");
  const auto text = add({.kind = TypeKind::string_});
  EXPECT_EQ(params({{"t", text}}, {i32, i32}, {1024, 0}), "t: \"\"");
  memory_.write(2000, std::vector<std::uint8_t>(100, 'a'));
  EXPECT_EQ(params({{"t", text}}, {i32, i32}, {2000, 3}), "t: \"aaa\"");
  EXPECT_EQ(params({{"t", text}}, {i32, i32}, {2000, 100}), "t: \"" + std::string(56, 'a') + "…\"");
  EXPECT_EQ(params({{"t", text}}, {i32, i32}, {3000, 5}), "t: 0xbb8+5");
}

TEST_F(CallText, ShowsEncodedValues) {
  const auto u8 = add({.kind = TypeKind::u8});
  const Function one = function({.kind = TypeKind::func, .members = {{"x", u8}}, .element = u8});
  text::CallText calls(definitions_, Profile::values, false);
  std::string out;
  calls.append_params(out, one, std::vector<std::uint8_t>{7}, nullptr);
  calls.append_results(out, one, {}, std::vector<std::uint8_t>{8}, nullptr);
  calls.append_results(out, one, {}, std::vector<std::uint8_t>{8, 9}, nullptr);
  EXPECT_EQ(out, "x: 7808 09  |..|");
}

TEST_F(CallText, FallsBackToCoreValues) {
  const auto u8 = add({.kind = TypeKind::u8});
  EXPECT_EQ(params({{"x", u8}}, {i32, i32}, {1, 0xffffffff}), "1, -1");
  Function& one = function({.kind = TypeKind::func});
  one.core_params = {CoreType::v128, i32};
  std::vector<std::uint8_t> bytes(20);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  std::string out;
  calls_.append_params(out, one, bytes, nullptr);
  EXPECT_EQ(out, "0x0f0e0d0c0b0a09080706050403020100, 319951120");
  out.clear();
  calls_.append_params(out, one, Bytes(bytes).first(3), nullptr);
  EXPECT_EQ(out, "00 01 02  |...|");
}

TEST_F(CallText, SurvivesTypesThatUnfoldWithoutEnd) {
  std::uint32_t type = add({.kind = TypeKind::record});
  for (int i = 0; i < 60; ++i) {
    type = add({.kind = TypeKind::tuple, .members = {{"", type}, {"", type}}});
  }
  EXPECT_EQ(params({{"x", type}}, {i32}, {1}), "1");
  const auto fixed = add({.kind = TypeKind::fixed_length_list, .element = 0, .length = 0xffffffff});
  EXPECT_FALSE(params({{"x", fixed}}, {}, {}).empty());
}

}  // namespace
}  // namespace crossing
