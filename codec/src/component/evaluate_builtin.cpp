/// Canonical built-ins.

#include "evaluator.h"

namespace crossing::component {

bool Evaluator::evaluate_builtin(Scope& scope, const CanonItem& canon, const Builtin& builtin) {
  Function function;
  IndexType pointer{};
  function.role = Role::builtin;
  function.builtin = builtin.name;
  function.index_space = IndexSpace::core_func;
  function.index =
      static_cast<std::uint32_t>(scope.core[static_cast<std::size_t>(CoreKind::func)].size());
  function.canonical_definition = scope.canon_count - 1;
  function.immediates.cancellable = canon.cancellable;
  function.immediates.is_async = canon.is_async;
  function.immediates.shared = canon.shared;
  std::uint32_t id = none;
  return evaluate_options(scope, canon, function.options, pointer) &&
         builtin_immediates(scope, canon, builtin, function) &&
         builtin_signature(scope, canon, builtin, pointer, function) &&
         (set_payload_area(canon, pointer, function),
          add_function(scope, std::move(function), id)) &&
         push_core_func(scope, id);
}

bool Evaluator::builtin_immediates(Scope& scope, const CanonItem& canon, const Builtin& builtin,
                                   Function& function) {
  switch (builtin.immediate) {
    case Immediate::resource: {
      TypeValue type;
      if (!type_at(scope, canon.index, TypeValue::Kind::resource, type)) return false;
      const bool needs_own = builtin.name != "resource.drop";
      if (needs_own && !scope.local_resources.contains(type.id)) {
        return invalid("expected " + std::string(builtin.name) +
                       " of a resource that this component defines, found another");
      }
      function.immediates.type = type.id;
      return true;
    }
    case Immediate::result_options: {
      if (canon.options.realloc || canon.options.is_async) {
        return invalid(
            "expected only memory and string-encoding on task.return, found another option");
      }
      if (!canon.result) return true;
      if (!value_type(scope, *canon.result, function.immediates.type)) return false;
      const TypeInfo& info = types_.info(function.immediates.type);
      if (info.has_borrow) return invalid("expected a result without borrow, found one with it");
      return require(function.options, info.has_pointer || info.layout[0].flat.overflow(), false);
    }
    case Immediate::context:
      if (canon.index >= 2)
        return invalid("expected a context slot below 2, found " + std::to_string(canon.index));
      function.immediates.slot = canon.index;
      return true;
    case Immediate::element:
    case Immediate::element_async: return builtin_element(scope, canon, builtin, function);
    case Immediate::element_options: {
      if (!builtin_element(scope, canon, builtin, function)) return false;
      const std::uint32_t element = function.immediates.type;
      const bool reads = builtin.name == "stream.read" || builtin.name == "future.read";
      return require(function.options, element != none,
                     reads && element != none && types_.info(element).has_pointer);
    }
    case Immediate::options:
      if (canon.options.is_async) return invalid("expected no async option, found one");
      return require(function.options, true, builtin.name == "error-context.debug-message");
    case Immediate::func_table:
    case Immediate::shared_func_table: function.immediates.table = canon.table; return true;
    case Immediate::nothing:
    case Immediate::async_flag:
    case Immediate::cancel_memory:
    case Immediate::cancel:
    case Immediate::shared_func:
    case Immediate::shared_only: return true;
  }
  return true;
}

bool Evaluator::builtin_element(const Scope& scope, const CanonItem& canon, const Builtin& builtin,
                                Function& function) {
  TypeValue type;
  if (!type_at(scope, canon.index, TypeValue::Kind::value, type)) return false;
  const TypeKind expected =
      builtin.name.starts_with("stream") ? TypeKind::stream : TypeKind::future;
  if (types_[type.id].kind != expected) {
    return invalid("expected type " + std::to_string(canon.index) + " to be a " +
                   (expected == TypeKind::stream ? "stream" : "future") + ", found another type");
  }
  function.immediates.type = types_[type.id].element;
  return true;
}

/// The closure parameter of a thread's function.
bool Evaluator::thread_argument(const Scope& scope, const CanonItem& canon, CoreType& out) {
  if (canon.index >= scope.core_types.size()) {
    return out_of_range("core type", canon.index, scope.core_types.size());
  }
  const CoreTypeValue& type = scope.core_types[canon.index];
  if (type.type != nullptr && type.type->is_func && type.type->signature.exact &&
      type.type->signature.params.size() == 1 && type.type->signature.results.empty() &&
      (type.type->signature.params[0] == CoreType::i32 ||
       type.type->signature.params[0] == CoreType::i64)) {
    out = type.type->signature.params[0];
    return true;
  }
  return invalid(
      "expected a thread's function to have the core type (i32) -> () or (i64) -> (), found "
      "another");
}

bool Evaluator::builtin_signature(const Scope& scope, const CanonItem& canon,
                                  const Builtin& builtin, IndexType pointer, Function& function) {
  const CoreType address = pointer == IndexType::i64 ? CoreType::i64 : CoreType::i32;
  std::vector<CoreType>* list = &function.core_params;
  for (const char letter : builtin.signature) {
    CoreType type = CoreType::i32;
    switch (letter) {
      case ':': list = &function.core_results; continue;
      case 'i': break;
      case 'r':
        if (represented_by_i64_.contains(function.immediates.type)) type = CoreType::i64;
        break;
      case 'I': type = CoreType::i64; break;
      case 'p': type = address; break;
      case 'c': type = canon.context64 ? CoreType::i64 : CoreType::i32; break;
      case 'f':
        return fail(Verdict::unsupported,
                    std::string(builtin.name) + " is not supported: it passes a reference");
      case 't':
        if (!thread_argument(scope, canon, type)) return false;
        break;
      case 'x': {
        CoreValue table;
        if (!core_at(scope, CoreKind::table, canon.table, table)) return false;
        const CoreTableType& found = module_of(table.core_instance).tables[table.index];
        if (!found.is_funcref) return invalid("expected a table of funcref, found another");
        type = found.index_type == IndexType::i64 ? CoreType::i64 : CoreType::i32;
        break;
      }
      case '*': {
        if (function.immediates.type == none) continue;
        const Flat& flat = types_.layout(function.immediates.type, pointer).flat;
        *list = flat.fits(kMaxFlatParams) ? flat.list() : std::vector<CoreType>{address};
        continue;
      }
      default: break;
    }
    list->push_back(type);
  }
  return true;
}

/// Where a built-in writes besides its result: the two words of an event, or a string.
void Evaluator::set_payload_area(const CanonItem& canon, IndexType pointer, Function& function) {
  static constexpr std::uint8_t kDebugMessage = 0x1d, kWait = 0x20, kPoll = 0x21;
  if (canon.opcode == kWait || canon.opcode == kPoll) {
    function.result_area_param = 1;
    function.result_area_size = 8;
    function.result_area_alignment = 4;
  } else if (canon.opcode == kDebugMessage) {
    const std::uint32_t width = pointer == IndexType::i64 ? 8 : 4;
    function.result_area_param = 1;
    function.result_area_size = 2 * width;
    function.result_area_alignment = width;
  }
}

}  // namespace crossing::component
