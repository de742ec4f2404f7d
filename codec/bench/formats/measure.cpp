#include "measure.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "payloads.h"

namespace crossing::bench {
namespace {

constexpr std::size_t repetitions = 9;

double now_ns() {
  std::timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

double median(std::array<double, repetitions> times) {
  std::nth_element(times.begin(), times.begin() + repetitions / 2, times.end());
  return times[repetitions / 2];
}

/// Of an event.
double time(Format& format, const Workload& workload, Compression compression) {
  const double start = now_ns();
  format.write(workload, compression);
  return (now_ns() - start) / static_cast<double>(workload.event_count());
}

}  // namespace

std::vector<Figures> measure(const std::vector<std::unique_ptr<Format>>& formats,
                             const Workload& workload) {
  struct Times {
    std::array<double, repetitions> plain = {}, zstd = {};
  };
  std::vector<Times> times(formats.size());
  std::vector<Figures> all(formats.size());
  Workload once = workload;  // its events' bodies are those of `workload`
  once.rounds = 1;
  const bool fills_blocks = bytes_of(workload) > 2 * std::size_t{256} * 1024;
  for (std::size_t repetition = 0; repetition < repetitions; ++repetition) {
    for (std::size_t i = 0; i < formats.size(); ++i) {
      times[i].plain[repetition] = time(*formats[i], workload, Compression::none);
      if (fills_blocks) {
        times[i].zstd[repetition] = time(*formats[i], workload, Compression::zstd);
      }
    }
  }
  const auto events = static_cast<double>(once.event_count());
  for (std::size_t i = 0; i < formats.size(); ++i) {
    all[i].bytes = static_cast<double>(formats[i]->write(once, Compression::none)) / events;
    all[i].bytes_zstd = static_cast<double>(formats[i]->write(once, Compression::zstd)) / events;
    all[i].format = formats[i]->name();
    all[i].workload = workload.name;
    all[i].ns = median(times[i].plain);
    all[i].ns_zstd = median(times[i].zstd);
  }
  return all;
}

}  // namespace crossing::bench
