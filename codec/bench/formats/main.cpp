// Crossing beside the other formats that one could write the same events in:
//   crossing_bench_formats [--json FILE] [TRACE...]     time and size by payload size, and of
//   traces crossing_bench_formats --once FORMAT                writes some events once, for
//   callgrind

#include <fmt/format.h>

#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>

#include "measure.h"
#include "payloads.h"

namespace crossing::bench {
namespace {

constexpr std::size_t payload_sizes[] = {0, 8, 24, 64, 256, 4096};

void print(const std::vector<Figures>& figures) {
  std::printf("\n%s%s\n", figures[0].workload.c_str(),
              figures[0].workload.find('.') == std::string::npos ? "-byte payloads" : "");
  std::printf("  %-26s %10s %12s %12s %12s\n", "", "ns/event", "+ zstd 1", "bytes/event",
              "+ zstd 1");
  for (const Figures& row : figures) {
    const std::string zstd = row.ns_zstd == 0 ? "" : fmt::format("{:.1f}", row.ns_zstd);
    std::printf("  %-26s %10.1f %12s %12.1f %12.2f\n", row.format.c_str(), row.ns, zstd.c_str(),
                row.bytes, row.bytes_zstd);
  }
  std::fflush(stdout);
}

void write_json(std::FILE* json, const std::vector<Figures>& all) {
  std::fputs("[", json);
  for (const Figures& row : all) {
    std::fprintf(
        json,
        "%s\n{\"format\":\"%s\",\"workload\":\"%s\",\"ns_per_event\":%.3f,"
        "\"ns_per_event_zstd\":%.3f,\"bytes_per_event\":%.3f,\"bytes_per_event_zstd\":%.3f}",
        &row == all.data() ? "" : ",", row.format.c_str(), row.workload.c_str(), row.ns,
        row.ns_zstd, row.bytes, row.bytes_zstd);
  }
  std::fputs("\n]\n", json);
}

}  // namespace

std::vector<std::unique_ptr<Format>> make_formats() {
  std::vector<std::unique_ptr<Format>> formats;
  for (const auto make : {make_raw, make_recorder, make_c_recorder, make_writer, make_table,
                          make_message, make_msgpack, make_json}) {
    formats.push_back(make());
  }
  return formats;
}

}  // namespace crossing::bench

int main(int argc, char** argv) {
  using namespace crossing::bench;
  try {
    const auto formats = make_formats();
    if (argc == 4 && std::strcmp(argv[1], "--once") == 0) {
      for (const auto& format : formats) {
        if (format->name() != argv[2]) continue;
        Workload workload = events_of(24);
        workload.events.resize(std::stoul(argv[3]));
        workload.rounds = 1;
        format->write(workload, Compression::none);
      }
      return 0;
    }
    std::FILE* json = nullptr;
    std::vector<Workload> workloads;
    for (const std::size_t size : payload_sizes) workloads.push_back(events_of(size));
    for (int i = 1; i < argc; ++i) {
      if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc) {
        json = std::fopen(argv[++i], "w");
        if (json == nullptr) throw std::runtime_error(std::string("cannot write ") + argv[i]);
        continue;
      }
      workloads.push_back(events_of_trace(argv[i], true));
      workloads.push_back(events_of_trace(argv[i], false));
    }
    std::vector<Figures> all;
    std::printf("Medians of 9, CPU time, one core; events to nowhere.\n");
    for (const Workload& workload : workloads) {
      const auto figures = measure(formats, workload);
      print(figures);
      all.insert(all.end(), figures.begin(), figures.end());
    }
    if (json != nullptr) {
      write_json(json, all);
      std::fclose(json);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "crossing_bench_formats: %s\n", error.what());
    return 2;
  }
  return 0;
}
