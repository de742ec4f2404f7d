#pragma once

#include "assembler.h"
#include "wasmtime_component.h"

namespace crossing::engine {

/// What a failed call means to the trace, given the innermost call that was open then (null: none).
/// [TRAP-01]
Trap trap_of(const Failure& failure, const Assembler::Call* innermost);

/// Says on standard error that the guest trapped; returns the exit code.
int complain(const Trap& trap);

}  // namespace crossing::engine
