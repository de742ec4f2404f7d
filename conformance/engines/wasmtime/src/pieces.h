#pragma once

/// What the recorders of an instrumented component hand out, and what they hold in their memories
/// (spec/instrument.md).

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "crossing/event.h"
#include "crossing/result.h"

namespace crossing::engine {

/// One piece of the stream of one component instance [SINK-03] [SINK-04]. A view.
struct Piece {
  std::uint32_t instance = 0;
  Bytes events, payloads, bulk;
};

/// Bytes of a memory of the guest that stand there when it is looked at.
struct MemoryBlock {
  std::uint32_t memory = 0;  ///< id
  std::uint32_t start = 0;
  Bytes bytes;
};

/// Called with each whole event; its body is valid during the call.
using EventTaker = std::function<Result<void>(const Event&)>;

/// Takes the pieces of one instance apart, in their order. A body that was cut [PAY-03] is one
/// again; its end may come in a later piece.
class PieceReader {
 public:
  Result<void> read(const Piece& piece, const EventTaker& take);

 private:
  bool open_ = false;  // an event whose body goes on
  Event event_;
  std::vector<std::uint8_t> body_;  // of that event, as far as it came
  std::uint64_t size_ = 0;          // of that event's whole body
};

/// What a recorder still holds, if `memory` is that of a recorder: pieces in their order, views of
/// `memory` [SINK-10]. Nothing if it is another memory; an error if it is damaged.
Result<std::optional<std::vector<Piece>>> held_pieces(Bytes memory);

}  // namespace crossing::engine
