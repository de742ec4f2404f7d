#pragma once

/// What an engine calls from its own lowering code while a guest runs.
///
/// One store has one Recorder, and one thread at a time calls it. An event costs a struct store and
/// a copy of its body into the open block: nothing is allocated, locked or asked of the system. A
/// full block goes to a RecorderPool, whose threads compress, hash and write it, or, without a
/// pool, is written by the recording thread. What goes wrong is kept, and told by `finish` or when
/// asked; the guest never sees it.

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "crossing/definitions.h"
#include "crossing/event.h"
#include "crossing/io.h"
#include "crossing/limits.h"
#include "crossing/ring.h"
#include "crossing/trace.h"

namespace [[gnu::visibility("default")]] crossing {

/// Threads that write the blocks of many recorders, and a clock that they share. Outlives its
/// recorders.
class RecorderPool {
 public:
  /// `threads` of at least 1.
  explicit RecorderPool(unsigned threads = 1);
  RecorderPool(const RecorderPool&) = delete;
  RecorderPool& operator=(const RecorderPool&) = delete;
  ~RecorderPool();

 private:
  friend class Recorder;
  class [[gnu::visibility("hidden")]] Impl;
  std::unique_ptr<Impl> impl_;
};

/// What a recorder does when the guest is faster than the sink, so that no block is free.
enum class WhenFull : std::uint8_t {
  wait,  ///< the guest waits
  drop   ///< whole blocks are dropped; a `gap` says how many events they held [GAP-01]
};

struct RecorderOptions {
  WriterOptions frames = {};  ///< codec, level, block size, salt
  unsigned slots = 3;  ///< blocks held, one filled while the others are written; 1 without a pool
  WhenFull when_full = WhenFull::wait;
  RecorderPool* pool = nullptr;  ///< none: the recording thread writes
};

/// For `Recorder::create_file`.
struct RecordingFile {
  std::string path;
  IfExists if_exists = IfExists::refuse;
  /// The blocks that are not written yet lie in a mapping of the file `path` + ".open", so that a
  /// killed process loses no event [OPEN-01].
  bool open_file = true;
  /// What was written is on the disk before its block is used again [OPEN-07]: what a loss of power
  /// leaves. Slow.
  bool sync = false;
  Ring ring = {};
};

namespace detail {

/// The part of the open block that an append touches.
struct OpenBlock {
  std::uint8_t* events = nullptr;         // the struct of event i stands at 16 i
  std::uint8_t* payload = nullptr;        // where the next body goes
  std::uint8_t* payload_limit = nullptr;  // a body may begin before it; room for one lies behind
  std::uint32_t* committed = nullptr;     // events that are whole [OPEN-04]
  std::uint32_t count = 0;
  std::uint32_t capacity = 0;  // 0: every event takes the long way
  std::uint32_t barrier = 0;   // nothing joins the event before this one
  std::uint64_t time = 0;      // of the last event
  const std::atomic<std::uint64_t>* clock = nullptr;
};

/// Copies `size` bytes, fewer than 256, and no byte more is read or written.
[[gnu::always_inline]] inline void copy_small(std::uint8_t* to, const std::uint8_t* from,
                                              std::size_t size) {
  const auto word = [&]<class T>(T, std::size_t at) {
    T value;
    std::memcpy(&value, from + at, sizeof value);
    std::memcpy(to + at, &value, sizeof value);
  };
  struct Two {
    std::uint64_t low, high;
  };
  if (size >= sizeof(Two)) {
    std::size_t at = 0;
    for (; at + sizeof(Two) < size; at += sizeof(Two)) word(Two{}, at);
    word(Two{}, size - sizeof(Two));
  } else if (size >= 8) {
    word(std::uint64_t{}, 0);
    word(std::uint64_t{}, size - 8);
  } else if (size >= 4) {
    word(std::uint32_t{}, 0);
    word(std::uint32_t{}, size - 4);
  } else {
    for (std::size_t at = 0; at < size; ++at) to[at] = from[at];
  }
}

}  // namespace detail

/// Records the events of one store. Functions are named by the kind of event that they append, and
/// take its subject, detail and body as the kinds' table has them [spec/events.md]; flat values are
/// the core values' bytes [PAY-05]. Whether an event keeps to its kind's row is judged where the
/// block is written; one that does not ends the recording with `invalid`.
class Recorder {
 public:
  /// Records to `sink`, which the pool's threads call, one at a time; it outlives the recorder. Of
  /// `info`, an empty uuid is made here, and with a clock its unit and start where they are 0.
  static Result<std::unique_ptr<Recorder>> create(ByteSink& sink, const TraceInfo& info,
                                                  const RecorderOptions& options = {});
  /// Records to a file. `io` where it cannot be made, or the disk is too full for the open file; a
  /// file system without holes shows when a ring lets its first block go.
  static Result<std::unique_ptr<Recorder>> create_file(const RecordingFile& file,
                                                       const TraceInfo& info,
                                                       const RecorderOptions& options = {});
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  /// Without `finish`: writes what was appended and leaves an interrupted trace.
  ~Recorder();

