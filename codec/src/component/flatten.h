#pragma once

/// From a component function type to the core signature that the Canonical ABI gives it.

#include "core_module.h"
#include "types.h"

namespace crossing::component {

/// The core type of an address.
constexpr CoreType address_type(IndexType pointer) {
  return pointer == IndexType::i64 ? CoreType::i64 : CoreType::i32;
}

enum class Direction : std::uint8_t { lift, lower };

struct FlatFunction {
  CoreSignature signature;
  bool params_in_memory = false;
  bool result_in_memory = false;
  std::uint32_t result_area_param = none;  // lower only: the core parameter that holds its address
};

/// `flatten_functype`. `func` is a function type of `table`; `pointer` is the index type of the
/// memory in the options, i32 if there is none.
FlatFunction flatten_func(const TypeTable& table, std::uint32_t func, Direction direction,
                          bool is_async, bool has_callback, IndexType pointer);

}  // namespace crossing::component
