/// What can only be said when everything is evaluated.

#include "evaluator.h"

namespace crossing::component {

/// Remembers what a resource type, or a type worth a name, is called where it enters or leaves.
void Evaluator::name_type(const TypeValue& type, std::string_view instance_name,
                          std::string_view name) {
  if (type.kind == TypeValue::Kind::resource) {
    types_.suggest_name(type.id, name);
    ResourceName& known =
        resource_names_.try_emplace(type.id, ResourceName{instance_name, name}).first->second;
    if (known.instance_name.empty() && known.name == name) known.instance_name = instance_name;
  } else if (type.kind == TypeValue::Kind::value) {
    switch (types_[type.id].kind) {
      case TypeKind::record:
      case TypeKind::variant:
      case TypeKind::enum_:
      case TypeKind::flags: types_.suggest_name(type.id, name); break;
      default: break;
    }
  }
}

/// What the root exports, instance by instance.
bool Evaluator::list_exports() {
  for (const auto& exported : root_exports_.exports->exports) {
    if (!list_export({}, exported)) return false;
    const auto* instance = std::get_if<InstanceRef>(&exported.value);
    if (instance == nullptr) continue;
    for (const auto& inner : instance->exports->exports) {
      const Attributes* attributes = exported.attributes;
      if (!list_export(exported.name, {inner.name, attributes, inner.value})) return false;
    }
  }
  return true;
}

bool Evaluator::list_export(std::string_view instance_name, const InstanceValue::Export& item) {
  if (!charge(cost(instance_name) + cost(item.name))) return false;
  if (const auto* type = std::get_if<TypeValue>(&item.value))
    name_type(*type, instance_name, item.name);
  const auto* func = std::get_if<FuncValue>(&item.value);
  if (func == nullptr) return true;
  const Name name{std::string(instance_name), std::string(item.name)};
  wiring_.exports.push_back({name, func->lift, func->type});
  if (func->lift == none) {
    passed_through_.insert(func->host);
    return true;
  }
  Function& function = wiring_.definitions.functions[func->lift];
  function.names.push_back(name);
  if (function.names.size() == 1 && item.attributes != nullptr) {
    function.implements = item.attributes->implements;
    function.version_suffix = item.attributes->version_suffix;
    function.external_id = item.attributes->external_id;
  }
  return true;
}

void Evaluator::finish_functions() {
  for (Function& function : wiring_.definitions.functions) {
    if (function.role == Role::export_ && function.names.empty()) {
      function.names = std::move(own_names_[function.id]);
      if (called_by_guest_[function.id]) function.side = Side::guest;
    }
    if (function.role != Role::destructor && !function.builtin.starts_with("resource.")) continue;
    const auto name = resource_names_.find(function.immediates.type);
    if (name == resource_names_.end()) continue;
    function.names = {{std::string(name->second.instance_name), std::string(name->second.name)}};
  }
}

void Evaluator::list_imports() {
  std::vector<std::vector<std::uint32_t>> served(hosts_.size());
  for (std::uint32_t id = 0; id < hosts_of_functions_.size(); ++id) {
    if (hosts_of_functions_[id] != none) served[hosts_of_functions_[id]].push_back(id);
  }
  for (std::uint32_t host = 0; host < hosts_.size(); ++host) {
    if (served[host].empty() && !passed_through_.contains(host)) continue;
    wiring_.imports.push_back(
        {{std::string(hosts_[host].instance_name), std::string(hosts_[host].function_name)},
         std::move(served[host]),
         hosts_[host].type});
  }
}

/// Copies the types that something refers to, and gives them ids in the same order.
void Evaluator::keep_used_types() {
  std::vector<std::uint32_t> ids(types_.size(), none);
  const auto use = [&](std::uint32_t id) {
    if (id != none) ids[id] = 0;
  };
  for (const Function& function : wiring_.definitions.functions) {
    use(function.type);
    use(function.immediates.type);
  }
  for (const auto& exported : wiring_.exports) use(exported.type);
  for (const auto& imported : wiring_.imports) use(imported.type);
  for (std::size_t id = ids.size(); id-- > 0;) {  // a type refers to smaller ids only
    if (ids[id] == none) continue;
    const Type& type = types_[static_cast<std::uint32_t>(id)];
    use(type.element);
    use(type.key);
    for (const Member& member : type.members) use(member.type);
  }
  const auto renumber = [&](std::uint32_t& id) {
    if (id != none) id = ids[id];
  };
  auto& used = wiring_.definitions.types;
  for (std::uint32_t id = 0; id < ids.size(); ++id) {
    if (ids[id] == none) continue;
    Type type = types_[id];
    type.id = ids[id] = static_cast<std::uint32_t>(used.size());
    renumber(type.element);
    renumber(type.key);
    for (Member& member : type.members) renumber(member.type);
    used.push_back(std::move(type));
  }
  for (Function& function : wiring_.definitions.functions) {
    renumber(function.type);
    renumber(function.immediates.type);
  }
  for (auto& exported : wiring_.exports) renumber(exported.type);
  for (auto& imported : wiring_.imports) renumber(imported.type);
}

void Evaluator::list_core_modules() {
  for (const CoreModuleBinary& from : binary_.modules) {
    CoreModule module;
    module.id = static_cast<std::uint32_t>(wiring_.core_modules.size());
    module.offset = from.offset;
    module.size = from.size;
    for (const auto& import : from.imports) {
      module.imports.push_back({std::string(import.module), std::string(import.name), import.kind});
    }
    for (const auto& item : from.exports)
      module.exports.push_back({std::string(item.name), item.kind});
    module.proposals.assign(from.proposals.begin(), from.proposals.end());
    core_proposals_.insert(from.proposals.begin(), from.proposals.end());
    wiring_.core_modules.push_back(std::move(module));
  }
}

bool Evaluator::finish(std::uint64_t size, Wiring& out) {
  if (!list_exports()) return false;
  finish_functions();
  list_imports();
  keep_used_types();
  list_core_modules();
  features_.insert(binary_.features.begin(), binary_.features.end());
  wiring_.features.assign(features_.begin(), features_.end());
  wiring_.core_proposals.assign(core_proposals_.begin(), core_proposals_.end());
  wiring_.definitions.components[0].size = size;
  out = std::move(wiring_);
  return true;
}

}  // namespace crossing::component
