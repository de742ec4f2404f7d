#include "crossing/recorder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "crossing/check.h"
#include "recording.h"
#include "sample.h"
#include "with_open_file.h"

namespace crossing {
namespace {

using namespace recording;
namespace fs = std::filesystem;

/// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "crossing-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  [[nodiscard]] std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::vector<std::uint8_t> bytes_of(const std::string& path) {
  return read_file(path, 1 << 30).value();
}

std::unique_ptr<Recorder> begin(ByteSink& sink, const RecorderOptions& options = {},
                                const TraceInfo& trace = info()) {
  auto recorder = Recorder::create(sink, trace, options);
  if (!recorder) throw std::runtime_error(recorder.error().text());
  EXPECT_TRUE((*recorder)->define(definitions()));
  return std::move(*recorder);
}

std::unique_ptr<Recorder> begin(const RecordingFile& file, const RecorderOptions& options = {}) {
  auto recorder = Recorder::create_file(file, info(), options);
  if (!recorder) throw std::runtime_error(recorder.error().text());
  EXPECT_TRUE((*recorder)->define(definitions()));
  return std::move(*recorder);
}

WriterOptions blocks_of(std::size_t size) { return {.block_size = size}; }

struct Manner {
  const char* name;
  unsigned threads;  // 0: no pool
  std::size_t block_size;
};
class EachManner : public ::testing::TestWithParam<Manner> {};

TEST_P(EachManner, KeepsEveryEventInOrder) {
  constexpr std::uint64_t count = 30'000;
  constexpr std::size_t largest = 200'000;  // bodies in pieces [PAY-03]
  std::optional<RecorderPool> pool;
  if (GetParam().threads != 0) pool.emplace(GetParam().threads);
  MemorySink sink;
  {
    auto recorder =
        begin(sink, {.frames = blocks_of(GetParam().block_size), .pool = pool ? &*pool : nullptr});
    for (std::uint64_t n = 0; n < count; ++n) append(*recorder, numbered(n, largest));
    ASSERT_TRUE(recorder->finish());
    EXPECT_EQ(recorder->dropped(), 0);
  }
  const Held held = read(sink.bytes());
  ASSERT_FALSE(held.error) << held.error->text();
  ASSERT_EQ(held.events.size(), count);
  EXPECT_TRUE(held.gaps.empty());
  for (std::uint64_t n = 0; n < count; ++n) ASSERT_TRUE(is_numbered(held, n, n, largest)) << n;
}

INSTANTIATE_TEST_SUITE_P(Recorder, EachManner,
                         ::testing::Values(Manner{"alone", 0, 262144},
                                           Manner{"alone_small", 0, 4096},
                                           Manner{"pool", 1, 262144},
                                           Manner{"pool_small", 2, 4096}),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(Recorder, WritesWhatAWriterWrites) {
  MemorySink by_recorder;
  MemorySink by_writer;
  const std::array<std::uint8_t, 8> eight = {1, 2, 3};
  const std::vector<std::uint8_t> long_body(70'000, 7);
  {
    auto recorder = begin(by_recorder);
    recorder->import_call(0, eight);
    recorder->lower_snapshot(0, 1ULL << 33, eight);  // wide [PAY-02]
    recorder->lower_snapshot(0, 5, long_body);
    recorder->trap(0, TrapCode::host_error, {TrapOrigin::host, 3}, "no");
    recorder->grow(0, false, {.delta = 5, .result = -1});
    recorder->digest(0, {.size = 65536, .hash = 99});
    recorder->copy(0, 7, {.direction = 1, .result = 2, .is_future = true, .count = 9});
    recorder->copy_end(0, 7);
    recorder->marker("tool", eight);
    ASSERT_TRUE(recorder->finish());
  }
  const std::vector<std::uint8_t> trap = [&] {
    std::vector<std::uint8_t> body = {1, 0, 0, 0, 3, 0, 0, 0, 'n', 'o'};
    return body;
  }();
  const std::vector<std::uint8_t> grow = {5,    0,    0,    0,    0,    0,    0,    0,
                                          0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  const std::vector<std::uint8_t> digest = {0, 0, 1, 0, 0, 0, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0};
  const std::vector<std::uint8_t> copy = {1, 2, 1, 0, 9, 0, 0, 0};
  std::vector<std::uint8_t> marker(4 + eight.size());
  std::copy_n("tool", 4, marker.begin());
  std::copy(eight.begin(), eight.end(), marker.begin() + 4);
  auto writer = Writer::create(by_writer, info()).value();
  for (const Definition& definition : definitions()) ASSERT_TRUE(writer.define(definition));
  const Event events[] = {
      {EventKind::import_call, 0, 0, 0, 0, eight},
      {EventKind::lower, flag_snapshot, 0, 0, 1ULL << 33, eight},
      {EventKind::lower, flag_snapshot, 0, 0, 5, long_body},
      {EventKind::trap, 0, 0, 0, static_cast<std::uint64_t>(TrapCode::host_error), trap},
      {EventKind::grow, 0, 0, 0, 0, grow},
      {EventKind::digest, 0, 0, 0, 0, digest},
      {EventKind::copy, 0, 0, 0, 7, copy},
      {EventKind::copy_end, 0, 0, 0, 7, {}},
      {EventKind::marker, 0, 0, 0, 4, marker}};
  for (const Event& event : events) {
    const auto appended = writer.append(event);
    ASSERT_TRUE(appended) << appended.error().text();
  }
  ASSERT_TRUE(writer.finish());
  const Held one = read(by_recorder.bytes());
  const Held other = read(by_writer.bytes());
  ASSERT_FALSE(one.error) << one.error->text();
  EXPECT_EQ(one.bodies, other.bodies);
  EXPECT_EQ(one.numbers, other.numbers);
  ASSERT_EQ(one.events.size(), other.events.size());
  for (std::size_t i = 0; i < one.events.size(); ++i) {
    EXPECT_EQ(one.events[i].kind, other.events[i].kind);
    EXPECT_EQ(one.events[i].detail, other.events[i].detail);
    EXPECT_EQ(one.events[i].flags, other.events[i].flags);
  }
}

TEST(Recorder, JoinsWritesThatAdjoin) {  // [LOWER-01] [OPEN-04]
  MemorySink sink;
  auto recorder = begin(sink);
  const std::array<std::uint8_t, 4> bytes = {1, 2, 3, 4};
  const std::vector<std::uint8_t> in_pieces(65536 + 8, 9);
  recorder->lower(0, 100, bytes);
  recorder->lower(0, 104, bytes);
  recorder->lower(0, 108, bytes);
  recorder->lower(0, 113, bytes);  // not adjoining
  recorder->import_call(1, {});
  recorder->lower(0, 117, bytes);  // not the last event's
  for (std::uint64_t at = 0; at < 400; at += 4) recorder->lower(0, 1000 + at, bytes);
  recorder->lower(0, 5000, in_pieces);
  recorder->lower(0, 8, bytes);  // the last piece has 8 bytes and no address
  ASSERT_TRUE(recorder->finish());
  const Held held = read(sink.bytes());
  ASSERT_FALSE(held.error) << held.error->text();
  std::vector<std::pair<std::uint64_t, std::size_t>> writes;
  std::size_t sum = 0;
  for (std::size_t i = 0; i < held.events.size(); ++i) {
    if (held.events[i].kind != EventKind::lower) continue;
    writes.emplace_back(held.events[i].detail, held.bodies[i].size());
    if (held.events[i].detail >= 1000 && held.events[i].detail < 2000) sum += held.bodies[i].size();
  }
  EXPECT_EQ(writes[0], std::pair(std::uint64_t{100}, std::size_t{12}));
  EXPECT_EQ(writes[1], std::pair(std::uint64_t{113}, std::size_t{4}));
  EXPECT_EQ(writes[2], std::pair(std::uint64_t{117}, std::size_t{4}));
  EXPECT_EQ(sum, 400);
  EXPECT_LE(writes.size(), 7);
  EXPECT_EQ(writes[writes.size() - 2], std::pair(std::uint64_t{5000}, in_pieces.size()));
  EXPECT_EQ(writes.back(), std::pair(std::uint64_t{8}, std::size_t{4}));
}

TEST(Recorder, KeepsTime) {  // [EVENT-02] [PAY-01]
  for (const Clock clock : {Clock::coarse, Clock::per_event}) {
    TraceInfo trace = info();
    trace.clock = clock;
    MemorySink sink;
    auto recorder = begin(sink, {}, trace);
    recorder->import_call(1, {});
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    recorder->import_result(1, {});
    ASSERT_TRUE(recorder->finish());
    MemorySource source(sink.bytes());
    const auto reader = Reader::open(source);
    ASSERT_TRUE(reader);
    const std::uint64_t unit = reader->info().clock_unit;
    const Held held = read(sink.bytes());
    ASSERT_FALSE(held.error) << held.error->text();
    const std::uint64_t passed = (held.events[1].time - held.events[0].time) * unit;
    EXPECT_GT(passed, 130'000'000);
    EXPECT_LT(passed, 60'000'000'000);
    EXPECT_LT(held.events[0].time * unit, 60'000'000'000);
    EXPECT_NE(reader->info().start_time, 0);
  }
}

TEST(Recorder, TellsOfAnEventAgainstTheRules) {
  MemorySink sink;
  auto recorder = begin(sink, {.frames = blocks_of(4096)});
  const std::array<std::uint8_t, 4> four = {};
  recorder->import_call(1, {});
  ASSERT_TRUE(recorder->flush());
  recorder->import_call(0, four);  // an i64 is expected [PAY-09]
  for (int i = 0; i < 1000; ++i) recorder->import_call(1, {});
  ASSERT_TRUE(recorder->error());
  const auto finished = recorder->finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().verdict, Verdict::invalid);
  EXPECT_EQ(finished.error().event, 1);
  EXPECT_EQ(finished.error().rule, "PAY-09");
  const Held held = read(sink.bytes());
  EXPECT_EQ(held.events.size(), 1);
  EXPECT_EQ(held.error->verdict, Verdict::truncated);  // [END-02]
}

/// Fails at the n-th call, and ever after.
class FailingSink final : public ByteSink {
 public:
  explicit FailingSink(int calls) : left_(calls) {}
  Result<void> write(Bytes bytes) override {
    if (left_-- <= 0) {
      return tl::unexpected(
          Error{.verdict = Verdict::io, .message = "the disk is full", .offset = {}, .event = {}});
    }
    return kept.write(bytes);
  }
  MemorySink kept;

 private:
  int left_;
};

TEST(Recorder, LeavesWhatWasWrittenReadableWhereverTheSinkFails) {  // [END-02]
  constexpr std::uint64_t count = 2000;
  RecorderPool pool;
  bool finished = false;
  int calls = 0;
  for (; !finished; ++calls) {
    ASSERT_LT(calls, 1000);
    FailingSink sink(calls);
    auto recorder = Recorder::create(sink, info(), {.frames = blocks_of(4096), .pool = &pool});
    if (!recorder) continue;
    const auto defined = (*recorder)->define(definitions());
    for (std::uint64_t n = 0; n < count && defined; ++n) append(**recorder, numbered(n, 500));
    const auto ended = (*recorder)->finish();
    finished = ended.has_value();
    if (!ended) {
      EXPECT_EQ(ended.error().message, "the disk is full");
      EXPECT_EQ((*recorder)->finish().error(), ended.error());
    }
    const Held held = read(sink.kept.bytes());
    EXPECT_EQ(held.error.has_value(), !finished);
    for (std::size_t i = 0; i < held.events.size(); ++i) {
      ASSERT_TRUE(is_numbered(held, i, i, 500)) << calls << ' ' << i;
    }
    EXPECT_TRUE(!finished || held.events.size() == count);
  }
  EXPECT_GT(calls, 20);
}

/// Takes one megabyte a second.
class SlowSink final : public ByteSink {
 public:
  Result<void> write(Bytes bytes) override {
    std::this_thread::sleep_for(std::chrono::microseconds(bytes.size()));
    return kept.write(bytes);
  }
  MemorySink kept;
};

TEST(Recorder, WaitsForASlowSink) {
  constexpr std::uint64_t count = 60'000;
  RecorderPool pool;
  SlowSink sink;
  auto recorder = begin(sink, {.frames = {.codec = Codec::none, .block_size = 65536},
                               .when_full = WhenFull::wait,
                               .pool = &pool});
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t n = 0; n < count; ++n) append(*recorder, numbered(n, 300));
  EXPECT_GT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(500));
  ASSERT_TRUE(recorder->finish());
  EXPECT_EQ(recorder->dropped(), 0);
  const Held held = read(sink.kept.bytes());
  ASSERT_FALSE(held.error);
  EXPECT_EQ(held.events.size(), count);
}

TEST(Recorder, DropsBlocksAndCountsThem) {  // [GAP-01] [GAP-02]
  constexpr std::uint64_t count = 400'000;
  constexpr std::size_t largest = 150'000;
  RecorderPool pool;
  SlowSink sink;
  auto recorder = begin(sink, {.frames = {.codec = Codec::none, .block_size = 16384},
                               .when_full = WhenFull::drop,
                               .pool = &pool});
  std::uint64_t pieces = 0;
  for (std::uint64_t n = 0; n < count; ++n) {
    const std::size_t size = n % 5000 == 1 ? largest : 300;  // some bodies in pieces
    const Numbered made = numbered(n - n % 3 + 1, size);
    append(*recorder, made);
    pieces += std::max<std::uint64_t>(
        1, (made.body.size() + limits::piece_size - 1) / limits::piece_size);
  }
  EXPECT_EQ(recorder->next_sequence(), pieces);
  const std::uint64_t dropped = recorder->dropped();
  ASSERT_TRUE(recorder->finish());
  EXPECT_GT(dropped, 0);
  const Held held = read(sink.kept.bytes());
  ASSERT_FALSE(held.error) << held.error->text();
  std::uint64_t in_gaps = 0;
  for (const auto& [reason, gap] : held.gaps) {
    EXPECT_EQ(reason, GapReason::dropped);
    in_gaps += gap;
  }
  EXPECT_EQ(in_gaps, recorder->dropped());
  std::uint64_t kept = 0;
  for (const auto& body : held.bodies) {
    kept += std::max<std::uint64_t>(1, (body.size() + limits::piece_size - 1) / limits::piece_size);
  }
  EXPECT_EQ(kept + in_gaps, pieces);
}

TEST(Recorder, KnowsWhichCallsAreOpenAfterADrop) {  // [EVENT-06]
  RecorderPool pool;
  SlowSink sink;
  auto recorder = begin(sink, {.frames = {.codec = Codec::none, .block_size = 4096},
                               .when_full = WhenFull::drop,
                               .pool = &pool});
  // Calls nest ever deeper, so that every block has its own number of open ones.
  for (int depth = 0; depth < 700; ++depth) {
    recorder->import_call(1, {});
    for (int i = 0; i < 100; ++i) recorder->lower_snapshot(0, 0, {});
  }
  ASSERT_TRUE(recorder->finish());
  EXPECT_GT(recorder->dropped(), 0);
  MemorySource source(sink.kept.bytes());
  auto reader = Reader::open(source).value();
  std::size_t blocks = 0;
  for (;;) {
    const auto item = reader.next();
    ASSERT_TRUE(item) << item.error().text();
    if (std::holds_alternative<std::monostate>(*item)) break;
    const auto* block = std::get_if<Block>(&*item);
    if (block == nullptr || block->begin()->kind == EventKind::gap) continue;
    ++blocks;
    EXPECT_EQ(block->open_calls().size(), (block->base_sequence() + 100) / 101);
  }
  EXPECT_GT(blocks, 2);
}

/// Recovers the trace at `path` with its open file, as they are now.
std::pair<Recovery, Held> recovered(const std::string& path) {
  const auto source = open_seekable(path);
  MemorySink sink;
  const auto recovery = recover(**source, sink);
  if (!recovery) throw std::runtime_error(recovery.error().text());
  return {*recovery, read(sink.bytes())};
}

TEST(OpenFile, HoldsWhatIsNotWrittenYet) {  // [OPEN-01] … [OPEN-06]
  const Folder folder;
  const std::string path = folder.file("run.xing");
  auto recorder = begin({.path = path}, {.frames = blocks_of(4096)});
  for (std::uint64_t n = 0; n < 1200; ++n) {
    append(*recorder, numbered(n, 100'000));
    if (n % 7 != 0) continue;
    const auto [recovery, held] = recovered(path);
    ASSERT_FALSE(held.error) << held.error->text();
    ASSERT_FALSE(recovery.open_fault) << recovery.open_fault->text();
    ASSERT_EQ(held.events.size(), n + 1);
    ASSERT_TRUE(is_numbered(held, n, n, 100'000));
    ASSERT_EQ(held.gaps.size(), 1);
    EXPECT_EQ(held.gaps[0], std::pair(GapReason::aborted, std::uint64_t{0}));
    // So does a reader, which says of the trace what it is.
    const auto source = open_source(path);
    const Held read_in_place = read(**source);
    ASSERT_EQ(read_in_place.events.size(), n + 1);
    ASSERT_TRUE(is_numbered(read_in_place, n, n, 100'000));
    EXPECT_EQ(read_in_place.error->verdict, Verdict::truncated);
  }
  ASSERT_TRUE(recorder->finish());
  EXPECT_FALSE(fs::exists(path + ".open"));
  const Held held = read(bytes_of(path));
  ASSERT_FALSE(held.error);
  EXPECT_EQ(held.events.size(), 1200);
}

TEST(OpenFile, GoesOnWithTheCallsThatAreOpen) {  // [EVENT-06] [OPEN-06]
  const Folder folder;
  const std::string path = folder.file("run.xing");
  auto recorder =
      Recorder::create_file({.path = path}, testing::sample_info(), {.frames = blocks_of(4096)})
          .value();
  ASSERT_TRUE(recorder->define(testing::sample_definitions()));
  const auto events = testing::sample_events(600);
  for (const testing::OwnedEvent& event : std::span(events).first(events.size() - 3)) {
    recorder->append(event.kind, event.subject, event.detail, event.body, event.flags);
  }
  const auto source = open_source(path);
  const CheckReport report = check(**source);
  EXPECT_TRUE(report.findings.empty()) << report.findings.front().error().text();
  EXPECT_EQ(report.fault->verdict, Verdict::truncated);
  EXPECT_EQ(report.totals.event_count, events.size() - 3);
}

TEST(Recorder, MakesAUuidAndLeavesNoFileBehindWhenItCannotBegin) {
  const Folder folder;
  const std::string path = folder.file("run.xing");
  TraceInfo trace = info();
  trace.uuid.clear();
  ASSERT_TRUE(Recorder::create_file({.path = path}, trace).value()->finish());
  const auto source = open_source(path);
  EXPECT_EQ(Reader::open(**source)->info().uuid.size(), 16);
  trace.uuid = {1, 2, 3};
  const std::string other = folder.file("other.xing");
  EXPECT_FALSE(Recorder::create_file({.path = other}, trace));
  EXPECT_FALSE(fs::exists(other));
}

TEST(OpenFile, ThatIsDamagedIsSaidToBe) {  // [OPEN-02] [OPEN-06]
  const Folder folder;
  const std::string path = folder.file("run.xing");
  auto recorder = begin({.path = path}, {.frames = blocks_of(4096)});
  for (std::uint64_t n = 0; n < 20; ++n) append(*recorder, numbered(n, 100));
  const std::vector<std::uint8_t> trace = bytes_of(path);
  const std::vector<std::uint8_t> good = bytes_of(path + ".open");
  const auto verdict_with = [&](std::size_t at, std::uint8_t value, std::size_t size) {
    std::vector<std::uint8_t> bytes = good;
    if (at < bytes.size()) bytes[at] = value;
    bytes.resize(size);
    testing::WithOpenFile source(trace, bytes);
    MemorySink sink;
    const auto recovery = recover(source, sink);
    EXPECT_TRUE(recovery);
    EXPECT_FALSE(read(sink.bytes()).error);
    return recovery->open_fault ? recovery->open_fault->verdict : Verdict::ok;
  };
  const std::size_t all = good.size();
  EXPECT_EQ(verdict_with(all, 0, all), Verdict::ok);
  for (std::size_t at = 0; at < 48; ++at) {
    EXPECT_EQ(verdict_with(at, good[at] ^ 0x40, all), Verdict::corrupt) << at;
  }
  EXPECT_EQ(verdict_with(100, 1, all), Verdict::corrupt);
  EXPECT_EQ(verdict_with(all, 0, 4095), Verdict::truncated);
  EXPECT_EQ(verdict_with(all, 0, all - 1), Verdict::truncated);
  EXPECT_EQ(verdict_with(all, 0, 0), Verdict::truncated);
  EXPECT_EQ(verdict_with(4096, 2, all), Verdict::invalid);            // state
  EXPECT_EQ(verdict_with(4096 + 7, 1, all), Verdict::invalid);        // committed
  EXPECT_EQ(verdict_with(4096 + 64 + 15, 1, all), Verdict::invalid);  // payload_size
}

TEST(OpenFile, KeepsWhatTheTraceCannotTakeAnyMore) {  // [OPEN-05]
  const Folder folder;
  const std::string path = folder.file("run.xing");
  auto recorder = begin({.path = path}, {.frames = blocks_of(4096)});
  const std::array<std::uint8_t, 4> four = {};
  std::uint64_t n = 0;
  for (; n < 500; ++n) append(*recorder, numbered(n, 100));
  const Held before = recovered(path).second;
  EXPECT_EQ(before.events.size(), 500);
  recorder->import_call(0, four);  // its block can never be written
  for (int i = 0; i < 5000; ++i) append(*recorder, numbered(0, 100));
  ASSERT_FALSE(recorder->finish());
  EXPECT_TRUE(fs::exists(path + ".open"));
  EXPECT_GT(recorder->dropped(), 0);
}

TEST(OpenFile, IsRefusedWhereThereIsNoRoomOrOneIsThere) {
  const Folder folder;
  const std::string path = folder.file("run.xing");
  std::ofstream(path + ".open") << "somebody's";
  const auto refused = Recorder::create_file({.path = path}, info());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().verdict, Verdict::io);
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(Recorder::create_file({.path = path, .if_exists = IfExists::replace}, info()));
}

TEST(Recorder, ThrowsAwayWhatIsNotToBeKept) {
  const Folder folder;
  const std::string path = folder.file("run.xing");
  auto recorder = begin({.path = path});
  append(*recorder, numbered(0, 100));
  ASSERT_TRUE(recorder->finish(false));
  EXPECT_FALSE(fs::exists(path));
  EXPECT_FALSE(fs::exists(path + ".open"));
}

class EachRing : public ::testing::TestWithParam<Ring> {};

TEST_P(EachRing, KeepsTheLastBlocks) {  // [RING-01] [RING-02]
  constexpr std::uint64_t count = 40'000;
  const Folder folder;
  const std::string path = folder.file("run.xing");
  for (const bool killed : {true, false}) {
    auto recorder = begin({.path = path, .if_exists = IfExists::replace, .ring = GetParam()},
                          {.frames = {.codec = Codec::none, .block_size = 16384}});
    for (std::uint64_t n = 0; n < count; ++n) {
      append(*recorder, numbered(n, 1000));
      if (GetParam().seconds != 0 && n % 4000 == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    }
    Held held;
    if (killed) {
      struct stat status {};
      ASSERT_EQ(::stat(path.c_str(), &status), 0);
      EXPECT_GT(status.st_size, 800'000);
      EXPECT_LT(status.st_blocks * 512, status.st_size * 3 / 4);  // holes take no room
      const auto [recovery, rest] = recovered(path);
      held = rest;
      EXPECT_GT(recovery.ring_events, 0);
      EXPECT_EQ(recovery.lost_events, 0);
      EXPECT_EQ(recovery.lost_bytes, 0);
    } else {
      ASSERT_TRUE(recorder->finish());
      const std::vector<std::uint8_t> bytes = bytes_of(path);
      EXPECT_LT(bytes.size(), 400'000);
      held = read(bytes);
    }
    ASSERT_FALSE(held.error) << held.error->text();
    ASSERT_FALSE(held.gaps.empty());
    EXPECT_EQ(held.gaps[0].first, GapReason::ring);
    EXPECT_EQ(held.gaps.size(), killed ? 2 : 1);
    ASSERT_LT(held.events.size(), count / 2);
    EXPECT_EQ(held.gaps[0].second, held.numbers[0]);
    for (std::size_t i = 0; i < held.events.size(); ++i) {
      ASSERT_TRUE(is_numbered(held, i, held.numbers[i], 1000));
    }
    EXPECT_EQ(held.numbers.back(), count - 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Recorder, EachRing,
                         ::testing::Values(Ring{.bytes = 200'000}, Ring{.blocks = 5},
                                           Ring{.seconds = 0.05}));

}  // namespace
}  // namespace crossing
