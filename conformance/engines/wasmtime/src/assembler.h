#pragma once

/// From pieces to a trace: the host's half of a component that records itself
/// (spec/instrument.md).

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "crossing/trace.h"
#include "merge.h"
#include "pieces.h"

namespace crossing::engine {

/// How a run ended that did not return.
struct Trap {
  TrapCode code = TrapCode::unknown;
  TrapOrigin origin = TrapOrigin::guest;
  std::int32_t status = 0;
  std::string message;
};

/// Appends the events of all recorders of one run to a trace, and adds what the guest cannot say of
/// itself: how it ended. Every call may fail with the writer's error, or that of a bad piece.
class Assembler {
 public:
  /// Both outlive the assembler.
  Assembler(Writer& writer, const std::vector<Function>& functions)
      : writer_(writer), functions_(functions) {}

  /// The next piece of its instance. `recorders`: how many were opened when it came.
  Result<void> add(const Piece& piece, std::uint32_t recorders);
  /// No more pieces will come.
  Result<void> end_pieces();

  /// The innermost open call; null if none is.
  struct Call {
    EventKind kind = EventKind::export_call;
    std::uint32_t subject = 0;
    bool entered = false;  // an export: guest code began
  };
  [[nodiscard]] const Call* innermost() const { return calls_.empty() ? nullptr : &calls_.back(); }
  /// Calls of exports that the host began with no call open; post-returns and destructors are none.
  [[nodiscard]] std::uint64_t exports_called() const { return exports_called_; }
  [[nodiscard]] std::uint64_t event_count() const { return event_count_; }

  /// The host's call of the guest ended so: one `trap` for each guest frame that it ends [TRAP-02]
  /// [TRAP-04], or one with no call open. `lowered`: what the host has written of a lowering that
  /// it did not end, which stands before the `trap` of that instance [TRAP-03]; null is nothing.
  using Lowered = std::function<std::vector<MemoryBlock>(std::uint32_t instance)>;
  Result<void> trap(Trap trap, const Lowered& lowered);
  /// The bytes of a memory of the guest [DIGEST-01].
  Result<void> digest(std::uint32_t memory, Bytes bytes);
  /// The recording stops here, and the guest did not [RECORD-05].
  Result<void> gap(GapReason reason);

 private:
  Result<void> take(const Event& event);
  Result<void> put_lowered(const Call& call, const Lowered& lowered);
  Result<void> put_trap(std::uint32_t subject, const Trap& trap);

  Writer& writer_;
  const std::vector<Function>& functions_;
  std::map<std::uint32_t, PieceReader> readers_;  // by instance
  std::unique_ptr<Merge> merge_;                  // with more than one recorder
  std::vector<Call> calls_;
  std::uint64_t exports_called_ = 0;
  std::uint64_t event_count_ = 0;
};

}  // namespace crossing::engine
