// Kills recorders at random moments, and counts what comes back.
//   crossing_kill RUNS SCENARIO
// A child records numbered events for ever, and says in memory that it shares with its parent how
// many it began to append and how many it appended. The parent kills it and recovers the trace:
// every event that was appended has to be there, as it was, and none that was not begun.
// Exits with 77 where the system does not let it make what the scenario needs.

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string_view>
#include <thread>

#include "recording.h"

namespace {

using namespace crossing;
using namespace crossing::recording;
namespace fs = std::filesystem;

struct Scenario {
  const char* name;
  std::size_t block_size;
  std::size_t largest;  // bytes of a body
  bool pool;
  Ring ring;
  std::size_t disk;  // bytes of a file system of its own; 0: the ordinary one
};
constexpr Scenario scenarios[] = {
    {"ordinary", 262144, 300, true, {}, 0},
    {"small_blocks", 4096, 300, true, {}, 0},
    {"large_bodies", 65536, 300'000, true, {}, 0},
    {"alone", 16384, 300, false, {}, 0},
    {"ring", 16384, 300, true, {.bytes = 100'000}, 0},
    {"disk_full", 16384, 300, true, {}, 2 << 20},
};

/// What the child tells of itself.
struct Progress {
  std::atomic<std::uint64_t> begun;
  std::atomic<std::uint64_t> appended;
  std::atomic<bool> failed;         // nothing that came after `appended` was taken
  std::atomic<std::uint64_t> kept;  // of a recorder that failed
};

[[noreturn]] void fail(const std::string& sentence) {
  std::fprintf(stderr, "crossing_kill: %s\n", sentence.c_str());
  std::exit(1);
}

[[noreturn]] void record(const Scenario& scenario, const std::string& path, Progress& progress) {
  std::optional<RecorderPool> pool;
  if (scenario.pool) pool.emplace();
  auto recorder = Recorder::create_file(
      {.path = path, .ring = scenario.ring}, info(),
      {.frames = {.block_size = scenario.block_size}, .pool = pool ? &*pool : nullptr});
  if (!recorder) fail(recorder.error().text());
  if (auto defined = (*recorder)->define(definitions()); !defined) fail(defined.error().text());
  for (std::uint64_t n = 0;; ++n) {
    const Numbered made = numbered(n, scenario.largest);
    progress.begun.store(n + 1, std::memory_order_relaxed);
    append(**recorder, made);
    if ((*recorder)->dropped() != 0) break;  // it failed, and all slots are full
    progress.appended.store(n + 1, std::memory_order_relaxed);
  }
  progress.kept.store((*recorder)->next_sequence() - (*recorder)->dropped());
  progress.failed.store(true);
  for (;;) pause();
}

/// One child, one kill. The number of events that came back.
std::uint64_t run(const Scenario& scenario, const std::string& path, Progress& progress,
                  std::chrono::microseconds delay) {
  progress.begun = 0;
  progress.appended = 0;
  progress.failed = false;
  const pid_t child = ::fork();
  if (child < 0) fail("cannot fork");
  if (child == 0) record(scenario, path, progress);  // does not return
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (progress.appended.load() == 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  if (scenario.disk != 0) {
    while (!progress.failed.load() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (!progress.failed.load()) fail("expected a full disk to end the recording, it went on");
  }
  std::this_thread::sleep_for(delay);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) fail("the recorder ended by itself");

  const std::uint64_t appended = progress.failed ? progress.kept.load() : progress.appended.load();
  const std::uint64_t begun = progress.failed ? appended : progress.begun.load();
  if (appended == 0) fail("expected events before the kill, found none");
  const auto source = open_seekable(path);
  if (!source || (*source)->open_file() == nullptr) fail("the trace or its open file is not there");
  MemorySink sink;
  const auto recovery = recover(**source, sink);
  if (!recovery) fail(recovery.error().text());
  if (recovery->open_fault) fail(recovery->open_fault->text());
  const Held held = read(sink.bytes());
  if (held.error) fail("the recovered trace: " + held.error->text());
  if (held.events.empty()) fail("expected events, found none");

  const bool ring =
      scenario.ring.bounded() && !held.gaps.empty() && held.gaps[0].first == GapReason::ring;
  const std::uint64_t first = ring ? held.gaps[0].second : 0;
  const std::uint64_t found = first + held.events.size();
  if (found < appended || found > begun) {
    fail("expected " + std::to_string(appended) + " to " + std::to_string(begun) +
         " events back, found " + std::to_string(found));
  }
  for (std::size_t i = 0; i < held.events.size(); ++i) {
    if (!is_numbered(held, i, first + i, scenario.largest)) {
      fail("event " + std::to_string(first + i) + " is not the one that was appended");
    }
  }
  return found;
}

/// A small file system at `path` that only this process sees; false where that is not allowed.
bool mount_disk(const std::string& path, std::size_t size) {
  if (::unshare(CLONE_NEWNS) != 0) {  // not root: root in a namespace of its own
    const std::string map = "0 " + std::to_string(::getuid()) + " 1";
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << map;
  }
  ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  const std::string options = "size=" + std::to_string(size);
  return ::mount("crossing", path.c_str(), "tmpfs", 0, options.c_str()) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: crossing_kill RUNS SCENARIO\n");
    return 2;
  }
  const int runs = std::atoi(argv[1]);
  const Scenario* scenario = nullptr;
  for (const Scenario& each : scenarios) {
    if (std::string_view(each.name) == argv[2]) scenario = &each;
  }
  if (scenario == nullptr) fail(std::string("there is no scenario ") + argv[2]);
  std::string folder = (fs::temp_directory_path() / "crossing-kill-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) fail("cannot make a folder");
  if (scenario->disk != 0 && !mount_disk(folder, scenario->disk)) {
    std::printf("no file system can be mounted here\n");
    fs::remove_all(folder);
    return 77;
  }
  void* const shared =
      ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto& progress = *new (shared) Progress{};
  std::random_device device;
  const unsigned seed = device();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  std::uint64_t events = 0;
  for (int i = 0; i < runs; ++i) {
    const std::string path = folder + "/run.xing";
    events += run(*scenario, path, progress, std::chrono::microseconds(random() % 20'000));
    fs::remove(path);
    fs::remove(path + ".open");
  }
  if (scenario->disk != 0) ::umount(folder.c_str());
  fs::remove_all(folder);
  std::printf("%d kills, %llu events, none lost\n", runs, static_cast<unsigned long long>(events));
  return 0;
}
