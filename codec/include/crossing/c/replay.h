#ifndef CROSSING_C_REPLAY_H
#define CROSSING_C_REPLAY_H

/// Replay: the half that knows no engine. Part of crossing.h. A replayer follows a trace, makes the
/// host's calls of the guest and answers the guest's calls of the host; an engine supplies a
/// `crossing_guest` and hands each call of the guest to `crossing_replayer_import_called`. There is
/// no host function anywhere [REPLAY-07].

#include "crossing/c/definitions.h"
#include "crossing/c/event.h"
#include "crossing/c/io.h"

CROSSING_C_BEGIN

/// How a component is wired: what its core modules are, what each core import is bound to, and the
/// functions at the boundary [spec/plan.md].
typedef struct crossing_wiring crossing_wiring;

typedef uint8_t crossing_core_kind;
enum {
  CROSSING_CORE_KIND_FUNC,
  CROSSING_CORE_KIND_TABLE,
  CROSSING_CORE_KIND_MEMORY,
  CROSSING_CORE_KIND_GLOBAL,
  CROSSING_CORE_KIND_TAG
};

/// A core module [PLAN-03].
typedef struct crossing_core_module {
  size_t struct_size;
  uint64_t offset;  ///< of the module in the component's binary
  uint64_t size;
} crossing_core_module;

/// What an import of a core instance is bound to [PLAN-04].
typedef struct crossing_core_import {
  crossing_string module;
  crossing_string name;
  crossing_core_kind kind;
  uint32_t function;            ///< the boundary function that serves it, or
  uint32_t core_instance;       ///< the core instance that defines it
  crossing_string export_name;  ///< and exports it under this name
} crossing_core_import;

/// A core instance [PLAN-04].
typedef struct crossing_core_instance {
  size_t struct_size;
  uint32_t instance;                    ///< component instance
  uint32_t core_module;                 ///< that it is of
  const crossing_core_import* imports;  ///< in the order of the module's imports
  size_t import_count;
} crossing_core_instance;

/// Reads the binary of a component; `digest` is its SHA-256, which the library does not compute
/// itself. `binary` is looked at during the call only. The error's offset is one in `binary`.
CROSSING_API crossing_verdict crossing_wiring_read(crossing_bytes binary, const uint8_t digest[32],
                                                   crossing_wiring** wiring, crossing_error* error);
CROSSING_API void crossing_wiring_delete(crossing_wiring* wiring);

/// Ids as in a trace of this component. This and what follows lives as long as the wiring.
CROSSING_API const crossing_definitions* crossing_wiring_definitions(const crossing_wiring* wiring);
/// The core module of an id, which count from 0; NULL: there is none.
CROSSING_API const crossing_core_module* crossing_wiring_core_module(const crossing_wiring* wiring,
                                                                     uint32_t id);
/// The core instance of an id, which count from 0; NULL: there is none.
CROSSING_API const crossing_core_instance* crossing_wiring_core_instance(
    const crossing_wiring* wiring, uint32_t id);

typedef uint8_t crossing_guest_end_kind;
enum {
  CROSSING_GUEST_RETURNED,
  CROSSING_GUEST_TRAPPED,  ///< by itself, or because `crossing_replayer_import_called` gave false
  CROSSING_GUEST_FAILED    ///< the engine could not do it; `message` says why
};

/// How a call into core code ended. Handed to a callback as "returned", with its `struct_size`.
typedef struct crossing_guest_end {
  size_t struct_size;
  crossing_guest_end_kind kind;
  crossing_trap_code code;  ///< of a trap of its own
  crossing_string message;  ///< copied when the callback has returned
} crossing_guest_end;

