#pragma once

/// The blocks that a recorder holds, in memory or in an open file.

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "crossing/recorder.h"
#include "io/mapping.h"
#include "session/block_writer.h"
#include "trace/open_file.h"

namespace crossing {

/// Room for blocks of `block_size` bytes of events and payloads, and of as many of bulk. A body may
/// begin as long as `payload_limit` is not reached: the room of the largest, with its prefixes,
/// lies behind it.
struct BlockShape {
  static constexpr std::uint32_t largest_payload = limits::bulk_threshold + 3 * 8;

  SlotShape slot;
  std::uint32_t payload_limit = 0;
  std::uint32_t bulk_limit = 0;

  static BlockShape of(std::size_t block_size) {
    const auto size = static_cast<std::uint32_t>(
        std::clamp<std::size_t>(block_size, 4096, limits::frame_decoded_size / 8));
    BlockShape shape;
    shape.payload_limit = size / 8 * 5;
    shape.bulk_limit = size;
    shape.slot.event_capacity = size / 32;
    shape.slot.payload_capacity = (shape.payload_limit + largest_payload + 63) / 64 * 64;
    shape.slot.bulk_capacity = size + limits::piece_size;
    return shape;
  }
};

/// Memory of a slot that is not in a file, aligned to a cache line.
class SlotMemory {
 public:
  explicit SlotMemory(std::size_t size)
      : bytes_(std::make_unique_for_overwrite<std::uint8_t[]>(size + line)) {}
  [[nodiscard]] std::uint8_t* get() const {
    const auto address = reinterpret_cast<std::uintptr_t>(bytes_.get());
    return bytes_.get() + (line - address % line) % line;
  }

 private:
  static constexpr std::size_t line = 64;
  std::unique_ptr<std::uint8_t[]> bytes_;
};

/// A slot, and what its owner tells who writes it.
struct Slot {
  std::uint8_t* at = nullptr;
  SlotHead head;
  std::uint32_t events = 0;    // of a full slot
  std::uint32_t payloads = 0;  // bytes
  std::uint32_t bulk = 0;
  std::uint64_t dropped = 0;
  std::optional<std::vector<OpenCall>> open_calls = {};

  [[nodiscard]] FilledBlock filled(const SlotShape& shape) const {
    return {.base_sequence = head.base_sequence,
            .base_time = head.base_time,
            .continued_size = head.continued_size,
            .events = {at + SlotShape::head_size, std::size_t{events} * sizeof(EventStruct)},
            .payloads = {at + shape.payloads_at(), payloads},
            .bulk = {at + shape.bulk_at(), bulk},
            .dropped = dropped,
            .open_calls = open_calls};
  }
};

}  // namespace crossing
