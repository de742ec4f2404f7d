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

namespace {

/// The view of the item of an id; null: there is none.
template <class List>
auto find(const List& list, uint32_t id) {
  return id < list.size() ? &list[id].view : nullptr;
}

}  // namespace

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
