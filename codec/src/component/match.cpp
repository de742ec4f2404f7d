/// An extern type against a value: an instantiation argument against the import's type, an export
/// against its ascribed type, and the host, which has whatever the root imports.
///
/// One evaluation of the declared type does all three. Where it declares a type, the actual one
/// takes its place in the index space, so that what follows speaks of the actual one; where it
/// declares a function, equal types then have equal ids.

#include "evaluator.h"

namespace crossing::component {

bool Evaluator::match(Scope& scope, const ExternType& type, const Value* actual,
                      const Naming& naming, Value& out) {
  if (actual != nullptr && !check_sort(*actual, type.sort, CoreSort::module, naming.name))
    return false;
  switch (type.sort) {
    case Sort::func: return match_func(scope, type, actual, naming, out);
    case Sort::type: return match_type(scope, type, actual, naming, out);
    case Sort::instance: {
      TypeValue declared;
      if (!type_at(scope, type.index, TypeValue::Kind::instance, declared)) return false;
      const auto* instance = actual == nullptr ? nullptr : std::get_if<InstanceRef>(actual);
      return match_instance(declared.closure, instance, naming, out);
    }
    case Sort::component: {
      TypeValue declared;
      if (!type_at(scope, type.index, TypeValue::Kind::component, declared)) return false;
      if (actual == nullptr)
        return fail(Verdict::unsupported, "imported components are not supported");
      out = *actual;
      return true;
    }
    case Sort::core:
      if (type.index >= scope.core_types.size()) {
        return out_of_range("core type", type.index, scope.core_types.size());
      }
      if (!scope.core_types[type.index].is_module) {
        return invalid("expected core type " + std::to_string(type.index) +
                       " to be a module type, found another core type");
      }
      if (actual == nullptr)
        return fail(Verdict::unsupported, "imported core modules are not supported");
      out = *actual;
      return true;
    case Sort::value: break;
  }
  return fail(Verdict::unsupported, "values are not supported");
}

bool Evaluator::match_func(const Scope& scope, const ExternType& type, const Value* actual,
                           const Naming& naming, Value& out) {
  TypeValue declared;
  if (!type_at(scope, type.index, TypeValue::Kind::func, declared)) return false;
  FuncValue func;
  if (actual != nullptr) {
    func = std::get<FuncValue>(*actual);
    if (func.type != declared.id) {
      return invalid("expected the function \"" + std::string(naming.name) +
                     "\" to have its declared type, found another");
    }
  } else {
    func.type = declared.id;
    func.host = static_cast<std::uint32_t>(hosts_.size());
    hosts_.push_back({naming.instance_name, naming.name, naming.attributes, declared.id});
  }
  if (naming.imports) {
    func.imported_instance = naming.instance_name;
    func.imported_name = naming.name;
  }
  out = func;
  return true;
}

bool Evaluator::match_type(const Scope& scope, const ExternType& type, const Value* actual,
                           const Naming& naming, Value& out) {
  TypeValue declared;
  if (!type.fresh_resource) {
    if (type.index >= scope.types.size())
      return out_of_range("type", type.index, scope.types.size());
    declared = scope.types[type.index];
  }
  if (actual == nullptr) {
    if (type.fresh_resource) {
      declared.kind = TypeValue::Kind::resource;
      if (!add_resource(declared.id)) return false;
    }
    name_type(declared, naming.instance_name, naming.name);
    out = declared;
    return true;
  }
  const auto& found = std::get<TypeValue>(*actual);
  const bool fits = type.fresh_resource ? found.kind == TypeValue::Kind::resource
                                        : found.kind == declared.kind && found.id == declared.id;
  if (!fits) {
    return invalid("expected the type \"" + std::string(naming.name) + "\" to be " +
                   (type.fresh_resource ? "a resource type" : "the declared one") +
                   ", found another");
  }
  out = found;
  return true;
}

bool Evaluator::match_instance(const Closure& closure, const InstanceRef* actual,
                               const Naming& naming, Value& out) {
  if (depth_ >= limits_.nesting) {
    return fail(Verdict::limit, "instance types nested deeper than the limit allows");
  }
  if (!charge(32)) return false;
  Naming inner = naming;
  inner.instance_name = naming.name;
  if (!naming.instance_name.empty()) {
    inner.instance_name = joined_names_.emplace_back(std::string(naming.instance_name) + "/" +
                                                     std::string(naming.name));
    if (!charge(cost(inner.instance_name))) return false;
    if (inner.instance_name.size() > limits_.name_bytes) {
      return fail(Verdict::limit, "nested instance names longer than the limit allows");
    }
  }
  Scope& scope = scopes_.emplace_back(closure, true);
  auto exports = std::make_shared<InstanceValue>();
  ++depth_;
  for (const Item& item : binary_.bodies[closure.body].items) {
    if (!charge(1) ||
        !match_declaration(scope, item, actual == nullptr ? nullptr : actual->exports.get(), inner,
                           *exports)) {
      return false;
    }
  }
  --depth_;
  out = InstanceRef{std::move(exports), actual == nullptr ? Origin{} : actual->origin};
  return true;
}

bool Evaluator::match_declaration(Scope& scope, const Item& item, const InstanceValue* actual,
                                  const Naming& naming, InstanceValue& out) {
  if (const auto* type = std::get_if<TypeItem>(&item.what)) return evaluate_type(scope, *type);
  if (const auto* alias = std::get_if<AliasItem>(&item.what)) return evaluate_alias(scope, *alias);
  if (const auto* core = std::get_if<CoreTypeItem>(&item.what)) {
    push_core_type(scope, *core);
    return true;
  }
  const auto& declaration = std::get<ExportDeclaration>(item.what);
  if (!charge(cost(declaration.name))) return false;
  const Value* found = nullptr;
  if (actual != nullptr) {
    const auto* exported = actual->find(declaration.name);
    if (exported == nullptr) {
      return invalid("expected the instance \"" + std::string(naming.instance_name) +
                     "\" to export \"" + std::string(declaration.name) +
                     "\", found no such export");
    }
    found = &exported->value;
  }
  Naming inner = naming;
  inner.name = declaration.name;
  if (!declaration.attributes.implements.empty())
    inner.attributes.implements = declaration.attributes.implements;
  inner.attributes.external_id = declaration.attributes.external_id;
  Value value;
  if (!match(scope, declaration.type, found, inner, value)) return false;
  push(scope, value);
  return add_export(out, declaration.name, &declaration.attributes, std::move(value));
}

}  // namespace crossing::component
