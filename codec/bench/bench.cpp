// What the codec costs, as ratios to what cannot be had for less, all measured in one run:
//   append   Recorder, blocks thrown away, against a loop that copies the same packed bytes
//   frame    Recorder that also frames and hashes on one core, not compressed, against the same
//   loop hand     Recorder's own thread while another one compresses and writes, against the same
//   loop mapped   the same with the blocks in an open file, against the same with blocks in memory
//   write    Recorder with zstd 1 on one core, against ZSTD_compress2 of the same bodies
//   writer   Writer, which judges each event as it comes, against the same
//   read     Reader and a walk over all events, against decompressing and hashing the same bodies,
//            those of definitions and index included
// crossing_bench [--json FILE] [TRACE...] [--benchmark_…]

#include <benchmark/benchmark.h>
#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <stdexcept>

#include "crossing/recorder.h"
#include "workload.h"

namespace {

using namespace crossing;
using namespace crossing::bench;

constexpr int repetitions = 9;
constexpr std::size_t packed_size = 256 * 1024;

/// The struct of an event and its body, one after the other, as often as there are events.
void copy_packed(benchmark::State& state, const Workload& workload) {
  std::vector<std::uint8_t> packed(packed_size + limits::piece_size + 64);
  std::size_t at = 0;
  const auto copy_all = [&] {
    for (const Event& event : workload.events) {
      const std::uint32_t head[4] = {static_cast<std::uint32_t>(event.kind), event.subject,
                                     static_cast<std::uint32_t>(event.detail),
                                     static_cast<std::uint32_t>(event.body.size())};
      std::memcpy(&packed[at], head, sizeof head);
      at += sizeof head;
      for (Bytes rest = event.body; !rest.empty();) {
        const Bytes piece = rest.first(std::min<std::size_t>(rest.size(), limits::piece_size));
        std::memcpy(&packed[at], piece.data(), piece.size());
        at += piece.size();
        rest = rest.subspan(piece.size());
        if (at >= packed_size) at = 0;
      }
      if (at >= packed_size) at = 0;
    }
  };
  for (auto _ : state) {
    for (int round = 0; round < workload.rounds; ++round) {
      copy_all();
      benchmark::DoNotOptimize(packed.data());
      benchmark::ClobberMemory();
    }
  }
}

void append_all(Recorder& recorder, const Workload& workload) {
  for (const Event& event : workload.events) {
    recorder.append(event.kind, event.subject, event.detail, event.body, event.flags);
  }
}

std::unique_ptr<Recorder> begin(Result<std::unique_ptr<Recorder>> recorder,
                                const Workload& workload) {
  if (!recorder) throw std::runtime_error(recorder.error().text());
  if (auto defined = (*recorder)->define(workload.definitions); !defined) {
    throw std::runtime_error(defined.error().text());
  }
  return std::move(*recorder);
}

/// Takes the first bytes and then fails, so that a recorder throws its blocks away.
class FullSink final : public ByteSink {
 public:
  Result<void> write(Bytes bytes) override {
    taken_ += bytes.size();
    if (taken_ < packed_size) return {};
    return tl::unexpected(
        Error{.verdict = Verdict::io, .message = "full", .offset = {}, .event = {}});
  }

