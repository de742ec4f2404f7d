#pragma once

/// Events <-> the body of an `events` frame [spec/events.md]. With bodies.h the only users of
/// generated FlatBuffers code.

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "crossing/definitions.h"
#include "crossing/event.h"
#include "crossing/limits.h"
#include "crossing/trace.h"
#include "event/scope.h"

namespace crossing {

/// The 16 bytes of the schema's `Event`.
struct EventStruct {
  std::uint8_t kind = 0;
  std::uint8_t flags = 0;
  std::uint16_t time_delta = 0;
  std::uint32_t subject = 0;
  std::uint32_t detail = 0;
  std::uint32_t payload_size = 0;
};
static_assert(sizeof(EventStruct) == 16);

/// The largest number that an event can have [GAP-02].
inline constexpr std::uint64_t last_event_number = UINT64_MAX >> 1;

/// What a batch says besides its events.
struct BatchHead {
  std::uint64_t base_sequence = 0;
  std::uint64_t base_time = 0;
  std::uint32_t definitions = 0;
  std::uint64_t continued_size = 0;
  std::vector<OpenCall> open_calls;
};

/// Bytes that are appended one after the other. What was allocated once is used again.
class Arena {
 public:
  void append(const std::uint8_t* bytes, std::size_t size) {
    if (size > bytes_.size() - size_) bytes_.resize(2 * (size_ + size));
    if (size != 0) std::memcpy(bytes_.data() + size_, bytes, size);
    size_ += size;
  }
  template <class T>
  void append(const T& value) {
    if (sizeof value > bytes_.size() - size_) bytes_.resize(2 * (size_ + sizeof value));
    std::memcpy(bytes_.data() + size_, &value, sizeof value);
    size_ += sizeof value;
  }
  [[nodiscard]] const std::uint8_t* data() const { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t size_ = 0;
};

/// Makes `EventBatch`es; keeps its buffer from one to the next.
class BatchBuilder {
 public:
  BatchBuilder();
  BatchBuilder(BatchBuilder&&) noexcept;
  BatchBuilder& operator=(BatchBuilder&&) noexcept;
  ~BatchBuilder();

  /// The `EventBatch` of `events`, whole structs, and their payloads; valid until the next call.
  Bytes build(const BatchHead& head, Bytes events, Bytes payloads, std::size_t bulk_size);

 private:
  struct Buffer;
  std::unique_ptr<Buffer> buffer_;
};

/// Gathers the events of one block.
class BatchEncoder {
 public:
  /// Appends one struct with its payload, prefixes first.
  void append(EventStruct event, Bytes prefixes, Bytes body) {
    event.payload_size = static_cast<std::uint32_t>(body.size());
    events_.append(event);
    if (!prefixes.empty()) payloads_.append(prefixes.data(), prefixes.size());
    Arena& arena = event.payload_size >= limits::bulk_threshold ? bulk_ : payloads_;  // [EVENT-03]
    arena.append(body.data(), body.size());
    payload_bytes_ += body.size();
  }

  [[nodiscard]] bool empty() const { return events_.size() == 0; }
  [[nodiscard]] std::size_t count() const { return events_.size() / sizeof(EventStruct); }
  /// Bytes of events and payloads so far.
  [[nodiscard]] std::size_t size() const {
    return events_.size() + payloads_.size() + bulk_.size();
  }
  /// Bytes of bodies so far, prefixes not counted.
  [[nodiscard]] std::uint64_t payload_bytes() const { return payload_bytes_; }
  [[nodiscard]] Bytes bulk() const { return {bulk_.data(), bulk_.size()}; }

  /// The `EventBatch`; valid until the next call.
  Bytes encode(const BatchHead& head) {
    return builder_.build(head, {events_.data(), events_.size()},
                          {payloads_.data(), payloads_.size()}, bulk_.size());
  }
  void clear() {
    events_.clear();
    payloads_.clear();
    bulk_.clear();
    payload_bytes_ = 0;
  }

 private:
  Arena events_;
  Arena payloads_;
  Arena bulk_;
  std::uint64_t payload_bytes_ = 0;
  BatchBuilder builder_;
};

class EventCheck;

/// Verifies batches in the order of the stream, and keeps what one tells about the next.
class BatchDecoder {
 public:
  /// Verifies one batch. `body` is aligned to 8 and outlives the block, as does `bulk`, the
  /// decoded `bulk` frame before it. With `bulk_left_out`, `bulk` is empty and its size is that.
  /// Errors carry `offset`, the batch's place in the file.
  Result<Block> decode(Bytes body, Bytes bulk, std::optional<std::uint32_t> bulk_left_out,
                       const Scope& scope, std::uint64_t offset);

  /// Number that the next event has to have; 0 before the first.
  [[nodiscard]] std::uint64_t next_sequence() const { return next_sequence_; }
  [[nodiscard]] std::uint64_t last_time() const { return last_time_; }

  /// Whether pieces of the last event are still to come.
  [[nodiscard]] bool continued() const { return continued_size_ != 0; }
  /// Brings what totals say of events up to date, after `block`.
  void count(const Block& block, Totals& totals) const {
    totals.event_count += block.size();
    totals.next_sequence = next_sequence_;
    totals.last_time = last_time_;
    totals.payload_bytes = payload_bytes_;
    totals.kind_counts = kind_counts_;
  }

  /// For recovery and seeking: takes up where a later batch begins, whatever was lost before it.
  void resume_at(std::uint64_t sequence, std::uint64_t time, std::uint64_t continued_size);

 private:
  Result<void> check_head(const Block& block, std::uint64_t continued_size,
                          std::uint32_t definitions, const Scope& scope, std::uint64_t offset);
  Result<void> check_events(const Block& block, std::size_t payload_bytes, std::size_t bulk_bytes,
                            bool has_bulk, const Scope& scope);
  struct Pass;
  /// Passes by what `surely_good` knows to be good; none of it is a piece of another.
  void pass_plain_events(Pass& pass, const Scope& scope);
  bool pass_run(Pass& pass, const Scope& scope, std::uint32_t count);
  bool pass_one_by_one(Pass& pass, const Scope& scope, std::uint32_t count);
  Result<void> check_event(Pass& pass, const Scope& scope);
  Result<void> check_piece(const EventStruct& event, const EventCheck& check);
  Result<void> take_prefixes(Pass& pass, const EventStruct& event, const EventCheck& check,
                             std::uint64_t& delta, std::uint64_t& detail, std::uint64_t& body_size);

  std::uint64_t next_sequence_ = 0;
  std::uint64_t last_time_ = 0;
  std::array<std::uint64_t, 256> kind_counts_ = {};
  std::uint64_t payload_bytes_ = 0;
  // The payload that the next event continues.
  std::uint64_t continued_size_ = 0;
  std::optional<EventStruct> continued_;
};

/// What a batch says of its place in the trace.
struct BatchPlace {
  std::uint64_t base_sequence = 0;
  std::uint64_t event_count = 0;
  std::uint64_t continued_size = 0;
  std::uint32_t definitions = 0;
  std::uint64_t base_time = 0;
};

/// Where a batch belongs: no event is looked at.
Result<BatchPlace> decode_batch_place(Bytes body, std::uint64_t offset);

}  // namespace crossing
