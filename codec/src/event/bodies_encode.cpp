#include <flatbuffers/flatbuffers.h>

#include <cstring>
#include <type_traits>

#include "crossing_generated.h"
#include "event/bodies.h"

namespace crossing {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::Vector;

Body finished(const FlatBufferBuilder& builder) {
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

// What is empty is absent [DEF-05].
Offset<flatbuffers::String> text(FlatBufferBuilder& builder, const std::string& value) {
  return value.empty() ? 0 : builder.CreateString(value);
}

template <class T>
Offset<Vector<T>> numbers(FlatBufferBuilder& builder, const std::vector<T>& values) {
  return values.empty() ? 0 : builder.CreateVector(values);
}

template <class T>
auto enumerators(FlatBufferBuilder& builder, const std::vector<T>& values) {
  using Schema = schema::CoreType;
  static_assert(std::is_same_v<T, CoreType>);
  std::vector<Schema> raw;
  raw.reserve(values.size());
  for (const T value : values) raw.push_back(static_cast<Schema>(value));
  return values.empty() ? Offset<Vector<Schema>>(0) : builder.CreateVector(raw);
}

template <class T, class Encode>
auto tables(FlatBufferBuilder& builder, const std::vector<T>& values, Encode encode) {
  using Table = decltype(encode(builder, values.front()));
  std::vector<Table> offsets;
  offsets.reserve(values.size());
  for (const T& value : values) offsets.push_back(encode(builder, value));
  return values.empty() ? Offset<Vector<Table>>(0) : builder.CreateVector(offsets);
}

Offset<schema::Member> encode(FlatBufferBuilder& builder, const Member& member) {
  return schema::CreateMember(builder, text(builder, member.name), member.type);
}

Offset<schema::Type> encode(FlatBufferBuilder& builder, const Type& type) {
  const auto name = text(builder, type.name);
  const auto members =
      tables(builder, type.members, [](auto& b, const Member& m) { return encode(b, m); });
  return schema::CreateType(builder, type.id, static_cast<schema::TypeKind>(type.kind), name,
                            members, type.element, type.key, type.length, type.is_async);
}

Offset<schema::Component> encode(FlatBufferBuilder& builder, const Component& component) {
  const auto name = text(builder, component.name);
  const auto digest = builder.CreateVector(component.digest);
  return schema::CreateComponent(builder, component.id, name,
                                 static_cast<schema::DigestAlgorithm>(component.digest_algorithm),
                                 digest, component.size, component.attachment);
}

Offset<schema::Binding> encode(FlatBufferBuilder& builder, const Binding& binding) {
  const auto name = text(builder, binding.name);
  const auto export_name = text(builder, binding.export_name);
  return schema::CreateBinding(builder, name, static_cast<schema::Side>(binding.side),
                               binding.instance, export_name);
}

Offset<schema::Instance> encode(FlatBufferBuilder& builder, const Instance& instance) {
  const auto path = numbers(builder, instance.path);
  const auto bindings =
      tables(builder, instance.bindings, [](auto& b, const Binding& x) { return encode(b, x); });
  return schema::CreateInstance(builder, instance.id, instance.component, path, bindings);
}

Offset<schema::Memory> encode(FlatBufferBuilder& builder, const Memory& memory) {
  const auto export_name = text(builder, memory.export_name);
  return schema::CreateMemory(
      builder, memory.id, memory.instance, memory.core_memory, memory.core_instance, export_name,
      static_cast<schema::IndexType>(memory.index_type), memory.page_size_log2, memory.shared);
}

Offset<schema::Name> encode(FlatBufferBuilder& builder, const Name& name) {
  const auto instance_name = text(builder, name.instance_name);
  const auto function_name = text(builder, name.function_name);
  return schema::CreateName(builder, instance_name, function_name);
}

Offset<schema::Options> encode(FlatBufferBuilder& builder, const Options& options) {
  if (options == Options{}) return 0;
  return schema::CreateOptions(
      builder, static_cast<schema::StringEncoding>(options.string_encoding), options.memory,
      options.realloc, options.post_return, options.callback, options.is_async);
}

Offset<schema::Immediates> encode(FlatBufferBuilder& builder, const Immediates& immediates) {
  if (immediates == Immediates{}) return 0;
  return schema::CreateImmediates(builder, immediates.cancellable, immediates.is_async,
                                  immediates.type, immediates.slot, immediates.table,
                                  immediates.shared);
}

Offset<schema::Function> encode(FlatBufferBuilder& builder, const Function& function) {
  const auto core_export = text(builder, function.core_export);
  const auto names =
      tables(builder, function.names, [](auto& b, const Name& n) { return encode(b, n); });
  const auto implements = text(builder, function.implements);
  const auto version_suffix = text(builder, function.version_suffix);
  const auto external_id = text(builder, function.external_id);
  const auto builtin = text(builder, function.builtin);
  const auto options = encode(builder, function.options);
  const auto immediates = encode(builder, function.immediates);
  const auto core_params = enumerators(builder, function.core_params);
  const auto core_results = enumerators(builder, function.core_results);
  return schema::CreateFunction(
      builder, function.id, function.instance, static_cast<schema::Role>(function.role),
      static_cast<schema::Side>(function.side),
      static_cast<schema::IndexSpace>(function.index_space), function.index, function.core_instance,
      core_export, function.canonical_definition, names, implements, version_suffix, external_id,
      builtin, function.type, options, immediates, core_params, core_results,
      function.result_area_param, function.result_area_size, function.result_area_alignment);
}

/// The offsets of one alternative's tables, in order.
template <class T, class Table>
Offset<Vector<Offset<Table>>> list(FlatBufferBuilder& builder,
                                   std::span<const Definition> definitions) {
  std::vector<Offset<Table>> offsets;
  for (const Definition& definition : definitions) {
    if (const T* value = std::get_if<T>(&definition)) offsets.push_back(encode(builder, *value));
  }
  return offsets.empty() ? Offset<Vector<Offset<Table>>>(0) : builder.CreateVector(offsets);
}

}  // namespace

Body encode_trace_info(const TraceInfo& info) {
  FlatBufferBuilder builder;
  const auto strings = [&](const std::vector<std::string>& values) {
    return builder.CreateVectorOfStrings(values);
  };
  const auto producer_name = builder.CreateString(info.producer_name);
  const auto producer_version = builder.CreateString(info.producer_version);
  const auto uuid = builder.CreateVector(info.uuid);
  const Determinism& d = info.determinism;
  const auto determinism = schema::CreateDeterminism(
      builder, static_cast<schema::NanMode>(d.nan),
      static_cast<schema::RelaxedSimd>(d.relaxed_simd), d.memory_limit, d.table_limit,
      d.stack_limit, static_cast<schema::Interruption>(d.interruption));
  const auto features = strings(info.features);
  const auto quirks = strings(info.quirks);
  const auto core_proposals = strings(info.core_proposals);
  builder.Finish(schema::CreateTraceInfo(
      builder, producer_name, producer_version, uuid, static_cast<schema::Profile>(info.profile),
      static_cast<schema::RecordedBy>(info.recorded_by), static_cast<schema::Clock>(info.clock),
      info.clock_unit, info.start_time, determinism, features, quirks, core_proposals,
      info.replayable, info.core_complete, info.needs_stacks));
  return finished(builder);
}

Body encode_definitions(std::span<const Definition> definitions) {
  FlatBufferBuilder builder;
  const auto types = list<Type, schema::Type>(builder, definitions);
  const auto components = list<Component, schema::Component>(builder, definitions);
  const auto instances = list<Instance, schema::Instance>(builder, definitions);
  const auto memories = list<Memory, schema::Memory>(builder, definitions);
  const auto functions = list<Function, schema::Function>(builder, definitions);
  builder.Finish(
      schema::CreateDefinitions(builder, types, components, instances, memories, functions));
  return finished(builder);
}

Body encode_attachment(const AttachmentPiece& piece) {
  FlatBufferBuilder builder(piece.bytes.size() + 256);
  const auto name = builder.CreateString(piece.name.data(), piece.name.size());
  const auto bytes = builder.CreateVector(piece.bytes.data(), piece.bytes.size());
  builder.Finish(
      schema::CreateAttachment(builder, piece.id, name, piece.offset, piece.total_size, bytes));
  return finished(builder);
}

Body encode_index(const IndexBody& index) {
  FlatBufferBuilder builder;
  const auto entries = builder.CreateVectorOfStructs(
      reinterpret_cast<const schema::IndexEntry*>(index.entries.data()), index.entries.size());
  const auto definitions_offsets = builder.CreateVector(index.definitions_offsets);
  builder.Finish(schema::CreateIndex(builder, index.previous_offset, entries, definitions_offsets));
  return finished(builder);
}

Body encode_summary(const SummaryBody& summary) {
  FlatBufferBuilder builder;
  const auto index_offsets = builder.CreateVector(summary.index_offsets);
  std::vector<Offset<schema::KindCount>> counts;
  for (const auto& [kind, count] : summary.kind_counts) {
    counts.push_back(schema::CreateKindCount(builder, kind, count));
  }
  const auto kind_counts = builder.CreateVector(counts);
  builder.Finish(schema::CreateSummary(builder, summary.event_count, summary.next_sequence,
                                       summary.last_time, summary.definition_count,
                                       summary.payload_bytes, summary.stored_bytes,
                                       summary.decoded_bytes, index_offsets, kind_counts));
  return finished(builder);
}

Body encode_end(const EndBody& end) {
  Body body(sizeof end);
  std::memcpy(body.data(), &end, sizeof end);
  return body;
}

SummaryBody make_summary(const Totals& totals, const std::vector<std::uint64_t>& index_offsets) {
  SummaryBody summary{totals.event_count,      totals.next_sequence, totals.last_time,
                      totals.definition_count, totals.payload_bytes, totals.stored_bytes,
                      totals.decoded_bytes,    index_offsets,        {}};
  for (std::size_t kind = 0; kind < totals.kind_counts.size(); ++kind) {
    if (totals.kind_counts[kind] != 0) {
      summary.kind_counts.emplace_back(static_cast<std::uint8_t>(kind), totals.kind_counts[kind]);
    }
  }
  return summary;
}

}  // namespace crossing
