#pragma once

/// Variants of all kinds as variants: what the Canonical ABI calls despecialized.

#include <cstdint>
#include <string_view>

#include "crossing/definitions.h"

namespace crossing::values {

/// Whether a type is a variant, an option or a result: one of several cases, some with a payload.
constexpr bool has_cases(TypeKind kind) {
  return kind == TypeKind::variant || kind == TypeKind::option || kind == TypeKind::result;
}

/// Number of cases, or of the labels of an enum.
inline std::size_t case_count(const Type& type) {
  return type.kind == TypeKind::option || type.kind == TypeKind::result ? 2 : type.members.size();
}

/// The type of the payload of case `index`, which is below the count; none: it has none.
inline std::uint32_t case_payload(const Type& type, std::size_t index) {
  switch (type.kind) {
    case TypeKind::option: return index == 0 ? none : type.element;
    case TypeKind::result: return index == 0 ? type.element : type.key;
    default: return type.members[index].type;
  }
}

/// The name of case `index` in text.
inline std::string_view case_name(const Type& type, std::size_t index) {
  switch (type.kind) {
    case TypeKind::option: return index == 0 ? "none" : "some";
    case TypeKind::result: return index == 0 ? "ok" : "err";
    default: return type.members[index].name;
  }
}

/// Whether a kind is that of a handle, or of an error context, which is one too.
constexpr bool is_handle(TypeKind kind) {
  return kind == TypeKind::own || kind == TypeKind::borrow || kind == TypeKind::stream ||
         kind == TypeKind::future || kind == TypeKind::error_context;
}

/// The bits of the NaN that the Canonical ABI has for a float type.
constexpr std::uint64_t canonical_nan(TypeKind kind) {
  return kind == TypeKind::f32 ? 0x7fc00000 : 0x7ff8000000000000;
}

/// Whether a type is a list of bytes, which is taken as one part.
inline bool is_bytes(const Type& type, const Type* element) {
  return (type.kind == TypeKind::list || type.kind == TypeKind::fixed_length_list) &&
         element != nullptr && element->kind == TypeKind::u8;
}

}  // namespace crossing::values
