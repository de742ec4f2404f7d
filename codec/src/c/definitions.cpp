#include "c/definitions.h"

#include <variant>

using namespace crossing;
using namespace crossing::c;

void crossing_definitions::add(const Definition& definition) {
  const auto into = [this](const auto& item) {
    using Item = std::decay_t<decltype(item)>;
    if constexpr (std::is_same_v<Item, Type>) types.emplace_back(item);
    if constexpr (std::is_same_v<Item, Component>) components.emplace_back(item);
    if constexpr (std::is_same_v<Item, Instance>) instances.emplace_back(item);
    if constexpr (std::is_same_v<Item, Memory>) memories.emplace_back(item);
    if constexpr (std::is_same_v<Item, Function>) functions.emplace_back(item);
  };
  std::visit(into, definition);
}

void crossing_definitions::add_rest(const Definitions& all) {
  const auto add_list = [](auto& list, const auto& from) {
    while (list.size() < from.size()) list.emplace_back(from[list.size()]);
  };
  add_list(types, all.types);
  add_list(components, all.components);
  add_list(instances, all.instances);
  add_list(memories, all.memories);
  add_list(functions, all.functions);
}

std::vector<Definition> crossing_definitions::list() const {
  std::vector<Definition> all;
  all.reserve(types.size() + components.size() + instances.size() + memories.size() +
              functions.size());
  for (const auto& item : types) all.emplace_back(item.value);
  for (const auto& item : components) all.emplace_back(item.value);
  for (const auto& item : instances) all.emplace_back(item.value);
  for (const auto& item : memories) all.emplace_back(item.value);
  for (const auto& item : functions) all.emplace_back(item.value);
  return all;
}

namespace {

/// The view of the item of an id; null: there is none.
template <class List>
auto find(const List& list, uint32_t id) -> decltype(&list[0].view) {
  if (list.empty() || id - list.front().value.id >= list.size()) return nullptr;
  return &list[id - list.front().value.id].view;
}

template <class List, class Given>
crossing_verdict add(List& list, const Given& given, crossing_error* error) {
  return guarded(error, [&]() -> Result<void> {
    auto value = from_c(given);
    if (!value) return tl::unexpected(value.error());
    if (!list.empty() && value->id != list.back().value.id + 1) {
      return usage("expected the id " + std::to_string(list.back().value.id + 1) + ", found " +
                   std::to_string(value->id));
    }
    list.emplace_back(std::move(*value));
    return {};
  });
}

}  // namespace

crossing_definitions* crossing_definitions_new(void) {
  crossing_definitions* definitions = nullptr;
  guarded(nullptr, [&]() -> Result<void> {
    definitions = new crossing_definitions;
    return {};
  });
  return definitions;
}
void crossing_definitions_delete(crossing_definitions* definitions) { delete definitions; }

crossing_verdict crossing_definitions_add_type(crossing_definitions* definitions,
                                               const crossing_type* type, crossing_error* error) {
  return add(definitions->types, *type, error);
}
crossing_verdict crossing_definitions_add_component(crossing_definitions* definitions,
                                                    const crossing_component* component,
                                                    crossing_error* error) {
  return add(definitions->components, *component, error);
}
crossing_verdict crossing_definitions_add_instance(crossing_definitions* definitions,
                                                   const crossing_instance* instance,
                                                   crossing_error* error) {
  return add(definitions->instances, *instance, error);
}
crossing_verdict crossing_definitions_add_memory(crossing_definitions* definitions,
                                                 const crossing_memory* memory,
                                                 crossing_error* error) {
  return add(definitions->memories, *memory, error);
}
crossing_verdict crossing_definitions_add_function(crossing_definitions* definitions,
                                                   const crossing_function* function,
                                                   crossing_error* error) {
  return add(definitions->functions, *function, error);
}

uint32_t crossing_definitions_count(const crossing_definitions* definitions,
                                    crossing_definition_kind kind) {
  switch (kind) {
    case CROSSING_DEFINITION_TYPE: return static_cast<uint32_t>(definitions->types.size());
    case CROSSING_DEFINITION_COMPONENT:
      return static_cast<uint32_t>(definitions->components.size());
    case CROSSING_DEFINITION_INSTANCE: return static_cast<uint32_t>(definitions->instances.size());
    case CROSSING_DEFINITION_MEMORY: return static_cast<uint32_t>(definitions->memories.size());
    case CROSSING_DEFINITION_FUNCTION: return static_cast<uint32_t>(definitions->functions.size());
    default: return 0;
  }
}
const crossing_type* crossing_definitions_type(const crossing_definitions* definitions,
                                               uint32_t id) {
  return find(definitions->types, id);
}
const crossing_component* crossing_definitions_component(const crossing_definitions* definitions,
                                                         uint32_t id) {
  return find(definitions->components, id);
}
const crossing_instance* crossing_definitions_instance(const crossing_definitions* definitions,
                                                       uint32_t id) {
  return find(definitions->instances, id);
}
const crossing_memory* crossing_definitions_memory(const crossing_definitions* definitions,
                                                   uint32_t id) {
  return find(definitions->memories, id);
}
const crossing_function* crossing_definitions_function(const crossing_definitions* definitions,
                                                       uint32_t id) {
  return find(definitions->functions, id);
}

void crossing_type_init(crossing_type* type, size_t size) {
  crossing_type start = {};
  start.element = start.key = CROSSING_NONE;
  start_sized(type, size, start);
}

void crossing_component_init(crossing_component* component, size_t size) {
  crossing_component start = {};
  start.attachment = CROSSING_NONE;
  start_sized(component, size, start);
}

void crossing_memory_init(crossing_memory* memory, size_t size) {
  crossing_memory start = {};
  start.page_size_log2 = 16;
  start_sized(memory, size, start);
}

void crossing_function_init(crossing_function* function, size_t size) {
  crossing_function start = {};
  start.core_instance = start.canonical_definition = start.type = CROSSING_NONE;
  start.options.memory = start.options.realloc = CROSSING_NONE;
  start.options.post_return = start.options.callback = CROSSING_NONE;
  start.immediates.type = start.immediates.slot = start.immediates.table = CROSSING_NONE;
  start.result_area_param = CROSSING_NONE;
  start_sized(function, size, start);
}
