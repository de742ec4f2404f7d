#include "generate.h"

#include <ostream>

#include "value/cases.h"
#include "value/transcode.h"

namespace crossing::testing {
namespace {

constexpr int deepest = 6;

std::uint32_t below(std::uint32_t end) { return *rc::gen::inRange<std::uint32_t>(0, end); }
std::uint64_t any_bits() { return *rc::gen::arbitrary<std::uint64_t>(); }
bool any_bool() { return below(2) != 0; }

class TypeMaker {
 public:
  TypeMaker() { add({.kind = TypeKind::resource, .name = "thing"}); }

  /// A type of the table, children before it.
  std::uint32_t make(int depth) {
    static constexpr TypeKind leaves[] = {
        TypeKind::bool_,         TypeKind::s8,      TypeKind::u8,
        TypeKind::s16,           TypeKind::u16,     TypeKind::s32,
        TypeKind::u32,           TypeKind::s64,     TypeKind::u64,
        TypeKind::f32,           TypeKind::f64,     TypeKind::char_,
        TypeKind::own,           TypeKind::borrow,  TypeKind::stream,
        TypeKind::future,        TypeKind::flags,   TypeKind::enum_,
        TypeKind::error_context, TypeKind::string_, TypeKind::string_,
        TypeKind::string_};
    static constexpr TypeKind compounds[] = {
        TypeKind::record, TypeKind::variant, TypeKind::tuple,
        TypeKind::list,   TypeKind::list,    TypeKind::fixed_length_list,
        TypeKind::option, TypeKind::result,  TypeKind::map};
    const bool leaf = depth == deepest || types.size() > 40 || below(5) < 2;
    Type type{.kind =
                  leaf ? leaves[below(std::size(leaves))] : compounds[below(std::size(compounds))]};
    const auto child = [&] { return make(depth + 1); };
    switch (type.kind) {
      case TypeKind::own:
      case TypeKind::borrow: type.element = 0; break;
      case TypeKind::stream:
      case TypeKind::future: type.element = any_bool() ? none : add({.kind = TypeKind::u8}); break;
      case TypeKind::flags: labels(type, 1 + below(32)); break;
      case TypeKind::enum_: labels(type, below(20) == 0 ? 257 : 1 + below(9)); break;
      case TypeKind::record: fields(type, 1 + below(4), true, child); break;
      case TypeKind::tuple: fields(type, 1 + below(4), false, child); break;
      case TypeKind::variant:
        labels(type, 1 + below(5));
        for (Member& member : type.members) member.type = any_bool() ? none : child();
        break;
      case TypeKind::list:
      case TypeKind::option: type.element = child(); break;
      case TypeKind::fixed_length_list:
        type.element = child();
        type.length = 1 + below(3);
        break;
      case TypeKind::result:
        type.element = any_bool() ? none : child();
        type.key = any_bool() ? none : child();
        break;
      case TypeKind::map:
        type.key = add({.kind = keys[below(std::size(keys))]});
        type.element = child();
        break;
      default: break;
    }
    return add(std::move(type));
  }

  TypeList types;

 private:
  static constexpr TypeKind keys[] = {TypeKind::bool_,  TypeKind::s8,  TypeKind::u16,
                                      TypeKind::s32,    TypeKind::u64, TypeKind::char_,
                                      TypeKind::string_};

  std::uint32_t add(Type type) {
    type.id = static_cast<std::uint32_t>(types.size());
    types.push_back(std::move(type));
    return types.back().id;
  }

  static void labels(Type& type, std::uint32_t count) {
    static constexpr const char* odd[] = {"true", "none", "ok", "B-2", "a b", "\"", "é", ""};
    for (std::uint32_t i = 0; i < count; ++i) {
      type.members.push_back(
          {i < std::size(odd) && below(8) == 0 ? odd[i] : "l" + std::to_string(i)});
    }
  }

  static void fields(Type& type, std::uint32_t count, bool named, auto&& child) {
    if (named) labels(type, count);
    type.members.resize(count);
    for (Member& member : type.members) member.type = child();
  }
};

class ValueMaker {
 public:
  explicit ValueMaker(const TypeList& types) : types_(types) {}

  Value make(std::uint32_t id) {
    const Type& type = types_[id];
    if (parts_ != 0) --parts_;
    switch (type.kind) {
      case TypeKind::string_: return {.text = string()};
      case TypeKind::record:
      case TypeKind::tuple: {
        Value value;
        for (const Member& member : type.members) value.parts.push_back(make(member.type));
        return value;
      }
      case TypeKind::list: return list(type, below(5));
      case TypeKind::fixed_length_list: return list(type, type.length);
      case TypeKind::map: {
        Value value;
        for (std::uint32_t count = parts_ == 0 ? 0 : below(4); count != 0; --count) {
          value.parts.push_back(make(type.key));
          value.parts.push_back(make(type.element));
        }
        return value;
      }
      case TypeKind::variant:
      case TypeKind::option:
      case TypeKind::result: {
        Value value{.bits = below(static_cast<std::uint32_t>(values::case_count(type)))};
        const std::uint32_t payload = values::case_payload(type, value.bits);
        if (payload != none) value.parts.push_back(make(payload));
        return value;
      }
      default: return {.bits = scalar(type)};
    }
  }

