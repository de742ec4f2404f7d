#pragma once

/// Evaluates a parsed component instance by instance and writes down what happens: the wiring.
///
/// Member functions that return bool return false after they have raised a fault.

#include <deque>
#include <memory>
#include <string>

#include "builtins.h"
#include "cursor.h"
#include "flatten.h"
#include "scope.h"
#include "types.h"

namespace crossing::component {

class Evaluator {
 public:
  Evaluator(const Binary& binary, const ComponentLimits& limits, Fault& fault)
      : binary_(binary), limits_(limits), fault_(fault) {}

  /// Instantiates the root with every import bound to the host.
  bool run();
  /// After a run that succeeded: names functions, picks types, and hands the wiring over.
  bool finish(std::uint64_t size, Wiring& out);
  /// By instance id: which of `Binary::bodies` it is an instance of.
  [[nodiscard]] const std::vector<std::uint32_t>& bodies_of_instances() const { return bodies_; }

 private:
  // evaluate.cpp: component instances
  bool instantiate(const Closure& closure, const InstanceValue* arguments, const Scope* parent,
                   InstanceRef& out);
  bool evaluate(Scope& scope, const Item& item, const InstanceValue* arguments,
                InstanceValue& exports);
  bool evaluate_import(Scope& scope, const ImportItem& import, const InstanceValue* arguments);
  bool evaluate_export(Scope& scope, const ExportItem& item, InstanceValue& exports);
  void note_export(const Scope& scope, std::string_view name, Value& value);
  bool evaluate_instantiate(Scope& scope, const InstantiateItem& item);
  bool collect(const Scope& scope, const std::vector<NamedSortIndex>& items, InstanceValue& out);
  bool add_export(InstanceValue& exports, std::string_view name, const Attributes* attributes,
                  Value value);
  void add_binding(const Scope& scope, std::string_view name, const Value& value);

  // evaluate_alias.cpp: index spaces
  bool evaluate_alias(Scope& scope, const AliasItem& alias);
  bool evaluate_outer_alias(Scope& scope, const AliasItem& alias);
  bool lookup(const Scope& scope, const SortIndex& item, Value& out);
  bool check_sort(const Value& value, Sort sort, CoreSort core_sort, std::string_view name);
  void push(Scope& scope, Value value);

  // evaluate_types.cpp: types, and instances of types
  bool evaluate_type(Scope& scope, const TypeItem& item);
  bool evaluate_defined(Scope& scope, const TypeItem& item, TypeValue& out);
  bool evaluate_resource(Scope& scope, const TypeItem& item);
  bool value_type(const Scope& scope, const ValueType& type, std::uint32_t& id);
  bool intern(Type type, std::uint32_t& id);
  bool add_resource(std::uint32_t& id);
  bool check_defined(const Type& type);
  bool type_at(const Scope& scope, std::uint32_t index, TypeValue::Kind kind, TypeValue& out);

  // match.cpp: an extern type against what is there, or is taken to be there
  struct Naming;
  bool match(Scope& scope, const ExternType& type, const Value* actual, const Naming& naming,
             Value& out);
  bool match_func(const Scope& scope, const ExternType& type, const Value* actual,
                  const Naming& naming, Value& out);
  bool match_type(const Scope& scope, const ExternType& type, const Value* actual,
                  const Naming& naming, Value& out);
  bool match_instance(const Closure& closure, const InstanceRef* actual, const Naming& naming,
                      Value& out);
  bool match_declaration(Scope& scope, const Item& item, const InstanceValue* actual,
                         const Naming& naming, InstanceValue& out);

  // evaluate_core.cpp: core instances
  void push_core_type(Scope& scope, const CoreTypeItem& item);
  bool evaluate_core_instantiate(Scope& scope, const CoreInstantiateItem& item);
  bool bind_core_import(const CoreInstanceValue& argument, const CoreModuleBinary::Import& import,
                        const CoreModuleBinary& module, CoreValue& out);
  bool evaluate_core_inline(Scope& scope, const CoreInlineItem& item);
  bool evaluate_core_alias(Scope& scope, const AliasItem& alias);
  bool core_export(const CoreInstanceValue& instance, std::string_view name, CoreKind kind,
                   CoreValue& out);
  bool core_at(const Scope& scope, CoreKind kind, std::uint32_t index, CoreValue& out);
  [[nodiscard]] const CoreModuleBinary& module_of(std::uint32_t core_instance) const;
  [[nodiscard]] CoreSignature signature_of(const CoreValue& func) const;
  bool check_signature(const CoreValue& func, const CoreSignature& expected, std::string_view what);
  bool memory_entry(Scope& scope, std::uint32_t index, std::uint32_t& id, IndexType& pointer);

