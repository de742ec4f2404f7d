// What recording costs on Wasmtime: the component as it was, against the one that records itself,
// with the sink dropped, and with the trace compressed to a file on another thread. The three
// alternate; a figure is the median of paired differences of the guest's thread's CPU time.
// bench [--rounds N] [--zstd ZSTD.wasm] [--only WHAT] [--json FILE] [--profile WAY]

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "../src/guest_run.h"
#include "../src/recording.h"
#include "rewritten.h"

namespace {

using namespace crossing;
using namespace crossing::engine;
namespace fs = std::filesystem;

std::string only;
/// One way alone, for a profiler: how often, and nothing else, is said.
std::optional<std::size_t> profiled;

bool selected(std::string_view what) { return only.empty() || what == only; }

enum Way : std::size_t { original, dropped, recorded, ways };
constexpr std::string_view way_names[ways] = {"original", "dropped", "recorded"};

/// Calls the host's clock, computes, or both, as often as it is asked to.
constexpr std::string_view calls_text = R"((component
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (export "now" (func (result u64)))))
  (import "wasi:clocks/wall-clock@0.2.0" (instance $wall
    (type $datetime' (record (field "seconds" u64) (field "nanoseconds" u32)))
    (export "datetime" (type $datetime (eq $datetime')))
    (export "now" (func (result $datetime)))))
  (core module $libc (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $libc (instantiate $libc))
  (core func $now (canon lower (func $clock "now")))
  (alias core export $libc "memory" (core memory $memory))
  (core func $wall-now (canon lower (func $wall "now") (memory $memory)))
  (core module $main
    (import "host" "now" (func $now (result i64)))
    (import "host" "wall" (func $wall (param i32)))
    (func (export "monotonic") (param $n i32)
      (loop $again
        (drop (call $now))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "wall") (param $n i32)
      (loop $again
        (call $wall (i32.const 64))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "compute") (param $n i32)
      (local $x i64)
      (local.set $x (call $now))
      (loop $again
        (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 13))))
        (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 7))))
        (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 17))))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (if (i64.eqz (local.get $x)) (then unreachable))))
  (core instance $main (instantiate $main (with "host" (instance
    (export "now" (func $now)) (export "wall" (func $wall-now))))))
  (func (export "monotonic") (param "n" u32) (canon lift (core func $main "monotonic")))
  (func (export "wall") (param "n" u32) (canon lift (core func $main "wall")))
  (func (export "compute") (param "n" u32) (canon lift (core func $main "compute")))))";

[[noreturn]] void stop(const std::string& message) {
  std::cerr << "bench: " << message << '\n';
  std::exit(2);
}

