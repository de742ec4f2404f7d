/// The wiring of a component as an outline for people.

#include <map>

#include "crossing/plan.h"
#include "members.h"
#include "printable.h"

namespace crossing {
namespace {

class Outline {
 public:
  explicit Outline(const Wiring& wiring) : wiring_(wiring) {}

  std::string write() {
    component();
    interface("imports", wiring_.imports, [](const ImportedFunction&) { return std::string(); });
    interface("exports", wiring_.exports, [](const ExportedFunction& exported) {
      return std::string(exported.function == none ? "  (an import, passed straight through)" : "");
    });
    instances();
    functions();
    core_modules();
    core_instances();
    return std::move(out_);
  }

 private:
  void text(std::string_view value) { text::append_printable(out_, value, 400, false); }
  void number(std::uint64_t value) { out_ += std::to_string(value); }
  void heading(std::string_view title, std::size_t count) {
    out_ += '\n';
    out_ += title;
    out_ += " (" + std::to_string(count) + ")\n";
  }
  void column(std::string value, std::size_t width) {
    value.resize(std::max(width, value.size()), ' ');
    out_ += value + "  ";
  }
  template <class Enum>
  static std::string name_of(Enum value) {
    return std::string(enumerator_name(value));
  }

  void component() {
    const Component& component = wiring_.definitions.components.at(0);
    out_ += "component ";
    text(component.name.empty() ? "without a name" : component.name);
    out_ += "\n  size            " + std::to_string(component.size) + " bytes\n";
    if (!component.digest.empty()) {
      out_ += "  sha256          ";
      for (const std::uint8_t byte : component.digest) {
        out_ += "0123456789abcdef"[byte >> 4];
        out_ += "0123456789abcdef"[byte & 15];
      }
      out_ += '\n';
    }
    list("  features        ", wiring_.features);
    list("  core proposals  ", wiring_.core_proposals);
  }

  void list(std::string_view title, const std::vector<std::string>& values) {
    out_ += title;
    if (values.empty()) out_ += "none";
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i != 0) out_ += ", ";
      out_ += values[i];
    }
    out_ += '\n';
  }

  /// Functions under the instances that they belong to, as in a WIT world.
  template <class T, class F>
  void interface(std::string_view title, const std::vector<T>& items, F&& remark) {
    heading(title, items.size());
    const std::string* current = nullptr;
    for (const T& item : items) {
      const bool nested = !item.name.instance_name.empty();
      if (nested && (current == nullptr || *current != item.name.instance_name)) {
        out_ += "  ";
        text(item.name.instance_name);
        out_ += '\n';
      }
      current = &item.name.instance_name;
      out_ += nested ? "    " : "  ";
      text(item.name.function_name);
      out_ += ": " + wit_type(wiring_.definitions.types, item.type) + remark(item) + "\n";
    }
  }

  void instances() {
    const auto& instances = wiring_.definitions.instances;
    if (instances.size() < 2) return;
    heading("component instances", instances.size());
    for (const Instance& instance : instances) {
      out_ += "  " + std::to_string(instance.id) + "  at /";
      for (std::size_t i = 0; i < instance.path.size(); ++i) {
        if (i != 0) out_ += '/';
        number(instance.path[i]);
      }
      out_ += '\n';
      for (const Binding& binding : instance.bindings) {
        out_ += "       ";
        text(binding.name);
        out_ += " = ";
        if (binding.side == Side::host) {
          out_ += "the host's\n";
        } else {
          out_ += "instance " + std::to_string(binding.instance);
          if (!binding.export_name.empty()) {
            out_ += ", ";
            text(binding.export_name);
          }
          out_ += '\n';
        }
      }
    }
  }

  std::string function_name(const Function& function) const {
    std::string name = function.builtin;
    if (!function.names.empty()) {
      const Name& first = function.names[0];
      if (!name.empty()) name += ' ';
      if (!first.instance_name.empty()) name += first.instance_name + " ";
      name += first.function_name;
    } else if (name.empty()) {
      name = function.core_export;
    }
    return name;
  }

  static std::string signature(const Function& function) {
    const auto list = [](const std::vector<CoreType>& types) {
      std::string text;
      for (const CoreType type : types) text += (text.empty() ? "" : " ") + name_of(type);
      return text;
    };
    return "(" + list(function.core_params) + ")" +
           (function.core_results.empty() ? "" : " -> " + list(function.core_results));
  }

  void functions() {
    const auto& functions = wiring_.definitions.functions;
    heading("functions at the boundary", functions.size());
    for (const Function& function : functions) {
      out_ += "  ";
      column(std::to_string(function.id), 4);
      column(name_of(function.role), 11);
      column(name_of(function.side), 5);
      text(function_name(function));
      out_ += "  " + signature(function);
      if (function.result_area_param != none) {
        out_ += "  result area: " + std::to_string(function.result_area_size) +
                " bytes at parameter " + std::to_string(function.result_area_param);
      }
      out_ += '\n';
    }
  }

  void core_modules() {
    heading("core modules", wiring_.core_modules.size());
    for (const CoreModule& module : wiring_.core_modules) {
      out_ += "  ";
      column(std::to_string(module.id), 4);
      out_ += std::to_string(module.size) + " bytes at " + std::to_string(module.offset) + ", " +
              std::to_string(module.imports.size()) + " imports, " +
              std::to_string(module.exports.size()) + " exports\n";
    }
  }

  /// One line per imported module: how many of its imports cross, and whose the others are.
  void core_instances() {
    heading("core instances", wiring_.core_instances.size());
    for (const CoreInstance& instance : wiring_.core_instances) {
      out_ += "  ";
      column(std::to_string(instance.id), 4);
      out_ += "module " + std::to_string(instance.core_module) + " in component instance " +
              std::to_string(instance.instance) + "\n";
      std::map<std::string_view, std::map<std::uint32_t, std::size_t>> by_module;
      for (const auto& import : instance.imports) ++by_module[import.module][import.core_instance];
      for (const auto& [module, sources] : by_module) {
        out_ += "        ";
        text(module.empty() ? "\"\"" : module);
        out_ += ":";
        std::string_view separator = " ";
        for (const auto& [source, count] : sources) {
          out_ += separator;
          separator = ", ";
          number(count);
          out_ += source == none ? " across the boundary"
                                 : " from core instance " + std::to_string(source);
        }
        out_ += '\n';
      }
    }
  }

  const Wiring& wiring_;
  std::string out_;
};

}  // namespace

std::string describe_text(const Wiring& wiring) { return Outline(wiring).write(); }

}  // namespace crossing
