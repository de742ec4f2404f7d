// Crossing by its recorder, in C++ and in C, and by its writer. Blocks are hashed, framed and, when
// asked for, compressed on the thread that records; the recorder's time stands still.

#include <stdexcept>

#include "c/definitions.h"
#include "c/views.h"
#include "crossing/crossing.h"
#include "crossing/recorder.h"
#include "format.h"

namespace crossing::bench {
namespace {

void must(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().text());
}

class CountingSink final : public ByteSink {
 public:
  Result<void> write(Bytes bytes) override {
    count += bytes.size();
    return {};
  }
  std::uint64_t count = 0;
};

WriterOptions frames_of(Compression compression) {
  return {
      .codec = compression == Compression::zstd ? Codec::zstd : Codec::none, .level = 1, .salt = 1};
}

/// Bytes of a trace without its events: those that `write` left out.
template <class Write>
std::uint64_t bytes_of_events(const Workload& workload, Write write) {
  const std::uint64_t all = write(workload.rounds);
  return all - write(0);
}

// Callgrind counts what is done in these two, by their names.

[[gnu::noinline]] void append_all(Recorder& recorder, const std::vector<Event>& events) {
  for (const Event& event : events) {
    recorder.append(event.kind, event.subject, event.detail, event.body, event.flags);
  }
}

[[gnu::noinline]] void append_all_in_c(crossing_recorder* recorder,
                                       const std::vector<Event>& events) {
  for (const Event& event : events) {
    crossing_recorder_append_inline(recorder, static_cast<crossing_event_kind>(event.kind),
                                    event.subject, event.detail, c::to_c(event.body), event.flags);
  }
}

class RecorderFormat final : public Format {
 public:
  [[nodiscard]] std::string_view name() const override { return "Crossing, Recorder"; }
  std::uint64_t write(const Workload& workload, Compression compression) override {
    return bytes_of_events(workload, [&](int rounds) {
      CountingSink sink;
      auto recorder =
          Recorder::create(sink, workload.info, {.frames = frames_of(compression)}).value();
      must(recorder->define(workload.definitions));
      for (int round = 0; round < rounds; ++round) append_all(*recorder, workload.events);
      must(recorder->finish());
      return sink.count;
    });
  }
};

void must(crossing_verdict verdict) {
  if (verdict != CROSSING_OK) throw std::runtime_error(crossing_verdict_name(verdict));
}

class CRecorderFormat final : public Format {
 public:
  [[nodiscard]] std::string_view name() const override { return "Crossing, Recorder in C"; }
  std::uint64_t write(const Workload& workload, Compression compression) override {
    const c::TraceInfoMirror info(workload.info);
    crossing_definitions definitions;
    for (const Definition& definition : workload.definitions) definitions.add(definition);
    crossing_writer_options frames;
    crossing_writer_options_init(&frames, sizeof frames);
    frames.codec = compression == Compression::zstd ? CROSSING_CODEC_ZSTD : CROSSING_CODEC_NONE;
    crossing_recorder_options options;
    crossing_recorder_options_init(&options, sizeof options);
    options.frames = &frames;
    return bytes_of_events(workload, [&](int rounds) {
      std::uint64_t count = 0;
      crossing_sink_callbacks callbacks = {};
      callbacks.struct_size = sizeof callbacks;
      callbacks.context = &count;
      callbacks.write = [](void* context, crossing_bytes bytes) {
        *static_cast<std::uint64_t*>(context) += bytes.size;
        return 0;
      };
      crossing_sink* sink = nullptr;
      must(crossing_sink_new(&callbacks, &sink, nullptr));
      crossing_recorder* recorder = nullptr;
      must(crossing_recorder_create(sink, &info.view, &options, &recorder, nullptr));
      must(crossing_recorder_define(recorder, &definitions, nullptr));
      for (int round = 0; round < rounds; ++round) append_all_in_c(recorder, workload.events);
      must(crossing_recorder_finish(recorder, true, nullptr));
      crossing_recorder_delete(recorder);
      crossing_sink_delete(sink);
      return count;
    });
  }
};

class WriterFormat final : public Format {
 public:
  [[nodiscard]] std::string_view name() const override { return "Crossing, Writer"; }
  std::uint64_t write(const Workload& workload, Compression compression) override {
    return bytes_of_events(workload, [&](int rounds) {
      CountingSink sink;
      auto writer = Writer::create(sink, workload.info, frames_of(compression)).value();
      for (const Definition& definition : workload.definitions) must(writer.define(definition));
      for (int round = 0; round < rounds; ++round) {
        for (const Event& event : workload.events) must(writer.append(event));
      }
      must(writer.finish());
      return sink.count;
    });
  }
};

}  // namespace

std::unique_ptr<Format> make_recorder() { return std::make_unique<RecorderFormat>(); }
std::unique_ptr<Format> make_c_recorder() { return std::make_unique<CRecorderFormat>(); }
std::unique_ptr<Format> make_writer() { return std::make_unique<WriterFormat>(); }

}  // namespace crossing::bench
