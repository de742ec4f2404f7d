#include "record.h"

#include <sys/stat.h>
#include <unistd.h>

#include "complain.h"
#include "guest_run.h"
#include "interruption.h"
#include "prepare.h"
#include "recording.h"
#include "rewritten.h"
#include "trap_code.h"
#include "wasmtime_component.h"

namespace crossing::engine {
namespace {

constexpr int usage = static_cast<int>(Verdict::io);

tl::unexpected<Error> refused(std::string message, Verdict verdict = Verdict::io) {
  return tl::unexpected(Error{.verdict = verdict, .message = std::move(message)});
}

/// The component that runs.
Result<std::vector<std::uint8_t>> instrumented(const RecordArguments& arguments,
                                               const Loaded& loaded) {
  if (!arguments.instrumented.empty()) return read_file(arguments.instrumented, largest_input);
  return tools::rewritten(loaded.binary, {.lift = arguments.lift});
}

/// What the recorders hold is taken out of their memories, where it lies also when the guest may
/// not run any more [SINK-08] [SINK-11]. False: they are not seen.
Result<bool> take_held(WasmtimeComponent& component, Recording& recording) {
  Result<void> taken;
  const bool seen = component.memories([&](Bytes memory) {
    if (taken) taken = recording.add_held(memory);
  });
  if (taken) taken = recording.end_held();
  return taken.map([seen] { return seen; });
}

/// Says in the trace how the guest failed; what is to be said of it, and the exit code.
Result<int> conclude_failed(const GuestEnding& ending, bool seen, Recording& recording) {
  Assembler& assembler = recording.assembler();
  const Failure& failure = *ending.failure;
  if (assembler.event_count() == 0) {
    return refused("the component cannot be linked with its host: " + failure.message);
  }
  if (assembler.innermost() == nullptr &&
      (!ending.crosses || assembler.exports_called() < ending.exports_called)) {
    return recording.finish().map([&failure] {
      return complain("the host cannot make the call: " + failure.message, usage);
    });
  }
  const Trap trap = trap_of(failure, assembler.innermost());
  if (auto put = seen ? assembler.trap(trap) : assembler.gap(GapReason::lost); !put) {
    return tl::unexpected(put.error());
  }
  if (auto done = recording.finish(); !done) return tl::unexpected(done.error());
  return failure.exit_status ? *failure.exit_status : complain(trap);
}

/// Whatever happened, the trace is complete afterwards, or an error says why not. Returns the exit
/// code.
Result<int> conclude(const GuestEnding& ending, WasmtimeComponent& component, Recording& recording,
                     Interruption& interruption) {
  interruption.concluding();
  if (auto done = recording.end_pieces(); !done) return tl::unexpected(done.error());
  const auto seen = take_held(component, recording);
  if (!seen) return tl::unexpected(seen.error());
  if (recording.recorders() == 0 && !ending.failure) {
    return refused("expected an instrumented component, found one that does not record itself");
  }
  if (const auto signal = interruption.signal(); signal && ending.failure) {
    return recording.abort().map(
        [signal] { return complain("the recording was stopped", 128 + *signal); });
  }
  if (ending.failure) return conclude_failed(ending, *seen, recording);
  if (!*seen) {
    if (auto put = recording.assembler().gap(GapReason::lost); !put) {
      return tl::unexpected(put.error());
    }
  }
  return recording.finish().map([&ending] { return ending.code; });
}

/// What cannot be done, said before anything is created.
Result<void> check(const RecordArguments& arguments) {
  struct stat status {};
  if (!arguments.force && ::stat(arguments.out.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
    return refused(arguments.out + ": exists already, and --force was not given");  // [TESTEE-04]
  }
  if (arguments.digest) {
    return refused("an instrumented component takes no digests of its memories",
                   Verdict::unsupported);
  }
  return {};
}

}  // namespace

int record(const RecordArguments& arguments) {
  if (auto good = check(arguments); !good) return complain(good.error());
  const auto loaded = load(arguments.plan, arguments.guest.component);
  if (!loaded) return complain(loaded.error());
  const auto guest = prepare(arguments.guest);
  if (!guest) return complain(guest.error());
  const auto binary = instrumented(arguments, *loaded);
  if (!binary) return complain(binary.error());

  Interruption interruption;  // before any thread begins
  WasmtimeComponent component;
  if (auto compiled = component.compile(*binary); !compiled) return complain(compiled.error());
  const auto recording = Recording::create(
      {.path = arguments.out, .force = arguments.force, .attach = arguments.attach}, *loaded);
  if (!recording) return complain(recording.error());
  interruption.listen([&] { (*recording)->stop(); },
                      [&] {
                        static_cast<void>((*recording)->abort());
                        complain("the recording was stopped", 0);
                      });
  const auto abandon = [&](const Error& error) {
    if ((*recording)->assembler().event_count() == 0) ::unlink(arguments.out.c_str());
    return complain(error);
  };
  if (auto linked = component.link(guest->host, (*recording)->sink()); !linked) {
    return abandon(linked.error());
  }
  const auto ending =
      run_guest(component, loaded->wiring, guest->script ? &*guest->script : nullptr);
  if (!ending) return abandon(ending.error());
  const auto code = conclude(*ending, component, **recording, interruption);
  return code ? *code : abandon(code.error());
}

}  // namespace crossing::engine
