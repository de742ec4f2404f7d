/// Core instances, and core definitions followed to where they are defined.

#include "evaluator.h"

namespace crossing::component {
namespace {

std::size_t space(CoreKind kind) { return static_cast<std::size_t>(kind); }

/// The kinds that instances hold; false for core types, modules and instances.
bool as_kind(CoreSort sort, CoreKind& kind) {
  if (sort > CoreSort::tag) return false;
  kind = static_cast<CoreKind>(sort);
  return true;
}

}  // namespace

void Evaluator::push_core_type(Scope& scope, const CoreTypeItem& item) {
  if (item.is_module) scope.core_types.push_back({true, nullptr});
  for (const CoreTypeDefinition& type : item.types) scope.core_types.push_back({false, &type});
}

bool Evaluator::evaluate_core_instantiate(Scope& scope, const CoreInstantiateItem& item) {
  if (item.module >= scope.core_modules.size()) {
    return out_of_range("core module", item.module, scope.core_modules.size());
  }
  if (wiring_.core_instances.size() >= limits_.core_instances) {
    return fail(Verdict::limit,
                "more core instances than the limit of " + std::to_string(limits_.core_instances));
  }
  const std::uint32_t module_id = scope.core_modules[item.module].module;
  const CoreModuleBinary& module = binary_.modules[module_id];
  std::unordered_map<std::string_view, const CoreInstanceValue*> arguments;
  for (const auto& argument : item.arguments) {
    if (!charge(1)) return false;
    if (argument.instance >= scope.core_instances.size()) {
      return out_of_range("core instance", argument.instance, scope.core_instances.size());
    }
    if (!arguments.emplace(argument.name, scope.core_instances[argument.instance].get()).second) {
      return invalid("expected argument names to be unique, found \"" + std::string(argument.name) +
                     "\" twice");
    }
  }
  auto value = std::make_shared<CoreInstanceValue>();
  value->id = static_cast<std::uint32_t>(wiring_.core_instances.size());
  value->module = &module;
  CoreInstance instance;
  instance.id = value->id;
  instance.instance = scope.instance;
  instance.core_index = static_cast<std::uint32_t>(scope.core_instances.size());
  instance.core_module = module_id;
  for (const CoreModuleBinary::Import& import : module.imports) {
    const auto argument = arguments.find(import.module);
    if (argument == arguments.end()) {
      return invalid("expected an argument for the core module's import module \"" +
                     std::string(import.module) + "\", found none");
    }
    CoreValue bound;
    if (!bind_core_import(*argument->second, import, module, bound)) return false;
    value->imports[space(import.kind)].push_back(bound);
    instance.imports.push_back({std::string(import.module), std::string(import.name), import.kind,
                                bound.function, bound.core_instance,
                                std::string(bound.export_name)});
  }
  wiring_.core_instances.push_back(std::move(instance));
  wiring_.initialization.push_back({InitializationStep::Kind::core_instance, value->id});
  scope.core_instances.push_back(std::move(value));
  return true;
}

bool Evaluator::bind_core_import(const CoreInstanceValue& argument,
                                 const CoreModuleBinary::Import& import,
                                 const CoreModuleBinary& module, CoreValue& out) {
  if (!charge(cost(import.module) + cost(import.name))) return false;
  if (!core_export(argument, import.name, import.kind, out) || !charge(cost(out.export_name)))
    return false;
  return import.kind != CoreKind::func ||
         check_signature(out, module.signature(import.index),
                         "the argument for the core import \"" + std::string(import.module) +
                             "\" \"" + std::string(import.name) + "\"");
}

bool Evaluator::evaluate_core_inline(Scope& scope, const CoreInlineItem& item) {
  auto value = std::make_shared<CoreInstanceValue>();
  for (const auto& exported : item.exports) {
    CoreKind kind{};
    CoreValue target;
    if (!charge(cost(exported.name))) return false;
    if (!as_kind(exported.sort, kind)) {
      return invalid(
          "expected a core instance to export functions, tables, memories, globals and tags, "
          "found another sort");
    }
    if (!core_at(scope, kind, exported.index, target)) return false;
    if (!value->exports.emplace(exported.name, target).second) {
      return invalid("expected export names to be unique, found \"" + std::string(exported.name) +
                     "\" twice");
    }
  }
  scope.core_instances.push_back(std::move(value));
  return true;
}

bool Evaluator::evaluate_core_alias(Scope& scope, const AliasItem& alias) {
  CoreKind kind{};
  if (alias.sort != Sort::core || !as_kind(alias.core_sort, kind)) {
    return invalid(
        "expected a core function, table, memory, global or tag as a core alias, found another "
        "sort");
  }
  if (alias.instance >= scope.core_instances.size()) {
    return out_of_range("core instance", alias.instance, scope.core_instances.size());
  }
  CoreValue target;
  if (!core_export(*scope.core_instances[alias.instance], alias.name, kind, target)) return false;
  auto& values = scope.core[space(kind)];
  if (target.function == none) {
    scope.first_index[space(kind)].emplace(target.key(), static_cast<std::uint32_t>(values.size()));
  }
  values.push_back(target);
  return true;
}

bool Evaluator::core_export(const CoreInstanceValue& instance, std::string_view name, CoreKind kind,
                            CoreValue& out) {
  const auto missing = [&] {
    return invalid("expected the core instance to export the " + std::string(core_kind_name(kind)) +
                   " \"" + std::string(name) + "\", found no such export");
  };
  if (instance.module == nullptr) {
    const auto found = instance.exports.find(name);
    if (found == instance.exports.end() || found->second.kind != kind) return missing();
    out = found->second;
    return true;
  }
  const auto found = instance.module->export_by_name.find(name);
  if (found == instance.module->export_by_name.end()) return missing();
  const auto& exported = instance.module->exports[found->second];
  if (exported.kind != kind) return missing();
  const auto& imports = instance.imports[space(kind)];
  if (exported.index < imports.size()) {
    out = imports[exported.index];
  } else {
    out = {kind, none, instance.id, exported.index, exported.name, none, {}};
  }
  out.via_instance = instance.id;
  out.via_name = exported.name;
  return true;
}

bool Evaluator::core_at(const Scope& scope, CoreKind kind, std::uint32_t index, CoreValue& out) {
  const auto& values = scope.core[space(kind)];
  if (index >= values.size()) {
    return out_of_range("core " + std::string(core_kind_name(kind)), index, values.size());
  }
  out = values[index];
  return true;
}

const CoreModuleBinary& Evaluator::module_of(std::uint32_t core_instance) const {
  return binary_.modules[wiring_.core_instances[core_instance].core_module];
}

CoreSignature Evaluator::signature_of(const CoreValue& func) const {
  if (func.function == none) return module_of(func.core_instance).signature(func.index);
  const Function& function = wiring_.definitions.functions[func.function];
  return {function.core_params, function.core_results, true};
}

bool Evaluator::check_signature(const CoreValue& func, const CoreSignature& expected,
                                std::string_view what) {
  const CoreSignature found = signature_of(func);
  if (found == expected) return true;
  return invalid("expected " + std::string(what) + " to have the core type " +
                 signature_text(expected) + ", found " + signature_text(found));
}

bool Evaluator::memory_entry(Scope& scope, std::uint32_t index, std::uint32_t& id,
                             IndexType& pointer) {
  CoreValue target;
  if (!core_at(scope, CoreKind::memory, index, target)) return false;
  const CoreMemoryType& type = module_of(target.core_instance).memories[target.index];
  pointer = type.index_type;
  if (pointer == IndexType::i64) features_.insert("memory64");
  auto& memories = wiring_.definitions.memories;
  const auto [entry, is_new] =
      scope.memories.emplace(target.key(), static_cast<std::uint32_t>(memories.size()));
  id = entry->second;
  if (!is_new) return true;
  const std::uint32_t first = scope.first_index[space(CoreKind::memory)].at(target.key());
  memories.push_back({id, scope.instance, first, target.core_instance,
                      std::string(target.export_name), type.index_type, type.page_size_log2,
                      type.shared});
  return charge(cost(target.export_name));
}

}  // namespace crossing::component
