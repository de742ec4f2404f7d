#pragma once

/// Replay: the half that knows no engine. A Replayer follows a trace, makes the host's calls of the
/// guest and answers the guest's calls of the host; an engine supplies a ReplayGuest and hands each
/// call of the guest to `Replayer::import_called`. There is no host function anywhere [REPLAY-07].

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crossing/component.h"
#include "crossing/event.h"
#include "crossing/io.h"
#include "crossing/result.h"
#include "crossing/trace.h"

namespace [[gnu::visibility("default")]] crossing {

/// How a call into core code ended.
struct GuestEnd {
  enum class Kind : std::uint8_t {
    returned,
    trapped,  ///< by itself, or because `import_called` gave false
    failed,   ///< the engine could not do it; `message` says why
  };
  Kind kind = Kind::returned;
  TrapCode code = TrapCode::unknown;  ///< of a trap of its own
  std::string message = {};
};

/// Core code as an engine runs it. Ids are those of the wiring that the replayer was made with;
/// values stand as in a payload [PAY-05]. Nothing here may throw through core code.
class ReplayGuest {
 public:
  virtual ~ReplayGuest() = default;

  /// Makes a core instance, its start function included. What it imports was made before.
  virtual GuestEnd instantiate(std::uint32_t core_instance) = 0;

  /// Calls the core function behind a function that the host calls. `params` are of the sizes of
  /// its `core_params`, and are valid until guest code runs; `results` take its `core_results`.
  virtual GuestEnd call(std::uint32_t function, Bytes params, std::span<std::uint8_t> results) = 0;

  /// Bytes of a memory as it is now; none: it does not exist (yet).
  virtual std::optional<std::uint64_t> memory_size(std::uint32_t memory) = 0;

  /// `size` bytes at `address`, which lie inside the memory; valid until the next call of this
  /// guest or of the replayer.
  virtual Bytes read(std::uint32_t memory, std::uint64_t address, std::uint64_t size) = 0;

  /// Writes bytes that lie inside the memory.
  virtual void write(std::uint32_t memory, std::uint64_t address, Bytes bytes) = 0;

  /// From now on a memory may grow to `bytes` and no further; none: to what the trace declares. It
  /// is asked for only where a trace has `grow` events [GROW-01]. False: the engine cannot.
  virtual bool limit_growth(std::uint32_t memory, std::optional<std::uint64_t> bytes);
};

enum class OutputStream : std::uint8_t { standard_output = 1, standard_error = 2 };

struct ReplayOptions {
  bool compare_digests = true;
  bool allow_changed = false;  ///< replay a component that is not the recorded one [REPLAY-05]
  bool keep_going = false;  ///< after a difference of values, as far as there is a way [REPLAY-09]
  /// An instance of the wiring: it is replayed alone, by its own events [REPLAY-11].
  std::optional<std::uint32_t> instance = {};
  /// Takes what the guest wrote to its standard output and error [REG-05]; an error ends the
  /// replay.
  std::function<Result<void>(OutputStream, Bytes)> output = {};
  /// Takes a note for the person who watches, once.
  std::function<void(std::string_view)> note = {};
};

/// The first difference between the recording and the replay [REPLAY-03].
struct Divergence {
  std::optional<std::uint64_t> event;  ///< none: the end of the trace
  std::string function;                ///< what was called, or where it was
  std::string expected;                ///< what was recorded, in words
  std::string found;
  bool operator==(const Divergence&) const = default;
};

/// How a replayed run ended [REPLAY-08].
struct RunEnd {
  enum class Kind : std::uint8_t { returned, exited, trapped };
  Kind kind = Kind::returned;
  std::int32_t status = 0;
  TrapCode code = TrapCode::unknown;  ///< of `exited` and `trapped`
  std::string message = {};           ///< for people
};

/// A guest memory where a replay ended: its size, and the XXH3-64 (seed 0) of all of it.
struct FinalMemory {
  std::uint32_t memory = 0;  ///< id in the wiring
  std::uint64_t size = 0;
  std::uint64_t hash = 0;
  bool operator==(const FinalMemory&) const = default;
};

/// Why a replayer refuses a trace as `unsupported` by what it says of itself, and by what it holds,
/// where all of it was read [REPLAY-04] [PROF-03]: a sentence, or none.
std::optional<std::string> replay_refusal(const TraceInfo& info, const Totals* totals = nullptr);

/// What became of a replay.
struct ReplayOutcome {
  /// `ok`, `diverged`, or why it could not go on: the trace's own verdict, `unsupported`,
  /// `invalid`, `limit`; `io` for what is no property of the trace.
  Verdict verdict = Verdict::ok;
  std::string message;                   ///< a sentence; empty: ok
  std::uint64_t events = 0;              ///< replayed, informative ones left out, pieces as one
  std::uint64_t digests = 0;             ///< compared
  std::uint64_t divergences = 0;         ///< more than 1 only with `keep_going`
  std::optional<RunEnd> end;             ///< known when the trace was followed to its end
  std::optional<Divergence> divergence;  ///< the first
  /// With verdict `ok`: the memories that there were at the end, by ascending id. Two engines that
  /// replayed one trace agree on them.
  std::vector<FinalMemory> memories = {};

