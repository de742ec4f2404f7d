#pragma once

/// What a guest is made to do: run as a command, or the calls of a script.

#include <optional>
#include <vector>

#include "crossing/component.h"
#include "script.h"
#include "wasmtime_component.h"

namespace crossing::engine {

/// How that ended.
struct GuestEnding {
  int code = 0;                      ///< exit code, where nothing failed
  std::optional<Failure> failure;    ///< of the last call
  bool crosses = true;               ///< the last call was one of an export of the guest's own
  std::uint64_t exports_called = 0;  ///< of the guest's own
};

/// Instantiates the component and calls its `wasi:cli/run`; or, with a script, the calls of it,
/// each with a line of JSON on standard output. `wiring` is that of the component as it was. An
/// error says what cannot be asked of this component.
Result<GuestEnding> run_guest(WasmtimeComponent& component, const Wiring& wiring,
                              const std::vector<ScriptCall>* script);

}  // namespace crossing::engine
