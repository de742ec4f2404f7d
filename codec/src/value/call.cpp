#include "value/call.h"

namespace crossing::values {
namespace {

bool is_value_type(const component::TypeTable& types, std::uint32_t id) {
  return types.has(id) && types[id].kind != TypeKind::func && types[id].kind != TypeKind::resource;
}

}  // namespace

IndexType pointer_of(const Definitions& definitions, const Function& function) {
  const std::uint32_t memory = function.options.memory;
  return memory < definitions.memories.size() ? definitions.memories[memory].index_type
                                              : IndexType::i32;
}

CallShape call_shape(const component::TypeTable& types, const Definitions& definitions,
                     const Function& function) {
  CallShape shape;
  const IndexType pointer = pointer_of(definitions, function);
  if (function.role == Role::builtin && function.builtin == "task.return") {
    shape.params = function.immediates.type;
    if (shape.params != none) {
      if (!is_value_type(types, shape.params)) return shape;
      const component::Flat& flat = types.layout(shape.params, pointer).flat;
      shape.flat.params_in_memory = !flat.fits(component::kMaxFlatParams);
      shape.flat.signature.params =
          shape.flat.params_in_memory ? std::vector{component::address_type(pointer)} : flat.list();
    }
  } else if ((function.role == Role::import_ || function.role == Role::export_) &&
             types.has(function.type) && types[function.type].kind == TypeKind::func) {
    shape.params = function.type;
    shape.result = types[function.type].element;
    if (shape.result != none && !is_value_type(types, shape.result)) return shape;
    shape.flat = component::flatten_func(
        types, function.type,
        function.role == Role::import_ ? component::Direction::lower : component::Direction::lift,
        function.options.is_async, function.options.callback != none, pointer);
  } else {
    return shape;
  }
  shape.has_type = true;
  shape.is_typed = shape.flat.signature.params == function.core_params &&
                   shape.flat.signature.results == function.core_results;
  return shape;
}

const CallShape& CallShapes::of(std::uint32_t function) {
  while (types_.size() < definitions_.types.size()) {
    types_.append(definitions_.types[types_.size()]);
  }
  while (shapes_.size() <= function) {
    shapes_.push_back(call_shape(types_, definitions_, definitions_.functions[shapes_.size()]));
  }
  return shapes_[function];
}

void lift_params(const CallShape& shape, Lifter& lifter, FlatValues& params) {
  params.go_to(0);
  if (shape.params != none) {
    if (shape.flat.params_in_memory) {
      lifter.load(shape.params, params.next(Slot::pointer));
    } else {
      lifter.lift_flat(shape.params, params);
    }
  }
  const std::uint32_t area = shape.flat.result_area_param;
  if (area < params.size()) params.mark(area, Slot::pointer);
}

void lift_result(const CallShape& shape, Lifter& lifter, FlatValues& params, FlatValues& results) {
  results.go_to(0);
  if (shape.result == none) return;
  if (shape.has_result_area()) {
    if (shape.flat.result_area_param < params.size()) {
      lifter.load(shape.result, params[shape.flat.result_area_param]);
    }
  } else if (shape.flat.result_in_memory) {
    lifter.load(shape.result, results.next(Slot::pointer));
  } else if (results.size() != 0) {
    lifter.lift_flat(shape.result, results);
  }
}

}  // namespace crossing::values