/// Core code as an engine runs it. Ids are those of the wiring that the replayer was made with;
/// values stand as in a payload [PAY-05].
typedef struct crossing_guest {
  size_t struct_size;
  void* context;
  /// Makes a core instance, its start function included. What it imports was made before.
  void (*instantiate)(void* context, uint32_t core_instance, crossing_guest_end* end);
  /// Calls the core function behind a function that the host calls. `params` are of the sizes of
  /// its `core_params`, and are valid until guest code runs; `results` take its `core_results`.
  void (*call)(void* context, uint32_t function, crossing_bytes params, uint8_t* results,
               size_t results_size, crossing_guest_end* end);
  /// Bytes of a memory as it is now. False: it does not exist (yet).
  bool (*memory_size)(void* context, uint32_t memory, uint64_t* size);
  /// `size` bytes at `address`, which lie inside the memory; valid until the next call of this
  /// guest or of the replayer.
  const uint8_t* (*read)(void* context, uint32_t memory, uint64_t address, uint64_t size);
  /// Writes bytes that lie inside the memory.
  void (*write)(void* context, uint32_t memory, uint64_t address, crossing_bytes bytes);
  /// From now on a memory may grow to `*bytes` and no further; `bytes` NULL: to what the trace
  /// declares. It is asked for only where a trace has `grow` events [GROW-01]. False, or a callback
  /// of NULL: the engine cannot.
  bool (*limit_growth)(void* context, uint32_t memory, const uint64_t* bytes);
} crossing_guest;

typedef uint8_t crossing_output_stream;
enum { CROSSING_STANDARD_OUTPUT = 1, CROSSING_STANDARD_ERROR = 2 };

/// Zero but for `struct_size` is a good start.
typedef struct crossing_replay_options {
  size_t struct_size;
  bool skip_digests;   ///< memory digests are not compared
  bool allow_changed;  ///< replay a component that is not the recorded one [REPLAY-05]
  bool keep_going;     ///< after a difference of values, as far as there is a way [REPLAY-09]
  bool one_instance;   ///< `instance` of the wiring alone, by its own events [REPLAY-11]
  uint32_t instance;
  void* context;  ///< of the callbacks here
  /// Takes what the guest wrote to its standard output and error [REG-05]; a number other than 0
  /// ends the replay. NULL: nobody wants it.
  int (*output)(void* context, crossing_output_stream stream, crossing_bytes bytes);
  /// Takes a note for the person who watches, once. NULL: nobody does.
  void (*note)(void* context, crossing_string text);
} crossing_replay_options;

typedef uint8_t crossing_run_end_kind;
enum { CROSSING_RUN_RETURNED, CROSSING_RUN_EXITED, CROSSING_RUN_TRAPPED };

/// A guest memory where a replay ended: its size, and the XXH3-64 (seed 0) of all of it.
typedef struct crossing_final_memory {
  uint32_t memory;
  uint64_t size;
  uint64_t hash;
} crossing_final_memory;

/// What became of a replay.
typedef struct crossing_replay_outcome {
  size_t struct_size;
  /// `CROSSING_OK`, `CROSSING_DIVERGED`, or why it could not go on.
  crossing_verdict verdict;
  bool has_end;               ///< the trace was followed to its end, which the `end_…` tell of
  bool has_divergence;        ///< the `divergence_…` tell of the first
  bool divergence_has_event;  ///< false: it is at the end of the trace
  int32_t exit_code;          ///< of a command that replays [VERDICT-05]
  crossing_string message;    ///< a sentence; empty: ok
  uint64_t events;            ///< replayed, informative ones left out, pieces as one
  uint64_t digests;           ///< compared
  uint64_t divergences;       ///< more than 1 only with `keep_going`

  crossing_run_end_kind end_kind;  ///< how the run ended [REPLAY-08]
  int32_t end_status;
  crossing_trap_code end_code;  ///< of exited and trapped
  crossing_string end_message;  ///< for people

  uint64_t divergence_event;            ///< [REPLAY-03]
  crossing_string divergence_function;  ///< what was called, or where it was
  crossing_string divergence_expected;  ///< what was recorded, in words
  crossing_string divergence_found;

  /// With `CROSSING_OK`: the memories that there were at the end, by ascending id. Two engines that
  /// replayed one trace agree on them.
  const crossing_final_memory* memories;
  size_t memory_count;
} crossing_replay_outcome;

