// Eight stores that record at once into files of their own, through one pool, by every policy.
// Built with ThreadSanitizer, which ends it where two threads race. Exits with 0 when every trace
// holds what its store recorded.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "recording.h"

namespace {

using namespace crossing;
using namespace crossing::recording;
namespace fs = std::filesystem;

constexpr unsigned stores = 8;
constexpr std::uint64_t count = 20'000;
constexpr std::size_t largest = 2000;

std::atomic<int> faults = 0;

void expect(bool good, unsigned store, const char* what) {
  if (good) return;
  std::fprintf(stderr, "store %u: %s\n", store, what);
  ++faults;
}

void record(unsigned store, const std::string& path, RecorderPool& pool) {
  TraceInfo trace = info();
  trace.clock = store % 3 == 0 ? Clock::coarse : Clock::none;
  auto recorder = Recorder::create_file(
      {.path = path, .open_file = store % 2 == 0, .ring = {.blocks = store == 7 ? 5U : 0U}}, trace,
      {.frames = {.block_size = 8192},
       .when_full = store < 4 ? WhenFull::wait : WhenFull::drop,
       .pool = store == 3 ? nullptr : &pool});
  if (!recorder) return expect(false, store, recorder.error().message.c_str());
  const auto all = definitions();
  expect((*recorder)->define(std::span(all).first(4)).has_value(), store, "define");
  for (std::uint64_t n = 0; n < count; ++n) {
    append(**recorder, numbered(n, largest));
    if (n == count / 2) {
      expect((*recorder)->define(std::span(all).last(1)).has_value(), store, "define again");
      expect((*recorder)->flush().has_value(), store, "flush");
      expect(!(*recorder)->error(), store, "an error");
    }
  }
  expect((*recorder)->finish().has_value(), store, "finish");
  const auto source = open_source(path);
  const Held held = read(**source);
  expect(!held.error, store, "the trace cannot be read");
  std::uint64_t missing = 0;
  for (const auto& [reason, gap] : held.gaps) missing += gap;
  expect(held.events.size() + missing == count, store, "events are missing that no gap tells of");
  expect(store >= 4 || missing == 0, store, "events were dropped");
  for (std::size_t i = 0; i < held.events.size(); ++i) {
    if (!is_numbered(held, i, held.numbers[i], largest)) {
      return expect(false, store, "an event is not the one that was recorded");
    }
  }
}

}  // namespace

int main() {
  std::string folder = (fs::temp_directory_path() / "crossing-stores-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 2;
  {
    RecorderPool pool(3);
    std::vector<std::thread> threads;
    for (unsigned store = 0; store < stores; ++store) {
      threads.emplace_back(record, store, folder + "/" + std::to_string(store) + ".xing",
                           std::ref(pool));
    }
    for (std::thread& thread : threads) thread.join();
  }
  fs::remove_all(folder);
  std::printf("%u stores, %llu events each\n", stores, static_cast<unsigned long long>(count));
  return faults == 0 ? 0 : 1;
}
