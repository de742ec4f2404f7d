// What the checker costs: every layer over whole traces, beside reading them.
// crossing_check_bench TRACE...

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <stdexcept>
#include <vector>

#include "crossing/check.h"

namespace {

using namespace crossing;

constexpr int repetitions = 9;
constexpr std::uint64_t least_bytes = std::uint64_t{64} << 20;  // for one measurement

struct Cost {
  std::uint64_t bytes = 0;  // of events, decoded
  std::uint64_t events = 0;
};

std::vector<std::uint8_t> load(const char* path) {
  auto source = open_source(path);
  if (!source) throw std::runtime_error(source.error().text());
  std::vector<std::uint8_t> bytes;
  for (;;) {
    const std::size_t at = bytes.size();
    bytes.resize(at + (1 << 20));
    const auto read = (*source)->read(std::span(bytes).subspan(at));
    if (!read) throw std::runtime_error(read.error().text());
    bytes.resize(at + *read);
    if (*read == 0) return bytes;
  }
}

Cost read(const std::vector<std::uint8_t>& trace) {
  MemorySource source(trace);
  auto reader = Reader::open(source).value();
  Cost cost;
  for (;;) {
    const Item item = reader.next().value();
    if (std::holds_alternative<std::monostate>(item)) return cost;
    if (const auto* block = std::get_if<Block>(&item)) {
      for (const EventView& event : *block) {
        cost.bytes += 16 + event.body.size();
        ++cost.events;
      }
    }
  }
}

double seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double median(const auto& once, int rounds) {
  std::vector<double> all;
  for (int i = 0; i < repetitions; ++i) {
    const double start = seconds();
    for (int round = 0; round < rounds; ++round) once();
    all.push_back((seconds() - start) / rounds);
  }
  std::nth_element(all.begin(), all.begin() + repetitions / 2, all.end());
  return all[repetitions / 2];
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::printf("Medians of %d, CPU time, one core; bytes are those of decoded events.\n",
                repetitions);
    std::printf("%10s %8s | %9s %9s %6s | %9s %9s | trace\n", "events", "MB", "read MB/s", "check",
                "ratio", "read ns", "check ns");
    for (int i = 1; i < argc; ++i) {
      const auto trace = load(argv[i]);
      const Cost cost = read(trace);
      MemorySource source(trace);
      if (const auto first = check(source).first()) throw std::runtime_error(first->text());
      const int rounds = static_cast<int>(1 + least_bytes / (cost.bytes * 8 + 1));
      const double reading = median([&] { read(trace); }, rounds);
      const double checking = median(
          [&] {
            MemorySource again(trace);
            if (check(again).first()) throw std::runtime_error("a finding");
          },
          rounds);
      const auto bytes = static_cast<double>(cost.bytes);
      const auto events = static_cast<double>(cost.events);
      std::printf("%10.0f %8.2f | %9.0f %9.0f %6.2f | %9.1f %9.1f | %s\n", events, bytes / 1e6,
                  bytes / reading / 1e6, bytes / checking / 1e6, reading / checking,
                  reading / events * 1e9, checking / events * 1e9, argv[i]);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "crossing_check_bench: %s\n", error.what());
    return 2;
  }
  return 0;
}
