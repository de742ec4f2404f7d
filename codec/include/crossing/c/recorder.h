#ifndef CROSSING_C_RECORDER_H
#define CROSSING_C_RECORDER_H

/// What an engine calls from its own lowering code while a guest runs. Part of crossing.h.
///
/// One store has one recorder, and one thread at a time calls it. An event costs a struct store and
/// a copy of its body into the open block: nothing is allocated, locked or asked of the system. A
/// full block goes to a pool, whose threads compress, hash and write it, or, without a pool, is
/// written by the recording thread. What goes wrong is kept, and told by `crossing_recorder_finish`
/// or when asked; the guest never sees it.

#include <string.h>

#include "crossing/c/definitions.h"
#include "crossing/c/event.h"
#include "crossing/c/io.h"
#include "crossing/c/trace.h"

CROSSING_C_BEGIN

/// Threads that write the blocks of many recorders, and a clock that they share. Outlives its
/// recorders.
typedef struct crossing_recorder_pool crossing_recorder_pool;

/// `threads` of at least 1.
CROSSING_API crossing_verdict crossing_recorder_pool_new(uint32_t threads,
                                                         crossing_recorder_pool** pool,
                                                         crossing_error* error);
CROSSING_API void crossing_recorder_pool_delete(crossing_recorder_pool* pool);

/// What a recorder does when the guest is faster than the sink, so that no block is free.
typedef uint8_t crossing_when_full;
enum {
  CROSSING_WHEN_FULL_WAIT,  ///< the guest waits
  CROSSING_WHEN_FULL_DROP   ///< whole blocks are dropped; a `gap` says how many events [GAP-01]
};

typedef struct crossing_recorder_options {
  size_t struct_size;
  const crossing_writer_options* frames;  ///< NULL: those of `crossing_writer_options_init`
  crossing_recorder_pool* pool;           ///< NULL: the recording thread writes
  uint32_t slots;  ///< blocks held: one is filled while the others are written
  crossing_when_full when_full;
} crossing_recorder_options;

/// Three slots, the rest zero. `size` is `sizeof(crossing_recorder_options)`.
CROSSING_API void crossing_recorder_options_init(crossing_recorder_options* options, size_t size);

/// What stays of a recording that goes to a file [RING-01].
typedef struct crossing_ring {
  uint64_t bytes;   ///< of stored blocks that stay; 0: no bound
  uint64_t blocks;  ///< that stay; 0: no bound
  double seconds;   ///< blocks written longer ago go; 0: no bound
} crossing_ring;

typedef struct crossing_recording_file {
  size_t struct_size;
  const char* path;  ///< ends in a zero
  bool replace;      ///< false: an existing file is an error
  /// The blocks that are not written yet lie in a mapping of the file `path` + ".open", so that a
  /// killed process loses no event [OPEN-01].
  bool open_file;
  /// What was written is on the disk before its block is used again [OPEN-07]: what a loss of power
  /// leaves. Slow.
  bool sync;
  crossing_ring ring;
} crossing_recording_file;

/// `open_file` true, the rest zero. `size` is `sizeof(crossing_recording_file)`.
CROSSING_API void crossing_recording_file_init(crossing_recording_file* file, size_t size);

/// The part of the open block that an append touches. For the functions below, nobody else's.
typedef struct crossing_open_block {
  uint8_t* events;         ///< the struct of event i stands at 16 i
  uint8_t* payload;        ///< where the next body goes
  uint8_t* payload_limit;  ///< a body may begin before it; room for one lies behind
  uint32_t* committed;     ///< events that are whole [OPEN-04]
  uint32_t count;
  uint32_t capacity;      ///< 0: every event takes the long way
  uint32_t barrier;       ///< nothing joins the event before this one
  uint64_t time;          ///< of the last event
  const uint64_t* clock;  ///< written by another thread
} __attribute__((may_alias)) crossing_open_block;

/// Records the events of one store. The library has more behind it.
typedef struct crossing_recorder {
  crossing_open_block* open;
} crossing_recorder;

/// Records to `sink`, which the pool's threads call, one at a time. `options` NULL: those of
/// `crossing_recorder_options_init`.
CROSSING_API crossing_verdict crossing_recorder_create(crossing_sink* sink,
                                                       const crossing_trace_info* info,
                                                       const crossing_recorder_options* options,
                                                       crossing_recorder** recorder,
                                                       crossing_error* error);
/// Records to a file. `CROSSING_UNSUPPORTED` where the file system cannot do what was asked for; a
/// disk that is too full for the blocks shows here.
CROSSING_API crossing_verdict crossing_recorder_create_file(
    const crossing_recording_file* file, const crossing_trace_info* info,
    const crossing_recorder_options* options, crossing_recorder** recorder, crossing_error* error);
/// Without `crossing_recorder_finish`: writes what was appended and leaves an interrupted trace.
CROSSING_API void crossing_recorder_delete(crossing_recorder* recorder);

