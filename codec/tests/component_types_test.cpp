// Size, alignment and flattening of component types, and what makes two of them one.

#include <gtest/gtest.h>

#include "component/flatten.h"
#include "component/types.h"
#include "component_layout_cases.h"
#include "crossing/plan.h"

namespace crossing::component {
namespace {

/// Reads the notation of component_layout_cases.h into a table.
class TypeReader {
 public:
  TypeReader(TypeTable& table, std::string_view text) : table_(table), text_(text) {}

  std::uint32_t type() {
    skip_spaces();
    const std::size_t length = text_.find_first_of("( )");
    std::string name(text_.substr(0, length));
    text_.remove_prefix(std::min(text_.size(), name.size()));
    if (name == "_") return none;
    Type type;
    const auto digits = name.find_first_of("0123456789");
    for (const char* prefix : {"fixed", "flags", "enum"}) {
      if (name.starts_with(prefix)) {
        type.length = static_cast<std::uint32_t>(std::stoul(name.substr(digits)));
        name = prefix;
      }
    }
    const auto parts = arguments();
    type.kind = kind_of(name);
    switch (type.kind) {
      case TypeKind::record:
      case TypeKind::variant:
      case TypeKind::tuple:
        for (const std::uint32_t part : parts) {
          type.members.push_back({"m" + std::to_string(type.members.size()), part});
        }
        break;
      case TypeKind::flags:
      case TypeKind::enum_:
        for (; type.length > 0; --type.length)
          type.members.push_back({std::to_string(type.length), none});
        break;
      case TypeKind::map:
        type.key = parts.at(0);
        type.element = parts.at(1);
        break;
      case TypeKind::result:
        type.element = parts.at(0);
        type.key = parts.at(1);
        break;
      case TypeKind::own: type.element = table_.add_resource(); break;
      default:
        if (!parts.empty()) type.element = parts[0];
    }
    return table_.intern(std::move(type));
  }

  /// "params -> result"
  std::uint32_t func() {
    Type type;
    type.kind = TypeKind::func;
    for (skip_spaces(); !text_.starts_with("->"); skip_spaces()) {
      type.members.push_back({"p" + std::to_string(type.members.size()), this->type()});
    }
    text_.remove_prefix(2);
    type.element = this->type();
    return table_.intern(std::move(type));
  }

 private:
  static TypeKind kind_of(std::string_view name) {
    static constexpr std::pair<std::string_view, TypeKind> kinds[] = {
        {"bool", TypeKind::bool_},
        {"s8", TypeKind::s8},
        {"u8", TypeKind::u8},
        {"u16", TypeKind::u16},
        {"s32", TypeKind::s32},
        {"u64", TypeKind::u64},
        {"f32", TypeKind::f32},
        {"f64", TypeKind::f64},
        {"char", TypeKind::char_},
        {"string", TypeKind::string_},
        {"error-context", TypeKind::error_context},
        {"record", TypeKind::record},
        {"variant", TypeKind::variant},
        {"list", TypeKind::list},
        {"fixed", TypeKind::fixed_length_list},
        {"tuple", TypeKind::tuple},
        {"flags", TypeKind::flags},
        {"enum", TypeKind::enum_},
        {"option", TypeKind::option},
        {"result", TypeKind::result},
        {"map", TypeKind::map},
        {"own", TypeKind::own},
        {"stream", TypeKind::stream}};
    for (const auto& [known, kind] : kinds) {
      if (known == name) return kind;
    }
    ADD_FAILURE() << "no type is called " << name;
    return TypeKind::bool_;
  }

  std::vector<std::uint32_t> arguments() {
    std::vector<std::uint32_t> parts;
    if (!text_.starts_with("(")) return parts;
    text_.remove_prefix(1);
    for (skip_spaces(); !text_.starts_with(")"); skip_spaces()) parts.push_back(type());
    text_.remove_prefix(1);
    return parts;
  }

  void skip_spaces() {
    while (text_.starts_with(" ")) text_.remove_prefix(1);
  }

