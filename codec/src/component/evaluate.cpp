/// Component instances: imports, exports, nested instantiation.

#include "evaluator.h"

namespace crossing::component {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;  // clang 14 does not deduce aggregates

}  // namespace

bool Evaluator::charge(std::uint64_t amount) {
  work_ += amount;
  return work_ <= limits_.work || fail(Verdict::limit, "more to evaluate than the limit allows");
}

bool Evaluator::run() {
  Component component;
  component.name = binary_.name;
  wiring_.definitions.components.push_back(std::move(component));
  Closure root;
  root.body = binary_.root;
  return instantiate(root, nullptr, nullptr, root_exports_);
}

/// `arguments` is null for the root, whose imports the host serves.
bool Evaluator::instantiate(const Closure& closure, const InstanceValue* arguments,
                            const Scope* parent, InstanceRef& out) {
  auto& instances = wiring_.definitions.instances;
  if (depth_ >= limits_.nesting) {
    return fail(Verdict::limit, "component instances nested deeper than the limit allows");
  }
  if (instances.size() >= limits_.component_instances) {
    return fail(Verdict::limit, "more component instances than the limit of " +
                                    std::to_string(limits_.component_instances));
  }
  Scope& scope = scopes_.emplace_back(closure, false);
  scope.instance = static_cast<std::uint32_t>(instances.size());
  if (parent != nullptr) {
    scope.path = parent->path;
    scope.path.push_back(static_cast<std::uint32_t>(parent->instances.size()));
  }
  instances.push_back({scope.instance, 0, scope.path, {}});
  bodies_.push_back(closure.body);
  wiring_.initialization.push_back({InitializationStep::Kind::instantiate, scope.instance});
  ++depth_;
  auto exports = std::make_shared<InstanceValue>();
  for (const Item& item : binary_.bodies[closure.body].items) {
    place_ = item.offset;
    if (!charge(1) || !evaluate(scope, item, arguments, *exports)) return false;
  }
  --depth_;
  wiring_.initialization.push_back({InitializationStep::Kind::instantiate_end, scope.instance});
  out = {std::move(exports), {Side::guest, scope.instance, {}}};
  return true;
}

bool Evaluator::evaluate(Scope& scope, const Item& item, const InstanceValue* arguments,
                         InstanceValue& exports) {
  return std::visit(
      Overloaded{
          [&](const CoreModuleItem& i) {
            scope.core_modules.push_back({i.module});
            return true;
          },
          [&](const CoreInstantiateItem& i) { return evaluate_core_instantiate(scope, i); },
          [&](const CoreInlineItem& i) { return evaluate_core_inline(scope, i); },
          [&](const CoreTypeItem& i) {
            push_core_type(scope, i);
            return true;
          },
          [&](const ComponentItem& i) {
            scope.components.push_back({scope.close(i.body)});
            return true;
          },
          [&](const InstantiateItem& i) { return evaluate_instantiate(scope, i); },
          [&](const InlineItem& i) {
            auto value = std::make_shared<InstanceValue>();
            if (!collect(scope, i.exports, *value)) return false;
            scope.instances.push_back({std::move(value), {Side::guest, scope.instance, {}}});
            return true;
          },
          [&](const AliasItem& i) { return evaluate_alias(scope, i); },
          [&](const TypeItem& i) { return evaluate_type(scope, i); },
          [&](const CanonItem& i) { return evaluate_canon(scope, i); },
          [&](const ImportItem& i) { return evaluate_import(scope, i, arguments); },
          [&](const ExportItem& i) { return evaluate_export(scope, i, exports); },
          [&](const ExportDeclaration&) {
            return invalid("expected a definition, found a declaration");
          },
      },
      item.what);
}

