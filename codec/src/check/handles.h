#pragma once

/// Handles, and what asynchronous calls, waitables, streams and futures go through: whether they
/// follow spec/checker.md, "Handles" and "Async states".

#include <cstdint>
#include <memory>

#include "check/findings.h"
#include "component/types.h"
#include "crossing/definitions.h"
#include "crossing/event.h"

namespace crossing::checking {

/// Fed with all events of a trace in order, and only with first pieces, and with the handles in
/// component values, which whoever lifts these finds. It judges an `abi` trace that is
/// `core_complete`, up to its first gap, and nothing that it cannot know. Memory is bounded: by the
/// handles that live, which are at most `limits::live_handles`, and the calls that are open.
class HandleLayer {
 public:
  /// All that is referred to outlives the layer; definitions and types may grow. Findings of layers
  /// that are not in `layers` are left out.
  HandleLayer(const TraceInfo& info, const Definitions& definitions,
              const component::TypeTable& types, Findings& findings, Layers layers = Layers::all());
  HandleLayer(const HandleLayer&) = delete;
  HandleLayer& operator=(const HandleLayer&) = delete;
  ~HandleLayer();

  /// The next event, once what was handed over up to it is told.
  void event(const EventView& event);

  /// The trace is complete.
  void finish();

  /// A handle (own, borrow, stream, future, error-context) that the guest hands over, in the order
  /// of the values, with `event`: an argument of an `import_call` of `callee`, which can be
  /// `task.return`, or a result of an `export_result`. Before the event of the same thread behind
  /// it that says more than what was read of its values.
  void from_guest(const Function& callee, const Type& type, std::uint32_t index,
                  std::uint64_t event);

  /// A handle that the host hands over, in the order of the values: a result of the
  /// `import_result`, or an argument of the `export_enter`, that is `event`. What comes with a
  /// `task_resolve` is not told.
  void to_guest(const Function& callee, const Type& type, std::uint32_t index, std::uint64_t event);

  /// A value of this type that was handed over, by the guest (`Law::lift`) or
  /// the host, and is not known: its bytes are not in the trace.
  void unknown(const Function& callee, std::uint32_t type, Law law);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace crossing::checking
