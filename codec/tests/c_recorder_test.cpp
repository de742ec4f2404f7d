// What is recorded through the C interface is what is recorded through the C++ one, byte for byte.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "c/definitions.h"
#include "c/views.h"
#include "crossing/crossing.h"
#include "crossing/recorder.h"
#include "sample.h"

namespace crossing::testing {
namespace {

using c::from_c;
using c::to_c;

/// A recording in memory through C.
class CRecording {
 public:
  explicit CRecording(std::size_t block_size = 262144) {
    good(crossing_sink_new_memory(&sink_, error_));
    crossing_writer_options frames;
    crossing_writer_options_init(&frames, sizeof frames);
    frames.has_salt = true;
    frames.salt = 42;
    frames.block_size = block_size;
    crossing_recorder_options options;
    crossing_recorder_options_init(&options, sizeof options);
    options.frames = &frames;
    const c::TraceInfoMirror info(sample_info());
    good(crossing_recorder_create(sink_, &info.view, &options, &recorder, error_));
    crossing_definitions definitions;
    for (const Definition& definition : sample_definitions()) definitions.add(definition);
    good(crossing_recorder_define(recorder, &definitions, error_));
  }
  CRecording(const CRecording&) = delete;
  CRecording& operator=(const CRecording&) = delete;
  ~CRecording() {
    crossing_recorder_delete(recorder);
    crossing_sink_delete(sink_);
    crossing_error_delete(error_);
  }

  std::vector<std::uint8_t> finish() {
    good(crossing_recorder_finish(recorder, true, error_));
    const Bytes bytes = from_c(crossing_sink_memory(sink_));
    return {bytes.begin(), bytes.end()};
  }
  crossing_verdict error() { return crossing_recorder_error(recorder, error_); }
  const char* message() { return crossing_error_message(error_); }

  crossing_recorder* recorder = nullptr;

