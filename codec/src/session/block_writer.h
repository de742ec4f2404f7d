#pragma once

/// Filled blocks -> frames. Judges what the recorder's hot path does not.

#include <optional>
#include <vector>

#include "event/batch.h"
#include "trace/frame_stream.h"
#include "trace/open_calls.h"

namespace crossing {

/// A block as a recorder filled it. A view of its slot.
struct FilledBlock {
  std::uint64_t base_sequence = 0;
  std::uint64_t base_time = 0;
  std::uint64_t continued_size = 0;
  Bytes events;
  Bytes payloads;
  Bytes bulk;
  /// Events that were dropped before the block.
  std::uint64_t dropped = 0;
  /// Calls that are open where the block begins; none: those that the events before leave open.
  std::optional<std::vector<OpenCall>> open_calls = {};
};

class BlockWriter {
 public:
  explicit BlockWriter(FrameStream stream) : stream_(std::move(stream)) {}

  /// Writes a block, and before it the gap of what was dropped.
  Result<void> put(const FilledBlock& block);
  /// Events were dropped, and none follows.
  Result<void> put_gap(std::uint64_t dropped);

  [[nodiscard]] FrameStream& stream() { return stream_; }

 private:
  Result<void> put_batch(const BatchHead& head, Bytes events, Bytes payloads, Bytes bulk);

  FrameStream stream_;
  BatchBuilder builder_;
  BatchDecoder judge_;
  OpenCalls calls_;
};

}  // namespace crossing