  /// The exit code of a command that replays [VERDICT-05].
  [[nodiscard]] int exit_code() const;
};

/// Follows one trace once. What is kept is the calls that are open, the definitions, and one block.
/// The order of nested calls is that of native calls: the replayer calls the guest, the guest calls
/// `import_called`, and that may call the guest. `limits::open_calls` bounds how deep it gets.
///
/// Without `ReplayOptions::instance` all component instances of the trace are replayed together, in
/// the total order of their events.
class Replayer {
 public:
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  /// `trace` and `wiring` outlive the replayer. The digest of the wiring's component is filled in.
  Replayer(ByteSource& trace, const Wiring& wiring, ReplayOptions options = {});
  ~Replayer();

  /// Reads what the trace says of itself and refuses what cannot be replayed [REPLAY-04], before
  /// anything runs; `run` does it too. None: it can be.
  std::optional<ReplayOutcome> refusal();
  /// What the trace says of itself; null before `refusal`, or when that could not be read.
  [[nodiscard]] const TraceInfo* info() const;

  /// Replays to the end.
  ReplayOutcome run(ReplayGuest& guest);

  /// The guest called `function`, a function that the guest calls. True: `results` are filled, and
  /// the guest goes on. False: the engine ends guest code by a trap of its own, up to the innermost
  /// `ReplayGuest::call` or `instantiate`, which gives `trapped`.
  [[nodiscard]] bool import_called(std::uint32_t function, Bytes params,
                                   std::span<std::uint8_t> results);

  /// `handler` is called before anything is done about the first event whose number is at least
  /// `event`; the guest's memory is that which the event finds. It may read memory and set the
  /// next stop. False ends the replay. Pieces of one event and informative events are no places.
  using StopHandler = std::function<bool(const EventView& next)>;
  void stop_before(std::uint64_t event, StopHandler handler);

 private:
  class [[gnu::visibility("hidden")]] Impl;
  std::unique_ptr<Impl> impl_;
};

/// A replay that is taken step by step: it runs on a thread of its own, and only while the caller
/// waits for it in `run_until`.
class ReplayStepper {
 public:
  /// Both outlive the stepper, and are used by nobody else meanwhile but to look at the memory.
  ReplayStepper(Replayer& replayer, ReplayGuest& guest);
  /// Ends a replay that has not ended.
  ~ReplayStepper();

  /// Goes on up to the first event whose number is at least `event`, and at least by one event.
  /// True: it is next. False: the replay ended before.
  bool run_until(std::uint64_t event);

  /// The event that is next, where `run_until` gave true.
  [[nodiscard]] const EventView& next() const;

  /// Goes to the end.
  const ReplayOutcome& finish();

 private:
  class [[gnu::visibility("hidden")]] Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace crossing
