#pragma once

/// Rewrites a component so that it records itself, on any engine that runs components.
/// See spec/instrument.md.

#include <cstdint>
#include <vector>

#include "crossing/component.h"
#include "crossing/io.h"
#include "crossing/result.h"

namespace [[gnu::visibility("default")]] crossing {

/// What an instrumented component imports [SINK-01] and exports [SINK-08] besides.
inline constexpr std::string_view recorder_sink = "crossing:recorder/sink@0.1.0";
inline constexpr std::string_view recorder_control = "crossing:recorder/control@0.1.0";

struct InstrumentOptions {
  /// For engines whose modules can have one memory only: bytes are copied load by load.
  bool single_memory = false;
  /// Also record the bytes that the host lifts, as `lift`s [LIFT-02].
  bool lift = false;
  ComponentLimits limits;
};

struct Instrumented {
  std::vector<std::uint8_t> binary;
  Wiring wiring;                ///< of the component as it was: the ids in events are its
  std::uint32_t recorders = 0;  ///< component instances that record themselves
  /// Boundary functions that are wrapped, by definition and not by instance: a component that is
  /// instantiated twice counts once.
  std::uint32_t imports = 0, builtins = 0, reallocs = 0, exports = 0, callbacks = 0,
                post_returns = 0, destructors = 0;
};

/// Errors are those of `read_component`, and
/// - `invalid` for a component that is instrumented already [INSTR-02];
/// - `unsupported`, by name, for what would be left unrecorded [INSTR-03].
Result<Instrumented> instrument_component(Bytes component, const InstrumentOptions& options = {});

}  // namespace crossing
