#include "payloads.h"

#include <algorithm>
#include <cstring>

namespace crossing::bench {
namespace {

constexpr std::size_t cached = 768 * 1024;         // bytes of payloads and structs
constexpr std::size_t written = 32 * 1024 * 1024;  // in all

/// Writes `workload` often enough to be measured.
void repeat(Workload& workload) {
  workload.rounds = static_cast<int>(std::clamp<std::size_t>(written / bytes_of(workload), 1, 256));
}

}  // namespace

Workload events_of(std::size_t size) {
  Workload workload;
  workload.name = std::to_string(size);
  workload.info.producer_name = "bench";
  workload.info.uuid.assign(16, 0);
  workload.info.recorded_by = RecordedBy::synthetic;
  workload.definitions = {
      Component{.id = 0, .name = "bench", .digest = std::vector<std::uint8_t>(32, 0)},
      Instance{.id = 0, .component = 0, .path = {}, .bindings = {}},
      Memory{.id = 0, .instance = 0}};
  const std::size_t count = cached / (size + 16);
  workload.bodies.resize(count * size);
  std::uint32_t random = 1;
  for (std::size_t i = 0; i < count; ++i) {
    const auto body = std::span(workload.bodies).subspan(i * size, size);
    for (std::size_t at = 0; at + 4 <= size; at += 4) {
      random = random * 1664525 + 1013904223;
      const auto row = static_cast<std::uint32_t>(i + at / 24);
      const std::uint32_t values[] = {row, 1048576 + (row % 512) * 64, 24, random >> 20, 1, 0};
      std::memcpy(&body[at], &values[at / 4 % 6], 4);
    }
    workload.events.push_back(
        {.kind = EventKind::lift, .detail = 1048576 + i % 4096 * 16, .body = body});
  }
  repeat(workload);
  return workload;
}

Workload events_of_trace(const std::string& path, bool bulk) {
  Workload workload = load_trace(path);
  if (!bulk) {
    workload.name += ", payloads under 256 bytes";
    std::erase_if(workload.events,
                  [](const Event& event) { return event.body.size() >= limits::bulk_threshold; });
  }
  workload.info.clock = Clock::none;
  workload.info.clock_unit = 0;
  for (Event& event : workload.events) event.time = 0;
  repeat(workload);
  return workload;
}

std::size_t bytes_of(const Workload& workload) {
  std::size_t bytes = workload.events.size() * 16;
  for (const Event& event : workload.events) bytes += event.body.size();
  return bytes;
}

}  // namespace crossing::bench
