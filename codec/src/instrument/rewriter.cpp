#include "instrument/rewriter.h"

#include "crossing/event.h"
#include "instrument/modules.h"

namespace crossing::instrument {

using namespace component;

namespace {

std::vector<std::uint32_t> ordinals(const Analysis& analysis,
                                    const std::vector<std::uint32_t>& instances) {
  std::vector<std::uint32_t> found;
  for (const std::uint32_t instance : instances) found.push_back(analysis.ordinal_of[instance]);
  return found;
}

}  // namespace

Rewriter::Rewriter(Context& context, std::uint32_t body, const Rewriter* parent)
    : context_(context),
      analysis_(context.analysis),
      body_(body),
      parent_(parent),
      instances_(context.analysis.instances_of[body]),
      records_(!instances_.empty() && context.analysis.records[body]),
      alone_(context.analysis.recorders == 1),
      map_(parent == nullptr ? nullptr : &parent->map_),
      writer_(context.pool),
      ids_(ordinals(context.analysis, instances_), instances_) {}

std::vector<std::uint8_t> Rewriter::run() {
  if (records_) begin_recorder();
  for (const Item& item : analysis_.binary.bodies[body_].items) {
    if (!context_.fault.ok()) return {};
    rewrite(item);
  }
  if (records_) end_recorder();
  return writer_.finish(parent_ == nullptr ? analysis_.binary.name : std::string_view{});
}

void Rewriter::rewrite(const Item& item) {
  if (const auto* module = std::get_if<CoreModuleItem>(&item.what)) {
    const CoreModuleBinary& found = analysis_.binary.modules[module->module];
    writer_.core_module(context_.input.subspan(static_cast<std::size_t>(found.offset),
                                               static_cast<std::size_t>(found.size)));
    define(item, map_);
    return;
  }
  if (const auto* nested = std::get_if<ComponentItem>(&item.what)) {
    writer_.component(Rewriter(context_, nested->body, this).run());
    define(item, map_);
    return;
  }
  if (!records_) {
    copy(item);
    return;
  }
  const auto* type = std::get_if<TypeItem>(&item.what);
  if (std::holds_alternative<InstantiateItem>(item.what)) {
    rewrite_instantiate(item);
  } else if (std::holds_alternative<CanonItem>(item.what)) {
    rewrite_canon(item);
  } else if (type != nullptr && type->destructor) {
    rewrite_resource(item);
  } else {
    // Start functions may call out: what stands before them is written before them.
    if (std::holds_alternative<CoreInstantiateItem>(item.what)) checkpoint(false);
    copy(item);
  }
}

void Rewriter::copy(const Item& item) {
  writer_.definition(remap(item, map_, analysis_.binary.bodies, context_.pool, context_.fault));
  define(item, map_);
}

void Rewriter::rewrite_instantiate(const Item& item) {
  std::vector<std::uint32_t> children;
  for (const std::uint32_t instance : instances_) {
    children.push_back(analysis_.child(instance, map_.size(Space::instance)));
  }
  const std::uint32_t body = analysis_.body_of[children[0]];
  for (const std::uint32_t child : children) {
    if (analysis_.body_of[child] == body) continue;
    refuse(item, "an instance whose component differs from one instance around it to the next");
    return;
  }
  Item now = remap(item, map_, analysis_.binary.bodies, context_.pool, context_.fault);
  if (analysis_.records[body]) {
    checkpoint(true);
    auto& arguments = std::get<InstantiateItem>(now.what).arguments;
    arguments.push_back({recorder_sink, {Sort::instance, CoreSort::func, sink_}, {}});
    writer_.definition(now);
    define(item, map_);
    const auto instance = map_(Space::instance, map_.size(Space::instance) - 1);
    const auto control = add_alias(Sort::instance, instance, recorder_control);
    const std::size_t count = context_.drains[body];
    for (std::size_t i = 0; i < count; ++i) {
      drains_.push_back(add_alias(Sort::func, control, drain_name(i, count)));
    }
  } else {
    note_passive(children);
    writer_.definition(now);
    define(item, map_);
  }
}

/// Who records nothing has its beginning and end, and those of the instances in it, recorded by
/// the instance around it [INSTR-06].
void Rewriter::note_passive(const std::vector<std::uint32_t>& instances) {
  std::vector<std::vector<std::pair<std::uint8_t, std::uint32_t>>> steps;
  for (const std::uint32_t instance : instances) {
    auto& list = steps.emplace_back();
    bool inside = false;
    for (const InitializationStep& step : analysis_.wiring.initialization) {
      const bool begins = step.kind == InitializationStep::Kind::instantiate;
      const bool ends = step.kind == InitializationStep::Kind::instantiate_end;
      inside = inside || (begins && step.id == instance);
      if (inside && (begins || ends)) {
        const EventKind kind = begins ? EventKind::instantiate : EventKind::instantiate_end;
        list.emplace_back(static_cast<std::uint8_t>(kind), step.id);
      }
      if (ends && step.id == instance) break;
    }
  }
  for (std::size_t i = 0; i < steps[0].size(); ++i) {
    std::vector<std::uint32_t> subjects;
    for (const auto& list : steps) subjects.push_back(i < list.size() ? list[i].second : none);
    pending_.emplace_back(steps[0][i].first, ids_.slot(subjects));
  }
}

void Rewriter::checkpoint(bool flushes) {
  if (pending_.empty() && !flushes) return;
  add_core_instance(add_module(checkpoint_module(ids_, pending_, flushes)), {{"r", recorder_}});
  pending_.clear();
}

void Rewriter::rewrite_resource(const Item& item) {
  const auto& was = std::get<TypeItem>(item.what);
  InwardShim shim;
  const Function* function = function_slot(Role::destructor, map_.size(Space::type), shim.function);
  if (function == nullptr) return;
  shim.signature = {function->core_params, function->core_results, true};
  shim.has_hub = hub_ != none;
  shim.after = alone_ ? InwardShim::After::settle : InwardShim::After::flush;
  Item now = remap(item, map_, analysis_.binary.bodies, context_.pool, context_.fault);
  auto& type = std::get<TypeItem>(now.what);
  if (!context_.fault.ok()) return;
  type.destructor =
      add_shim(inward_shim(ids_, shim), "enter", map_(Space::core_func, *was.destructor), {});
  writer_.definition(now);
  define(item, map_);
  ++context_.counts.destructors;
}

}  // namespace crossing::instrument