bool Evaluator::evaluate_import(Scope& scope, const ImportItem& import,
                                const InstanceValue* arguments) {
  if (!charge(cost(import.name))) return false;
  if (!scope.import_names.insert(import.name).second) {
    return invalid("expected import names to be unique, found \"" + std::string(import.name) +
                   "\" twice");
  }
  const Value* actual = nullptr;
  if (arguments != nullptr) {
    const auto* argument = arguments->find(import.name);
    if (argument == nullptr) {
      return invalid("expected an argument for the import \"" + std::string(import.name) +
                     "\", found none");
    }
    actual = &argument->value;
  }
  Value value;
  if (!match(scope, import.type, actual, {true, {}, import.name, import.attributes}, value))
    return false;
  add_binding(scope, import.name, value);
  push(scope, std::move(value));
  return true;
}

void Evaluator::add_binding(const Scope& scope, std::string_view name, const Value& value) {
  const Origin* origin = nullptr;
  if (const auto* func = std::get_if<FuncValue>(&value)) origin = &func->origin;
  if (const auto* instance = std::get_if<InstanceRef>(&value)) origin = &instance->origin;
  if (origin == nullptr) return;
  wiring_.definitions.instances[scope.instance].bindings.push_back(
      {std::string(name), origin->side, origin->instance, std::string(origin->export_name)});
}

bool Evaluator::evaluate_export(Scope& scope, const ExportItem& item, InstanceValue& exports) {
  Value actual;
  if (!charge(cost(item.name)) || !lookup(scope, item.item, actual)) return false;
  Value value = actual;
  if (item.type && !match(scope, *item.type, &actual, {}, value)) return false;
  note_export(scope, item.name, value);
  push(scope, value);
  return add_export(exports, item.name, &item.attributes, std::move(value));
}

/// From here on `value` is known as an export of this instance.
void Evaluator::note_export(const Scope& scope, std::string_view name, Value& value) {
  const Origin origin{Side::guest, scope.instance, name};
  const auto note = [&](const FuncValue& func, std::string_view instance_name,
                        std::string_view func_name) {
    if (func.lift == none || wiring_.definitions.functions[func.lift].instance != scope.instance)
      return;
    own_names_[func.lift].push_back({std::string(instance_name), std::string(func_name)});
  };
  if (auto* func = std::get_if<FuncValue>(&value)) {
    note(*func, {}, name);
    func->origin = origin;
  } else if (auto* instance = std::get_if<InstanceRef>(&value)) {
    instance->origin = origin;
    for (const auto& exported : instance->exports->exports) {
      if (!charge(cost(name) + cost(exported.name))) return;
      if (const auto* inner = std::get_if<FuncValue>(&exported.value))
        note(*inner, name, exported.name);
    }
  } else if (const auto* type = std::get_if<TypeValue>(&value)) {
    name_type(*type, {}, name);
  }
}

bool Evaluator::evaluate_instantiate(Scope& scope, const InstantiateItem& item) {
  if (item.component >= scope.components.size()) {
    return out_of_range("component", item.component, scope.components.size());
  }
  InstanceValue arguments;
  InstanceRef out;
  if (!collect(scope, item.arguments, arguments)) return false;
  // A copy: evaluating may grow the index space that the closure lies in.
  const Closure closure = scope.components[item.component].closure;
  if (!instantiate(closure, &arguments, &scope, out)) return false;
  scope.instances.push_back(std::move(out));
  return true;
}

bool Evaluator::collect(const Scope& scope, const std::vector<NamedSortIndex>& items,
                        InstanceValue& out) {
  for (const NamedSortIndex& item : items) {
    Value value;
    if (!charge(1 + cost(item.name)) || !lookup(scope, item.item, value)) return false;
    if (!add_export(out, item.name, nullptr, std::move(value))) return false;
  }
  return true;
}

bool Evaluator::add_export(InstanceValue& exports, std::string_view name,
                           const Attributes* attributes, Value value) {
  const auto index = static_cast<std::uint32_t>(exports.exports.size());
  if (!exports.by_name.emplace(name, index).second) {
    return invalid("expected names to be unique, found \"" + std::string(name) + "\" twice");
  }
  exports.exports.push_back({name, attributes, std::move(value)});
  return true;
}

}  // namespace crossing::component
