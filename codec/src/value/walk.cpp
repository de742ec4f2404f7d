#include "value/walk.h"

#include <string>

#include "event/utf8.h"
#include "value/cases.h"
#include "value/transcode.h"

namespace crossing::values {
namespace {

tl::unexpected<Error> misfit(std::string expected) {
  return tl::unexpected(
      Error{.verdict = Verdict::invalid,
            .message = "expected " + std::move(expected) + ", found another value"});
}

/// Whether `bits` are those of a scalar of the kind, extended as `Value` says.
bool fits(const Type& type, std::uint64_t bits) {
  const auto narrow = [&](unsigned size) { return bits >> size == 0; };
  const auto narrow_signed = [&](unsigned size) {
    const auto number = static_cast<std::int64_t>(bits);
    return number >> (size - 1) == 0 || number >> (size - 1) == -1;
  };
  switch (type.kind) {
    case TypeKind::bool_: return narrow(1);
    case TypeKind::s8: return narrow_signed(8);
    case TypeKind::u8: return narrow(8);
    case TypeKind::s16: return narrow_signed(16);
    case TypeKind::u16: return narrow(16);
    case TypeKind::s32: return narrow_signed(32);
    case TypeKind::s64:
    case TypeKind::u64:
    case TypeKind::f64: return true;
    case TypeKind::char_: return is_scalar_value(bits);
    case TypeKind::enum_: return bits < type.members.size();
    case TypeKind::flags: return type.members.size() >= 64 || bits >> type.members.size() == 0;
    default: return narrow(32);
  }
}

class Walker {
 public:
  Walker(const TypeList& types, ValueVisitor& into) : types_(types), into_(into) {}

  Result<void> value(std::uint32_t id, const Value& value) {
    if (id >= types_.size()) return misfit("a type that is defined");
    const Type& type = types_[id];
    switch (type.kind) {
      case TypeKind::string_:
        if (!is_utf8(bytes_of(value))) return misfit("UTF-8");
        into_.string(value.text);
        return {};
      case TypeKind::record:
      case TypeKind::tuple:
      case TypeKind::func:
        return parts(type, value, type.members.size(),
                     [&](std::size_t i) { return type.members[i].type; });
      case TypeKind::list:
      case TypeKind::fixed_length_list: return list(type, value);
      case TypeKind::map:
        if (value.parts.size() % 2 != 0) return misfit("keys and values");
        return parts(type, value, value.parts.size(),
                     [&](std::size_t i) { return i % 2 == 0 ? type.key : type.element; });
      case TypeKind::variant:
      case TypeKind::option:
      case TypeKind::result: return variant(type, value);
      case TypeKind::resource: return misfit("a type of values");
      default:
        if (!fits(type, value.bits)) return misfit("a value of its type");
        into_.scalar(type, value.bits);
        return {};
    }
  }

 private:
  static Bytes bytes_of(const Value& value) {
    return {reinterpret_cast<const std::uint8_t*>(value.text.data()), value.text.size()};
  }

  Result<void> parts(const Type& type, const Value& value, std::size_t count, auto&& type_of) {
    if (value.parts.size() != count) return misfit(std::to_string(count) + " parts");
    into_.begin(type, type.kind == TypeKind::map ? count / 2 : count);
    for (std::size_t i = 0; i < count; ++i) {
      if (auto told = this->value(type_of(i), value.parts[i]); !told) return told;
    }
    into_.end(type);
    return {};
  }

  Result<void> list(const Type& type, const Value& value) {
    const bool is_fixed = type.kind == TypeKind::fixed_length_list;
    const Type* element = type.element < types_.size() ? &types_[type.element] : nullptr;
    if (is_bytes(type, element)) {
      if (is_fixed && value.text.size() != type.length) {
        return misfit(std::to_string(type.length) + " bytes");
      }
      into_.bytes(type, bytes_of(value));
      return {};
    }
    return parts(type, value, is_fixed ? type.length : value.parts.size(),
                 [&](std::size_t) { return type.element; });
  }

  Result<void> variant(const Type& type, const Value& value) {
    if (value.bits >= case_count(type)) return misfit("a case of the type");
    const std::uint32_t payload = case_payload(type, value.bits);
    if (value.parts.size() != (payload == none ? 0 : 1)) {
      return misfit(payload == none ? "no payload" : "a payload");
    }
    into_.begin_case(type, static_cast<std::uint32_t>(value.bits));
    if (payload != none) {
      if (auto told = this->value(payload, value.parts[0]); !told) return told;
    }
    into_.end(type);
    return {};
  }

  const TypeList& types_;
  ValueVisitor& into_;
};

}  // namespace

Result<void> walk(const TypeList& types, std::uint32_t type, const Value& value,
                  ValueVisitor& into) {
  return Walker(types, into).value(type, value);
}

}  // namespace crossing::values