  // evaluate_canon.cpp: lift, lower and options
  bool evaluate_canon(Scope& scope, const CanonItem& canon);
  bool evaluate_lift(Scope& scope, const CanonItem& canon);
  bool evaluate_lower(Scope& scope, const CanonItem& canon);
  bool evaluate_options(Scope& scope, const CanonItem& canon, Options& out, IndexType& pointer);
  bool option_function(Scope& scope, Role role, std::uint32_t index, const CoreSignature& signature,
                       std::string_view what, std::uint32_t& id);
  bool require(const Options& options, bool memory, bool realloc);
  [[nodiscard]] bool params_have_pointer(std::uint32_t func) const;
  void name_import(const FuncValue& callee, Function& function) const;
  bool add_function(const Scope& scope, Function function, std::uint32_t& id);
  bool add_guest_function(const Scope& scope, Function function, const CoreValue& target,
                          std::string_view what, std::uint32_t& id);
  bool push_core_func(Scope& scope, std::uint32_t function);

  // evaluate_builtin.cpp
  bool evaluate_builtin(Scope& scope, const CanonItem& canon, const Builtin& builtin);
  bool builtin_immediates(Scope& scope, const CanonItem& canon, const Builtin& builtin,
                          Function& function);
  bool builtin_element(const Scope& scope, const CanonItem& canon, const Builtin& builtin,
                       Function& function);
  bool builtin_signature(const Scope& scope, const CanonItem& canon, const Builtin& builtin,
                         IndexType pointer, Function& function);
  bool thread_argument(const Scope& scope, const CanonItem& canon, CoreType& out);
  static void set_payload_area(const CanonItem& canon, IndexType pointer, Function& function);

  // finish.cpp
  void name_type(const TypeValue& type, std::string_view instance_name, std::string_view name);
  bool list_exports();
  bool list_export(std::string_view instance_name, const InstanceValue::Export& item);
  void finish_functions();
  void list_imports();
  void keep_used_types();
  void list_core_modules();

  /// Takes `amount` of the work that the limits allow.
  bool charge(std::uint64_t amount);
  static std::uint64_t cost(std::string_view name) { return 1 + name.size() / 32; }
  bool fail(Verdict verdict, std::string message) {
    return fault_.raise(verdict, place_, std::move(message));
  }
  bool invalid(std::string message) { return fail(Verdict::invalid, std::move(message)); }
  bool out_of_range(std::string_view what, std::uint64_t index, std::size_t size) {
    return invalid("expected a " + std::string(what) + " index below " + std::to_string(size) +
                   ", found " + std::to_string(index));
  }

  const Binary& binary_;
  const ComponentLimits& limits_;
  Fault& fault_;
  std::uint64_t place_ = 0;  // offset of the definition being evaluated
  std::uint64_t work_ = 0;
  std::uint32_t depth_ = 0;

  TypeTable types_;
  std::deque<Scope> scopes_;  // every scope stays: closures point into them
  std::deque<HostFunction> hosts_;
  std::vector<std::uint32_t> bodies_;              // by instance
  std::vector<std::vector<Name>> own_names_;       // by function: as exported by its own instance
  std::vector<bool> called_by_guest_;              // by function
  std::vector<std::uint32_t> hosts_of_functions_;  // by function
  std::deque<std::string> joined_names_;
  std::unordered_set<std::uint32_t> passed_through_;  // hosts
  std::set<std::string> features_;
  std::set<std::string> core_proposals_;
  struct ResourceName {
    std::string_view instance_name;
    std::string_view name;
  };
  std::unordered_map<std::uint32_t, ResourceName> resource_names_;
  std::unordered_set<std::uint32_t> represented_by_i64_;  // resources
  InstanceRef root_exports_;
  Wiring wiring_;
};

/// How what is imported is called, where it comes from the host or enters a component instance.
struct Evaluator::Naming {
  bool imports = false;            // an import; otherwise an ascribed type, which renames nothing
  std::string_view instance_name;  // empty: at the component's own level
  std::string_view name;
  Attributes attributes;
};

}  // namespace crossing::component
