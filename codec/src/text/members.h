#pragma once

/// The members of every record, in schema order, said once: JSON is written and read by them
/// [JSON-02]. `for_each_member(record, visit)` calls `visit(name, member)` for each; the record may
/// be const.

#include <concepts>
#include <string_view>
#include <type_traits>

#include "crossing/definitions.h"
#include "event/enumerators.h"

namespace crossing::text {

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
