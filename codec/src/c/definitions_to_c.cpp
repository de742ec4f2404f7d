#include "c/definitions.h"
#include "c/views.h"

namespace crossing::c {
namespace {

std::vector<crossing_string> texts(const std::vector<std::string>& list) {
  std::vector<crossing_string> views;
  views.reserve(list.size());
  for (const std::string& item : list) views.push_back(to_c(item));
  return views;
}

static_assert(sizeof(CoreType) == sizeof(crossing_core_type));
const crossing_core_type* core_types(const std::vector<CoreType>& types) {
  return reinterpret_cast<const crossing_core_type*>(types.data());  // bytes, which alias anything
}

// The numbers are the same: the last one of each list tells.
template <class Enum>
constexpr bool same(int number, Enum last) {
  return number == static_cast<int>(last);
}
static_assert(same(CROSSING_PROFILE_VALUES, Profile::values));
static_assert(same(CROSSING_RECORDED_BY_SYNTHETIC, RecordedBy::synthetic));
static_assert(same(CROSSING_CLOCK_PER_EVENT, Clock::per_event));
static_assert(same(CROSSING_NAN_ENGINE, NanMode::engine));
static_assert(same(CROSSING_RELAXED_SIMD_ENGINE, RelaxedSimd::engine));
static_assert(same(CROSSING_INTERRUPTION_OTHER, Interruption::other));
static_assert(same(CROSSING_TYPE_FUNC, TypeKind::func));
static_assert(same(CROSSING_DIGEST_SHA256, DigestAlgorithm::sha256));
static_assert(same(CROSSING_SIDE_GUEST, Side::guest));
static_assert(same(CROSSING_INDEX_TYPE_I64, IndexType::i64));
static_assert(same(CROSSING_ROLE_CORE_EXPORT, Role::core_export));
static_assert(same(CROSSING_INDEX_SPACE_TYPE, IndexSpace::type));
static_assert(same(CROSSING_CORE_TYPE_EXTERNREF, CoreType::externref));
static_assert(same(CROSSING_STRING_ENCODING_LATIN1_UTF16, StringEncoding::latin1_utf16));
static_assert(CROSSING_NONE == none);

}  // namespace

TraceInfoMirror::TraceInfoMirror(TraceInfo info)
    : value(std::move(info)),
      features(texts(value.features)),
      quirks(texts(value.quirks)),
      core_proposals(texts(value.core_proposals)),
      view{} {
  view.struct_size = sizeof view;
  view.producer_name = to_c(value.producer_name);
  view.producer_version = to_c(value.producer_version);
  std::copy_n(value.uuid.begin(), std::min(value.uuid.size(), sizeof view.uuid), view.uuid);
  view.profile = static_cast<crossing_profile>(value.profile);
  view.recorded_by = static_cast<crossing_recorded_by>(value.recorded_by);
  view.clock = static_cast<crossing_clock>(value.clock);
  view.clock_unit = value.clock_unit;
  view.start_time = value.start_time;
  view.determinism = {static_cast<crossing_nan_mode>(value.determinism.nan),
                      static_cast<crossing_relaxed_simd>(value.determinism.relaxed_simd),
                      static_cast<crossing_interruption>(value.determinism.interruption),
                      value.determinism.memory_limit,
                      value.determinism.table_limit,
                      value.determinism.stack_limit};
  view.features = features.data();
  view.feature_count = features.size();
  view.quirks = quirks.data();
  view.quirk_count = quirks.size();
  view.core_proposals = core_proposals.data();
  view.core_proposal_count = core_proposals.size();
  view.replayable = value.replayable;
  view.core_complete = value.core_complete;
  view.needs_stacks = value.needs_stacks;
}

TypeMirror::TypeMirror(Type type) : value(std::move(type)), view{} {
  view.struct_size = sizeof view;
  view.id = value.id;
  view.kind = static_cast<crossing_type_kind>(value.kind);
  view.name = to_c(value.name);
  for (const Member& member : value.members) members.push_back({to_c(member.name), member.type});
  view.members = members.data();
  view.member_count = members.size();
  view.element = value.element;
  view.key = value.key;
  view.length = value.length;
  view.is_async = value.is_async;
}

ComponentMirror::ComponentMirror(Component component) : value(std::move(component)), view{} {
  view.struct_size = sizeof view;
  view.id = value.id;
  view.name = to_c(value.name);
  view.digest_algorithm = static_cast<crossing_digest_algorithm>(value.digest_algorithm);
  view.digest = to_c(Bytes(value.digest));
  view.size = value.size;
  view.attachment = value.attachment;
}

InstanceMirror::InstanceMirror(Instance instance) : value(std::move(instance)), view{} {
  view.struct_size = sizeof view;
  view.id = value.id;
  view.component = value.component;
  view.path = value.path.data();
  view.path_count = value.path.size();
  for (const Binding& binding : value.bindings) {
    bindings.push_back({to_c(binding.name), static_cast<crossing_side>(binding.side),
                        binding.instance, to_c(binding.export_name)});
  }
  view.bindings = bindings.data();
  view.binding_count = bindings.size();
}

MemoryMirror::MemoryMirror(Memory memory) : value(std::move(memory)), view{} {
  view.struct_size = sizeof view;
  view.id = value.id;
  view.instance = value.instance;
  view.core_memory = value.core_memory;
  view.core_instance = value.core_instance;
  view.export_name = to_c(value.export_name);
  view.index_type = static_cast<crossing_index_type>(value.index_type);
  view.page_size_log2 = value.page_size_log2;
  view.shared = value.shared;
}

FunctionMirror::FunctionMirror(Function function) : value(std::move(function)), view{} {
  view.struct_size = sizeof view;
  view.id = value.id;
  view.instance = value.instance;
  view.role = static_cast<crossing_role>(value.role);
  view.side = static_cast<crossing_side>(value.side);
  view.index_space = static_cast<crossing_index_space>(value.index_space);
  view.index = value.index;
  view.core_instance = value.core_instance;
  view.core_export = to_c(value.core_export);
  view.canonical_definition = value.canonical_definition;
  for (const Name& name : value.names) {
    names.push_back({to_c(name.instance_name), to_c(name.function_name)});
  }
  view.names = names.data();
  view.name_count = names.size();
  view.implements = to_c(value.implements);
  view.version_suffix = to_c(value.version_suffix);
  view.external_id = to_c(value.external_id);
  view.builtin = to_c(value.builtin);
  view.type = value.type;
  view.options.string_encoding =
      static_cast<crossing_string_encoding>(value.options.string_encoding);
  view.options.memory = value.options.memory;
  view.options.realloc = value.options.realloc;
  view.options.post_return = value.options.post_return;
  view.options.callback = value.options.callback;
  view.options.is_async = value.options.is_async;
  view.immediates.cancellable = value.immediates.cancellable;
  view.immediates.is_async = value.immediates.is_async;
  view.immediates.type = value.immediates.type;
  view.immediates.slot = value.immediates.slot;
  view.immediates.table = value.immediates.table;
  view.immediates.shared = value.immediates.shared;
  view.core_params = core_types(value.core_params);
  view.core_param_count = value.core_params.size();
  view.core_results = core_types(value.core_results);
  view.core_result_count = value.core_results.size();
  view.result_area_param = value.result_area_param;
  view.result_area_size = value.result_area_size;
  view.result_area_alignment = value.result_area_alignment;
}

}  // namespace crossing::c
