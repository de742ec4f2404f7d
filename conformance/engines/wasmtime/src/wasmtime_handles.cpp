#include "wasmtime_handles.h"

#include <algorithm>

namespace crossing::engine {

std::string take_text(wasm_byte_vec_t& bytes) {
  std::string text(bytes.data, bytes.size);
  wasm_byte_vec_delete(&bytes);
  while (!text.empty() && (text.back() == '\0' || text.back() == '\n')) text.pop_back();
  return text;
}

/// One sentence of one line.
std::string text_of(const wasmtime_error_t* error) {
  wasm_byte_vec_t bytes;
  wasmtime_error_message(error, &bytes);
  std::string text = take_text(bytes);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// The trap itself, which stands last; before it stands where in the guest it was.
std::string text_of(const wasm_trap_t* trap) {
  wasm_byte_vec_t bytes;
  wasm_trap_message(trap, &bytes);
  const std::string text = take_text(bytes);
  const std::size_t line = text.rfind('\n');
  const std::size_t begin =
      line == std::string::npos ? 0 : text.find_first_not_of(" :0123456789", line + 1);
  return text.substr(std::min(begin, text.size()));
}

TrapCode code_of(wasmtime_trap_code_t code) {
  switch (code) {
    case WASMTIME_TRAP_CODE_STACK_OVERFLOW: return TrapCode::stack_overflow;
    case WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS:
    case WASMTIME_TRAP_CODE_HEAP_MISALIGNED: return TrapCode::memory_out_of_bounds;
    case WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS: return TrapCode::table_out_of_bounds;
    case WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL: return TrapCode::indirect_call_to_null;
    case WASMTIME_TRAP_CODE_BAD_SIGNATURE: return TrapCode::bad_signature;
    case WASMTIME_TRAP_CODE_INTEGER_OVERFLOW: return TrapCode::integer_overflow;
    case WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO: return TrapCode::integer_division_by_zero;
    case WASMTIME_TRAP_CODE_BAD_CONVERSION_TO_INTEGER: return TrapCode::bad_conversion_to_integer;
    case WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED: return TrapCode::unreachable;
    case WASMTIME_TRAP_CODE_INTERRUPT:
    case WASMTIME_TRAP_CODE_OUT_OF_FUEL: return TrapCode::interrupt;
    case WASMTIME_TRAP_CODE_NULL_REFERENCE:
    case WASMTIME_TRAP_CODE_CAST_FAILURE: return TrapCode::null_reference;
    case WASMTIME_TRAP_CODE_ALLOCATION_TOO_LARGE: return TrapCode::out_of_memory;
    case WASMTIME_TRAP_CODE_UNCAUGHT_EXCEPTION: return TrapCode::uncaught_exception;
    default: return TrapCode::unknown;
  }
}

const char* wasmtime_version() { return WASMTIME_VERSION; }

}  // namespace crossing::engine
