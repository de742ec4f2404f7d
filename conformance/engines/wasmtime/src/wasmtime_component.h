#pragma once

/// The component half of Wasmtime: a component in a store of its own, with WASI 0.2.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crossing/io.h"
#include "crossing_wasmtime.h"
#include "host.h"
#include "pieces.h"
#include "wasmtime_handles.h"

namespace crossing::engine {

/// What a guest is given [TESTEE-02].
struct HostSettings {
  std::vector<std::pair<std::string, std::string>> dirs;  ///< on the host, and the guest's name
  std::vector<std::pair<std::string, std::string>> env;
  std::vector<std::string> args;  ///< the program's name first
  std::string library;            ///< of further host functions (host.h); empty: none
};

/// How a call of the guest ended that did not return. What the code of a trap outside the guest's
/// own code means depends on where the guest was, so it is left to the caller.
struct Failure {
  std::optional<int> exit_status;
  std::optional<wasmtime_trap_code_t> code;  ///< none: not a trap of Wasmtime's
  std::string message;
};

/// Takes what the component's recorders hand out. Called in the guest's thread.
struct Sink {
  std::function<std::uint32_t()> open;
  std::function<bool(const Piece&)> write;  ///< false ends the guest
};

class WasmtimeComponent {
 public:
  /// `profiled`: names of compiled functions for `perf`, in /tmp.
  explicit WasmtimeComponent(bool profiled = false);
  WasmtimeComponent(const WasmtimeComponent&) = delete;
  WasmtimeComponent& operator=(const WasmtimeComponent&) = delete;
  ~WasmtimeComponent();

  /// `unsupported`, with Wasmtime's own sentence, for a component that it does not take.
  Result<void> compile(Bytes binary);
  /// Makes the host. `sink` outlives the component; null for one that does not record itself.
  Result<void> link(const HostSettings& settings, Sink* sink);
  std::optional<Failure> instantiate();

  /// An exported function; `instance` is empty for one of the component's own. Null if there is
  /// none.
  std::optional<wasmtime_component_func_t> find(std::string_view instance, std::string_view name);
  /// Calls it; `results` are the caller's to delete.
  std::optional<Failure> call(const wasmtime_component_func_t& function,
                              std::span<const wasmtime_component_val_t> args,
                              std::span<wasmtime_component_val_t> results);
  /// A resource that the host library makes. Null with an error's sentence in `message` if it
  /// does not.
  wasmtime_component_resource_any_t* make(const std::string& instance, const std::string& resource,
                                          const std::string& arguments, std::string& message);
  /// Drops a resource, which may run the guest's destructor.
  std::optional<Failure> drop(const wasmtime_component_resource_any_t* resource);

  /// Calls `visit` with every memory in the store. False: they cannot be seen.
  bool memories(const std::function<void(Bytes)>& visit);

  static constexpr std::size_t stack_size = std::size_t{1} << 20;

 private:
  std::optional<Failure> failure_of(wasmtime_error_t* error);

  Owned<wasm_engine_t> engine_;
  Owned<wasmtime_store_t> store_;
  wasmtime_context_t* context_ = nullptr;
  Owned<wasmtime_component_t> component_;
  Owned<wasmtime_component_linker_t> linker_;
  crossing_wasmtime_make_t make_ = nullptr;
  wasmtime_component_instance_t instance_{};
};

}  // namespace crossing::engine
