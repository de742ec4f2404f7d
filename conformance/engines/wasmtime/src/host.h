#pragma once

/// A host library (`record --host HOST.so`): a shared library that gives a component what WASI does
/// not. It calls Wasmtime's C API, which the engine has; it is linked with none itself.

#include <wasmtime.h>

extern "C" {

/// `crossing_wasmtime_host`, which every host library exports: defines what the component imports.
/// Null, or an error.
using crossing_wasmtime_host_t = wasmtime_error_t* (*)(wasmtime_component_linker_t* linker);

/// `crossing_wasmtime_make`, which it exports if scripts are to say `$new`: a resource by its
/// constructor. `arguments` is the JSON of a script, a list. Null, or an error.
using crossing_wasmtime_make_t = wasmtime_error_t* (*)(wasmtime_context_t* context,
                                                       const char* instance, const char* resource,
                                                       const char* arguments,
                                                       wasmtime_component_resource_any_t** made);
}
