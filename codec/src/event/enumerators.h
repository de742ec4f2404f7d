#pragma once

/// The names of the enumerators of definitions, from zero on, as canonical JSON and sentences have
/// them [JSON-06].

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

#include "crossing/definitions.h"

namespace crossing {

using EnumeratorNames = std::span<const std::string_view>;

namespace enumerator_names {
inline constexpr auto profile = std::to_array<std::string_view>({"abi", "values"});
inline constexpr auto recorded_by =
    std::to_array<std::string_view>({"engine", "hook", "instrumented", "converted", "synthetic"});
inline constexpr auto clock =
    std::to_array<std::string_view>({"none", "coarse", "per_call", "per_event"});
inline constexpr auto nan_mode =
    std::to_array<std::string_view>({"unspecified", "canonical", "engine"});
inline constexpr auto relaxed_simd =
    std::to_array<std::string_view>({"absent", "deterministic", "engine"});
inline constexpr auto interruption =
    std::to_array<std::string_view>({"never", "fuel", "epoch", "other"});
inline constexpr auto type_kind = std::to_array<std::string_view>({"bool",     "s8",
                                                                   "u8",       "s16",
                                                                   "u16",      "s32",
                                                                   "u32",      "s64",
                                                                   "u64",      "f32",
                                                                   "f64",      "char",
                                                                   "string",   "error_context",
                                                                   "record",   "variant",
                                                                   "list",     "fixed_length_list",
                                                                   "tuple",    "flags",
                                                                   "enum",     "option",
                                                                   "result",   "map",
                                                                   "own",      "borrow",
                                                                   "stream",   "future",
                                                                   "resource", "func"});
inline constexpr auto digest_algorithm = std::to_array<std::string_view>({"sha256"});
inline constexpr auto side = std::to_array<std::string_view>({"host", "guest"});
inline constexpr auto index_type = std::to_array<std::string_view>({"i32", "i64"});
inline constexpr auto role =
    std::to_array<std::string_view>({"import", "export", "builtin", "destructor", "callback",
                                     "post_return", "realloc", "core_import", "core_export"});
inline constexpr auto index_space = std::to_array<std::string_view>({"core_func", "func", "type"});
inline constexpr auto core_type =
    std::to_array<std::string_view>({"i32", "i64", "f32", "f64", "v128", "funcref", "externref"});
inline constexpr auto string_encoding =
    std::to_array<std::string_view>({"utf8", "utf16", "latin1_utf16"});
}  // namespace enumerator_names

inline EnumeratorNames enumerators(Profile) { return enumerator_names::profile; }
inline EnumeratorNames enumerators(RecordedBy) { return enumerator_names::recorded_by; }
inline EnumeratorNames enumerators(Clock) { return enumerator_names::clock; }
inline EnumeratorNames enumerators(NanMode) { return enumerator_names::nan_mode; }
inline EnumeratorNames enumerators(RelaxedSimd) { return enumerator_names::relaxed_simd; }
inline EnumeratorNames enumerators(Interruption) { return enumerator_names::interruption; }
inline EnumeratorNames enumerators(TypeKind) { return enumerator_names::type_kind; }
inline EnumeratorNames enumerators(DigestAlgorithm) { return enumerator_names::digest_algorithm; }
inline EnumeratorNames enumerators(Side) { return enumerator_names::side; }
inline EnumeratorNames enumerators(IndexType) { return enumerator_names::index_type; }
inline EnumeratorNames enumerators(Role) { return enumerator_names::role; }
inline EnumeratorNames enumerators(IndexSpace) { return enumerator_names::index_space; }
inline EnumeratorNames enumerators(CoreType) { return enumerator_names::core_type; }
inline EnumeratorNames enumerators(StringEncoding) { return enumerator_names::string_encoding; }

/// The name of an enumerator; "?" where there is none.
template <class Enum>
requires std::is_enum_v<Enum> std::string_view enumerator_name(Enum value) {
  const EnumeratorNames names = enumerators(value);
  const auto index = static_cast<std::size_t>(value);
  return index < names.size() ? names[index] : "?";
}

}  // namespace crossing
