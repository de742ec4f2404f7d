#pragma once

/// What rust/src/lib.rs adds to Wasmtime's C API.

#include <wasmtime.h>

#include <cstddef>
#include <cstdint>

extern "C" {

using crossing_bytes_t = void (*)(void* data, const std::uint8_t* bytes, std::size_t size);
using crossing_open_t = std::uint32_t (*)(void* data);
using crossing_write_t = bool (*)(void* data, std::uint32_t instance, const std::uint8_t* events,
                                  std::size_t events_size, const std::uint8_t* payloads,
                                  std::size_t payloads_size, const std::uint8_t* bulk,
                                  std::size_t bulk_size);

/// Defines `crossing:recorder/sink@0.1.0` [SINK-01]. `write` gets pointers straight into the
/// recorder's memory, valid during the call; false ends the guest. `data` outlives the linker and
/// what it instantiates.
wasmtime_error_t* crossing_wasmtime_add_sink(wasmtime_component_linker_t* linker,
                                             crossing_open_t open, crossing_write_t write,
                                             void* data);

/// What Wasmtime's own functions cannot set: core dumps, for `crossing_wasmtime_memories`, and some
/// features of components.
void crossing_wasmtime_configure(wasm_config_t* config);

/// Calls `visit` with the bytes of every memory in the store, also when no guest may run there any
/// more. No guest runs now. False: there is no core dump.
bool crossing_wasmtime_memories(wasmtime_context_t* context, crossing_bytes_t visit, void* data);

/// Wasmtime's number of the trap that an error is, or -1; `say` gets its innermost cause in words.
std::int32_t crossing_wasmtime_cause(const wasmtime_error_t* error, crossing_bytes_t say,
                                     void* data);

/// File operations in the guest's own thread, as `wasmtime run` has them. Before directories are
/// preopened.
void crossing_wasmtime_block_in_thread(wasi_config_t* config);
}