template <class T>
T need(Result<T> result) {
  if (!result) stop(result.error().text());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

double seconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

struct Cost {
  double thread = 0;   ///< CPU seconds of the guest's thread
  double process = 0;  ///< of all threads
  double wall = 0;
};

Cost measure(const std::function<void()>& work) {
  const Cost before{seconds_of(CLOCK_THREAD_CPUTIME_ID), seconds_of(CLOCK_PROCESS_CPUTIME_ID),
                    seconds_of(CLOCK_MONOTONIC)};
  work();
  return {seconds_of(CLOCK_THREAD_CPUTIME_ID) - before.thread,
          seconds_of(CLOCK_PROCESS_CPUTIME_ID) - before.process,
          seconds_of(CLOCK_MONOTONIC) - before.wall};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Every round measures all ways, one after the other.
class Series {
 public:
  /// A further measurement of the same, unless it is `new_round`, counts if it took less: what else
  /// ran on the machine took the rest.
  void add(Way way, const Cost& cost, bool new_round = true) {
    if (new_round) {
      costs_[way].push_back(cost);
    } else if (cost.thread < costs_[way].back().thread) {
      costs_[way].back() = cost;
    }
  }
  [[nodiscard]] double plain(double Cost::*what) const {
    return median(each([&](std::size_t i) { return costs_[original][i].*what; }));
  }
  /// Median of paired differences to the original.
  [[nodiscard]] double extra(Way way, double Cost::*what) const {
    return median(
        each([&](std::size_t i) { return costs_[way][i].*what - costs_[original][i].*what; }));
  }

 private:
  template <class F>
  [[nodiscard]] std::vector<double> each(F of) const {
    std::vector<double> values;
    for (std::size_t i = 0; i < costs_[original].size(); ++i) values.push_back(of(i));
    return values;
  }
  std::vector<Cost> costs_[ways];
};

/// A component as it was and rewritten.
struct Program {
  Loaded loaded;
  std::vector<std::uint8_t> instrumented;
};

Program program(std::vector<std::uint8_t> binary) {
  Program made;
  made.loaded.wiring = need(read_component(binary));
  made.loaded.wiring.definitions.components.at(0).digest.resize(32);
  made.loaded.binary = std::move(binary);
  made.instrumented = need(tools::rewritten(made.loaded.binary, {}));
  return made;
}

/// One way of running it.
class Running {
 public:
  Running(const Program& program, Way way, const HostSettings& settings, const fs::path& trace)
      : program_(program), way_(way), trace_(trace) {
    need(component_.compile(way == original ? program.loaded.binary : program.instrumented));
    if (way == recorded) {
      recording_ = need(Recording::create({.path = trace.string(), .force = true}, program.loaded));
    }
    need(component_.link(settings, sink()));
  }

  WasmtimeComponent& component() { return component_; }

  /// Ends the trace; its size.
  std::uint64_t finish() {
    if (!recording_) return 0;
    need(recording_->end_pieces());
    component_.memories([&](Bytes memory) { need(recording_->add_held(memory)); });
    need(recording_->end_held());
    events_ = recording_->assembler().event_count();
    need(recording_->finish());
    return fs::file_size(trace_);
  }
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  Sink* sink() {
    if (way_ == original) return nullptr;
    if (recording_) return recording_->sink();
    dropped_.open = [this] { return opened_++; };
    dropped_.write = [](const Piece&) { return true; };
    return &dropped_;
  }

  const Program& program_;
  const Way way_;
  const fs::path trace_;
  WasmtimeComponent component_{profiled.has_value()};
  std::unique_ptr<Recording> recording_;
  Sink dropped_;
  std::uint32_t opened_ = 0;
  std::uint64_t events_ = 0;
};

using Json = nlohmann::ordered_json;

void line(Json& all, const std::string& what, const std::string& unit, double plain,
          const Series& series, double per, double dropped_budget, double recorded_budget) {
  const auto judged = [](double value, double budget) { return value <= budget ? "ok" : "MISSED"; };
  const double cpu_dropped = series.extra(dropped, &Cost::thread) * per;
  const double cpu_recorded = series.extra(recorded, &Cost::thread) * per;
  std::printf(
      "%-28s %9.1f %-4s  dropped %+7.2f (<= %g: %s)   to a file %+7.2f (<= %g: %s)   wall %+7.2f\n",
      what.c_str(), plain, unit.c_str(), cpu_dropped, dropped_budget,
      judged(cpu_dropped, dropped_budget), cpu_recorded, recorded_budget,
      judged(cpu_recorded, recorded_budget), series.extra(recorded, &Cost::wall) * per);
  all.push_back({{"what", what},
                 {"unit", unit},
                 {"original", plain},
                 {"dropped", cpu_dropped},
                 {"recorded", cpu_recorded},
                 {"wall", series.extra(recorded, &Cost::wall) * per}});
}

/// Each round measures so often.
constexpr int turns = 4;

/// ns per call, or per cent of a run.
void bench_calls(Json& all, int rounds, const fs::path& folder) {
  wasm_byte_vec_t binary;
  const Owned<wasmtime_error_t> error(
      wasmtime_wat2wasm(calls_text.data(), calls_text.size(), &binary));
  if (error) stop(text_of(error.get()));
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(binary.data);
  const Program calls = program({bytes, bytes + binary.size});
  wasm_byte_vec_delete(&binary);

  struct Work {
    const char* function;
    std::uint32_t count;
    bool computes;
  };
  for (const Work& work : {Work{"monotonic", 250'000, false}, Work{"wall", 250'000, false},
                           Work{"compute", 50'000'000, true}}) {
    if (!selected(work.function)) continue;
    if (profiled) {
      Running running(calls, static_cast<Way>(*profiled), HostSettings{.args = {"bench"}},
                      folder / "calls.xing");
      if (running.component().instantiate()) stop("the guest cannot be instantiated");
      const auto function = running.component().find("", work.function);
      const Value count(work.count);
      for (int round = 0; round < rounds; ++round) {
        if (running.component().call(*function, {Value::to_capi(&count), 1}, {})) {
          stop("the guest failed");
        }
      }
      std::printf("%.0f\n", static_cast<double>(work.count) * rounds);
      continue;
    }
    Series series;
    std::uint64_t size = 0;
    for (int round = 0; round < rounds; ++round) {
      // Anew, for where code and memories happen to lie changes a call by some nanoseconds.
      std::vector<std::unique_ptr<Running>> running;
      for (const Way way : {original, dropped, recorded}) {
        running.push_back(std::make_unique<Running>(calls, way, HostSettings{.args = {"bench"}},
                                                    folder / "calls.xing"));
        if (running.back()->component().instantiate()) stop("the guest cannot be instantiated");
      }
      const auto call = [&](Way way) {
        WasmtimeComponent& component = running[way]->component();
        const auto function = component.find("", work.function);
        const Value count(work.count);
        if (component.call(*function, {Value::to_capi(&count), 1}, {})) stop("the guest failed");
      };
      for (int turn = 0; turn <= turns; ++turn) {
        for (const Way way : {original, dropped, recorded}) {
          const Cost cost = measure([&] { call(way); });
          if (turn > 0) series.add(way, cost, turn == 1);  // the first warms
        }
      }
      size = running[recorded]->finish();
    }
    const double plain = series.plain(&Cost::thread);
    if (work.computes) {
      line(all, "a computing guest", "ms", plain * 1e3, series, 100 / plain, 1, 1);
    } else {
      line(all, std::string(work.function) + " clock, ns a call", "ns", plain * 1e9 / work.count,
           series, 1e9 / work.count, 5, 15);
    }
    if (!work.computes) {
      const double each = static_cast<double>(size) / work.count / (turns + 1);
      std::printf("%-28s %9.2f bytes a call\n", "", each);
      all.back()["trace_bytes_per_call"] = each;
    }
  }
}

/// Small files of text that compresses.
std::uint64_t make_files(const fs::path& folder, int count) {
  static constexpr std::string_view words[] = {"trace", "guest", "host",  "memory", "lower", "lift",
                                               "call",  "event", "block", "the",    "of",    "a"};
  std::uint64_t total = 0;
  std::uint32_t random = 1;
  for (int i = 0; i < count; ++i) {
    const fs::path inside = folder / std::to_string(i % 20);
    fs::create_directories(inside);
    std::ofstream file(inside / ("file" + std::to_string(i)));
    random = random * 1664525 + 1013904223;
    for (std::uint32_t size = 1024 + (random >> 16) % 15000, written = 0; written < size;) {
      random = random * 1664525 + 1013904223;
      const auto word = words[(random >> 20) % std::size(words)];
      file << word << (random >> 28 == 0 ? '\n' : ' ');
      written += static_cast<std::uint32_t>(word.size()) + 1;
    }
    file.close();
    total += fs::file_size(inside / ("file" + std::to_string(i)));
  }
  return total;
}

void bench_zstd(Json& all, int rounds, const fs::path& folder, const std::string& path) {
  const Program zstd = program(need(read_file(path, largest_input)));
  const fs::path data = folder / "data";
  const fs::path trace = folder / "zstd.xing";
  const std::uint64_t input = make_files(data, 2000);
  const HostSettings settings{.dirs = {{data.string(), "/data"}},
                              .args = {"zstd", "-q", "-f", "-r", "/data"}};
  const auto run = [&](Way way, Running& running) {
    const auto ending = need(run_guest(running.component(), zstd.loaded.wiring, nullptr));
    if (ending.code != 0 || (ending.failure && ending.failure->exit_status != 0)) {
      stop("zstd failed in way " + std::to_string(way));
    }
  };
  Series series;
  double size = 0;
  for (int round = -1; round < rounds; ++round) {  // the first is not counted
    for (const Way way : {original, dropped, recorded}) {
      if (profiled && way != *profiled) continue;
      for (const auto& entry : fs::recursive_directory_iterator(data)) {
        if (entry.path().extension() == ".zst") fs::remove(entry.path());
      }
      Running running(zstd, way, settings, trace);
      const Cost cost = measure([&] { run(way, running); });
      if (round >= 0) series.add(way, cost);
      if (way == recorded) size = static_cast<double>(running.finish());
    }
  }
  if (profiled) {
    std::printf("%d\n", 2000 * (rounds + 1));
    return;
  }
  const double plain = series.plain(&Cost::thread);
  line(all, "zstd, 2000 files, per cent", "ms", plain * 1e3, series, 100 / plain, 2, 2);
  std::printf("%-28s %9.0f bytes of trace per MB of input\n", "",
              size / (static_cast<double>(input) / 1e6));
  all.back()["trace_bytes_per_mb"] = size / (static_cast<double>(input) / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = 9;
  std::string zstd;
  std::string json;
  CLI::App app("What recording costs on Wasmtime");
  app.add_option("--rounds", rounds, "Measurements of each way")->capture_default_str();
  app.add_option("--zstd", zstd, "zstd as a component, which compresses a directory");
  app.add_option("--json", json, "File for the figures");
  app.add_option("--only", only, "One of them: monotonic, wall, compute, zstd");
  std::map<std::string, std::size_t> names;
  for (std::size_t way = 0; way < ways; ++way) names.emplace(way_names[way], way);
  app.add_option("--profile", profiled, "This way alone, with names of compiled functions for perf")
      ->transform(CLI::CheckedTransformer(names));
  CLI11_PARSE(app, argc, argv);
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  std::string name = (fs::temp_directory_path() / "crossing-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) stop("no temporary folder can be made");
  const fs::path folder = name;
  Json all = Json::array();
  if (!profiled)
    std::printf(
        "CPU of the guest's thread, median of %d paired differences to the component as it was\n",
        rounds);
  bench_calls(all, rounds, folder);
  if (!zstd.empty() && selected("zstd")) bench_zstd(all, rounds, folder, zstd);
  fs::remove_all(folder);
  if (!json.empty()) std::ofstream(json) << all.dump(1) << '\n';
  return 0;
}
