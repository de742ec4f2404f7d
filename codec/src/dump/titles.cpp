#include "dump/titles.h"

#include <fmt/format.h>

#include "text/members.h"
#include "text/printable.h"

namespace crossing::text {
namespace {

void append_resource(std::string& out, const Definitions& definitions, std::uint32_t type) {
  if (type >= definitions.types.size() || definitions.types[type].name.empty()) return;
  out += ' ';
  append_printable(out, definitions.types[type].name, title_width, false);
}

}  // namespace

std::string function_text(const Definitions& definitions, std::uint32_t id) {
  std::string out;
  const Function* callee = find_function(definitions, id);
  if (callee == nullptr) return "function " + std::to_string(id);
  if (callee->role == Role::builtin) {
    append_printable(out, callee->builtin, title_width, false);
    if (callee->names.empty()) append_resource(out, definitions, callee->immediates.type);
  } else {
    out += enumerator_name(callee->role);
  }
  if (callee->role == Role::realloc) return out;
  if (!callee->names.empty()) {
    const Name& first = callee->names.front();
    out += first.instance_name.empty() ? "" : " ";
    append_printable(out, first.instance_name, title_width, false);
    out += ' ';
    append_printable(out, first.function_name, title_width, false);
  } else if (!callee->core_export.empty()) {
    out += ' ';
    append_printable(out, callee->core_export, title_width, false);
  } else if (callee->builtin.empty()) {
    out += " of function " + std::to_string(id);
  }
  return out;
}

std::string instance_text(const Definitions& definitions, std::uint32_t id) {
  std::string out = "instantiate " + std::to_string(id);
  if (id >= definitions.instances.size()) return out;
  const Instance& entry = definitions.instances[id];
  if (entry.component < definitions.components.size()) {
    const std::string& component = definitions.components[entry.component].name;
    if (!component.empty()) out += ' ';
    append_printable(out, component, title_width, false);
  }
  for (const std::uint32_t step : entry.path) out += '/' + std::to_string(step);
  return out;
}

std::string handle_text(const EventView& event) {
  return fmt::format("#{} of instance {}", event.detail, event.subject);
}

std::string call_id_text(std::uint64_t id) {
  return id == 0 ? std::string() : fmt::format(" ·{}", id);
}

}  // namespace crossing::text