 private:
  void good(crossing_verdict verdict) {
    EXPECT_EQ(verdict, CROSSING_OK) << crossing_error_text(error_);
  }
  crossing_error* error_ = crossing_error_new();
  crossing_sink* sink_ = nullptr;
};

/// The same through C++.
std::vector<std::uint8_t> recorded(const std::function<void(Recorder&)>& events,
                                   std::size_t block_size = 262144) {
  MemorySink sink;
  RecorderOptions options;
  options.frames.salt = 42;
  options.frames.block_size = block_size;
  auto recorder = Recorder::create(sink, sample_info(), options).value();
  must(recorder->define(sample_definitions()));
  events(*recorder);
  must(recorder->finish());
  return sink.take();
}

TEST(CRecorder, EveryFunctionAppendsWhatThatOfCppDoes) {
  const auto four = body_of(4), sixteen = body_of(16), long_body = body_of(70000);
  const auto cpp = recorded([&](Recorder& to) {
    to.instantiate(0);
    to.instantiate_end(0);
    to.export_call(1, 7);
    to.export_enter(1, four, 7);
    to.import_call(0, four, 8);
    to.realloc_call(2, sixteen);
    to.realloc_result(2, four);
    to.lower(0, 8, four);
    to.lower(0, 12, four);
    to.lower(0, 100, long_body);
    to.lower_snapshot(0, 16, sixteen);
    to.lift(0, 32, four);
    to.import_result(0, four, 8);
    to.task_start(0, 8);
    to.task_resolve(0, 8, 2);
    to.task_resolve_end(0, 8);
    to.task_cancel(1, 8);
    to.copy(0, 3, {.direction = 1, .result = 1, .is_future = false, .count = 5});
    to.copy_end(0, 3);
    to.end_dropped(0, 3);
    to.thread_switch(2, 8);
    to.thread_start(3, 8);
    to.grow(0, false, {.delta = 1, .result = -1});
    to.digest(0, {.size = 65536, .hash = 9});
    to.marker("space", four);
    to.trap(1, TrapCode::host_error, {.origin = TrapOrigin::host, .status = 3}, "why");
    to.export_result(1, four, 7);
    to.append(EventKind::import_call, 0, 9, four);
  });
  CRecording c;
  crossing_recorder* const to = c.recorder;
  const crossing_bytes c_four = to_c(Bytes(four)), c_sixteen = to_c(Bytes(sixteen));
  crossing_recorder_instantiate(to, 0);
  crossing_recorder_instantiate_end(to, 0);
  crossing_recorder_export_call(to, 1, 7);
  crossing_recorder_export_enter(to, 1, c_four, 7);
  crossing_recorder_import_call(to, 0, c_four, 8);
  crossing_recorder_realloc_call(to, 2, c_sixteen);
  crossing_recorder_realloc_result(to, 2, c_four);
  crossing_recorder_lower(to, 0, 8, c_four);
  crossing_recorder_lower(to, 0, 12, c_four);
  crossing_recorder_lower(to, 0, 100, to_c(Bytes(long_body)));
  crossing_recorder_lower_snapshot(to, 0, 16, c_sixteen);
  crossing_recorder_lift(to, 0, 32, c_four);
  crossing_recorder_import_result(to, 0, c_four, 8);
  crossing_recorder_task_start(to, 0, 8);
  crossing_recorder_task_resolve(to, 0, 8, 2);
  crossing_recorder_task_resolve_end(to, 0, 8);
  crossing_recorder_task_cancel(to, 1, 8);
  crossing_recorder_copy(to, 0, 3, 1, 1, false, 5);
  crossing_recorder_copy_end(to, 0, 3);
  crossing_recorder_end_dropped(to, 0, 3);
  crossing_recorder_thread_switch(to, 2, 8);
  crossing_recorder_thread_start(to, 3, 8);
  crossing_recorder_grow(to, 0, false, 1, -1);
  crossing_recorder_digest(to, 0, 65536, 9);
  crossing_recorder_marker(to, to_c("space"), c_four);
  crossing_recorder_trap(to, 1, CROSSING_TRAP_HOST_ERROR, 1, 3, to_c("why"));
  crossing_recorder_export_result(to, 1, c_four, 7);
  crossing_recorder_append(to, CROSSING_EVENT_IMPORT_CALL, 0, 9, c_four, 0);
  EXPECT_EQ(c.error(), CROSSING_OK);
  EXPECT_EQ(crossing_recorder_dropped(to), 0u);
  const auto written = c.finish();
  EXPECT_EQ(written, cpp);
  EXPECT_EQ(read_trace(written).verdict.verdict, Verdict::ok) << read_trace(written).verdict.text();
}

/// Bodies of every size about which the copy or the block may stumble, wide details, full blocks.
TEST(CRecorder, TheInlinePathEndsWhereThatOfCppDoes) {
  constexpr std::size_t block_size = 4096;
  const auto body = body_of(300);
  const auto cpp = recorded(
      [&](Recorder& to) {
        for (std::size_t size = 0; size <= body.size(); ++size) {
          to.lift(0, size, Bytes(body).first(size));
        }
        to.lift(0, 0xffffffff, {});
        to.lift(0, 0x100000000, {});
      },
      block_size);
  CRecording c(block_size);
  for (std::size_t size = 0; size <= body.size(); ++size) {
    crossing_recorder_lift(c.recorder, 0, size, to_c(Bytes(body).first(size)));
  }
  crossing_recorder_lift(c.recorder, 0, 0xffffffff, {});
  crossing_recorder_lift(c.recorder, 0, 0x100000000, {});
  EXPECT_EQ(crossing_recorder_next_sequence(c.recorder), 303u);
  EXPECT_EQ(c.finish(), cpp);
}

TEST(CRecorder, TellsTheFirstErrorWhenAsked) {
  CRecording c;
  crossing_recorder_import_call(c.recorder, 99, {}, 0);  // not defined
  crossing_error* const error = crossing_error_new();
  EXPECT_EQ(crossing_recorder_flush(c.recorder, error), CROSSING_INVALID);
  EXPECT_EQ(c.error(), CROSSING_INVALID);
  EXPECT_STREQ(c.message(), crossing_error_message(error));
  EXPECT_EQ(crossing_recorder_finish(c.recorder, true, error), CROSSING_INVALID);
  crossing_error_delete(error);
}

TEST(CRecorder, RecordsToAFileWithAPool) {
  const std::string path =
      (std::filesystem::path(::testing::TempDir()) / "c-recorder.xing").string();
  crossing_error* const error = crossing_error_new();
  crossing_recorder_pool* pool = nullptr;
  EXPECT_EQ(crossing_recorder_pool_new(0, &pool, error), CROSSING_IO);
  ASSERT_EQ(crossing_recorder_pool_new(1, &pool, error), CROSSING_OK);
  crossing_recorder_options options;
  crossing_recorder_options_init(&options, sizeof options);
  options.pool = pool;
  crossing_recording_file file;
  crossing_recording_file_init(&file, sizeof file);
  EXPECT_TRUE(file.open_file);
  file.path = path.c_str();
  file.replace = true;
  const c::TraceInfoMirror info(sample_info());
  crossing_recorder* recorder = nullptr;
  ASSERT_EQ(crossing_recorder_create_file(&file, &info.view, &options, &recorder, error),
            CROSSING_OK)
      << crossing_error_text(error);
  for (int i = 0; i < 10000; ++i) crossing_recorder_marker(recorder, to_c("n"), {});
  EXPECT_EQ(crossing_recorder_finish(recorder, true, error), CROSSING_OK)
      << crossing_error_text(error);
  crossing_recorder_delete(recorder);
  EXPECT_EQ(read_trace(read_file(path, 1 << 24).value()).events.size(), 10000u);

  file.replace = false;
  EXPECT_EQ(crossing_recorder_create_file(&file, &info.view, &options, &recorder, error),
            CROSSING_IO);
  EXPECT_EQ(recorder, nullptr);
  std::filesystem::remove(path);
  crossing_recorder_pool_delete(pool);
  crossing_error_delete(error);
}

}  // namespace
}  // namespace crossing::testing