  /// Defines what later events name, as `Writer::define` does; the definitions are in the sink when
  /// this returns. Not for the hot path.
  Result<void> define(std::span<const Definition> definitions);
  /// Attaches bytes [STREAM-06], best before the first event. Not for the hot path.
  Result<std::uint32_t> attach(std::string_view name, ByteSource& source, std::uint64_t size);

  [[gnu::always_inline]] void instantiate(std::uint32_t instance) {
    append(EventKind::instantiate, instance);
  }
  [[gnu::always_inline]] void instantiate_end(std::uint32_t instance) {
    append(EventKind::instantiate_end, instance);
  }
  [[gnu::always_inline]] void export_call(std::uint32_t function, std::uint32_t call = 0) {
    append(EventKind::export_call, function, call);
  }
  [[gnu::always_inline]] void export_enter(std::uint32_t function, Bytes params,
                                           std::uint32_t call = 0) {
    append(EventKind::export_enter, function, call, params);
  }
  [[gnu::always_inline]] void export_result(std::uint32_t function, Bytes results,
                                            std::uint32_t call = 0) {
    append(EventKind::export_result, function, call, results);
  }
  [[gnu::always_inline]] void import_call(std::uint32_t function, Bytes params,
                                          std::uint32_t call = 0) {
    append(EventKind::import_call, function, call, params);
  }
  [[gnu::always_inline]] void import_result(std::uint32_t function, Bytes results,
                                            std::uint32_t call = 0) {
    append(EventKind::import_result, function, call, results);
  }
  [[gnu::always_inline]] void realloc_call(std::uint32_t function, Bytes params) {
    append(EventKind::realloc_call, function, 0, params);
  }
  [[gnu::always_inline]] void realloc_result(std::uint32_t function, Bytes result) {
    append(EventKind::realloc_result, function, 0, result);
  }
  [[gnu::always_inline]] void lift(std::uint32_t memory, std::uint64_t address, Bytes bytes) {
    append(EventKind::lift, memory, address, bytes);
  }
  /// Writes that adjoin the last event, a `lower` in the same memory, become one with it.
  [[gnu::always_inline]] void lower(std::uint32_t memory, std::uint64_t address, Bytes bytes) {
    if (!coalesce(memory, address, bytes)) append(EventKind::lower, memory, address, bytes);
  }
  [[gnu::always_inline]] void lower_snapshot(std::uint32_t memory, std::uint64_t address,
                                             Bytes bytes) {
    append(EventKind::lower, memory, address, bytes, flag_snapshot);
  }
  void trap(std::uint32_t function, TrapCode code, TrapPayload payload, std::string_view message);
  [[gnu::always_inline]] void task_start(std::uint32_t function, std::uint32_t call) {
    append(EventKind::task_start, function, call);
  }
  void task_resolve(std::uint32_t function, std::uint32_t call, std::uint32_t state);
  [[gnu::always_inline]] void task_resolve_end(std::uint32_t function, std::uint32_t call) {
    append(EventKind::task_resolve_end, function, call);
  }
  [[gnu::always_inline]] void task_cancel(std::uint32_t function, std::uint32_t call) {
    append(EventKind::task_cancel, function, call);
  }
  void copy(std::uint32_t instance, std::uint32_t handle, CopyPayload payload);
  [[gnu::always_inline]] void copy_end(std::uint32_t instance, std::uint32_t handle) {
    append(EventKind::copy_end, instance, handle);
  }
  [[gnu::always_inline]] void end_dropped(std::uint32_t instance, std::uint32_t handle) {
    append(EventKind::end_dropped, instance, handle);
  }
  [[gnu::always_inline]] void thread_switch(std::uint32_t thread, std::uint32_t call) {
    append(EventKind::thread_switch, thread, call);
  }
  [[gnu::always_inline]] void thread_start(std::uint32_t thread, std::uint32_t call) {
    append(EventKind::thread_start, thread, call);
  }
  void grow(std::uint32_t subject, bool table, GrowPayload payload);
  void digest(std::uint32_t memory, HashPayload payload);
  void marker(std::string_view name_space, Bytes bytes);

  /// Any event, at the recorder's own time. `flags`: none of `framing_flags`.
  [[gnu::always_inline]] void append(EventKind kind, std::uint32_t subject,
                                     std::uint64_t detail = 0, Bytes body = {},
                                     std::uint8_t flags = 0) {
    // Read before anything is stored: bytes may alias all of it.
    const std::uint64_t time = open_.clock->load(std::memory_order_relaxed);
    const std::uint64_t delta = time - open_.time;
    const std::uint32_t count = open_.count;
    std::uint8_t* const event = open_.events + std::size_t{count} * 16;
    std::uint8_t* const payload = open_.payload;
    std::uint32_t* const committed = open_.committed;
    const std::size_t size = body.size();
    if ((count >= open_.capacity) | (payload >= open_.payload_limit) |
        (size >= limits::bulk_threshold) | (delta > 0xffff) | (detail > 0xffffffff)) [[unlikely]] {
      append_long(kind, flags, subject, detail, body);
      return;
    }
    open_.count = count + 1;
    open_.payload = payload + size;
    open_.time = time;
    const std::uint64_t words[2] = {std::uint64_t{subject} << 32 | delta << 16 |
                                        std::uint64_t{flags} << 8 |
                                        static_cast<std::uint64_t>(kind),
                                    std::uint64_t{size} << 32 | detail};
    std::memcpy(event, words, sizeof words);
    detail::copy_small(payload, body.data(), size);
    std::atomic_ref(*committed).store(count + 1, std::memory_order_release);  // [OPEN-04]
  }