 private:
  std::size_t taken_ = 0;
};

/// Into blocks that nobody wants.
void append(benchmark::State& state, const Workload& workload) {
  FullSink sink;
  const auto recorder =
      begin(Recorder::create(sink, workload.info, {.frames = {.codec = Codec::none}}), workload);
  while (!recorder->error()) append_all(*recorder, workload);
  for (auto _ : state) {
    for (int round = 0; round < workload.rounds; ++round) append_all(*recorder, workload);
  }
}

/// The whole way to a sink, in this thread.
void record(benchmark::State& state, const Workload& workload, Codec codec) {
  NullSink sink;
  for (auto _ : state) {
    const auto recorder = begin(
        Recorder::create(sink, workload.info, {.frames = {.codec = codec, .level = 1}}), workload);
    for (int round = 0; round < workload.rounds; ++round) append_all(*recorder, workload);
    if (auto finished = recorder->finish(); !finished) state.SkipWithError("finish failed");
  }
}

/// What is left to this thread when another one compresses and writes. CPU time: where the events
/// come faster than one thread compresses, this one waits.
void hand_over(benchmark::State& state, const Workload& workload, bool open_file) {
  RecorderPool pool;
  char folder[] = "/tmp/crossing-bench-XXXXXX";
  if (::mkdtemp(folder) == nullptr) throw std::runtime_error("cannot make a folder");
  const std::string path = std::string(folder) + "/run.xing";
  const auto recorder =
      begin(Recorder::create_file({.path = path, .open_file = open_file}, workload.info,
                                  {.frames = {.level = 1}, .pool = &pool}),
            workload);
  for (auto _ : state) {
    for (int round = 0; round < workload.rounds; ++round) append_all(*recorder, workload);
  }
  if (auto finished = recorder->finish(false); !finished) state.SkipWithError("finish failed");
  ::rmdir(folder);
}

void write(benchmark::State& state, const Workload& workload, Codec codec) {
  NullSink sink;
  for (auto _ : state) write_into(sink, workload, {.codec = codec, .level = 1, .salt = 1});
}

void compress_bare(benchmark::State& state, const Written& written) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1);
  std::vector<std::uint8_t> into(ZSTD_compressBound(limits::frame_decoded_size));
  for (auto _ : state) {
    for (const StoredBody& body : written.bodies) {
      benchmark::DoNotOptimize(ZSTD_compress2(context, into.data(), into.size(),
                                              body.decoded.data(), body.decoded.size()));
    }
  }
  ZSTD_freeCCtx(context);
}

void read(benchmark::State& state, const Written& written) {
  for (auto _ : state) {
    MemorySource source(written.trace);
    auto reader = Reader::open(source).value();
    std::uint64_t sum = 0;
    for (;;) {
      const Item item = reader.next().value();
      if (std::holds_alternative<std::monostate>(item)) break;
      if (const auto* block = std::get_if<Block>(&item)) {
        for (const EventView& event : *block)
          sum += event.subject + event.detail + event.body.size();
      }
    }
    benchmark::DoNotOptimize(sum);
  }
}

void decode_bare(benchmark::State& state, const Written& written) {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  std::vector<std::uint8_t> into(limits::frame_decoded_size);
  const auto decode = [&](const StoredBody& body) {
    benchmark::DoNotOptimize(XXH3_64bits_withSeed(body.stored.data(), body.stored.size(), 1));
    if (!body.compressed) return;
    benchmark::DoNotOptimize(ZSTD_decompressDCtx(context, into.data(), into.size(),
                                                 body.stored.data(), body.stored.size()));
  };
  for (auto _ : state) {
    for (const StoredBody& body : written.others) decode(body);
    for (const StoredBody& body : written.bodies) decode(body);
  }
  ZSTD_freeDCtx(context);
}

/// Keeps the time of every repetition, by name.
class Collector final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration) continue;
      times_[run.run_name.function_name].push_back(run.GetAdjustedCPUTime());
    }
  }
  [[nodiscard]] double median(const std::string& name) const {
    std::vector<double> times = times_.at(name);
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
  }

 private:
  std::map<std::string, std::vector<double>> times_;
};

struct Row {
  const char* name;
  const char* ours;
  const char* floor;
  bool at_least;  ///< whether the ratio is one of speeds, which must be at least the budget
  double budget;
};
constexpr double no_budget = 0;
constexpr Row rows[] = {
    {"append / copy loop", "append", "copy", false, 2.0},
    {"append, frame, hash / copy loop", "frame", "copy", false, no_budget},
    {"append, written behind / copy loop", "hand", "copy", false, 3.0},
    {"open file / blocks in memory", "mapped", "hand", false, 1.3},
    {"record, zstd 1 / ZSTD_compress2", "write", "compress", false, 1.10},
    {"Writer, zstd 1 / ZSTD_compress2", "writer", "compress", false, no_budget},
    {"speed of read / decompress and hash", "read", "decode", true, 0.8},
};

struct Case {
  Workload workload;
  Written compressed;
};

