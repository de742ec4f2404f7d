#include "c/definitions.h"
#include "c/views.h"
#include "event/bodies.h"

namespace crossing::c {
namespace {

std::string text(crossing_string given) { return std::string(from_c(given)); }

template <class Number>
std::vector<Number> numbers(const Number* given, std::size_t count) {
  return given == nullptr ? std::vector<Number>() : std::vector<Number>(given, given + count);
}

std::vector<CoreType> core_types(const crossing_core_type* given, std::size_t count) {
  std::vector<CoreType> types;
  types.reserve(count);
  for (const crossing_core_type type : std::span(given, count)) {
    types.push_back(static_cast<CoreType>(type));
  }
  return types;
}

std::vector<std::string> texts(const crossing_string* given, std::size_t count) {
  std::vector<std::string> list;
  list.reserve(count);
  for (const crossing_string& item : std::span(given, count)) list.push_back(text(item));
  return list;
}

}  // namespace

Result<TraceInfo> from_c(const crossing_trace_info& sized) {
  return read_sized(sized, "crossing_trace_info").and_then([](const crossing_trace_info& given) {
    TraceInfo info;
    info.producer_name = text(given.producer_name);
    info.producer_version = text(given.producer_version);
    info.uuid.assign(std::begin(given.uuid), std::end(given.uuid));
    info.profile = static_cast<Profile>(given.profile);
    info.recorded_by = static_cast<RecordedBy>(given.recorded_by);
    info.clock = static_cast<Clock>(given.clock);
    info.clock_unit = given.clock_unit;
    info.start_time = given.start_time;
    info.determinism.nan = static_cast<NanMode>(given.determinism.nan);
    info.determinism.relaxed_simd = static_cast<RelaxedSimd>(given.determinism.relaxed_simd);
    info.determinism.memory_limit = given.determinism.memory_limit;
    info.determinism.table_limit = given.determinism.table_limit;
    info.determinism.stack_limit = given.determinism.stack_limit;
    info.determinism.interruption = static_cast<Interruption>(given.determinism.interruption);
    info.features = texts(given.features, given.feature_count);
    info.quirks = texts(given.quirks, given.quirk_count);
    info.core_proposals = texts(given.core_proposals, given.core_proposal_count);
    info.replayable = given.replayable;
    info.core_complete = given.core_complete;
    info.needs_stacks = given.needs_stacks;
    // Numbers of C can be any: what a reader would refuse is refused here.
    return decode_trace_info(encode_trace_info(info), 0).map_error([](Error error) {
      error.offset.reset();
      return error;
    });
  });
}

Result<Type> from_c(const crossing_type& sized) {
  return read_sized(sized, "crossing_type").map([](const crossing_type& given) {
    Type type;
    type.id = given.id;
    type.kind = static_cast<TypeKind>(given.kind);
    type.name = text(given.name);
    for (const crossing_member& member : std::span(given.members, given.member_count)) {
      type.members.push_back({text(member.name), member.type});
    }
    type.element = given.element;
    type.key = given.key;
    type.length = given.length;
    type.is_async = given.is_async;
    return type;
  });
}

Result<Component> from_c(const crossing_component& sized) {
  return read_sized(sized, "crossing_component").map([](const crossing_component& given) {
    Component component;
    component.id = given.id;
    component.name = text(given.name);
    component.digest_algorithm = static_cast<DigestAlgorithm>(given.digest_algorithm);
    component.digest = numbers(given.digest.data, given.digest.size);
    component.size = given.size;
    component.attachment = given.attachment;
    return component;
  });
}

Result<Instance> from_c(const crossing_instance& sized) {
  return read_sized(sized, "crossing_instance").map([](const crossing_instance& given) {
    Instance instance;
    instance.id = given.id;
    instance.component = given.component;
    instance.path = numbers(given.path, given.path_count);
    for (const crossing_binding& binding : std::span(given.bindings, given.binding_count)) {
      instance.bindings.push_back({text(binding.name), static_cast<Side>(binding.side),
                                   binding.instance, text(binding.export_name)});
    }
    return instance;
  });
}

Result<Memory> from_c(const crossing_memory& sized) {
  return read_sized(sized, "crossing_memory").map([](const crossing_memory& given) {
    Memory memory;
    memory.id = given.id;
    memory.instance = given.instance;
    memory.core_memory = given.core_memory;
    memory.core_instance = given.core_instance;
    memory.export_name = text(given.export_name);
    memory.index_type = static_cast<IndexType>(given.index_type);
    memory.page_size_log2 = given.page_size_log2;
    memory.shared = given.shared;
    return memory;
  });
}

Result<Function> from_c(const crossing_function& sized) {
  return read_sized(sized, "crossing_function").map([](const crossing_function& given) {
    Function function;
    function.id = given.id;
    function.instance = given.instance;
    function.role = static_cast<Role>(given.role);
    function.side = static_cast<Side>(given.side);
    function.index_space = static_cast<IndexSpace>(given.index_space);
    function.index = given.index;
    function.core_instance = given.core_instance;
    function.core_export = text(given.core_export);
    function.canonical_definition = given.canonical_definition;
    for (const crossing_name& name : std::span(given.names, given.name_count)) {
      function.names.push_back({text(name.instance_name), text(name.function_name)});
    }
    function.implements = text(given.implements);
    function.version_suffix = text(given.version_suffix);
    function.external_id = text(given.external_id);
    function.builtin = text(given.builtin);
    function.type = given.type;
    function.options.string_encoding = static_cast<StringEncoding>(given.options.string_encoding);
    function.options.memory = given.options.memory;
    function.options.realloc = given.options.realloc;
    function.options.post_return = given.options.post_return;
    function.options.callback = given.options.callback;
    function.options.is_async = given.options.is_async;
    function.immediates.cancellable = given.immediates.cancellable;
    function.immediates.is_async = given.immediates.is_async;
    function.immediates.type = given.immediates.type;
    function.immediates.slot = given.immediates.slot;
    function.immediates.table = given.immediates.table;
    function.immediates.shared = given.immediates.shared;
    function.core_params = core_types(given.core_params, given.core_param_count);
    function.core_results = core_types(given.core_results, given.core_result_count);
    function.result_area_param = given.result_area_param;
    function.result_area_size = given.result_area_size;
    function.result_area_alignment = given.result_area_alignment;
    return function;
  });
}

}  // namespace crossing::c
