/// `canon lift` and `canon lower`, canonical options, and the boundary functions they make.

#include "evaluator.h"

namespace crossing::component {

bool Evaluator::evaluate_canon(Scope& scope, const CanonItem& canon) {
  ++scope.canon_count;
  if (canon.opcode == 0x00) return evaluate_lift(scope, canon);
  if (canon.opcode == 0x01) return evaluate_lower(scope, canon);
  return evaluate_builtin(scope, canon, *find_builtin(canon.opcode));
}

bool Evaluator::add_function(const Scope& scope, Function function, std::uint32_t& id) {
  auto& functions = wiring_.definitions.functions;
  if (functions.size() >= limits_.functions) {
    return fail(Verdict::limit,
                "more boundary functions than the limit of " + std::to_string(limits_.functions));
  }
  id = static_cast<std::uint32_t>(functions.size());
  function.id = id;
  function.instance = scope.instance;
  functions.push_back(std::move(function));
  own_names_.emplace_back();
  called_by_guest_.push_back(false);
  hosts_of_functions_.push_back(none);
  return charge(4);
}

/// A function that core code defines, of the type that `function` gives.
bool Evaluator::add_guest_function(const Scope& scope, Function function, const CoreValue& target,
                                   std::string_view what, std::uint32_t& id) {
  if (target.function != none) {
    return fail(Verdict::unsupported,
                "a canonical function as " + std::string(what) + " is not supported");
  }
  if (!check_signature(target, {function.core_params, function.core_results, true}, what))
    return false;
  function.core_instance = target.via_instance;
  function.core_export = target.via_name;
  return charge(cost(target.via_name)) && add_function(scope, std::move(function), id);
}

bool Evaluator::push_core_func(Scope& scope, std::uint32_t function) {
  CoreValue value;
  value.function = function;
  scope.core[static_cast<std::size_t>(CoreKind::func)].push_back(value);
  return true;
}

/// The entry for a function named by an option; the same entry for the same core function.
bool Evaluator::option_function(Scope& scope, Role role, std::uint32_t index,
                                const CoreSignature& signature, std::string_view what,
                                std::uint32_t& id) {
  CoreValue target;
  if (!core_at(scope, CoreKind::func, index, target)) return false;
  if (target.function != none) {
    return fail(Verdict::unsupported,
                "a canonical function as " + std::string(what) + " is not supported");
  }
  auto& entries = scope.option_functions[static_cast<std::size_t>(role)];
  if (const auto found = entries.find(target.key()); found != entries.end()) {
    id = found->second;
    return check_signature(target, signature, what);
  }
  Function function;
  function.role = role;
  function.index_space = IndexSpace::core_func;
  function.index = scope.first_index[static_cast<std::size_t>(CoreKind::func)].at(target.key());
  function.core_params = signature.params;
  function.core_results = signature.results;
  if (!add_guest_function(scope, std::move(function), target, what, id)) return false;
  entries.emplace(target.key(), id);
  return true;
}

/// Memory and realloc, and what holds for options anywhere. `pointer` is the memory's index type.
bool Evaluator::evaluate_options(Scope& scope, const CanonItem& canon, Options& out,
                                 IndexType& pointer) {
  const CanonOptions& options = canon.options;
  out.string_encoding = options.string_encoding;
  out.is_async = options.is_async;
  pointer = IndexType::i32;
  if (canon.opcode != 0x00 && (options.post_return || options.callback)) {
    return invalid("expected post-return and callback on canon lift only, found one elsewhere");
  }
  if (options.callback && !options.is_async)
    return invalid("expected async beside callback, found callback alone");
  if (options.post_return && options.is_async)
    return invalid("expected no post-return beside async, found both");
  if (options.realloc && !options.memory)
    return invalid("expected a memory beside realloc, found realloc alone");
  if (options.memory && !memory_entry(scope, *options.memory, out.memory, pointer)) return false;
  if (options.realloc) {
    const CoreType p = pointer == IndexType::i64 ? CoreType::i64 : CoreType::i32;
    if (!option_function(scope, Role::realloc, *options.realloc, {{p, p, p, p}, {p}, true},
                         "a realloc", out.realloc)) {
      return false;
    }
  }
  return true;
}

bool Evaluator::require(const Options& options, bool memory, bool realloc) {
  if ((memory || realloc) && options.memory == none) {
    return invalid("expected a memory option, found none, though values pass through memory");
  }
  if (realloc && options.realloc == none) {
    return invalid(
        "expected a realloc option, found none, though strings or lists are passed to the guest");
  }
  return true;
}

bool Evaluator::evaluate_lift(Scope& scope, const CanonItem& canon) {
  TypeValue type;
  CoreValue target;
  Function function;
  IndexType pointer{};
  if (!type_at(scope, canon.type, TypeValue::Kind::func, type) ||
      !core_at(scope, CoreKind::func, canon.index, target) ||
      !evaluate_options(scope, canon, function.options, pointer)) {
    return false;
  }
  const FlatFunction flat = flatten_func(types_, type.id, Direction::lift, canon.options.is_async,
                                         canon.options.callback.has_value(), pointer);
  const bool params_point = types_.info(type.id).has_pointer && params_have_pointer(type.id);
  const std::uint32_t result = types_[type.id].element;
  const bool result_points = result != none && types_.info(result).has_pointer;
  if (!require(function.options, flat.result_in_memory || result_points,
               flat.params_in_memory || params_point)) {
    return false;
  }
  if (canon.options.post_return &&
      !option_function(scope, Role::post_return, *canon.options.post_return,
                       {flat.signature.results, {}, true}, "a post-return",
                       function.options.post_return)) {
    return false;
  }
  if (canon.options.callback &&
      !option_function(scope, Role::callback, *canon.options.callback,
                       {{CoreType::i32, CoreType::i32, CoreType::i32}, {CoreType::i32}, true},
                       "a callback", function.options.callback)) {
    return false;
  }
  function.role = Role::export_;
  function.index_space = IndexSpace::func;
  function.index = static_cast<std::uint32_t>(scope.funcs.size());
  function.canonical_definition = scope.canon_count - 1;
  function.type = type.id;
  function.core_params = flat.signature.params;
  function.core_results = flat.signature.results;
  FuncValue value;
  value.type = type.id;
  value.origin = {Side::guest, scope.instance, {}};
  if (!add_guest_function(scope, std::move(function), target, "a lifted function", value.lift))
    return false;
  scope.funcs.push_back(value);
  return true;
}

bool Evaluator::params_have_pointer(std::uint32_t func) const {
  for (const Member& param : types_[func].members) {
    if (types_.info(param.type).has_pointer) return true;
  }
  return false;
}

bool Evaluator::evaluate_lower(Scope& scope, const CanonItem& canon) {
  if (canon.index >= scope.funcs.size())
    return out_of_range("function", canon.index, scope.funcs.size());
  const FuncValue callee = scope.funcs[canon.index];
  Function function;
  IndexType pointer{};
  if (!evaluate_options(scope, canon, function.options, pointer)) return false;
  const FlatFunction flat =
      flatten_func(types_, callee.type, Direction::lower, canon.options.is_async, false, pointer);
  const std::uint32_t result = types_[callee.type].element;
  const bool result_points = result != none && types_.info(result).has_pointer;
  if (!require(function.options,
               flat.params_in_memory || flat.result_in_memory || params_have_pointer(callee.type),
               result_points)) {
    return false;
  }
  function.role = Role::import_;
  function.side = callee.lift == none ? Side::host : Side::guest;
  function.index_space = IndexSpace::core_func;
  function.index =
      static_cast<std::uint32_t>(scope.core[static_cast<std::size_t>(CoreKind::func)].size());
  function.canonical_definition = scope.canon_count - 1;
  function.type = callee.type;
  function.core_params = flat.signature.params;
  function.core_results = flat.signature.results;
  function.result_area_param = flat.result_area_param;
  if (flat.result_area_param != none) {
    const Layout& area = types_.layout(result, pointer);
    function.result_area_size = static_cast<std::uint32_t>(area.size);
    function.result_area_alignment = area.alignment;
  }
  name_import(callee, function);
  std::uint32_t id = none;
  if (!charge(function.names.empty() ? 0 : cost(function.names[0].function_name)) ||
      !add_function(scope, std::move(function), id)) {
    return false;
  }
  if (callee.lift == none) {
    hosts_of_functions_[id] = callee.host;
  } else {
    called_by_guest_[callee.lift] = true;
  }
  return push_core_func(scope, id);
}

/// What the host serves has the root's name for it; another guest's function the name under which
/// this component imports it.
void Evaluator::name_import(const FuncValue& callee, Function& function) const {
  if (callee.lift != none) {
    if (!callee.imported_name.empty()) {
      function.names.push_back(
          {std::string(callee.imported_instance), std::string(callee.imported_name)});
    }
    return;
  }
  const HostFunction& host = hosts_[callee.host];
  function.names.push_back({std::string(host.instance_name), std::string(host.function_name)});
  function.implements = host.attributes.implements;
  function.version_suffix = host.attributes.version_suffix;
  function.external_id = host.attributes.external_id;
}

}  // namespace crossing::component
