#ifndef CROSSING_C_EVENT_H
#define CROSSING_C_EVENT_H

/// Events: what crossed the boundary. Part of crossing.h. Names and meaning are those of
/// spec/events.md.

#include "crossing/c/base.h"

CROSSING_C_BEGIN

typedef uint8_t crossing_event_kind;
enum {
  CROSSING_EVENT_INSTANTIATE = 1,
  CROSSING_EVENT_INSTANTIATE_END = 2,
  CROSSING_EVENT_EXPORT_CALL = 3,
  CROSSING_EVENT_EXPORT_ENTER = 4,
  CROSSING_EVENT_EXPORT_RESULT = 5,
  CROSSING_EVENT_IMPORT_CALL = 6,
  CROSSING_EVENT_IMPORT_RESULT = 7,
  CROSSING_EVENT_LIFT = 8,
  CROSSING_EVENT_REALLOC_CALL = 9,
  CROSSING_EVENT_REALLOC_RESULT = 10,
  CROSSING_EVENT_LOWER = 11,
  CROSSING_EVENT_TRAP = 12,
  CROSSING_EVENT_TASK_START = 13,
  CROSSING_EVENT_TASK_RESOLVE = 14,
  CROSSING_EVENT_TASK_RESOLVE_END = 15,
  CROSSING_EVENT_TASK_CANCEL = 16,
  CROSSING_EVENT_COPY = 17,
  CROSSING_EVENT_COPY_END = 18,
  CROSSING_EVENT_END_DROPPED = 19,
  CROSSING_EVENT_THREAD_SWITCH = 20,
  CROSSING_EVENT_THREAD_START = 21,
  CROSSING_EVENT_GROW = 22,
  CROSSING_EVENT_GAP = 23,
  CROSSING_EVENT_DIGEST = 24,
  CROSSING_EVENT_MARKER = 128
};

/// The kind's name in the spec; empty for a kind that is not known. Static storage.
CROSSING_API const char* crossing_event_kind_name(crossing_event_kind kind);

/// Bits of an event's flags.
enum {
  CROSSING_FLAG_REDACTED = 8,
  CROSSING_FLAG_HASHED = 16,
  CROSSING_FLAG_OMITTED = 32,
  CROSSING_FLAG_SNAPSHOT = 64
};

/// Codes of `trap` [REG-01].
typedef uint32_t crossing_trap_code;
enum {
  CROSSING_TRAP_UNKNOWN = 0,
  CROSSING_TRAP_UNREACHABLE = 1,
  CROSSING_TRAP_MEMORY_OUT_OF_BOUNDS = 2,
  CROSSING_TRAP_TABLE_OUT_OF_BOUNDS = 3,
  CROSSING_TRAP_INDIRECT_CALL_TO_NULL = 4,
  CROSSING_TRAP_BAD_SIGNATURE = 5,
  CROSSING_TRAP_INTEGER_OVERFLOW = 6,
  CROSSING_TRAP_INTEGER_DIVISION_BY_ZERO = 7,
  CROSSING_TRAP_BAD_CONVERSION_TO_INTEGER = 8,
  CROSSING_TRAP_STACK_OVERFLOW = 9,
  CROSSING_TRAP_OUT_OF_MEMORY = 10,
  CROSSING_TRAP_INTERRUPT = 11,
  CROSSING_TRAP_NULL_REFERENCE = 12,
  CROSSING_TRAP_UNCAUGHT_EXCEPTION = 13,
  CROSSING_TRAP_HOST_ERROR = 14,
  CROSSING_TRAP_CANONICAL_ABI = 15,
  CROSSING_TRAP_EXIT = 16,
  CROSSING_TRAP_CANNOT_LEAVE = 17
};

/// The code's name in the spec; empty for a code that is not known. Static storage.
CROSSING_API const char* crossing_trap_code_name(crossing_trap_code code);

/// An event to be written. `body` is copied by whoever takes the event.
typedef struct crossing_event {
  size_t struct_size;
  crossing_event_kind kind;
  uint8_t flags;
  uint32_t subject;
  uint64_t detail;
  uint64_t time;  ///< absolute, in clock units, not before the event's predecessor
  crossing_bytes body;
} crossing_event;

/// A piece of an event as a reader gives it: the whole event where `first` and `last` are both
/// true, which is always so for bodies of less than 64 KiB.
typedef struct crossing_event_view {
  size_t struct_size;
  crossing_event_kind kind;
  uint8_t flags;
  bool first;
  bool last;
  uint32_t subject;
  uint64_t detail;      ///< 0 in every piece but the first
  uint64_t sequence;    ///< number of this piece
  uint64_t time;        ///< absolute, in clock units
  crossing_bytes body;  ///< of this piece
  uint64_t body_size;   ///< of all pieces; meaningful in the first
} crossing_event_view;

/// A call that is open where a block begins [EVENT-06].
typedef struct crossing_open_call {
  uint64_t event;
  uint32_t thread;
  uint32_t subject;
  uint32_t call;
  crossing_event_kind kind;
} crossing_open_call;

CROSSING_C_END

#endif