/// Defines what later events name, as `crossing_writer_define` does; the definitions are in the
/// sink when this returns. Not for the hot path.
CROSSING_API crossing_verdict crossing_recorder_define(crossing_recorder* recorder,
                                                       const crossing_definitions* definitions,
                                                       crossing_error* error);
/// Attaches `size` bytes of `source` under `name` [STREAM-06], best before the first event; `id`
/// (or NULL) becomes the attachment's. Not for the hot path.
CROSSING_API crossing_verdict crossing_recorder_attach(crossing_recorder* recorder,
                                                       crossing_string name,
                                                       crossing_source* source, uint64_t size,
                                                       uint32_t* id, crossing_error* error);

/// The first error so far, `CROSSING_OK` if there was none: nothing after it is in the trace.
CROSSING_API crossing_verdict crossing_recorder_error(const crossing_recorder* recorder,
                                                      crossing_error* error);
/// Number that the next event gets.
CROSSING_API uint64_t crossing_recorder_next_sequence(const crossing_recorder* recorder);
/// Events that were dropped so far [CROSSING_WHEN_FULL_DROP].
CROSSING_API uint64_t crossing_recorder_dropped(const crossing_recorder* recorder);

/// Hands the open block on, though it is not full, and waits until all is in the sink.
CROSSING_API crossing_verdict crossing_recorder_flush(crossing_recorder* recorder,
                                                      crossing_error* error);
/// Writes the rest, index, summary and end. `keep` false: a file is removed; a sink keeps what it
/// has, an interrupted trace. The first error since the recording began, if there was one.
CROSSING_API crossing_verdict crossing_recorder_finish(crossing_recorder* recorder, bool keep,
                                                       crossing_error* error);

// The hot path. Functions are named by the kind of event that they append, and take its subject,
// detail and body as the kinds' table has them [spec/events.md]; flat values are the core values'
// bytes [PAY-05], and `call` is 0 where calls have no numbers. Whether an event keeps to its kind's
// row is judged where the block is written; one that does not ends the recording with
// `CROSSING_INVALID`.

/// Any event, at the recorder's own time: for a language that cannot compile the functions below
/// into its own code.
CROSSING_API void crossing_recorder_append(crossing_recorder* recorder, crossing_event_kind kind,
                                           uint32_t subject, uint64_t detail, crossing_bytes body,
                                           uint8_t flags);

/// Writes that adjoin the last event, a `lower` in the same memory, become one with it.
CROSSING_API void crossing_recorder_lower(crossing_recorder* recorder, uint32_t memory,
                                          uint64_t address, crossing_bytes bytes);
/// `origin`: 0 the guest, 1 the host, 2 the engine.
CROSSING_API void crossing_recorder_trap(crossing_recorder* recorder, uint32_t function,
                                         crossing_trap_code code, uint8_t origin, int32_t status,
                                         crossing_string message);
CROSSING_API void crossing_recorder_task_resolve(crossing_recorder* recorder, uint32_t function,
                                                 uint32_t call, uint32_t state);
CROSSING_API void crossing_recorder_copy(crossing_recorder* recorder, uint32_t instance,
                                         uint32_t handle, uint8_t direction, uint8_t result,
                                         bool is_future, uint32_t count);
CROSSING_API void crossing_recorder_grow(crossing_recorder* recorder, uint32_t subject, bool table,
                                         uint64_t delta, int64_t result);
CROSSING_API void crossing_recorder_digest(crossing_recorder* recorder, uint32_t memory,
                                           uint64_t size, uint64_t hash);
CROSSING_API void crossing_recorder_marker(crossing_recorder* recorder, crossing_string name_space,
                                           crossing_bytes bytes);

