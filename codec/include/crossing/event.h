#pragma once

/// Events: what crossed the boundary. Names and meaning are those of spec/events.md.

#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "crossing/io.h"
#include "crossing/limits.h"

namespace [[gnu::visibility("default")]] crossing {

enum class EventKind : std::uint8_t {
  instantiate = 1,
  instantiate_end = 2,
  export_call = 3,
  export_enter = 4,
  export_result = 5,
  import_call = 6,
  import_result = 7,
  lift = 8,
  realloc_call = 9,
  realloc_result = 10,
  lower = 11,
  trap = 12,
  task_start = 13,
  task_resolve = 14,
  task_resolve_end = 15,
  task_cancel = 16,
  copy = 17,
  copy_end = 18,
  end_dropped = 19,
  thread_switch = 20,
  thread_start = 21,
  grow = 22,
  gap = 23,
  digest = 24,
  marker = 128
};

/// The kind's name in the spec; empty for a kind that is not known.
std::string_view event_kind_name(EventKind kind);

/// Bits of an event's flags. `continued`, `time_prefix` and `wide` are framing: a reader takes
/// them off, a writer puts them on; nobody else sees them.
enum EventFlag : std::uint8_t {
  flag_continued = 1,
  flag_time_prefix = 2,
  flag_wide = 4,
  flag_redacted = 8,
  flag_hashed = 16,
  flag_omitted = 32,
  flag_snapshot = 64
};
inline constexpr std::uint8_t framing_flags = flag_continued | flag_time_prefix | flag_wide;

/// Codes of `trap` [REG-01].
enum class TrapCode : std::uint32_t {
  unknown = 0,
  unreachable = 1,
  memory_out_of_bounds = 2,
  table_out_of_bounds = 3,
  indirect_call_to_null = 4,
  bad_signature = 5,
  integer_overflow = 6,
  integer_division_by_zero = 7,
  bad_conversion_to_integer = 8,
  stack_overflow = 9,
  out_of_memory = 10,
  interrupt = 11,
  null_reference = 12,
  uncaught_exception = 13,
  host_error = 14,
  canonical_abi = 15,
  exit = 16,
  cannot_leave = 17
};
std::string_view trap_code_name(TrapCode code);

enum class TrapOrigin : std::uint8_t { guest, host, engine };
enum class GapReason : std::uint32_t { lost, dropped, ring, aborted, damaged };
std::string_view gap_reason_name(GapReason reason);

/// Bodies of fixed layout [EVENT kinds' table]; each converts to and from its little-endian bytes.
struct TrapPayload {
  TrapOrigin origin = TrapOrigin::guest;
  std::int32_t status = 0;
};
struct CopyPayload {
  std::uint8_t direction = 0;
  std::uint8_t result = 0;
  bool is_future = false;
  std::uint32_t count = 0;
};
struct GrowPayload {
  std::uint64_t delta = 0;
  std::int64_t result = 0;
};
struct GapPayload {
  std::uint64_t count = 0;
};
struct HashPayload {
  std::uint64_t size = 0;
  std::uint64_t hash = 0;
};

/// An event to be written. `body` is copied by whoever takes the event.
struct Event {
  EventKind kind = EventKind::marker;
  std::uint8_t flags = 0;  ///< none of `framing_flags`
  std::uint64_t time = 0;  ///< absolute, in clock units, not before the event's predecessor
  std::uint32_t subject = 0;
  std::uint64_t detail = 0;
  Bytes body = {};
};

/// A piece of an event as a reader gives it: the whole event where `first` and `last` are both
/// set, which is always so for bodies of less than 64 KiB. `body` lives as long as the block and
/// its copies.
struct EventView {
  std::uint64_t sequence = 0;  ///< number of this piece
  std::uint64_t time = 0;      ///< absolute, in clock units
  EventKind kind = EventKind::marker;
  std::uint8_t flags = 0;  ///< without `framing_flags`
  bool first = true;
  bool last = true;
  std::uint32_t subject = 0;
  std::uint64_t detail = 0;     ///< 0 in every piece but the first
  Bytes body = {};              ///< of this piece, without prefixes
  std::uint64_t body_size = 0;  ///< of all pieces; meaningful in the first
};

/// A call that is open where a block begins [EVENT-06].
struct OpenCall {
  std::uint64_t event = 0;
  std::uint32_t thread = 0;
  std::uint32_t subject = 0;
  std::uint32_t call = 0;
  EventKind kind = EventKind::export_call;
  bool operator==(const OpenCall&) const = default;
};

/// The events of one block, already verified. It and its copies share the memory that it is a view
/// of, and with it all events, bodies and open calls: they stay valid for as long as one of them
/// lives, whatever becomes of the reader and in whatever thread. The reader uses the memory again
/// when nobody has it any more, so that who keeps no block makes it take no more. Where the source
/// lends its bytes (`ByteSource::lend`), a block lives no longer than these.
class Block {
 public:
  class Iterator;

