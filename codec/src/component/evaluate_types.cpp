/// Type definitions, with every index replaced by what it stands for in this instance.

#include "evaluator.h"

namespace crossing::component {

bool Evaluator::evaluate_type(Scope& scope, const TypeItem& item) {
  TypeValue value;
  switch (item.kind) {
    case TypeItem::Kind::component:
    case TypeItem::Kind::instance:
      value.kind = item.kind == TypeItem::Kind::component ? TypeValue::Kind::component
                                                          : TypeValue::Kind::instance;
      value.closure = scope.close(item.body);
      break;
    case TypeItem::Kind::resource: return evaluate_resource(scope, item);
    case TypeItem::Kind::value:
    case TypeItem::Kind::func:
      if (!evaluate_defined(scope, item, value)) return false;
      break;
  }
  scope.types.push_back(value);
  return true;
}

bool Evaluator::type_at(const Scope& scope, std::uint32_t index, TypeValue::Kind kind,
                        TypeValue& out) {
  static constexpr std::string_view names[] = {"a value type", "a function type", "a resource type",
                                               "a component type", "an instance type"};
  if (index >= scope.types.size()) return out_of_range("type", index, scope.types.size());
  out = scope.types[index];
  if (out.kind == kind) return true;
  return invalid("expected type " + std::to_string(index) + " to be " +
                 std::string(names[static_cast<std::size_t>(kind)]) + ", found " +
                 std::string(names[static_cast<std::size_t>(out.kind)]));
}

bool Evaluator::value_type(const Scope& scope, const ValueType& type, std::uint32_t& id) {
  if (type.is_primitive) {
    Type primitive;
    primitive.kind = type.primitive;
    return intern(std::move(primitive), id);
  }
  TypeValue value;
  if (!type_at(scope, type.index, TypeValue::Kind::value, value)) return false;
  id = value.id;
  return true;
}

bool Evaluator::intern(Type type, std::uint32_t& id) {
  id = types_.intern(std::move(type));
  if (types_.info(id).depth > limits_.nesting) {
    return fail(Verdict::limit, "expected a type of at most " + std::to_string(limits_.nesting) +
                                    " levels, found a deeper one");
  }
  return types_.size() <= limits_.types || fail(Verdict::limit, "more types than the limit allows");
}

bool Evaluator::add_resource(std::uint32_t& id) {
  id = types_.add_resource();
  return types_.size() <= limits_.types || fail(Verdict::limit, "more types than the limit allows");
}

bool Evaluator::evaluate_defined(Scope& scope, const TypeItem& item, TypeValue& out) {
  const bool is_func = item.kind == TypeItem::Kind::func;
  Type type;
  type.kind = is_func ? TypeKind::func : item.type_kind;
  type.length = item.length;
  type.is_async = item.is_async;
  std::unordered_set<std::string_view> names;
  for (const Label& label : item.members) {
    if (!charge(cost(label.name))) return false;
    if (type.kind != TypeKind::tuple && !names.insert(label.name).second) {
      return invalid("expected labels to be unique, found \"" + std::string(label.name) +
                     "\" twice");
    }
    std::uint32_t member = none;
    if (label.type && !value_type(scope, *label.type, member)) return false;
    type.members.push_back({std::string(label.name), member});
  }
  if (type.kind == TypeKind::own || type.kind == TypeKind::borrow) {
    TypeValue resource;
    if (!type_at(scope, item.element->index, TypeValue::Kind::resource, resource)) return false;
    type.element = resource.id;
  } else if (item.element && !value_type(scope, *item.element, type.element)) {
    return false;
  }
  if (item.key && !value_type(scope, *item.key, type.key)) return false;
  if (!check_defined(type)) return false;
  out.kind = is_func ? TypeValue::Kind::func : TypeValue::Kind::value;
  if (!intern(std::move(type), out.id)) return false;
  if (!is_func && types_.layout(out.id, IndexType::i64).size >= kMaxElementSize) {
    return invalid("expected a type of less than 2^28 bytes, found a larger one");
  }
  return true;
}

/// What the Component Model rules out for single kinds of types.
bool Evaluator::check_defined(const Type& type) {
  const auto borrows = [&](std::uint32_t id) { return id != none && types_.info(id).has_borrow; };
  switch (type.kind) {
    case TypeKind::func:
      if (borrows(type.element))
        return invalid("expected a result without borrow, found one with it");
      return true;
    case TypeKind::stream:
    case TypeKind::future:
      if (borrows(type.element))
        return invalid("expected elements without borrow, found some with it");
      if (type.kind == TypeKind::stream && type.element != none &&
          types_[type.element].kind == TypeKind::char_) {
        return invalid("expected the element of a stream to be another type than char, found char");
      }
      return true;
    case TypeKind::map: {
      const TypeKind key = types_[type.key].kind;
      const bool fits = key <= TypeKind::u64 || key == TypeKind::char_ || key == TypeKind::string_;
      return fits ||
             invalid("expected a map key of bool, an integer type, char or string, found another");
    }
    default: return true;
  }
}

bool Evaluator::evaluate_resource(Scope& scope, const TypeItem& item) {
  TypeValue value;
  value.kind = TypeValue::Kind::resource;
  if (!add_resource(value.id)) return false;
  scope.local_resources.insert(value.id);
  if (item.resource_rep64) represented_by_i64_.insert(value.id);
  if (item.destructor) {
    CoreValue target;
    if (!core_at(scope, CoreKind::func, *item.destructor, target)) return false;
    Function function;
    function.role = Role::destructor;
    function.index_space = IndexSpace::type;
    function.index = static_cast<std::uint32_t>(scope.types.size());
    function.immediates.type = value.id;
    function.core_params = {item.resource_rep64 ? CoreType::i64 : CoreType::i32};
    std::uint32_t id = none;
    if (!add_guest_function(scope, std::move(function), target, "a destructor", id)) return false;
  }
  scope.types.push_back(value);
  return true;
}

}  // namespace crossing::component