void add(const Case& bench) {
  const std::string prefix = bench.workload.name + ": ";
  const auto run = [&](const char* name, auto function) {
    benchmark::RegisterBenchmark((prefix + name).c_str(), function)
        ->Repetitions(repetitions)
        ->Unit(benchmark::kNanosecond);
  };
  run("copy", [&](auto& state) { copy_packed(state, bench.workload); });
  run("append", [&](auto& state) { append(state, bench.workload); });
  run("frame", [&](auto& state) { record(state, bench.workload, Codec::none); });
  run("hand", [&](auto& state) { hand_over(state, bench.workload, false); });
  run("mapped", [&](auto& state) { hand_over(state, bench.workload, true); });
  run("compress", [&](auto& state) { compress_bare(state, bench.compressed); });
  run("write", [&](auto& state) { record(state, bench.workload, Codec::zstd); });
  run("writer", [&](auto& state) { write(state, bench.workload, Codec::zstd); });
  run("decode", [&](auto& state) { decode_bare(state, bench.compressed); });
  run("read", [&](auto& state) { read(state, bench.compressed); });
}

void report(const Case& bench, const Collector& times, std::FILE* json, bool first) {
  const Workload& workload = bench.workload;
  const auto events = static_cast<double>(workload.event_count());
  std::printf("\n%s: %zu events, %.1f bytes each, %.1f compressed\n", workload.name.c_str(),
              workload.event_count(), static_cast<double>(bench.compressed.decoded_bytes) / events,
              static_cast<double>(bench.compressed.trace.size()) / events);
  std::printf("  %-38s %10s %10s %7s  %s\n", "", "ns/event", "floor", "ratio", "budget");
  for (const Row& row : rows) {
    const double ours = times.median(workload.name + ": " + row.ours) / events;
    const double floor = times.median(workload.name + ": " + row.floor) / events;
    const double ratio = row.at_least ? floor / ours : ours / floor;
    const bool met =
        row.budget == no_budget || (row.at_least ? ratio >= row.budget : ratio <= row.budget);
    std::printf("  %-38s %10.2f %10.2f %7.2f", row.name, ours, floor, ratio);
    if (row.budget != no_budget) {
      std::printf("  %s %.2f%s", row.at_least ? ">=" : "<=", row.budget, met ? "" : "  over");
    }
    std::printf("\n");
    if (json == nullptr) continue;
    std::fprintf(json,
                 "%s\n{\"workload\":\"%s\",\"row\":\"%s\",\"ns_per_event\":%.3f,"
                 "\"floor_ns_per_event\":%.3f,\"ratio\":%.4f,\"budget\":%.2f,\"met\":%s}",
                 first ? "" : ",", workload.name.c_str(), row.name, ours, floor, ratio, row.budget,
                 met ? "true" : "false");
    first = false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<char*> args(argv, argv + argc);
  char interleaved[] = "--benchmark_enable_random_interleaving=true";
  char min_time[] = "--benchmark_min_time=0.05";
  args.insert(args.begin() + 1, {interleaved, min_time});
  int count = static_cast<int>(args.size());
  benchmark::Initialize(&count, args.data());
  args.resize(static_cast<std::size_t>(count));

  try {
    std::FILE* json = nullptr;
    std::vector<Case> cases;
    cases.reserve(args.size());
    cases.push_back({calls_of_24_bytes(), {}});
    for (std::size_t i = 1; i < args.size(); ++i) {
      if (std::strcmp(args[i], "--json") == 0 && i + 1 < args.size()) {
        json = std::fopen(args[++i], "w");
        if (json == nullptr) throw std::runtime_error(std::string("cannot write ") + args[i]);
        continue;
      }
      cases.push_back({load_trace(args[i]), {}});
    }
    for (Case& bench : cases) {
      bench.compressed = write_whole(bench.workload, {.codec = Codec::zstd, .level = 1, .salt = 1});
      add(bench);
    }
    Collector times;
    benchmark::RunSpecifiedBenchmarks(&times);
    std::printf("Medians of %d, CPU time, one core.\n", repetitions);
    if (json != nullptr) std::fputs("[", json);
    for (const Case& bench : cases) report(bench, times, json, &bench == cases.data());
    if (json != nullptr) {
      std::fputs("\n]\n", json);
      std::fclose(json);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "crossing_bench: %s\n", error.what());
    return 2;
  }
  return 0;
}
