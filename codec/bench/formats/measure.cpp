#include "measure.h"

#include <algorithm>
#include <array>
#include <ctime>

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

}  // namespace

std::vector<Figures> measure(const std::vector<std::unique_ptr<Format>>& formats,
                             const Workload& workload) {
  struct Times {
    std::array<double, repetitions> plain = {}, zstd = {};
  };
  std::vector<Times> times(formats.size());
  std::vector<Figures> all(formats.size());
  const auto events = static_cast<double>(workload.event_count());
  for (std::size_t repetition = 0; repetition < repetitions; ++repetition) {
    for (std::size_t i = 0; i < formats.size(); ++i) {
      const double start = now_ns();
      const auto bytes = formats[i]->write(workload, Compression::none);
      const double middle = now_ns();
      const auto bytes_zstd = formats[i]->write(workload, Compression::zstd);
      times[i].plain[repetition] = (middle - start) / events;
      times[i].zstd[repetition] = (now_ns() - middle) / events;
      all[i].bytes = static_cast<double>(bytes) / events;
      all[i].bytes_zstd = static_cast<double>(bytes_zstd) / events;
    }
  }
  for (std::size_t i = 0; i < formats.size(); ++i) {
    all[i].format = formats[i]->name();
    all[i].workload = workload.name;
    all[i].ns = median(times[i].plain);
    all[i].ns_zstd = median(times[i].zstd);
  }
  return all;
}

}  // namespace crossing::bench
