#pragma once

/// What the index spaces of a running composition hold. A component is evaluated once per
/// instance, so that every index means one thing: this resource, that function of that instance.

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "ast.h"

namespace crossing::component {

struct Scope;

/// Where a nested definition was written: the scope around it, with no more in its index spaces
/// than there was at that place.
struct Closure {
  std::uint32_t body = 0;  // index into Binary::bodies
  const Scope* scope = nullptr;
  std::size_t types = 0;
  std::size_t components = 0;
  std::size_t core_modules = 0;
  std::size_t core_types = 0;
};

/// Who defines something, for Binding.
struct Origin {
  Side side = Side::host;
  std::uint32_t instance = none;
  std::string_view export_name;
};

/// A function that the root component imports.
struct HostFunction {
  std::string_view instance_name;
  std::string_view function_name;
  Attributes attributes;
  std::uint32_t type = none;
};

struct FuncValue {
  std::uint32_t type = none;
  std::uint32_t host = none;  // index of a HostFunction, or
  std::uint32_t lift = none;  // id of the boundary function that a `canon lift` made
  // What the component instance that sees it imported it as.
  std::string_view imported_instance;
  std::string_view imported_name;
  Origin origin;
};

struct TypeValue {
  enum class Kind : std::uint8_t { value, func, resource, component, instance };
  Kind kind = Kind::value;
  std::uint32_t id = none;  // value, func, resource: in the type table
  Closure closure;          // component, instance
};

struct ModuleValue {
  std::uint32_t module = 0;  // index into Binary::modules
};
struct ComponentValue {
  Closure closure;
};
struct InstanceValue;
struct InstanceRef {
  std::shared_ptr<const InstanceValue> exports;
  Origin origin;
};

using Value = std::variant<ModuleValue, FuncValue, TypeValue, ComponentValue, InstanceRef>;

/// A component instance as seen from outside: its exports in order.
struct InstanceValue {
  struct Export {
    std::string_view name;
    const Attributes* attributes = nullptr;  // in the Binary
    Value value;
  };
  std::vector<Export> exports;
  std::unordered_map<std::string_view, std::uint32_t> by_name;

  [[nodiscard]] const Export* find(std::string_view name) const {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : &exports[found->second];
  }
};

/// A core definition, followed through every re-export to where it is defined.
struct CoreValue {
  CoreKind kind = CoreKind::func;
  std::uint32_t function = none;       // boundary function, or
  std::uint32_t core_instance = none;  // defined in this core instance,
  std::uint32_t index = 0;             // under this index of its module,
  std::string_view export_name;        // and exported as this
  // The core instance that this component takes it from, and the name there: an engine calls it so.
  std::uint32_t via_instance = none;
  std::string_view via_name;

  /// Equal for what is the same definition of the same core instance.
  [[nodiscard]] std::uint64_t key() const { return std::uint64_t{core_instance} << 32 | index; }
};

/// A core instance: of a module, or made of other instances' exports.
struct CoreInstanceValue {
  std::uint32_t id = none;  // none: made of exports
  const CoreModuleBinary* module = nullptr;
  std::vector<CoreValue> imports[5];  // by CoreKind; what the module's imports are bound to
  std::unordered_map<std::string_view, CoreValue> exports;  // only where made of exports
};

struct CoreTypeValue {
  bool is_module = false;
  const CoreTypeDefinition* type = nullptr;
};

/// The index spaces of a component instance, or of the body of a component or instance type.
struct Scope {
  Scope(const Closure& evaluated, bool is_type) : closure(evaluated), of_type(is_type) {}

  const Closure closure;  // of what is evaluated here; `closure.scope` is the scope around
  const bool of_type;
  std::uint32_t instance = none;  // id; none in a type
  std::uint32_t canon_count = 0;
  std::vector<std::uint32_t> path;

  std::vector<ModuleValue> core_modules;
  std::vector<std::shared_ptr<const CoreInstanceValue>> core_instances;
  std::vector<CoreTypeValue> core_types;
  std::vector<CoreValue> core[5];  // by CoreKind
  std::vector<FuncValue> funcs;
  std::vector<TypeValue> types;
  std::vector<ComponentValue> components;
  std::vector<InstanceRef> instances;

  std::unordered_set<std::string_view> import_names;
  std::unordered_set<std::uint32_t> local_resources;  // ids of resources defined here
  // Each core function and memory has one entry, under its smallest index [FUNC-10] [MEM-01].
  std::unordered_map<std::uint64_t, std::uint32_t>
      first_index[5];  // by CoreKind; of CoreValue::key
  std::unordered_map<std::uint64_t, std::uint32_t> option_functions[9];  // by Role
  std::unordered_map<std::uint64_t, std::uint32_t> memories;

  [[nodiscard]] Closure close(std::uint32_t body) const {
    return {body, this, types.size(), components.size(), core_modules.size(), core_types.size()};
  }
};

}  // namespace crossing::component