  TypeTable& table_;
  std::string_view text_;
};

std::string text_of(const std::vector<CoreType>& types) {
  static constexpr const char* names[] = {"i32",  "i64",     "f32",      "f64",
                                          "v128", "funcref", "externref"};
  std::string text;
  for (const CoreType type : types) {
    if (!text.empty()) text += ' ';
    text += names[static_cast<std::size_t>(type)];
  }
  return text;
}

TEST(ComponentLayout, AgreesWithTheExecutableModel) {
  for (const LayoutCase& expected : kLayoutCases) {
    SCOPED_TRACE(expected.type);
    TypeTable table;
    const std::uint32_t id = TypeReader(table, expected.type).type();
    for (const IndexType pointer : {IndexType::i32, IndexType::i64}) {
      const Layout& layout = table.layout(id, pointer);
      const auto& [size, alignment, flat] = pointer == IndexType::i32 ? expected.i32 : expected.i64;
      EXPECT_EQ(layout.size, size);
      EXPECT_EQ(layout.alignment, alignment);
      EXPECT_EQ(layout.flat.overflow() ? ">16" : text_of(layout.flat.list()), flat);
    }
  }
}

TEST(ComponentFlatten, AgreesWithTheExecutableModel) {
  for (const FlattenCase& expected : kFlattenCases) {
    SCOPED_TRACE(expected.func);
    TypeTable table;
    const std::uint32_t id = TypeReader(table, expected.func).func();
    for (std::size_t i = 0; i < 8; ++i) {
      const bool is_async = (i & 2) != 0;
      const auto direction = (i & 1) != 0 ? Direction::lower : Direction::lift;
      const auto flat = flatten_func(table, id, direction, is_async, is_async,
                                     i < 4 ? IndexType::i32 : IndexType::i64);
      EXPECT_EQ(text_of(flat.signature.params) + " : " + text_of(flat.signature.results),
                expected.signatures[i]);
    }
  }
}

TEST(ComponentTypes, EqualTypesHaveOneIdAndResourcesEachTheirOwn) {
  TypeTable table;
  const std::uint32_t first = TypeReader(table, "record(u8 list(string))").type();
  EXPECT_EQ(TypeReader(table, "record(u8 list(string))").type(), first);
  EXPECT_NE(TypeReader(table, "record(u8 list(bool))").type(), first);
  EXPECT_NE(table.add_resource(), table.add_resource());
  for (std::uint32_t id = 0; id < table.size(); ++id) {
    for (const Member& member : table[id].members) EXPECT_LT(member.type, id);
  }
}

TEST(ComponentTypes, SizesSaturateWhereTheyAreTooLargeAnyhow) {
  TypeTable table;
  std::string text = "u64";
  for (int i = 0; i < 12; ++i) text = "fixed4000000000(" + text + ")";
  EXPECT_GE(table.layout(TypeReader(table, text).type(), IndexType::i32).size, kMaxElementSize);
}

TEST(WitType, WritesWhatWitWrites) {
  TypeTable table;
  const auto wit = [&](std::string_view text) {
    std::vector<Type> types;
    const std::uint32_t id = TypeReader(table, text).type();
    for (std::uint32_t i = 0; i < table.size(); ++i) types.push_back(table[i]);
    return wit_type(types, id);
  };
  EXPECT_EQ(wit("result(_ string)"), "result<_, string>");
  EXPECT_EQ(wit("result(list(u8) _)"), "result<list<u8>>");
  EXPECT_EQ(wit("result(_ _)"), "result");
  EXPECT_EQ(wit("record(u8 option(f64))"), "record { m0: u8, m1: option<f64> }");
  EXPECT_EQ(wit("variant(u8 _)"), "variant { m0(u8), m1 }");
  EXPECT_EQ(wit("map(string tuple(bool char))"), "map<string, tuple<bool, char>>");
  EXPECT_EQ(wit("fixed3(s8)"), "list<s8, 3>");
  EXPECT_EQ(wit_type({}, 4), "?");
}

}  // namespace
}  // namespace crossing::component
