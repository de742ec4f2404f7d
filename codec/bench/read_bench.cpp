// What reading costs in each of its ways, by event or by find: in order, with threads, pushed in
// pieces of 4 KiB, and a seek with the block that it finds. crossing_read_bench [TRACE...]

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <stdexcept>
#include <thread>

#include "workload.h"

namespace {

using namespace crossing;
using namespace crossing::bench;

std::uint64_t walk(const Item& item) {
  std::uint64_t sum = 0;
  if (const auto* block = std::get_if<Block>(&item)) {
    for (const EventView& event : *block) sum += event.subject + event.detail + event.body.size();
  }
  return sum;
}

void in_order(benchmark::State& state, const Written& written, unsigned threads) {
  for (auto _ : state) {
    MemorySource source(written.trace);
    auto reader = Reader::open(source, {.threads = threads}).value();
    for (;;) {
      const Item item = reader.next().value();
      if (std::holds_alternative<std::monostate>(item)) break;
      benchmark::DoNotOptimize(walk(item));
    }
  }
}

void pushed(benchmark::State& state, const Written& written) {
  for (auto _ : state) {
    PushReader reader;
    for (Bytes rest = written.trace; !rest.empty();) {
      Bytes piece = rest.first(std::min<std::size_t>(rest.size(), 4096));
      rest = rest.subspan(piece.size());
      while (const auto item = reader.push(piece).value()) benchmark::DoNotOptimize(walk(*item));
    }
    if (!reader.finish()) state.SkipWithError("no complete trace");
  }
}

void open(benchmark::State& state, const Written& written) {
  for (auto _ : state) {
    MemorySource source(written.trace);
    auto reader = Reader::open(source).value();
    benchmark::DoNotOptimize(reader.next().value());
  }
}

void seek(benchmark::State& state, const Written& written, std::uint64_t events) {
  MemorySource source(written.trace);
  auto reader = Reader::open(source).value();
  std::uint64_t random = 1;
  for (auto _ : state) {
    random = random * 6364136223846793005 + 1442695040888963407;
    if (!reader.seek((random >> 20) % events)) state.SkipWithError("no seeking");
    benchmark::DoNotOptimize(reader.next().value());
  }
}

void add(const Workload& workload, const Written& written) {
  const auto events = static_cast<double>(workload.event_count());
  const auto run = [&](const std::string& name, bool by_event, auto function) {
    benchmark::RegisterBenchmark((workload.name + ": " + name).c_str(),
                                 [=](benchmark::State& state) {
                                   function(state);
                                   if (!by_event) return;
                                   state.counters["per event"] = benchmark::Counter(
                                       events * static_cast<double>(state.iterations()),
                                       benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
                                 })
        ->UseRealTime()
        ->Unit(benchmark::kMicrosecond);
  };
  run("open, first definitions", false, [&](auto& state) { open(state, written); });
  for (const unsigned threads : {0u, 1u, std::max(2u, std::thread::hardware_concurrency())}) {
    run("in order, threads " + std::to_string(threads), true,
        [&written, threads](auto& state) { in_order(state, written, threads); });
  }
  run("pushed by 4 KiB", true, [&](auto& state) { pushed(state, written); });
  run("seek", false,
      [&written, count = workload.event_count()](auto& state) { seek(state, written, count); });
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  try {
    std::deque<std::pair<Workload, Written>> cases;  // which benchmarks refer to
    cases.emplace_back(calls_of_24_bytes(), Written{});
    for (int i = 1; i < argc; ++i) cases.emplace_back(load_trace(argv[i]), Written{});
    for (auto& [workload, written] : cases) {
      written = write_whole(workload, {.codec = Codec::zstd, .level = 1, .salt = 1});
      add(workload, written);
    }
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "crossing_read_bench: %s\n", error.what());
    return 2;
  }
  return 0;
}