  /// Hands the open block on, though it is not full, and waits until all is in the sink.
  Result<void> flush();
  /// Writes the rest, index, summary and end. `keep` false: a file is removed; a sink keeps what it
  /// has, an interrupted trace. The first error since the recording began, if there was one.
  Result<void> finish(bool keep = true);

  /// The first error so far, if there was one: nothing after it is in the trace.
  [[nodiscard]] std::optional<Error> error() const;
  /// Number that the next event gets.
  [[nodiscard]] std::uint64_t next_sequence() const;
  /// Events that were dropped so far [WhenFull::drop].
  [[nodiscard]] std::uint64_t dropped() const;

  /// For the C interface, which appends as `append` does.
  [[nodiscard]] detail::OpenBlock* open_block() { return &open_; }

 private:
  class [[gnu::visibility("hidden")]] Impl;
  explicit Recorder(std::unique_ptr<Impl> impl);

  /// Everything but the ordinary case: full blocks, long bodies, wide details, leaps of the clock.
  [[gnu::cold]] void append_long(EventKind kind, std::uint8_t flags, std::uint32_t subject,
                                 std::uint64_t detail, Bytes body);
  /// Joins small writes to the last event; false where they do not adjoin.
  [[gnu::always_inline]] bool coalesce(std::uint32_t memory, std::uint64_t address, Bytes bytes) {
    if (open_.count == open_.barrier) return false;
    std::uint8_t* const last = open_.events + (std::size_t{open_.count} - 1) * 16;
    std::uint64_t words[2];
    std::memcpy(words, last, sizeof words);
    constexpr std::uint64_t not_the_time = 0xffffffff0000ffff;
    if ((words[0] & not_the_time) !=
        (std::uint64_t{memory} << 32 | static_cast<std::uint64_t>(EventKind::lower))) {
      return false;
    }
    const std::uint64_t size = (words[1] >> 32) + bytes.size();
    if ((words[1] & 0xffffffff) + (words[1] >> 32) != address) return false;
    if (size >= limits::bulk_threshold || open_.payload >= open_.payload_limit) return false;
    if (open_.clock->load(std::memory_order_relaxed) != open_.time) return false;
    detail::copy_small(open_.payload, bytes.data(), bytes.size());
    open_.payload += bytes.size();
    std::uint32_t* const stored_size = reinterpret_cast<std::uint32_t*>(last + 12);
    std::atomic_ref(*stored_size)
        .store(static_cast<std::uint32_t>(size), std::memory_order_release);
    return true;
  }

  detail::OpenBlock open_;
  std::unique_ptr<Impl> impl_;
};

/// A recorder that records nothing, for engines that choose at compile time: every call to it
/// compiles to nothing.
class NullRecorder {
 public:
  void instantiate(std::uint32_t) {}
  void instantiate_end(std::uint32_t) {}
  void export_call(std::uint32_t, std::uint32_t = 0) {}
  void export_enter(std::uint32_t, Bytes, std::uint32_t = 0) {}
  void export_result(std::uint32_t, Bytes, std::uint32_t = 0) {}
  void import_call(std::uint32_t, Bytes, std::uint32_t = 0) {}
  void import_result(std::uint32_t, Bytes, std::uint32_t = 0) {}
  void realloc_call(std::uint32_t, Bytes) {}
  void realloc_result(std::uint32_t, Bytes) {}
  void lift(std::uint32_t, std::uint64_t, Bytes) {}
  void lower(std::uint32_t, std::uint64_t, Bytes) {}
  void lower_snapshot(std::uint32_t, std::uint64_t, Bytes) {}
  void trap(std::uint32_t, TrapCode, TrapPayload, std::string_view) {}
  void task_start(std::uint32_t, std::uint32_t) {}
  void task_resolve(std::uint32_t, std::uint32_t, std::uint32_t) {}
  void task_resolve_end(std::uint32_t, std::uint32_t) {}
  void task_cancel(std::uint32_t, std::uint32_t) {}
  void copy(std::uint32_t, std::uint32_t, CopyPayload) {}
  void copy_end(std::uint32_t, std::uint32_t) {}
  void end_dropped(std::uint32_t, std::uint32_t) {}
  void thread_switch(std::uint32_t, std::uint32_t) {}
  void thread_start(std::uint32_t, std::uint32_t) {}
  void grow(std::uint32_t, bool, GrowPayload) {}
  void digest(std::uint32_t, HashPayload) {}
  void marker(std::string_view, Bytes) {}
};

}  // namespace crossing
