#include "replay.h"

#include <pthread.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "complain.h"
#include "crossing/replay.h"
#include "loaded.h"
#include "wasmtime_guest.h"

namespace crossing::engine {
namespace {

constexpr std::size_t guest_stack = std::size_t{64} << 20;  // more than a recording engine's
constexpr std::size_t native_stack = guest_stack + (std::size_t{32} << 20);
constexpr int usage = static_cast<int>(Verdict::io);

tl::unexpected<Error> refused(std::string message) {
  return tl::unexpected(Error{.verdict = Verdict::io, .message = std::move(message)});
}

Result<void> put(OutputStream stream, Bytes bytes) {
  std::FILE* file = stream == OutputStream::standard_output ? stdout : stderr;
  if (std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size()) return {};
  return refused("what the guest wrote cannot be written again");
}

/// 16 lower-case digits.
std::string hex_text(std::uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

nlohmann::ordered_json report_of(const ReplayOutcome& outcome) {
  using Json = nlohmann::ordered_json;
  Json report = {{"verdict", verdict_name(outcome.verdict)},
                 {"events", outcome.events},
                 {"exit", nullptr},
                 {"divergence", nullptr},
                 {"divergences", outcome.divergences},
                 {"digests", outcome.digests}};
  if (outcome.end) {
    const RunEnd& end = *outcome.end;
    const bool returned = end.kind == RunEnd::Kind::returned;
    report["exit"] = {{"kind", returned                           ? "return"
                               : end.kind == RunEnd::Kind::exited ? "exit"
                                                                  : "trap"},
                      {"status", end.status},
                      {"code", returned ? Json() : Json(trap_code_name(end.code))},
                      {"message", returned ? Json() : Json(end.message)}};
  }
  if (outcome.divergence) {
    const Divergence& divergence = *outcome.divergence;
    report["divergence"] = {
        {"event", divergence.event ? Json(std::to_string(*divergence.event)) : Json()},
        {"function", divergence.function},
        {"expected", divergence.expected},
        {"found", divergence.found}};
  }
  report["memories"] = Json::array();
  for (const FinalMemory& memory : outcome.memories) {
    report["memories"].push_back(
        {{"memory", memory.memory}, {"size", memory.size}, {"hash", hex_text(memory.hash)}});
  }
  return report;
}

int conclude(const ReplayArguments& arguments, const ReplayOutcome& outcome) {
  if (std::fflush(stdout) != 0) return complain("standard output cannot be written", usage);
  if (outcome.verdict == Verdict::io) return complain(outcome.message, usage);
  if (!arguments.report.empty()) {
    std::ofstream file(arguments.report);
    file << report_of(outcome).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
         << '\n';
    if (!file.flush()) return complain(arguments.report + ": it cannot be written", usage);
  }
  if (outcome.verdict != Verdict::ok) {
    const char* at = outcome.verdict == Verdict::diverged ? "diverged at " : "";
    std::string how_far = std::to_string(outcome.events) + " events were replayed";
    if (outcome.divergences > 1) {
      how_far += ", " + std::to_string(outcome.divergences) + " differences found";
    }
    return complain(at + outcome.message + " (" + how_far + ")", outcome.exit_code());
  }
  if (outcome.end && outcome.end->kind == RunEnd::Kind::trapped) {
    const std::string& message = outcome.end->message;
    complain("the guest trapped (" + std::string(trap_code_name(outcome.end->code)) + ")" +
                 (message.empty() ? "" : ": " + message),
             0);
  }
  return outcome.exit_code();
}

/// Processor time of this thread: what else the machine does is no part of it.
double milliseconds_used() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

int replay_loaded(const ReplayArguments& arguments, const Loaded& loaded) {
  auto source = open_source(arguments.trace);
  if (!source) return complain(source.error().message, usage);
  Replayer replayer(
      **source, loaded.wiring,
      {.compare_digests = !arguments.no_digest,
       .allow_changed = arguments.allow_changed,
       .keep_going = arguments.keep_going,
       .instance = arguments.instance,
       .output = put,
       .note = [](std::string_view note) { complain("note: " + std::string(note), 0); }});
  if (const auto refusal = replayer.refusal()) return conclude(arguments, *refusal);
  const double begin = milliseconds_used();
  WasmtimeGuest guest(loaded.wiring, loaded.binary, replayer,
                      {.stack_size = guest_stack, .determinism = replayer.info()->determinism});
  if (const auto compiled = guest.compile(); !compiled) {
    return complain(compiled.error().message, usage);
  }
  const double ready = milliseconds_used();
  const ReplayOutcome outcome = replayer.run(guest);
  if (arguments.time) {
    const double took = milliseconds_used() - ready;
    std::fprintf(stderr, "compiled in %.1f ms; %llu events in %.1f ms, %.2f million a second\n",
                 ready - begin, static_cast<unsigned long long>(outcome.events), took,
                 static_cast<double>(outcome.events) / took / 1000);
  }
  return conclude(arguments, outcome);
}

/// Calls `work` on a thread with a stack that holds the guest's, and waits for it.
bool on_large_stack(std::function<void()> work) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, native_stack);
  pthread_t thread;
  const int error = pthread_create(
      &thread, &attributes,
      [](void* data) -> void* {
        (*static_cast<std::function<void()>*>(data))();
        return nullptr;
      },
      &work);
  pthread_attr_destroy(&attributes);
  return error == 0 && pthread_join(thread, nullptr) == 0;
}

}  // namespace

int complain(const std::string& message, int code) {
  std::fprintf(stderr, "crossing-engine-wasmtime: %s\n", message.c_str());
  return code;
}

int complain(const Error& error) {
  return complain(error.verdict == Verdict::io ? error.message : error.text(),
                  static_cast<int>(error.verdict));
}

int replay(const ReplayArguments& arguments) {
  const auto loaded = load(arguments.plan, arguments.component);
  if (!loaded) {
    return complain(loaded.error());
  }
  int code = usage;
  if (!on_large_stack([&] { code = replay_loaded(arguments, *loaded); })) {
    return complain(
        "there is no room for a stack of " + std::to_string(native_stack >> 20) + " MiB", usage);
  }
  return code;
}

}  // namespace crossing::engine