/// Copies `size` bytes, fewer than 256, and no byte more is read or written.
static inline void crossing_copy_small(uint8_t* to, const uint8_t* from, size_t size) {
  if (size >= 16) {
    size_t at = 0;
    for (; at + 16 < size; at += 16) memcpy(to + at, from + at, 16);
    memcpy(to + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    memcpy(to, from, 8);
    memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    memcpy(to, from, 4);
    memcpy(to + size - 4, from + size - 4, 4);
  } else {
    size_t at;
    for (at = 0; at < size; ++at) to[at] = from[at];
  }
}

/// `crossing_recorder_append`, compiled into its caller.
static inline void crossing_recorder_append_inline(crossing_recorder* recorder,
                                                   crossing_event_kind kind, uint32_t subject,
                                                   uint64_t detail, crossing_bytes body,
                                                   uint8_t flags) {
  crossing_open_block* const open = recorder->open;
  const uint64_t delta = __atomic_load_n(open->clock, __ATOMIC_RELAXED) - open->time;
  uint64_t words[2];
  if (__builtin_expect((open->count >= open->capacity) | (open->payload >= open->payload_limit) |
                           (body.size >= 256) | (delta > 0xffff) | (detail > 0xffffffff),
                       0)) {
    crossing_recorder_append(recorder, kind, subject, detail, body, flags);
    return;
  }
  words[0] = (uint64_t)subject << 32 | delta << 16 | (uint64_t)flags << 8 | kind;
  words[1] = (uint64_t)body.size << 32 | detail;
  memcpy(open->events + (size_t)open->count * sizeof words, words, sizeof words);
  crossing_copy_small(open->payload, body.data, body.size);
  open->payload += body.size;
  open->time += delta;
  __atomic_store_n(open->committed, ++open->count, __ATOMIC_RELEASE);
}

static inline void crossing_recorder_instantiate(crossing_recorder* recorder, uint32_t instance) {
  const crossing_bytes none = {NULL, 0};
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_INSTANTIATE, instance, 0, none, 0);
}
static inline void crossing_recorder_instantiate_end(crossing_recorder* recorder,
                                                     uint32_t instance) {
  const crossing_bytes none = {NULL, 0};
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_INSTANTIATE_END, instance, 0, none, 0);
}
static inline void crossing_recorder_export_call(crossing_recorder* recorder, uint32_t function,
                                                 uint32_t call) {
  const crossing_bytes none = {NULL, 0};
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_EXPORT_CALL, function, call, none, 0);
}
static inline void crossing_recorder_export_enter(crossing_recorder* recorder, uint32_t function,
                                                  crossing_bytes params, uint32_t call) {
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_EXPORT_ENTER, function, call, params, 0);
}
static inline void crossing_recorder_export_result(crossing_recorder* recorder, uint32_t function,
                                                   crossing_bytes results, uint32_t call) {
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_EXPORT_RESULT, function, call, results,
                                  0);
}
static inline void crossing_recorder_import_call(crossing_recorder* recorder, uint32_t function,
                                                 crossing_bytes params, uint32_t call) {
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_IMPORT_CALL, function, call, params, 0);
}
static inline void crossing_recorder_import_result(crossing_recorder* recorder, uint32_t function,
                                                   crossing_bytes results, uint32_t call) {
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_IMPORT_RESULT, function, call, results,
                                  0);
}
static inline void crossing_recorder_realloc_call(crossing_recorder* recorder, uint32_t function,
                                                  crossing_bytes params) {
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_REALLOC_CALL, function, 0, params, 0);
}
static inline void crossing_recorder_realloc_result(crossing_recorder* recorder, uint32_t function,
                                                    crossing_bytes result) {
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_REALLOC_RESULT, function, 0, result, 0);
}
static inline void crossing_recorder_lift(crossing_recorder* recorder, uint32_t memory,
                                          uint64_t address, crossing_bytes bytes) {
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_LIFT, memory, address, bytes, 0);
}
static inline void crossing_recorder_lower_snapshot(crossing_recorder* recorder, uint32_t memory,
                                                    uint64_t address, crossing_bytes bytes) {
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_LOWER, memory, address, bytes,
                                  CROSSING_FLAG_SNAPSHOT);
}
static inline void crossing_recorder_task_start(crossing_recorder* recorder, uint32_t function,
                                                uint32_t call) {
  const crossing_bytes none = {NULL, 0};
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_TASK_START, function, call, none, 0);
}
static inline void crossing_recorder_task_resolve_end(crossing_recorder* recorder,
                                                      uint32_t function, uint32_t call) {
  const crossing_bytes none = {NULL, 0};
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_TASK_RESOLVE_END, function, call, none,
                                  0);
}
static inline void crossing_recorder_task_cancel(crossing_recorder* recorder, uint32_t function,
                                                 uint32_t call) {
  const crossing_bytes none = {NULL, 0};
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_TASK_CANCEL, function, call, none, 0);
}
static inline void crossing_recorder_copy_end(crossing_recorder* recorder, uint32_t instance,
                                              uint32_t handle) {
  const crossing_bytes none = {NULL, 0};
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_COPY_END, instance, handle, none, 0);
}
static inline void crossing_recorder_end_dropped(crossing_recorder* recorder, uint32_t instance,
                                                 uint32_t handle) {
  const crossing_bytes none = {NULL, 0};
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_END_DROPPED, instance, handle, none, 0);
}
static inline void crossing_recorder_thread_switch(crossing_recorder* recorder, uint32_t thread,
                                                   uint32_t call) {
  const crossing_bytes none = {NULL, 0};
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_THREAD_SWITCH, thread, call, none, 0);
}
static inline void crossing_recorder_thread_start(crossing_recorder* recorder, uint32_t thread,
                                                  uint32_t call) {
  const crossing_bytes none = {NULL, 0};
  crossing_recorder_append_inline(recorder, CROSSING_EVENT_THREAD_START, thread, call, none, 0);
}

CROSSING_C_END

#endif
