#pragma once

/// The open file [spec/open.md]: blocks that are still being filled, where a kill leaves them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crossing/io.h"
#include "event/batch.h"
#include "io/bytes.h"

namespace crossing {

/// The room that a slot has for each part of a block.
struct SlotShape {
  std::uint32_t event_capacity = 0;
  std::uint32_t payload_capacity = 0;
  std::uint32_t bulk_capacity = 0;

  static constexpr std::size_t head_size = 64;
  [[nodiscard]] constexpr std::size_t payloads_at() const {
    return head_size + std::size_t{event_capacity} * 16;
  }
  [[nodiscard]] constexpr std::size_t bulk_at() const { return payloads_at() + payload_capacity; }
  /// [OPEN-02]
  [[nodiscard]] constexpr std::size_t slot_size() const {
    return (bulk_at() + bulk_capacity + 4095) / 4096 * 4096;
  }
};

/// The members of a slot's head, in the order of their offsets.
struct SlotHead {
  std::uint32_t state = 0;
  std::uint32_t committed = 0;
  std::uint64_t base_sequence = 0;
  std::uint64_t base_time = 0;
  std::uint64_t continued_size = 0;
};
static_assert(sizeof(SlotHead) == 32);
inline constexpr std::uint32_t slot_in_use = 1;

/// The head of an open file.
struct OpenFileHead {
  std::uint64_t salt = 0;
  std::uint32_t slot_count = 0;
  SlotShape shape;

  static constexpr std::size_t size = 4096;
  static constexpr std::uint32_t most_slots = 64;
  [[nodiscard]] std::size_t slot_at(std::uint32_t index) const {
    return size + std::size_t{index} * shape.slot_size();
  }
  [[nodiscard]] std::size_t file_size() const { return slot_at(slot_count); }
};

/// Stores the head into the first bytes of a new file.
void store_head(const OpenFileHead& head, std::uint8_t* into);

/// Takes the slot at `at` into use [OPEN-03].
void open_slot(std::uint8_t* at, const SlotHead& head);

/// A block that was open when its recorder was killed: the committed events and their payloads.
struct LeftBlock {
  SlotHead head;
  std::vector<std::uint8_t> events;
  std::vector<std::uint8_t> payloads;
  std::vector<std::uint8_t> bulk;

  /// As an `EventBatch`, without definitions, with what is known to be open where it begins. Valid
  /// as long as the builder's batch.
  Bytes encode(BatchBuilder& builder, std::vector<OpenCall> open_calls) const;
};

/// Reads the slots in use, by ascending base sequence, one at a time [OPEN-06]. What events mean is
/// judged by who takes the blocks.
class OpenFileReader {
 public:
  /// `source` outlives the reader. `salt`: that of the trace.
  static Result<OpenFileReader> open(SeekableSource& source, std::uint64_t salt);
  /// The next block; none after the last.
  Result<std::optional<LeftBlock>> next();

 private:
  struct Place {
    SlotHead head;
    std::uint64_t offset = 0;
  };
  OpenFileReader(SeekableSource& source, const SlotShape& shape)
      : source_(&source), shape_(shape) {}

  SeekableSource* source_;
  SlotShape shape_;
  std::vector<Place> in_use_;  // by descending base sequence
};

}  // namespace crossing
