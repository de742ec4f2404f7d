/// The recorder's own definitions in a component.

#include <set>

#include "crossing/event.h"
#include "instrument/layout.h"
#include "instrument/modules.h"
#include "instrument/rewriter.h"
#include "instrument/watch.h"

namespace crossing::instrument {

using namespace component;

namespace {

Item declaration(std::string_view name, std::uint32_t func) {
  Item item;
  item.what = ExportDeclaration{name, {}, {Sort::func, false, func}};
  return item;
}

Item type_item(TypeItem type) {
  Item item;
  item.what = std::move(type);
  return item;
}

ValueType primitive(TypeKind kind) { return {true, kind, 0}; }

/// The type of the sink's instance [SINK-01].
Body sink_type() {
  TypeItem bytes;
  bytes.type_kind = TypeKind::list;
  bytes.element = primitive(TypeKind::u8);
  const ValueType list{false, {}, 0};
  TypeItem open;
  open.kind = TypeItem::Kind::func;
  open.element = primitive(TypeKind::u32);
  TypeItem write;
  write.kind = TypeItem::Kind::func;
  write.members = {
      {"instance", primitive(TypeKind::u32)}, {"events", list}, {"payloads", list}, {"bulk", list}};
  Body body;
  body.items.push_back(type_item(bytes));
  body.items.push_back(type_item(open));
  body.items.push_back(declaration("open", 1));
  body.items.push_back(type_item(write));
  body.items.push_back(declaration("write", 2));
  return body;
}

/// How many memories of a component the host may write while no call of that is open; an upper
/// bound.
std::uint32_t memories_to_watch(const Analysis& analysis, std::uint32_t body,
                                std::uint32_t instance) {
  bool watches = false;
  for (const Function& function : analysis.wiring.definitions.functions) {
    if (function.instance != instance) continue;
    const bool reads = function.builtin == "stream.read" || function.builtin == "future.read";
    watches = watches || (reads && function.immediates.type != none) ||
              (function.role == Role::import_ && function.options.is_async);
  }
  if (!watches) return 0;
  std::set<std::uint32_t> memories;
  for (const Item& item : analysis.binary.bodies[body].items) {
    const auto* canon = std::get_if<CanonItem>(&item.what);
    if (canon != nullptr && canon->options.memory) memories.insert(*canon->options.memory);
  }
  return static_cast<std::uint32_t>(memories.size());
}

}  // namespace

std::uint32_t Rewriter::add_module(Bytes module) {
  const auto [entry, is_new] =
      modules_.emplace(std::vector<std::uint8_t>(module.begin(), module.end()), 0);
  if (is_new) {
    writer_.core_module(module);
    entry->second = map_.add(Space::core_module);
  }
  return entry->second;
}

std::uint32_t Rewriter::add_core_instance(std::uint32_t module,
                                          const std::vector<CoreArgument>& arguments) {
  CoreInstantiateItem item;
  item.module = module;
  for (const auto& [name, instance] : arguments) item.arguments.push_back({name, instance});
  write(std::move(item));
  return map_.add(Space::core_instance);
}

std::uint32_t Rewriter::add_core_exports(std::string_view name, CoreSort sort,
                                         std::uint32_t index) {
  write(CoreInlineItem{{{name, sort, index}}});
  return map_.add(Space::core_instance);
}

std::uint32_t Rewriter::add_core_alias(CoreSort sort, std::uint32_t instance,
                                       std::string_view name) {
  AliasItem alias;
  alias.kind = AliasItem::Kind::core_export;
  alias.sort = Sort::core;
  alias.core_sort = sort;
  alias.instance = instance;
  alias.name = name;
  write(alias);
  return map_.add(space_of(sort));
}

std::uint32_t Rewriter::add_alias(Sort sort, std::uint32_t instance, std::string_view name) {
  AliasItem alias;
  alias.sort = sort;
  alias.instance = instance;
  alias.name = name;
  write(alias);
  return map_.add(space_of(sort, CoreSort::func));
}

std::uint32_t Rewriter::add_canon(CanonItem canon) {
  const Space space = canon.opcode == 0x00 ? Space::func : Space::core_func;
  write(std::move(canon));
  return map_.add(space);
}

std::uint32_t Rewriter::add_type(TypeItem type) {
  write(std::move(type));
  return map_.add(Space::type);
}

std::uint32_t Rewriter::add_shim(Bytes shim, std::string_view name, std::uint32_t wrapped,
                                 const std::vector<CoreArgument>& arguments) {
  std::vector<CoreArgument> all = arguments;
  all.emplace_back("r", recorder_);
  if (hub_ != none) all.emplace_back("h", hub_);
  all.emplace_back("x", add_core_exports("f", CoreSort::func, wrapped));
  return add_core_alias(CoreSort::func, add_core_instance(add_module(shim), all), name);
}

/// A circle: the sink is lowered with the recorder's memory, and the recorder calls the sink. So
/// the memory is a module of its own.
void Rewriter::begin_recorder() {
  TypeItem type;
  type.kind = TypeItem::Kind::instance;
  type.body = static_cast<std::uint32_t>(context_.pool.size());
  context_.pool.push_back(sink_type());
  write(ImportItem{recorder_sink, {}, {Sort::instance, false, add_type(std::move(type))}});
  sink_ = map_.add(Space::instance);

  memory_place_ = writer_.reserve_core_module();  // the table of ids is known at the end
  const auto instance = add_core_instance(map_.add(Space::core_module), {});
  const auto memory = add_core_alias(CoreSort::memory, instance, "memory");

  CanonItem lower;
  lower.opcode = 0x01;
  lower.index = add_alias(Sort::func, sink_, "open");
  const auto open = add_canon(lower);
  lower.index = add_alias(Sort::func, sink_, "write");
  lower.options.memory = memory;
  const auto sink_write = add_canon(lower);
  write(CoreInlineItem{{{"open", CoreSort::func, open}, {"write", CoreSort::func, sink_write}}});
  const auto sink = map_.add(Space::core_instance);

  const auto made =
      add_core_instance(add_module(recorder_module(ids_)), {{"r", instance}, {"s", sink}});
  CoreInlineItem exports{{{"memory", CoreSort::memory, memory}}};
  for (const std::string_view name : {"next", "event", "bulk", "flush", "settle", "resolved"}) {
    exports.exports.push_back({name, CoreSort::func, add_core_alias(CoreSort::func, made, name)});
  }
  write(std::move(exports));
  recorder_ = map_.add(Space::core_instance);
  if (const auto memories = memories_to_watch(analysis_, body_, instances_[0]); memories > 0) {
    hub_ = add_core_instance(add_module(hub_module(memories)), {});
  }
}

std::uint32_t Rewriter::guest_memory(std::uint32_t core_memory) {
  std::uint32_t& instance = memories_[core_memory].guest;
  if (instance == none) {
    instance = add_core_exports("memory", CoreSort::memory, map_(Space::core_memory, core_memory));
  }
  return instance;
}

std::uint32_t Rewriter::peek(std::uint32_t core_memory) {
  const auto guest = guest_memory(core_memory);
  std::uint32_t& instance = memories_[core_memory].peek;
  if (instance == none) instance = add_core_instance(add_module(peek_module()), {{"g", guest}});
  return instance;
}

std::uint32_t Rewriter::lifter(std::uint32_t core_memory, Slot memory, const Lifted& lifted) {
  const auto copies = copier(core_memory, memory);
  const auto guest = peek(core_memory);
  const auto module = add_module(lift_module(analysis_, lifted));
  const auto [entry, is_new] = lifters_.emplace(std::pair(module, core_memory), 0);
  if (is_new) entry->second = add_core_instance(module, {{"g", guest}, {"c", copies}});
  return entry->second;
}

std::uint32_t Rewriter::watcher(std::uint32_t core_memory, Slot memory) {
  const auto saves = areas(core_memory, memory);
  const auto guest = peek(core_memory);
  MemoryPieces& pieces = memories_[core_memory];
  if (pieces.ordinal == none) {
    pieces.ordinal = watchers_++;
    add_core_instance(add_module(watcher_module(pieces.ordinal)),
                      {{"h", hub_}, {"a", saves}, {"c", pieces.copier}, {"g", guest}});
  }
  return pieces.ordinal;
}

std::uint32_t Rewriter::copier(std::uint32_t core_memory, Slot memory) {
  MemoryPieces& pieces = memories_[core_memory];
  if (pieces.copier != none) return pieces.copier;
  const bool single = context_.options.single_memory;
  const auto guest = single ? peek(core_memory) : guest_memory(core_memory);
  pieces.copier =
      add_core_instance(add_module(copier_module(ids_, memory, single, context_.options.lift)),
                        {{"r", recorder_}, {"g", guest}});
  return pieces.copier;
}

std::uint32_t Rewriter::areas(std::uint32_t core_memory, Slot memory) {
  const auto from = copier(core_memory, memory);
  MemoryPieces& pieces = memories_[core_memory];
  if (pieces.areas == none) {
    pieces.areas = add_core_instance(add_module(areas_module()), {{"c", from}});
  }
  return pieces.areas;
}

void Rewriter::end_recorder() {
  pending_.emplace_back(static_cast<std::uint8_t>(EventKind::instantiate_end), 0);
  checkpoint(!alone_);
  export_control();
  writer_.fill(memory_place_, memory_module(ids_));
  if (ids_.row_count() > 1 &&
      std::uint64_t{ids_.row_count()} * ids_.row_size() > layout::first_segment - layout::rows) {
    context_.fault.raise(Verdict::limit, 0,
                         "more instances with more boundary functions than instrumenting allows");
  }
}

/// What gives the rest of what was recorded [SINK-08]. A component may not call those inside it
/// while the host calls it, so the host calls each.
void Rewriter::export_control() {
  CanonItem lift;
  lift.index = add_core_alias(CoreSort::func, recorder_, "flush");
  TypeItem type;
  type.kind = TypeItem::Kind::func;
  lift.type = add_type(std::move(type));
  drains_.push_back(add_canon(lift));
  std::vector<std::string> names(drains_.size());
  InlineItem exports;
  for (std::size_t i = 0; i < drains_.size(); ++i) {
    names[i] = drain_name(i, drains_.size());
    exports.exports.push_back({names[i], {Sort::func, CoreSort::func, drains_[i]}, {}});
  }
  write(std::move(exports));
  const auto control = map_.add(Space::instance);
  write(ExportItem{recorder_control, {}, {Sort::instance, CoreSort::func, control}, {}});
  map_.add(Space::instance);
  context_.drains[body_] = drains_.size();
}

std::string drain_name(std::size_t index, std::size_t count) {
  return index + 1 == count ? "drain" : "drain" + std::to_string(index + 1);
}

}  // namespace crossing::instrument
