#include "index_map.h"

#include "builtins.h"

namespace crossing::component {
namespace {

/// Renumbers in one component, or `depth` types deep in it: a type's body has index spaces of its
/// own, which stay as they are, and reaches the component's by outer aliases.
class Remapper {
 public:
  Remapper(const IndexMap& map, const std::vector<Body>& bodies, std::vector<Body>& pool,
           std::uint32_t depth, const Item& item, Fault& fault)
      : map_(map), bodies_(bodies), pool_(pool), depth_(depth), item_(item), fault_(fault) {}

  void operator()(CoreModuleItem&) const {}
  void operator()(ComponentItem&) const {}
  void operator()(CoreTypeItem&) const {}  // nothing is added to the core types
  void operator()(CoreInstantiateItem& item) const {
    to(Space::core_module, item.module);
    for (auto& argument : item.arguments) to(Space::core_instance, argument.instance);
  }
  void operator()(CoreInlineItem& item) const {
    for (auto& exported : item.exports) to(space_of(exported.sort), exported.index);
  }
  void operator()(InstantiateItem& item) const {
    to(Space::component, item.component);
    for (NamedSortIndex& argument : item.arguments) to(argument.item);
  }
  void operator()(InlineItem& item) const {
    for (NamedSortIndex& exported : item.exports) to(exported.item);
  }
  void operator()(AliasItem& item) const {
    switch (item.kind) {
      case AliasItem::Kind::export_: to(Space::instance, item.instance); break;
      case AliasItem::Kind::core_export: to(Space::core_instance, item.instance); break;
      case AliasItem::Kind::outer: {
        if (item.instance < depth_) break;
        const IndexMap* map = &map_;
        for (std::uint32_t i = depth_; i < item.instance && map != nullptr; ++i) {
          map = map->parent();
        }
        const Space space = space_of(item.sort, item.core_sort);
        item.index = found(map == nullptr ? none : (*map)(space, item.index));
        break;
      }
    }
  }
  void operator()(TypeItem& item) const {
    for (Label& label : item.members) to(label.type);
    to(item.element);
    to(item.key);
    if (item.destructor) to(Space::core_func, *item.destructor);
    if (item.kind != TypeItem::Kind::component && item.kind != TypeItem::Kind::instance) return;
    const Remapper inner(map_, bodies_, pool_, depth_ + 1, item_, fault_);
    Body body = bodies_[item.body];
    for (Item& declaration : body.items) std::visit(inner, declaration.what);
    item.body = static_cast<std::uint32_t>(pool_.size());
    pool_.push_back(std::move(body));
  }
  void operator()(CanonItem& item) const {
    if (item.opcode <= 0x01) {
      to(item.opcode == 0x00 ? Space::core_func : Space::func, item.index);
      if (item.opcode == 0x00) to(Space::type, item.type);
    } else {
      immediates(find_builtin(item.opcode)->immediate, item);
    }
    CanonOptions& options = item.options;
    if (options.memory) to(Space::core_memory, *options.memory);
    for (auto* index : {&options.realloc, &options.post_return, &options.callback}) {
      if (*index) to(Space::core_func, **index);
    }
  }
  void operator()(ImportItem& item) const { to(item.type); }
  void operator()(ExportItem& item) const {
    to(item.item);
    if (item.type) to(*item.type);
  }
  void operator()(ExportDeclaration& item) const { to(item.type); }

 private:
  void to(Space space, std::uint32_t& index) const {
    if (depth_ == 0) index = found(map_(space, index));
  }
  std::uint32_t found(std::uint32_t index) const {
    if (index == none) {
      fault_.raise(Verdict::invalid, item_.offset, "expected indices in range, found one beyond");
    }
    return index;
  }
  void to(SortIndex& item) const { to(space_of(item.sort, item.core_sort), item.index); }
  void to(ValueType& type) const {
    if (!type.is_primitive) to(Space::type, type.index);
  }
  void to(std::optional<ValueType>& type) const {
    if (type) to(*type);
  }
  void to(ExternType& type) const {
    if (!type.fresh_resource) {
      to(type.sort == Sort::core ? Space::core_type : Space::type, type.index);
    }
  }
  void immediates(Immediate immediate, CanonItem& item) const {
    switch (immediate) {
      case Immediate::resource:
      case Immediate::element:
      case Immediate::element_options:
      case Immediate::element_async: to(Space::type, item.index); break;
      case Immediate::result_options: to(item.result); break;
      case Immediate::func_table:
      case Immediate::shared_func_table: to(Space::core_table, item.table); [[fallthrough]];
      case Immediate::shared_func: to(Space::core_type, item.index); break;
      default: break;
    }
  }

  const IndexMap& map_;
  const std::vector<Body>& bodies_;
  std::vector<Body>& pool_;
  std::uint32_t depth_;
  const Item& item_;
  Fault& fault_;
};

}  // namespace

Space space_of(CoreSort sort) {
  switch (sort) {
    case CoreSort::func: return Space::core_func;
    case CoreSort::table: return Space::core_table;
    case CoreSort::memory: return Space::core_memory;
    case CoreSort::global: return Space::core_global;
    case CoreSort::tag: return Space::core_tag;
    case CoreSort::type: return Space::core_type;
    case CoreSort::module: return Space::core_module;
    case CoreSort::instance: break;
  }
  return Space::core_instance;
}

Space space_of(Sort sort, CoreSort core) {
  switch (sort) {
    case Sort::core: return space_of(core);
    case Sort::func: return Space::func;
    case Sort::type: return Space::type;
    case Sort::component: return Space::component;
    case Sort::value:  // refused by the parser
    case Sort::instance: break;
  }
  return Space::instance;
}

Item remap(const Item& item, const IndexMap& map, const std::vector<Body>& bodies,
           std::vector<Body>& pool, Fault& fault) {
  Item mapped = item;
  std::visit(Remapper(map, bodies, pool, 0, item, fault), mapped.what);
  return mapped;
}

void define(const Item& item, IndexMap& map) {
  if (std::holds_alternative<CoreModuleItem>(item.what)) {
    map.define(Space::core_module);
  } else if (std::holds_alternative<ComponentItem>(item.what)) {
    map.define(Space::component);
  } else if (const auto* core = std::get_if<CoreTypeItem>(&item.what)) {
    const std::size_t count = core->is_module ? 1 : core->types.size();
    for (std::size_t n = 0; n < count; ++n) map.define(Space::core_type);
  } else if (std::holds_alternative<CoreInstantiateItem>(item.what) ||
             std::holds_alternative<CoreInlineItem>(item.what)) {
    map.define(Space::core_instance);
  } else if (std::holds_alternative<InstantiateItem>(item.what) ||
             std::holds_alternative<InlineItem>(item.what)) {
    map.define(Space::instance);
  } else if (const auto* alias = std::get_if<AliasItem>(&item.what)) {
    map.define(space_of(alias->sort, alias->core_sort));
  } else if (std::holds_alternative<TypeItem>(item.what)) {
    map.define(Space::type);
  } else if (const auto* canon = std::get_if<CanonItem>(&item.what)) {
    map.define(canon->opcode == 0x00 ? Space::func : Space::core_func);
  } else if (const auto* import = std::get_if<ImportItem>(&item.what)) {
    map.define(space_of(import->type.sort, CoreSort::module));
  } else if (const auto* exported = std::get_if<ExportItem>(&item.what)) {
    map.define(space_of(exported->item.sort, exported->item.core_sort));
  }
}

}  // namespace crossing::component
