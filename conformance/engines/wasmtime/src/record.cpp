#include "record.h"

#include <sys/stat.h>
#include <unistd.h>

#include "complain.h"
#include "crossing/instrument.h"
#include "guest_memories.h"
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
/// not run any more [SINK-08] [SINK-11].
Result<void> take_held(const StoreMemories& seen, Recording& recording) {
  for (const Bytes memory : seen.recorders) {
    if (auto taken = recording.add_held(memory); !taken) return taken;
  }
  return {};
}

/// The recorders let go of what they hold [SINK-08]. False: not all of them did.
bool drain(WasmtimeComponent& component) {
  const auto call = [&component](const std::string& name) -> std::optional<bool> {
    const auto function = component.find(recorder_control, name);
    if (!function) return std::nullopt;
    return !component.call(*function, {}, {});
  };
  for (int inside = 1;; ++inside) {
    const auto done = call("drain" + std::to_string(inside));
    if (!done) break;
    if (!*done) return false;
  }
  return call("drain").value_or(false);
}

/// Digests of the guest's memories where the run ended [SINK-14].
Result<void> add_digests(const StoreMemories& seen, const Loaded& loaded, Recording& recording) {
  for (const Memory& memory : loaded.wiring.definitions.memories) {
    if (!seen.guest[memory.id]) {
      return refused("the memories of the guest cannot be told apart", Verdict::unsupported);
    }
    if (auto done = recording.assembler().digest(memory.id, *seen.guest[memory.id]); !done) {
      return done;
    }
  }
  return {};
}

/// Says in the trace how the guest failed; what is to be said of it, and the exit code.
Result<int> conclude_failed(const GuestEnding& ending, const std::optional<StoreMemories>& seen,
                            const Loaded& loaded, Recording& recording) {
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
  const auto lowered = [&](std::uint32_t instance) {
    std::vector<MemoryBlock> blocks = seen->blocks;
    std::erase_if(blocks, [&](const MemoryBlock& block) {
      return loaded.wiring.definitions.memories[block.memory].instance != instance;
    });
    return blocks;
  };
  if (auto put = seen ? assembler.trap(trap, lowered) : assembler.gap(GapReason::lost); !put) {
    return tl::unexpected(put.error());
  }
  if (auto done = recording.finish(); !done) return tl::unexpected(done.error());
  return failure.exit_status ? *failure.exit_status : complain(trap);
}

/// Whatever happened, the trace is complete afterwards, or an error says why not. Returns the exit
/// code.
Result<int> conclude(const GuestEnding& ending, WasmtimeComponent& component, const Loaded& loaded,
                     bool digest, Recording& recording, Interruption& interruption) {
  interruption.concluding();
  const bool drained = !ending.failure && drain(component);
  if (auto done = recording.end_pieces(); !done) return tl::unexpected(done.error());
  // After a core dump nothing may run in the store.
  const auto seen = ending.failure || digest ? look(component, loaded) : std::nullopt;
  if (ending.failure && seen) {
    if (auto taken = take_held(*seen, recording); !taken) return tl::unexpected(taken.error());
  }
  if (auto done = recording.end_held(); !done) return tl::unexpected(done.error());
  if (recording.recorders() == 0 && !ending.failure) {
    return refused("expected an instrumented component, found one that does not record itself");
  }
  if (const auto signal = interruption.signal(); signal && ending.failure) {
    return recording.abort().map(
        [signal] { return complain("the recording was stopped", 128 + *signal); });
  }
  if (ending.failure) return conclude_failed(ending, seen, loaded, recording);
  if (!drained) {
    if (auto put = recording.assembler().gap(GapReason::lost); !put) {
      return tl::unexpected(put.error());
    }
  } else if (digest) {
    if (!seen) return refused("the memories of the guest cannot be seen", Verdict::unsupported);
    if (auto done = add_digests(*seen, loaded, recording); !done) {
      return tl::unexpected(done.error());
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
  const auto code =
      conclude(*ending, component, *loaded, arguments.digest, **recording, interruption);
  return code ? *code : abandon(code.error());
}

}  // namespace crossing::engine
