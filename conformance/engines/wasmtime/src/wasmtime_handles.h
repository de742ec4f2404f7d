#pragma once

/// What both halves of Wasmtime's C API share here: owners of its objects, and its errors in words.

#include <wasmtime.h>

#include <memory>
#include <string>

#include "crossing/event.h"

namespace crossing::engine {

struct Delete {
  void operator()(wasm_config_t* config) const { wasm_config_delete(config); }
  void operator()(wasm_engine_t* engine) const { wasm_engine_delete(engine); }
  void operator()(wasmtime_store_t* store) const { wasmtime_store_delete(store); }
  void operator()(wasmtime_module_t* module) const { wasmtime_module_delete(module); }
  void operator()(wasmtime_error_t* error) const { wasmtime_error_delete(error); }
  void operator()(wasm_trap_t* trap) const { wasm_trap_delete(trap); }
  void operator()(wasm_functype_t* type) const { wasm_functype_delete(type); }
  void operator()(wasi_config_t* config) const { wasi_config_delete(config); }
  void operator()(wasmtime_component_t* component) const { wasmtime_component_delete(component); }
  void operator()(wasmtime_component_linker_t* linker) const {
    wasmtime_component_linker_delete(linker);
  }
  void operator()(wasmtime_component_export_index_t* index) const {
    wasmtime_component_export_index_delete(index);
  }
};
template <class T>
using Owned = std::unique_ptr<T, Delete>;

/// Takes a text of Wasmtime's, without the end of its last line.
std::string take_text(wasm_byte_vec_t& bytes);

/// One sentence of one line.
std::string text_of(const wasmtime_error_t* error);

/// The trap itself, which stands last; before it stands where in the guest it was.
std::string text_of(const wasm_trap_t* trap);

/// Wasmtime's code as that of the format; `unknown` for those of the component model.
TrapCode code_of(wasmtime_trap_code_t code);

/// "48.0.8"
const char* wasmtime_version();

}  // namespace crossing::engine
