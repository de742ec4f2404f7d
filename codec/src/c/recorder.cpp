#include "crossing/recorder.h"

#include <cstddef>

#include "c/definitions.h"
#include "c/events.h"
#include "c/io.h"
#include "c/options.h"

using namespace crossing;
using namespace crossing::c;

struct crossing_recorder_pool {
  explicit crossing_recorder_pool(unsigned threads) : pool(threads) {}
  RecorderPool pool;
};

namespace {

using detail::OpenBlock;

// The open block is one struct under two names.
static_assert(sizeof(crossing_open_block) == sizeof(OpenBlock));
static_assert(offsetof(crossing_open_block, events) == offsetof(OpenBlock, events));
static_assert(offsetof(crossing_open_block, payload) == offsetof(OpenBlock, payload));
static_assert(offsetof(crossing_open_block, payload_limit) == offsetof(OpenBlock, payload_limit));
static_assert(offsetof(crossing_open_block, committed) == offsetof(OpenBlock, committed));
static_assert(offsetof(crossing_open_block, count) == offsetof(OpenBlock, count));
static_assert(offsetof(crossing_open_block, capacity) == offsetof(OpenBlock, capacity));
static_assert(offsetof(crossing_open_block, barrier) == offsetof(OpenBlock, barrier));
static_assert(offsetof(crossing_open_block, time) == offsetof(OpenBlock, time));
static_assert(offsetof(crossing_open_block, clock) == offsetof(OpenBlock, clock));
static_assert(sizeof(std::atomic<std::uint64_t>) == sizeof(std::uint64_t));
static_assert(CROSSING_WHEN_FULL_DROP == static_cast<int>(WhenFull::drop));

/// What is behind a `crossing_recorder`.
struct Handle : crossing_recorder {
  explicit Handle(std::unique_ptr<Recorder> made)
      : crossing_recorder{reinterpret_cast<crossing_open_block*>(made->open_block())},
        recorder(std::move(made)) {}

  std::unique_ptr<Recorder> recorder;
  bool broken = false;
};

Handle* handle_of(crossing_recorder* recorder) { return static_cast<Handle*>(recorder); }
const Handle* handle_of(const crossing_recorder* recorder) {
  return static_cast<const Handle*>(recorder);
}

Result<RecorderOptions> options_of(const crossing_recorder_options* given) {
  RecorderOptions options;
  if (given == nullptr) return options;
  const auto known = read_sized(*given, "crossing_recorder_options");
  if (!known) return tl::unexpected(known.error());
  const auto frames = writer_options_of(known->frames);
  if (!frames) return tl::unexpected(frames.error());
  if (known->when_full > CROSSING_WHEN_FULL_DROP) {
    return usage("expected a when_full of 0 or 1, found " + std::to_string(known->when_full));
  }
  options.frames = *frames;
  options.slots = known->slots;
  options.when_full = static_cast<WhenFull>(known->when_full);
  if (known->pool != nullptr) options.pool = &known->pool->pool;
  return options;
}

Result<RecordingFile> file_of(const crossing_recording_file& given) {
  return read_sized(given, "crossing_recording_file").map([](const crossing_recording_file& known) {
    RecordingFile file;
    file.path = known.path;
    file.if_exists = known.replace ? IfExists::replace : IfExists::refuse;
    file.open_file = known.open_file;
    file.sync = known.sync;
    file.ring = {known.ring.bytes, known.ring.blocks, known.ring.seconds};
    return file;
  });
}

/// Makes a recorder by `create`, which gets the info and the options.
template <class Create>
crossing_verdict create_with(Create create, const crossing_trace_info* info,
                             const crossing_recorder_options* options, crossing_recorder** recorder,
                             crossing_error* error) {
  *recorder = nullptr;
  return guarded(error, [&]() -> Result<void> {
    const auto known_info = from_c(*info);
    if (!known_info) return tl::unexpected(known_info.error());
    const auto known_options = options_of(options);
    if (!known_options) return tl::unexpected(known_options.error());
    Result<std::unique_ptr<Recorder>> made = create(*known_info, *known_options);
    if (!made) return tl::unexpected(made.error());
    *recorder = new Handle(std::move(*made));
    return {};
  });
}

/// Appends by `append`, which gets the recorder. Nothing is said of a failure here but that
/// nothing more is recorded.
template <class Append>
void append_with(crossing_recorder* recorder, Append append) {
  Handle& handle = *handle_of(recorder);
  guarded(handle.broken, nullptr, [&]() -> Result<void> {
    append(*handle.recorder);
    return {};
  });
}

}  // namespace

crossing_verdict crossing_recorder_pool_new(uint32_t threads, crossing_recorder_pool** pool,
                                            crossing_error* error) {
  *pool = nullptr;
  return guarded(error, [&]() -> Result<void> {
    if (threads == 0) return usage("expected at least one thread of a pool, found none");
    *pool = new crossing_recorder_pool(threads);
    return {};
  });
}

void crossing_recorder_pool_delete(crossing_recorder_pool* pool) { delete pool; }

void crossing_recorder_options_init(crossing_recorder_options* options, size_t size) {
  const RecorderOptions defaults;
  crossing_recorder_options start = {};
  start.slots = defaults.slots;
  start.when_full = static_cast<crossing_when_full>(defaults.when_full);
  start_sized(options, size, start);
}

