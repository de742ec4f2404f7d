/// Index spaces: what an index or an alias stands for.

#include "evaluator.h"

namespace crossing::component {

bool Evaluator::lookup(const Scope& scope, const SortIndex& item, Value& out) {
  const auto at = [&](const auto& space, std::string_view what) {
    if (item.index >= space.size()) return out_of_range(what, item.index, space.size());
    out = space[item.index];
    return true;
  };
  switch (item.sort) {
    case Sort::core:
      if (item.core_sort == CoreSort::module) return at(scope.core_modules, "core module");
      return invalid("expected a core module, found another core sort");
    case Sort::func: return at(scope.funcs, "function");
    case Sort::type: return at(scope.types, "type");
    case Sort::component: return at(scope.components, "component");
    case Sort::instance: return at(scope.instances, "instance");
    case Sort::value: break;
  }
  return fail(Verdict::unsupported, "values are not supported");
}

void Evaluator::push(Scope& scope, Value value) {
  if (auto* module = std::get_if<ModuleValue>(&value)) scope.core_modules.push_back(*module);
  if (auto* func = std::get_if<FuncValue>(&value)) scope.funcs.push_back(*func);
  if (auto* type = std::get_if<TypeValue>(&value)) scope.types.push_back(*type);
  if (auto* component = std::get_if<ComponentValue>(&value)) scope.components.push_back(*component);
  if (auto* instance = std::get_if<InstanceRef>(&value))
    scope.instances.push_back(std::move(*instance));
}

bool Evaluator::check_sort(const Value& value, Sort sort, CoreSort core_sort,
                           std::string_view name) {
  static constexpr std::string_view names[] = {"a core module", "a function", "a type",
                                               "a component", "an instance"};
  const std::size_t expected = sort == Sort::core && core_sort == CoreSort::module ? 0
                               : sort == Sort::func                                ? 1
                               : sort == Sort::type                                ? 2
                               : sort == Sort::component                           ? 3
                               : sort == Sort::instance                            ? 4
                                                                                   : 5;
  if (value.index() == expected) return true;
  return invalid("expected \"" + std::string(name) + "\" to be " +
                 std::string(expected < 5 ? names[expected] : "of a sort that can be aliased") +
                 ", found " + std::string(names[value.index()]));
}

bool Evaluator::evaluate_alias(Scope& scope, const AliasItem& alias) {
  if (!charge(cost(alias.name))) return false;
  if (scope.of_type) {
    const bool fits = alias.kind == AliasItem::Kind::export_
                          ? alias.sort == Sort::type || alias.sort == Sort::instance
                          : alias.kind == AliasItem::Kind::outer &&
                                (alias.sort == Sort::type ||
                                 (alias.sort == Sort::core && alias.core_sort == CoreSort::type));
    if (!fits)
      return invalid("expected an alias that a type may declare, found one of another sort");
  }
  switch (alias.kind) {
    case AliasItem::Kind::outer: return evaluate_outer_alias(scope, alias);
    case AliasItem::Kind::core_export: return evaluate_core_alias(scope, alias);
    case AliasItem::Kind::export_: break;
  }
  if (alias.instance >= scope.instances.size()) {
    return out_of_range("instance", alias.instance, scope.instances.size());
  }
  const auto* exported = scope.instances[alias.instance].exports->find(alias.name);
  if (exported == nullptr) {
    return invalid("expected instance " + std::to_string(alias.instance) + " to export \"" +
                   std::string(alias.name) + "\", found no such export");
  }
  if (!check_sort(exported->value, alias.sort, alias.core_sort, alias.name)) return false;
  push(scope, exported->value);
  return true;
}

bool Evaluator::evaluate_outer_alias(Scope& scope, const AliasItem& alias) {
  Closure seen = scope.close(0);
  bool leaves_component = false;
  for (std::uint32_t i = 0; i < alias.instance; ++i) {
    leaves_component = leaves_component || !seen.scope->of_type;
    seen = seen.scope->closure;
    if (seen.scope == nullptr) {
      return invalid("expected an outer count of at most " + std::to_string(i) + ", found " +
                     std::to_string(alias.instance));
    }
  }
  if (alias.sort == Sort::type) {
    if (alias.index >= seen.types) return out_of_range("outer type", alias.index, seen.types);
    const TypeValue type = seen.scope->types[alias.index];
    if (leaves_component && type.id != none && types_.info(type.id).has_resource) {
      return invalid("expected an outer type that mentions no resource, found one that does");
    }
    scope.types.push_back(type);
  } else if (alias.sort == Sort::component) {
    if (alias.index >= seen.components)
      return out_of_range("outer component", alias.index, seen.components);
    scope.components.push_back(ComponentValue(seen.scope->components[alias.index]));
  } else if (alias.sort == Sort::core && alias.core_sort == CoreSort::module) {
    if (alias.index >= seen.core_modules) {
      return out_of_range("outer core module", alias.index, seen.core_modules);
    }
    scope.core_modules.push_back(ModuleValue(seen.scope->core_modules[alias.index]));
  } else if (alias.sort == Sort::core && alias.core_sort == CoreSort::type) {
    if (alias.index >= seen.core_types)
      return out_of_range("outer core type", alias.index, seen.core_types);
    scope.core_types.push_back(CoreTypeValue(seen.scope->core_types[alias.index]));
  } else {
    return invalid(
        "expected a type, component, core module or core type as an outer alias, found another "
        "sort");
  }
  return true;
}

}  // namespace crossing::component