/// Follows one trace once. The order of nested calls is that of native calls: the replayer calls
/// the guest, the guest calls `crossing_replayer_import_called`, and that may call the guest.
typedef struct crossing_replayer crossing_replayer;

/// `options` NULL: zero.
CROSSING_API crossing_verdict crossing_replayer_create(crossing_source* trace,
                                                       const crossing_wiring* wiring,
                                                       const crossing_replay_options* options,
                                                       crossing_replayer** replayer,
                                                       crossing_error* error);
CROSSING_API void crossing_replayer_delete(crossing_replayer* replayer);

/// Reads what the trace says of itself and refuses what cannot be replayed [REPLAY-04], before
/// anything runs; `crossing_replayer_run` does it too. `CROSSING_OK`: it can be.
CROSSING_API crossing_verdict crossing_replayer_refusal(crossing_replayer* replayer,
                                                        crossing_error* error);
/// What the trace says of itself; NULL before `crossing_replayer_refusal`, or when that could not
/// be read. Lives as long as the replayer.
CROSSING_API const crossing_trace_info* crossing_replayer_info(const crossing_replayer* replayer);

/// Replays to the end. Gives the outcome's verdict; `outcome` lives as long as the replayer, and is
/// NULL only when `guest` was not accepted or memory ran out.
CROSSING_API crossing_verdict crossing_replayer_run(crossing_replayer* replayer,
                                                    const crossing_guest* guest,
                                                    const crossing_replay_outcome** outcome,
                                                    crossing_error* error);

/// The guest called `function`, a function that the guest calls. True: `results` are filled, and
/// the guest goes on. False: the engine ends guest code by a trap of its own, up to the innermost
/// `call` or `instantiate` of the guest, which gives "trapped".
CROSSING_API bool crossing_replayer_import_called(crossing_replayer* replayer, uint32_t function,
                                                  crossing_bytes params, uint8_t* results,
                                                  size_t results_size);

/// `handler` is called before anything is done about the first event whose number is at least
/// `event`; the guest's memory is that which the event finds. It may read memory and set the next
/// stop. False ends the replay. Pieces of one event and informative events are no places. `next` is
/// valid during the call.
typedef bool (*crossing_stop_handler)(void* context, const crossing_event_view* next);
CROSSING_API crossing_verdict crossing_replayer_stop_before(crossing_replayer* replayer,
                                                            uint64_t event,
                                                            crossing_stop_handler handler,
                                                            void* context, crossing_error* error);

/// A replay that is taken step by step: it runs on a thread of its own, which calls the guest, and
/// only while the caller waits for it here.
typedef struct crossing_replay_stepper crossing_replay_stepper;

/// `replayer` outlives the stepper, and is used by nobody else meanwhile but to look at the memory.
CROSSING_API crossing_verdict crossing_replay_stepper_create(crossing_replayer* replayer,
                                                             const crossing_guest* guest,
                                                             crossing_replay_stepper** stepper,
                                                             crossing_error* error);
/// Ends a replay that has not ended.
CROSSING_API void crossing_replay_stepper_delete(crossing_replay_stepper* stepper);

/// Goes on up to the first event whose number is at least `event`, and at least by one event.
/// `next` becomes that event, valid until the stepper is called again; NULL: the replay ended
/// before. Fails only for want of memory or of a thread.
CROSSING_API crossing_verdict crossing_replay_stepper_run_until(crossing_replay_stepper* stepper,
                                                                uint64_t event,
                                                                const crossing_event_view** next,
                                                                crossing_error* error);

/// Goes to the end; gives what `crossing_replayer_run` gives.
CROSSING_API crossing_verdict
crossing_replay_stepper_finish(crossing_replay_stepper* stepper,
                               const crossing_replay_outcome** outcome, crossing_error* error);

CROSSING_C_END

#endif