  [[nodiscard]] std::uint64_t base_sequence() const { return base_sequence_; }
  [[nodiscard]] std::uint64_t base_time() const { return base_time_; }
  /// Number of events, pieces counted one by one.
  [[nodiscard]] std::uint32_t size() const { return count_; }
  [[nodiscard]] std::span<const OpenCall> open_calls() const { return open_calls_; }
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] std::default_sentinel_t end() const { return {}; }

 private:
  friend class BatchDecoder;
  friend class FrameJudge;
  const std::uint8_t* events_ = nullptr;
  const std::uint8_t* payloads_ = nullptr;
  const std::uint8_t* bulk_ = nullptr;  // null: the reader left bulk bodies out
  std::uint32_t count_ = 0;
  bool begins_continued_ = false;
  std::uint64_t base_sequence_ = 0;
  std::uint64_t base_time_ = 0;
  std::span<const OpenCall> open_calls_;
  std::shared_ptr<const void> owner_;  // of all that is pointed to; null: the source
};

/// Walks a block in order. The block stays where it is meanwhile; an `EventView` is valid until the
/// iterator moves, its copies and its body as long as the block.
class Block::Iterator {
 public:
  using value_type = EventView;
  using difference_type = std::ptrdiff_t;
  using iterator_concept = std::input_iterator_tag;

  const EventView& operator*() const { return view_; }
  const EventView* operator->() const { return &view_; }
  Iterator& operator++() {
    ++index_;
    load();
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const { return index_ == block_->count_; }

 private:
  friend class Block;
  /// The 16 bytes of the schema's `Event`.
  struct Stored {
    std::uint8_t kind, flags;
    std::uint16_t time_delta;
    std::uint32_t subject, detail, payload_size;
  };

  explicit Iterator(const Block& block)
      : block_(&block),
        continues_(block.begins_continued_),
        payload_(block.payloads_),
        bulk_(block.bulk_) {
    view_.time = block.base_time_;
    load();
  }

  /// Decodes the event at `index_`. The block was verified, so nothing is checked here.
  void load() {
    if (index_ == block_->count_) return;
    Stored event;
    std::memcpy(&event, block_->events_ + std::size_t{index_} * sizeof event, sizeof event);
    view_.sequence = block_->base_sequence_ + index_;
    view_.kind = static_cast<EventKind>(event.kind);
    view_.subject = event.subject;
    view_.flags = static_cast<std::uint8_t>(event.flags & ~framing_flags);
    view_.detail = event.detail;
    view_.body_size = event.payload_size;
    if ((event.flags & framing_flags) == 0 && !continues_) {
      view_.time += event.time_delta;
      view_.first = view_.last = true;
    } else {
      load_framed(event);
    }
    if (event.payload_size < limits::bulk_threshold) {
      view_.body = Bytes(payload_, event.payload_size);
      payload_ += event.payload_size;
    } else if (bulk_ != nullptr) {
      view_.body = Bytes(bulk_, event.payload_size);
      bulk_ += event.payload_size;
    } else {
      view_.body = {};
    }
  }
  /// What prefixes say, and which piece it is.
  void load_framed(const Stored& event) {
    view_.time += (event.flags & flag_time_prefix) != 0 ? take_prefix() : event.time_delta;
    view_.first = !continues_;
    view_.last = (event.flags & flag_continued) == 0;
    if ((event.flags & flag_wide) != 0) view_.detail = take_prefix();
    if (view_.first && !view_.last) view_.body_size = take_prefix();
    continues_ = !view_.last;
  }
  std::uint64_t take_prefix() {
    std::uint64_t value = 0;
    std::memcpy(&value, payload_, sizeof value);
    payload_ += sizeof value;
    return value;
  }

  const Block* block_;
  std::uint32_t index_ = 0;
  bool continues_ = false;
  const std::uint8_t* payload_ = nullptr;
  const std::uint8_t* bulk_ = nullptr;
  EventView view_;
};

inline Block::Iterator Block::begin() const { return Iterator(*this); }

}  // namespace crossing