 private:
  Value list(const Type& type, std::uint32_t count) {
    if (parts_ == 0 && type.kind == TypeKind::list) count = 0;
    Value value;
    if (types_[type.element].kind == TypeKind::u8) {
      for (; count != 0; --count) value.text += static_cast<char>(any_bits());
    } else {
      for (; count != 0; --count) value.parts.push_back(make(type.element));
    }
    return value;
  }

  static std::uint64_t scalar(const Type& type) {
    const auto narrow = [](auto number) {
      return static_cast<std::uint64_t>(static_cast<std::int64_t>(number));
    };
    switch (type.kind) {
      case TypeKind::bool_: return below(2);
      case TypeKind::s8: return narrow(static_cast<std::int8_t>(any_bits()));
      case TypeKind::u8: return static_cast<std::uint8_t>(any_bits());
      case TypeKind::s16: return narrow(static_cast<std::int16_t>(any_bits()));
      case TypeKind::u16: return static_cast<std::uint16_t>(any_bits());
      case TypeKind::s32: return narrow(static_cast<std::int32_t>(any_bits()));
      case TypeKind::s64:
      case TypeKind::u64: return any_bits();
      case TypeKind::f32: {
        static constexpr std::uint32_t odd[] = {0x7fc00000, 0x7f800001, 0xff800000, 0x80000000,
                                                1,          0x4b800000, 0x3dcccccd, 0x60ad78ec};
        return any_bool() ? odd[below(std::size(odd))] : static_cast<std::uint32_t>(any_bits());
      }
      case TypeKind::f64: {
        static constexpr std::uint64_t odd[] = {
            0x7ff8000000000000, 0x7ff0000000000001, 0x7ff0000000000000, 0x8000000000000000, 1,
            0x444b1ae4d6e2ef50, 0x3eb0c6f7a0b5ed8d, 0x3fb999999999999a};
        return any_bool() ? odd[below(std::size(odd))] : any_bits();
      }
      case TypeKind::char_: return character(below(5));
      case TypeKind::enum_: return below(static_cast<std::uint32_t>(type.members.size()));
      case TypeKind::flags: return any_bits() & ((std::uint64_t{1} << type.members.size()) - 1);
      default: return static_cast<std::uint32_t>(any_bits());
    }
  }

  /// A character of a class: ASCII, Latin-1, three bytes of UTF-8, four, hidden.
  static std::uint32_t character(std::uint32_t which) {
    static constexpr std::uint32_t hidden[] = {0,    '\t', '\n', '\r',   '"',    '\'',   '\\',
                                               0x7f, 0x85, 0xad, 0x202e, 0xfeff, 0xe0001};
    switch (which) {
      case 0: return 0x20 + below(0x5f);
      case 1: return 0xa1 + below(0x5f);
      case 2: return below(2) != 0 ? 0x800 + below(0xd000) : 0xe000 + below(0x1ff0);
      case 3: return 0x10000 + below(0x100000);
      default: return hidden[below(std::size(hidden))];
    }
  }

  /// All ASCII, all Latin-1, or anything.
  static std::string string() {
    const std::uint32_t classes = 1 + below(5);
    std::string text;
    for (std::uint32_t size = below(9); size != 0; --size) {
      values::append_utf8(text, character(below(classes)));
    }
    return text;
  }

  const TypeList& types_;
  int parts_ = 60;
};

}  // namespace

rc::Gen<ValueCase> any_case() {
  // Of full size from the first case on: a range of a smaller one has only its beginning.
  return rc::gen::resize(
      rc::kNominalSize, rc::gen::exec([] {
        ValueCase one;
        TypeMaker types;
        one.type = types.make(1);
        one.types = std::move(types.types);
        one.value = ValueMaker(one.types).make(one.type);
        one.pointer = any_bool() ? IndexType::i64 : IndexType::i32;
        one.encoding = static_cast<StringEncoding>(below(3));
        one.source = static_cast<StringEncoding>(below(3));
        one.source_is_compact = any_bool();
        one.flat = any_bool();
        one.moves = any_bool();
        one.base = one.pointer == IndexType::i64 && any_bool() ? std::uint64_t{1} << 40 : 4096;
        one.address = 64;
        one.mutation = any_bits();
        return one;
      }));
}

std::ostream& operator<<(std::ostream& out, const ValueCase& one) {
  const auto text = wave_text(one.types, one.type, one.value);
  return out << (text ? *text : text.error().message) << ", i"
             << (one.pointer == IndexType::i64 ? 64 : 32) << ", encoding "
             << static_cast<int>(one.encoding) << " from " << static_cast<int>(one.source)
             << (one.source_is_compact ? "" : " (never Latin-1)")
             << (one.flat ? ", flat" : ", stored") << (one.moves ? ", moving" : "") << ", mutation "
             << one.mutation;
}

}  // namespace crossing::testing
