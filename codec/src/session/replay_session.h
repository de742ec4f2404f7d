#pragma once

/// Replayer::Impl: one loop at one level. Events are taken until the guest has to go on, and a call
/// of the guest comes back in through `served` [REPLAY-01]. Its functions stand in
/// replay_host.cpp (what the host does), replay_calls.cpp (calls, both ways), replay_memory.cpp,
/// replay_traps.cpp and replay_outcome.cpp (what is said).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crossing/replay.h"
#include "session/replay_cursor.h"
#include "session/replay_effects.h"
#include "session/replay_identity.h"
#include "session/replay_values.h"

namespace crossing {

class Replayer::Impl {
 public:
  Impl(ByteSource& trace, const Wiring& wiring, ReplayOptions options);

  std::optional<ReplayOutcome> refusal();
  [[nodiscard]] const TraceInfo* info() const {
    return cursor_.reader() ? &cursor_.reader()->info() : nullptr;
  }
  ReplayOutcome run(ReplayGuest& guest);
  bool import_called(std::uint32_t function, Bytes params, std::span<std::uint8_t> results) {
    return served(function, params, results) == Flow::on;
  }
  void stop_before(std::uint64_t event, StopHandler handler) {
    cursor_.stop_before(event, std::move(handler));
  }

 private:
  /// A call that is open. A trap closes it by taking it off.
  struct Frame {
    enum class Kind : std::uint8_t { instantiate, export_, import_, realloc };
    Kind kind = Kind::export_;
    std::uint32_t subject = none;  // of the trace
    std::uint32_t thread = 0;
  };
  enum class State : std::uint8_t {
    idle,       ///< nothing runs yet
    running,    ///< the guest, or the host
    unwinding,  ///< a trap is on its way through the guest to the frame that it closed
    over
  };
  /// How to go on after a step.
  enum class Flow : std::uint8_t {
    on,
    unwind,  ///< a trap goes on through the guest, up to the frame that it closed
    stop     ///< the replay is over
  };
  static constexpr std::size_t values_size = std::size_t{limits::core_signature} * 16;

  // What the host does: replay_host.cpp.
  void judge();
  Flow instantiate_all();
  Flow initialize(const InitializationStep& step);
  Flow expect_instance(EventKind kind, std::uint32_t instance);
  Flow core_instance(std::uint32_t id);
  void to_the_end();
  bool is_alone(const EventView& event);

  // Calls: replay_calls.cpp.
  Flow export_call();
  Flow lower_arguments(std::uint32_t subject);
  Flow export_result(std::uint32_t subject, const ReplayFunction& function, Bytes found);
  void note_result(const Function& function, Bytes values);
  Flow call_ended(const GuestEnd& end, std::size_t depth, const std::string& title);
  Flow served(std::uint32_t id, Bytes params, std::span<std::uint8_t> results);
  Flow before_call(std::uint32_t id, Bytes params);
  Flow answer(std::uint32_t subject, std::span<std::uint8_t> results);
  Flow realloc();

  // Events that leave the calls as they are: replay_memory.cpp.
  Flow take_asides();
  Flow take_digests();
  Flow aside(std::string_view awaited, std::uint32_t function = none);
  Flow thread();
  Flow grow();
  Flow prepare_growth();
  Flow lower();
  Flow lift();
  Flow digest();
  Flow memory_of(const EventView& event, std::uint32_t& memory, std::uint64_t& size);

  // Traps: replay_traps.cpp.
  Flow host_trap();
  Flow guest_trapped(const GuestEnd& end, const std::string& title);
  bool place_only_trap();
  void close(const EventView& event);

  // What is found: replay_outcome.cpp.
  Flow compare(const EventView& event, const std::vector<CoreType>& signature, Bytes found,
               std::string_view verb);
  std::string describe(const EventView* event);
  Flow differs(Divergence divergence);
  Flow diverged_at(std::optional<std::uint64_t> event, std::string title, std::string expected,
                   std::string found);
  Flow diverged(const EventView* event, const std::string& title, const std::string& expected,
                const std::string& found);
  Flow ended(const std::string& awaited, const std::string& title);
  Flow gap(const EventView& event);
  Flow misplaced(const EventView* event, const std::string& awaited);
  Flow invalid(const EventView& event, const std::string& awaited);
  Flow withheld(const EventView& event, std::string_view what);
  Flow halt(Verdict verdict, std::string message);
  Flow halt(const Error& error) { return halt(error.verdict, error.text()); }
  Flow needs_stacks();
  std::vector<FinalMemory> memories();
  ReplayOutcome outcome();

  [[nodiscard]] bool over() const { return state_ == State::over; }
  Flow stop() {
    state_ = State::over;
    return Flow::stop;
  }
  /// A trap is where it ends.
  void arrived() {
    if (!over()) state_ = State::running;
  }

  const EventView& take() {
    const EventView& event = cursor_.take();
    last_ = event.sequence;
    return event;
  }
  Flow push(Frame::Kind kind, std::uint32_t subject) {
    if (frames_.size() == limits::open_calls) return too_deep();
    frames_.push_back({kind, subject, thread_});
    return Flow::on;
  }
  Flow too_deep();
  /// Ends the innermost call, by an event of its own.
  Flow pop() {
    if (frames_.back().thread != thread_) return needs_stacks();
    frames_.pop_back();
    return Flow::on;
  }
  /// Null: the component has no such function, and the replay is over.
  const ReplayFunction* function_of(const EventView& event);

  const ReplayOptions options_;
  const Wiring& wiring_;
  ReplayIdentity identity_;
  ReplayEffects effects_;
  ReplayCursor cursor_;
  ReplayGuest* guest_ = nullptr;
  State state_ = State::idle;
  bool judged_ = false;
  std::uint32_t thread_ = 0;
  std::vector<Frame> frames_;
  std::optional<std::uint64_t> last_;  // event taken last
  Verdict verdict_ = Verdict::ok;
  std::string message_;
  std::optional<Divergence> divergence_;
  std::uint64_t divergences_ = 0;
  std::uint64_t digests_ = 0;
  std::optional<RunEnd> end_;
  std::optional<std::uint32_t> limited_;    // memory whose growth a `grow` that is next limits
  std::vector<std::uint32_t> alone_stack_;  // of `is_alone`: instances that come to life
};

/// "trap code 99", "unreachable".
std::string trap_text(TrapCode code);
TrapCode trap_code_of(const EventView& event);

}  // namespace crossing
