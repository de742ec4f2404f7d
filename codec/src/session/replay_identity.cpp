#include "session/replay_identity.h"

#include "session/replay_values.h"

namespace crossing {
namespace {

std::string path_text(const Instance& instance) {
  std::string text;
  for (const std::uint32_t step : instance.path) text += "/" + std::to_string(step);
  return text;
}

std::string signature_text(const Function& function) {
  std::string text;
  for (const CoreType type : function.core_params) text += std::to_string(static_cast<int>(type));
  text += '>';
  for (const CoreType type : function.core_results) text += std::to_string(static_cast<int>(type));
  return text;
}

}  // namespace

ReplayIdentity::ReplayIdentity(const Wiring& wiring) : wiring_(wiring) {}

bool ReplayIdentity::is_recorded() const {
  const auto& components = wiring_.definitions.components;
  return component_ && !components.empty() && component_->digest == components[0].digest;
}

/// The signature is part of it: values are as long as it says.
ReplayIdentity::Key ReplayIdentity::key_of(const Function& function,
                                           const std::string& path) const {
  Key key = {path, std::to_string(static_cast<int>(function.role)), signature_text(function)};
  if (is_recorded()) {
    key.push_back(std::to_string(static_cast<int>(function.index_space)));
    key.push_back(std::to_string(function.index));
    return key;
  }
  key.push_back(function.builtin);
  key.push_back(function.core_export);
  for (const Name& name : function.names) {
    key.push_back(name.instance_name);
    key.push_back(name.function_name);
  }
  return key;
}

ReplayIdentity::Key ReplayIdentity::key_of(const Memory& memory, const std::string& path) const {
  return {path, is_recorded() ? std::to_string(memory.core_memory) : memory.export_name};
}

void ReplayIdentity::index() {
  indexed_ = true;
  std::vector<std::string> paths;
  for (const Instance& instance : wiring_.definitions.instances) {
    paths.push_back(path_text(instance));
    wiring_instances_.emplace(paths.back(), instance.id);
  }
  const auto path = [&](std::uint32_t id) { return id < paths.size() ? paths[id] : "?"; };
  for (const Function& function : wiring_.definitions.functions) {
    wiring_functions_[key_of(function, path(function.instance))].push_back(function.id);
  }
  for (const Memory& memory : wiring_.definitions.memories) {
    wiring_memories_[key_of(memory, path(memory.instance))].push_back(memory.id);
  }
}

std::uint32_t ReplayIdentity::find(const Table& table, Key key) {
  const auto entry = table.find(key);
  const std::size_t order = seen_[std::move(key)]++;
  return entry != table.end() && order < entry->second.size() ? entry->second[order] : none;
}

const std::string& ReplayIdentity::path_of(std::uint32_t instance) const {
  static const std::string unknown = "?";
  return instance < paths_.size() ? paths_[instance] : unknown;
}

void ReplayIdentity::define(NewDefinitions definitions) {
  for (const Definition& definition : definitions) {
    if (const auto* component = std::get_if<Component>(&definition)) {
      if (!component_) component_ = *component;
      continue;
    }
    if (std::holds_alternative<Type>(definition)) continue;
    if (!indexed_) index();  // the component comes before what is in it
    if (const auto* instance = std::get_if<Instance>(&definition)) {
      paths_.push_back(path_text(*instance));
      const auto found = wiring_instances_.find(paths_.back());
      instances_.push_back(found == wiring_instances_.end() ? none : found->second);
    } else if (const auto* memory = std::get_if<Memory>(&definition)) {
      memories_.push_back(find(wiring_memories_, key_of(*memory, path_of(memory->instance))));
      memory_instances_.push_back(instances_[memory->instance]);
    } else if (const auto* function = std::get_if<Function>(&definition)) {
      const std::uint32_t id =
          find(wiring_functions_, key_of(*function, path_of(function->instance)));
      ReplayFunction entry;
      entry.id = id;
      if (id != none) entry.function = &wiring_.definitions.functions[id];
      entry.params_size = core_size(function->core_params);
      entry.results_size = core_size(function->core_results);
      entry.effect = entry.function ? effect_of(*entry.function) : Effect::nothing;
      entry.instance = instances_[function->instance];
      entry.title = function_title(*function);
      functions_.push_back(std::move(entry));
      index_.push_back(&functions_.back());
    }
  }
}

}  // namespace crossing
