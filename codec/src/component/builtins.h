#pragma once

/// The canonical definitions other than `lift` and `lower`: their names in the text format, what
/// immediates they carry, and what has to be asked of the rest.

#include <cstdint>
#include <string_view>

namespace crossing::component {

/// What follows the opcode, in this order.
enum class Immediate : std::uint8_t {
  nothing,
  resource,        // type index
  result_options,  // result list, options
  context,         // core value type, slot
  async_flag,
  element,  // type index of a stream or future
  element_options,
  element_async,
  options,
  cancel_memory,  // cancellable, memory index
  cancel,
  func_table,   // core type index, table index
  shared_func,  // shared, core type index
  shared_func_table,
  shared_only,
};

struct Builtin {
  std::uint8_t opcode;
  std::string_view name;
  Immediate immediate;
  std::string_view feature;  // empty: in WASI 0.2
  /// Core signature: i, I for i32, i64; p for a pointer of the memory in the options; r for the
  /// representation of the resource; c for a context slot; t for a thread's argument; x for an
  /// index of the table; f for a function reference; * for flat parameters. Results after ':'.
  std::string_view signature;
};

/// Null for `lift`, `lower` and what is no canonical definition.
const Builtin* find_builtin(std::uint8_t opcode);

}  // namespace crossing::component
