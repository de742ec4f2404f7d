#pragma once

/// The members of every record, in schema order, said once: JSON is written and read by them
/// [JSON-02]. `for_each_member(record, visit)` calls `visit(name, member)` for each; the record may
/// be const. `enumerators(value)` are the names of a value's enumeration, from zero on [JSON-06].

#include <array>
#include <concepts>
#include <span>
#include <string_view>
#include <type_traits>

#include "crossing/definitions.h"

namespace crossing::text {

using EnumeratorNames = std::span<const std::string_view>;

namespace names {
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
}  // namespace names

inline EnumeratorNames enumerators(Profile) { return names::profile; }
inline EnumeratorNames enumerators(RecordedBy) { return names::recorded_by; }
inline EnumeratorNames enumerators(Clock) { return names::clock; }
inline EnumeratorNames enumerators(NanMode) { return names::nan_mode; }
inline EnumeratorNames enumerators(RelaxedSimd) { return names::relaxed_simd; }
inline EnumeratorNames enumerators(Interruption) { return names::interruption; }
inline EnumeratorNames enumerators(TypeKind) { return names::type_kind; }
inline EnumeratorNames enumerators(DigestAlgorithm) { return names::digest_algorithm; }
inline EnumeratorNames enumerators(Side) { return names::side; }
inline EnumeratorNames enumerators(IndexType) { return names::index_type; }
inline EnumeratorNames enumerators(Role) { return names::role; }
inline EnumeratorNames enumerators(IndexSpace) { return names::index_space; }
inline EnumeratorNames enumerators(CoreType) { return names::core_type; }
inline EnumeratorNames enumerators(StringEncoding) { return names::string_encoding; }

/// Name of a valid enumerator.
template <class Enum>
requires std::is_enum_v<Enum> std::string_view enumerator_name(Enum value) {
  return enumerators(value)[static_cast<std::size_t>(value)];
}

/// `Record`, const or not.
template <class R, class Record>
concept Of = std::same_as<std::remove_const_t<R>, Record>;

void for_each_member(Of<Determinism> auto& r, auto&& visit) {
  visit("nan", r.nan);
  visit("relaxed_simd", r.relaxed_simd);
  visit("memory_limit", r.memory_limit);
  visit("table_limit", r.table_limit);
  visit("stack_limit", r.stack_limit);
  visit("interruption", r.interruption);
}

void for_each_member(Of<TraceInfo> auto& r, auto&& visit) {
  visit("producer_name", r.producer_name);
  visit("producer_version", r.producer_version);
  visit("uuid", r.uuid);
  visit("profile", r.profile);
  visit("recorded_by", r.recorded_by);
  visit("clock", r.clock);
  visit("clock_unit", r.clock_unit);
  visit("start_time", r.start_time);
  visit("determinism", r.determinism);
  visit("features", r.features);
  visit("quirks", r.quirks);
  visit("core_proposals", r.core_proposals);
  visit("replayable", r.replayable);
  visit("core_complete", r.core_complete);
  visit("needs_stacks", r.needs_stacks);
}

void for_each_member(Of<Member> auto& r, auto&& visit) {
  visit("name", r.name);
  visit("type", r.type);
}

void for_each_member(Of<Type> auto& r, auto&& visit) {
  visit("id", r.id);
  visit("kind", r.kind);
  visit("name", r.name);
  visit("members", r.members);
  visit("element", r.element);
  visit("key", r.key);
  visit("length", r.length);
  visit("is_async", r.is_async);
}

void for_each_member(Of<Component> auto& r, auto&& visit) {
  visit("id", r.id);
  visit("name", r.name);
  visit("digest_algorithm", r.digest_algorithm);
  visit("digest", r.digest);
  visit("size", r.size);
  visit("attachment", r.attachment);
}

void for_each_member(Of<Binding> auto& r, auto&& visit) {
  visit("name", r.name);
  visit("side", r.side);
  visit("instance", r.instance);
  visit("export_name", r.export_name);
}

void for_each_member(Of<Instance> auto& r, auto&& visit) {
  visit("id", r.id);
  visit("component", r.component);
  visit("path", r.path);
  visit("bindings", r.bindings);
}

void for_each_member(Of<Memory> auto& r, auto&& visit) {
  visit("id", r.id);
  visit("instance", r.instance);
  visit("core_memory", r.core_memory);
  visit("core_instance", r.core_instance);
  visit("export_name", r.export_name);
  visit("index_type", r.index_type);
  visit("page_size_log2", r.page_size_log2);
  visit("shared", r.shared);
}

void for_each_member(Of<Name> auto& r, auto&& visit) {
  visit("instance_name", r.instance_name);
  visit("function_name", r.function_name);
}

void for_each_member(Of<Options> auto& r, auto&& visit) {
  visit("string_encoding", r.string_encoding);
  visit("memory", r.memory);
  visit("realloc", r.realloc);
  visit("post_return", r.post_return);
  visit("callback", r.callback);
  visit("is_async", r.is_async);
}

void for_each_member(Of<Immediates> auto& r, auto&& visit) {
  visit("cancellable", r.cancellable);
  visit("is_async", r.is_async);
  visit("type", r.type);
  visit("slot", r.slot);
  visit("table", r.table);
  visit("shared", r.shared);
}

void for_each_member(Of<Function> auto& r, auto&& visit) {
  visit("id", r.id);
  visit("instance", r.instance);
  visit("role", r.role);
  visit("side", r.side);
  visit("index_space", r.index_space);
  visit("index", r.index);
  visit("core_instance", r.core_instance);
  visit("core_export", r.core_export);
  visit("canonical_definition", r.canonical_definition);
  visit("names", r.names);
  visit("implements", r.implements);
  visit("version_suffix", r.version_suffix);
  visit("external_id", r.external_id);
  visit("builtin", r.builtin);
  visit("type", r.type);
  visit("options", r.options);
  visit("immediates", r.immediates);
  visit("core_params", r.core_params);
  visit("core_results", r.core_results);
  visit("result_area_param", r.result_area_param);
  visit("result_area_size", r.result_area_size);
  visit("result_area_alignment", r.result_area_alignment);
}

}  // namespace crossing::text
