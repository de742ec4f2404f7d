/// Canonical definitions: each becomes itself with a shim on the side of the core code.

#include <array>

#include "instrument/modules.h"
#include "instrument/rewriter.h"

namespace crossing::instrument {

using namespace component;

namespace {

/// A result area of at most so many bytes is copied by the shim itself.
constexpr std::uint32_t small_area = 64;

/// Those that may be called inside realloc and post-return, where nothing may call out [SINK-07].
bool may_stand_in_realloc(std::string_view builtin) {
  static constexpr std::array<std::string_view, 5> names = {
      "context.get", "context.set", "resource.rep", "backpressure.inc", "backpressure.dec"};
  for (const std::string_view name : names) {
    if (name == builtin) return true;
  }
  return false;
}

}  // namespace

const Function* Rewriter::function_slot(Role role, std::uint32_t index, Slot& slot) {
  std::vector<std::uint32_t> ids;
  const Function* first = nullptr;
  for (const std::uint32_t instance : instances_) {
    const Function* found = analysis_.function(instance, role, index);
    if (found == nullptr ||
        (first != nullptr &&
         (found->core_params != first->core_params || found->core_results != first->core_results ||
          found->side != first->side || found->result_area_size != first->result_area_size))) {
      context_.fault.raise(Verdict::unsupported, 0,
                           "instrumenting does not support a component of which two instances "
                           "differ in their functions");
      return nullptr;
    }
    if (first == nullptr) first = found;
    ids.push_back(found->id);
  }
  slot = ids_.slot(ids);
  return first;
}

/// The ids of the memory in the options of the functions that `canon` made.
Slot Rewriter::memory_slot(std::uint32_t core_memory, const CanonItem& canon) {
  const bool lifts = canon.opcode == 0x00;
  const Role role = lifts ? Role::export_ : canon.opcode == 0x01 ? Role::import_ : Role::builtin;
  const std::uint32_t index = map_.size(lifts ? Space::func : Space::core_func);
  std::vector<std::uint32_t> ids;
  for (const std::uint32_t instance : instances_) {
    const Function* function = analysis_.function(instance, role, index);
    ids.push_back(function == nullptr ? core_memory : function->options.memory);
  }
  return ids_.slot(ids);
}

void Rewriter::rewrite_canon(const Item& item) {
  if (std::get<CanonItem>(item.what).opcode == 0x00) {
    rewrite_lift(item);
  } else {
    rewrite_outward(item);
  }
}

void Rewriter::wrap_realloc(const CanonItem& was, CanonItem& now,
                            std::optional<std::uint32_t> exported) {
  if (!was.options.realloc) return;
  const bool lifts = was.opcode == 0x00;
  const Role role = lifts ? Role::export_ : was.opcode == 0x01 ? Role::import_ : Role::builtin;
  const std::uint32_t index = map_.size(lifts ? Space::func : Space::core_func);
  std::vector<std::uint32_t> ids;
  for (const std::uint32_t instance : instances_) {
    ids.push_back(analysis_.function(instance, role, index)->options.realloc);
  }
  ReallocShim shim;
  shim.function = ids_.slot(ids);
  shim.lowers_arguments_of = exported;
  shim.has_hub = hub_ != none;
  if (role == Role::import_ && was.options.is_async) {
    Slot resolved = 0;
    function_slot(role, index, resolved);
    shim.resolves = resolved;
    watcher(*was.options.memory, memory_slot(*was.options.memory, was));
  }
  const auto in = areas(*was.options.memory, memory_slot(*was.options.memory, was));
  now.options.realloc = add_shim(realloc_shim(ids_, shim), "f", *now.options.realloc, {{"a", in}});
  ++context_.counts.reallocs;
}

InwardShim Rewriter::shim_of_option(std::uint32_t Options::*option) {
  const std::uint32_t index = map_.size(Space::func);
  std::vector<std::uint32_t> ids;
  InwardShim shim;
  for (const std::uint32_t instance : instances_) {
    const Function* lifted = analysis_.function(instance, Role::export_, index);
    const Function& function = analysis_.wiring.definitions.functions[lifted->options.*option];
    ids.push_back(function.id);
    shim.signature = {function.core_params, function.core_results, true};
  }
  shim.function = ids_.slot(ids);
  return shim;
}

void Rewriter::wrap_post_return(const CanonItem& was, CanonItem& now) {
  if (!was.options.post_return) return;
  const auto [entry, is_new] = post_returns_.emplace(*was.options.post_return, 0);
  if (is_new) {
    InwardShim shim = shim_of_option(&Options::post_return);
    shim.after = InwardShim::After::nothing;  // [SINK-07]
    entry->second = add_shim(inward_shim(ids_, shim), "enter", *now.options.post_return, {});
    ++context_.counts.post_returns;
  }
  now.options.post_return = entry->second;
}

void Rewriter::wrap_callback(const CanonItem& was, CanonItem& now) {
  if (!was.options.callback) return;
  const auto [entry, is_new] = callbacks_.emplace(*was.options.callback, 0);
  if (is_new) {
    InwardShim shim = shim_of_option(&Options::callback);
    shim.has_hub = hub_ != none;
    shim.is_callback = true;
    shim.after = alone_ ? InwardShim::After::settle : InwardShim::After::flush;
    entry->second = add_shim(inward_shim(ids_, shim), "enter", *now.options.callback, {});
    ++context_.counts.callbacks;
  }
  now.options.callback = entry->second;
}

void Rewriter::rewrite_lift(const Item& item) {
  const auto& was = std::get<CanonItem>(item.what);
  Item now = remap(item, map_, analysis_.binary.bodies, context_.pool, context_.fault);
  auto& canon = std::get<CanonItem>(now.what);
  InwardShim shim;
  const Function* function = function_slot(Role::export_, map_.size(Space::func), shim.function);
  if (function == nullptr || !context_.fault.ok()) return;
  shim.signature = {function->core_params, function->core_results, true};
  shim.after = alone_ ? InwardShim::After::settle : InwardShim::After::flush;
  std::vector<CoreArgument> arguments;
  if (was.options.realloc) {
    shim.saves_areas = true;
    const std::uint32_t memory = *was.options.memory;
    arguments.emplace_back("a", areas(memory, memory_slot(memory, was)));
  }
  wrap_realloc(was, canon, shim.function);
  wrap_post_return(was, canon);
  wrap_callback(was, canon);
  shim.has_hub = hub_ != none;
  if (context_.options.lift) shim.lifts = lifted_results(analysis_, *function);
  if (shim.lifts) {
    const std::uint32_t memory = *was.options.memory;
    arguments.emplace_back("l", lifter(memory, memory_slot(memory, was), *shim.lifts));
  }
  canon.index = add_shim(inward_shim(ids_, shim), "enter", canon.index, arguments);
  writer_.definition(now);
  define(item, map_);
  ++context_.counts.exports;
}

/// Whether what was recorded has to leave before the call: it does not come back, or another
/// recorder may go on meanwhile [SINK-06].
bool Rewriter::leaves_before(const Function& function) const {
  if (!function.names.empty() && function.names[0].instance_name.starts_with("wasi:cli/exit@")) {
    return true;
  }
  if (alone_) return false;
  if (analysis_.has_async_lift) return !may_stand_in_realloc(function.builtin);
  return function.side == Side::guest || function.builtin == "resource.drop" ||
         (function.role == Role::import_ && analysis_.has_destructor);
}

/// Nothing, where no call goes on after it returned.
Waiting Rewriter::waiting(const Function& function, const CanonItem& was) {
  using Kind = Waiting::Kind;
  Waiting waiting;
  if (hub_ == none) return waiting;
  const std::string_view name = function.builtin;
  const bool reads_stream = name == "stream.read";
  if (function.role == Role::import_) {
    if (function.options.is_async) waiting.kind = Kind::lower;
  } else if (reads_stream || name == "future.read") {
    if (function.immediates.type == none) return waiting;
    waiting.kind = reads_stream ? Kind::stream_read : Kind::future_read;
    waiting.size =
        static_cast<std::uint32_t>(analysis_.type(function.immediates.type).layout[0].size);
  } else if (name == "stream.cancel-read" || name == "future.cancel-read") {
    waiting.kind = Kind::cancel_read;
  } else if (name == "stream.drop-readable" || name == "future.drop-readable") {
    waiting.kind = Kind::drop_readable;
  } else if (name == "waitable-set.wait" || name == "waitable-set.poll") {
    waiting.kind = Kind::wait;
  } else if (name == "subtask.cancel") {
    waiting.kind = Kind::cancel_subtask;
  } else if (name == "subtask.drop") {
    waiting.kind = Kind::drop_subtask;
  }
  const bool is_outstanding = waiting.kind == Kind::lower || waiting.size > 0;
  if (is_outstanding && was.options.memory) {
    waiting.ordinal = watcher(*was.options.memory, memory_slot(*was.options.memory, was));
  }
  return waiting;
}

void Rewriter::rewrite_outward(const Item& item) {
  const auto& was = std::get<CanonItem>(item.what);
  const std::uint32_t index = map_.size(Space::core_func);
  Item now = remap(item, map_, analysis_.binary.bodies, context_.pool, context_.fault);
  auto& canon = std::get<CanonItem>(now.what);
  OutwardShim shim;
  const Role role = was.opcode == 0x01 ? Role::import_ : Role::builtin;
  const Function* function = function_slot(role, index, shim.function);
  if (function == nullptr || !context_.fault.ok()) return;
  shim.signature = {function->core_params, function->core_results, true};
  shim.settles = !may_stand_in_realloc(function->builtin);
  shim.flushes_before = leaves_before(*function);
  std::vector<CoreArgument> arguments;
  if (was.options.realloc) {
    shim.saves_areas = true;
    const std::uint32_t memory = *was.options.memory;
    arguments.emplace_back("a", areas(memory, memory_slot(memory, was)));
  }
  shim.has_hub = hub_ != none;
  shim.waiting = waiting(*function, was);
  if (function->result_area_param != none) {
    shim.area = ResultArea{function->result_area_param, function->result_area_size};
  }
  const bool in_place = shim.area && shim.area->size <= small_area &&
                        !context_.options.single_memory &&
                        shim.waiting.kind != Waiting::Kind::lower;
  if (in_place) {
    const std::uint32_t memory = *was.options.memory;
    shim.area->in_place = memory_slot(memory, was);
    arguments.emplace_back("m", guest_memory(memory));
  }
  if ((shim.area && !in_place) || shim.waiting.size > 0) {
    const std::uint32_t memory = *was.options.memory;
    arguments.emplace_back("c", copier(memory, memory_slot(memory, was)));
  }
  if (context_.options.lift) shim.lifts = lifted_parameters(analysis_, *function);
  if (shim.lifts) {
    const std::uint32_t memory = *was.options.memory;
    arguments.emplace_back("l", lifter(memory, memory_slot(memory, was), *shim.lifts));
  }
  if (shim.waiting.kind == Waiting::Kind::wait) {
    arguments.emplace_back("g", peek(*was.options.memory));
  }
  wrap_realloc(was, canon, std::nullopt);
  writer_.definition(now);
  const std::uint32_t real = map_.add(Space::core_func);
  const std::uint32_t wrapped = add_shim(outward_shim(ids_, shim), "f", real, arguments);
  map_.redirect(Space::core_func, wrapped);
  ++(role == Role::import_ ? context_.counts.imports : context_.counts.builtins);
}

}  // namespace crossing::instrument