void crossing_recording_file_init(crossing_recording_file* file, size_t size) {
  const RecordingFile defaults;
  crossing_recording_file start = {};
  start.open_file = defaults.open_file;
  start_sized(file, size, start);
}

crossing_verdict crossing_recorder_create(crossing_sink* sink, const crossing_trace_info* info,
                                          const crossing_recorder_options* options,
                                          crossing_recorder** recorder, crossing_error* error) {
  const auto create = [&](const TraceInfo& known_info, const RecorderOptions& known_options) {
    return Recorder::create(*sink->sink, known_info, known_options);
  };
  return create_with(create, info, options, recorder, error);
}

crossing_verdict crossing_recorder_create_file(const crossing_recording_file* file,
                                               const crossing_trace_info* info,
                                               const crossing_recorder_options* options,
                                               crossing_recorder** recorder,
                                               crossing_error* error) {
  const auto create = [&](const TraceInfo& known_info, const RecorderOptions& known_options) {
    return file_of(*file).and_then([&](const RecordingFile& known_file) {
      return Recorder::create_file(known_file, known_info, known_options);
    });
  };
  return create_with(create, info, options, recorder, error);
}

void crossing_recorder_delete(crossing_recorder* recorder) { delete handle_of(recorder); }

crossing_verdict crossing_recorder_define(crossing_recorder* recorder,
                                          const crossing_definitions* definitions,
                                          crossing_error* error) {
  Handle& handle = *handle_of(recorder);
  return guarded(handle.broken, error,
                 [&] { return handle.recorder->define(definitions->list()); });
}

crossing_verdict crossing_recorder_attach(crossing_recorder* recorder, crossing_string name,
                                          crossing_source* source, uint64_t size, uint32_t* id,
                                          crossing_error* error) {
  Handle& handle = *handle_of(recorder);
  return guarded(handle.broken, error, [&]() -> Result<void> {
    const auto attached = handle.recorder->attach(from_c(name), *source->source, size);
    if (!attached) return tl::unexpected(attached.error());
    if (id != nullptr) *id = *attached;
    return {};
  });
}

crossing_verdict crossing_recorder_error(const crossing_recorder* recorder, crossing_error* error) {
  const Handle& handle = *handle_of(recorder);
  if (handle.broken) return report_out_of_memory(error);
  return guarded(error, [&]() -> Result<void> {
    if (const auto first = handle.recorder->error()) return tl::unexpected(*first);
    return {};
  });
}

uint64_t crossing_recorder_next_sequence(const crossing_recorder* recorder) {
  return handle_of(recorder)->recorder->next_sequence();
}
uint64_t crossing_recorder_dropped(const crossing_recorder* recorder) {
  return handle_of(recorder)->recorder->dropped();
}

crossing_verdict crossing_recorder_flush(crossing_recorder* recorder, crossing_error* error) {
  Handle& handle = *handle_of(recorder);
  return guarded(handle.broken, error, [&] { return handle.recorder->flush(); });
}

crossing_verdict crossing_recorder_finish(crossing_recorder* recorder, bool keep,
                                          crossing_error* error) {
  Handle& handle = *handle_of(recorder);
  return guarded(handle.broken, error, [&] { return handle.recorder->finish(keep); });
}

void crossing_recorder_append(crossing_recorder* recorder, crossing_event_kind kind,
                              uint32_t subject, uint64_t detail, crossing_bytes body,
                              uint8_t flags) {
  append_with(recorder, [&](Recorder& into) {
    into.append(static_cast<EventKind>(kind), subject, detail, from_c(body), flags);
  });
}

void crossing_recorder_lower(crossing_recorder* recorder, uint32_t memory, uint64_t address,
                             crossing_bytes bytes) {
  append_with(recorder, [&](Recorder& into) { into.lower(memory, address, from_c(bytes)); });
}

void crossing_recorder_trap(crossing_recorder* recorder, uint32_t function, crossing_trap_code code,
                            uint8_t origin, int32_t status, crossing_string message) {
  append_with(recorder, [&](Recorder& into) {
    into.trap(function, static_cast<TrapCode>(code), {static_cast<TrapOrigin>(origin), status},
              from_c(message));
  });
}

void crossing_recorder_task_resolve(crossing_recorder* recorder, uint32_t function, uint32_t call,
                                    uint32_t state) {
  append_with(recorder, [&](Recorder& into) { into.task_resolve(function, call, state); });
}

void crossing_recorder_copy(crossing_recorder* recorder, uint32_t instance, uint32_t handle,
                            uint8_t direction, uint8_t result, bool is_future, uint32_t count) {
  append_with(recorder, [&](Recorder& into) {
    into.copy(instance, handle, {direction, result, is_future, count});
  });
}

void crossing_recorder_grow(crossing_recorder* recorder, uint32_t subject, bool table,
                            uint64_t delta, int64_t result) {
  append_with(recorder, [&](Recorder& into) { into.grow(subject, table, {delta, result}); });
}

void crossing_recorder_digest(crossing_recorder* recorder, uint32_t memory, uint64_t size,
                              uint64_t hash) {
  append_with(recorder, [&](Recorder& into) { into.digest(memory, {size, hash}); });
}

void crossing_recorder_marker(crossing_recorder* recorder, crossing_string name_space,
                              crossing_bytes bytes) {
  append_with(recorder, [&](Recorder& into) { into.marker(from_c(name_space), from_c(bytes)); });
}
