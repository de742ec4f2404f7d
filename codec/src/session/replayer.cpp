/// One loop at one level: events are taken until the guest has to go on, and a call of the guest
/// comes back in through `import_called` [REPLAY-01].

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crossing/replay.h"
#include "frame/frame.h"
#include "io/bytes.h"
#include "io/fault.h"
#include "session/replay_cursor.h"
#include "session/replay_effects.h"
#include "session/replay_identity.h"
#include "session/replay_values.h"

namespace crossing {
namespace {

constexpr std::size_t trap_message_size = 4096;  // of a recorded message, for people
constexpr std::size_t values_size = std::size_t{limits::core_signature} * 16;

/// A call that is open. A trap closes it by taking it off.
struct Frame {
  enum class Kind : std::uint8_t { instantiate, export_, import_, realloc };
  Kind kind = Kind::export_;
  std::uint32_t subject = none;  // of the trace
};

/// How to go on after a step.
enum class Flow : std::uint8_t {
  on,
  unwind,  ///< a trap goes on through the guest, up to the frame that it closed
  stop     ///< the replay is over
};

/// Traps that depend on the machine: only their place can be compared [REPLAY-06].
bool by_place_only(TrapCode code) {
  return code == TrapCode::stack_overflow || code == TrapCode::out_of_memory ||
         code == TrapCode::interrupt;
}

/// Whether a recorded and a found code name the same trap [REPLAY-06].
bool same_trap(TrapCode recorded, TrapCode found) {
  const auto merged = [](TrapCode code) {
    switch (code) {
      case TrapCode::indirect_call_to_null: return TrapCode::bad_signature;
      case TrapCode::bad_conversion_to_integer: return TrapCode::integer_overflow;
      default: return code;
    }
  };
  return recorded == TrapCode::unknown || found == TrapCode::unknown ||
         merged(recorded) == merged(found);
}

std::string trap_text(TrapCode code) {
  const std::string_view name = trap_code_name(code);
  return name.empty() ? "trap code " + std::to_string(static_cast<std::uint32_t>(code))
                      : std::string(name);
}

/// "1 call", "2 calls".
std::string calls_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " call" : " calls");
}

/// Up to 8 bytes from the first that differs: "0x12 0x34".
std::string bytes_text(Bytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 8))) {
    if (!text.empty()) text += ' ';
    text += hex(byte, 2);
  }
  return bytes.size() > 8 ? text + " …" : text;
}

}  // namespace

int ReplayOutcome::exit_code() const {
  if (verdict != Verdict::ok) return static_cast<int>(verdict);
  if (!end) return 0;
  return end->kind == RunEnd::Kind::trapped ? 134 : end->status & 0xff;
}

class Replayer::Impl {
 public:
  Impl(ByteSource& trace, const Wiring& wiring, ReplayOptions options)
      : options_(std::move(options)),
        wiring_(wiring),
        identity_(wiring),
        effects_(options_),
        cursor_(trace, [this](NewDefinitions definitions) { identity_.define(definitions); }) {}

  std::optional<ReplayOutcome> refusal() {
    if (!judged_) judge();
    judged_ = true;
    if (!over_) return std::nullopt;
    return outcome();
  }

  [[nodiscard]] const TraceInfo* info() const {
    return cursor_.reader() ? &cursor_.reader()->info() : nullptr;
  }

  ReplayOutcome run(ReplayGuest& guest) {
    if (auto refused = refusal()) return *refused;
    guest_ = &guest;
    if (instantiate_all() != Flow::stop) to_the_end();
    return outcome();
  }

  bool import_called(std::uint32_t function, Bytes params, std::span<std::uint8_t> results) {
    return served(function, params, results) == Flow::on;
  }

  void stop_before(std::uint64_t event, StopHandler handler) {
    cursor_.stop_before(event, std::move(handler));
  }

 private:
  // --- before anything runs --------------------------------------------------

  /// [REPLAY-04] [REPLAY-05] [PROF-03]
  void judge() {
    if (!cursor_.open()) {
      halt(*cursor_.fault());
      return;
    }
    const TraceInfo& trace = *info();
    if (trace.profile != Profile::abi) {
      halt(Verdict::unsupported, "the trace has the profile values; this replayer follows abi");
    } else if (!trace.replayable) {
      halt(Verdict::unsupported, "the trace does not declare that it can be replayed");
    } else if (!trace.core_complete) {
      halt(Verdict::unsupported,
           "the trace does not hold what core-only replay needs (core_complete)");
    } else if (trace.needs_stacks) {
      halt(Verdict::unsupported, "the trace needs an engine that can switch stacks");
    }
    if (over_) return;
    const EventView* first = cursor_.peek();
    if (cursor_.stopped()) {
      over_ = true;
    } else if (identity_.component() == nullptr) {
      if (first != nullptr) {
        halt(Verdict::invalid, "the trace defines no component");
      } else {
        ended("the component to be instantiated", "the guest");
      }
    } else if (!options_.allow_changed && !identity_.is_recorded()) {
      halt(Verdict::io, "the component is not the recorded one: its SHA-256 differs");
    }
  }

  // --- the host's side -------------------------------------------------------

  /// Follows the wiring's initialization [INSTANTIATE-01]. A trap in it ends it.
  Flow instantiate_all() {
    if (cursor_.peek() == nullptr) return ended("the component to be instantiated", "the guest");
    for (const InitializationStep& step : wiring_.initialization) {
      Flow flow = Flow::on;
      switch (step.kind) {
        case InitializationStep::Kind::instantiate:
          flow = expect_instance(EventKind::instantiate, step.id);
          if (flow == Flow::on) flow = push({Frame::Kind::instantiate, none});
          break;
        case InitializationStep::Kind::instantiate_end:
          flow = expect_instance(EventKind::instantiate_end, step.id);
          if (flow == Flow::on && !frames_.empty()) frames_.pop_back();
          break;
        case InitializationStep::Kind::core_instance: flow = core_instance(step.id); break;
        case InitializationStep::Kind::start: {
          const EventView* next = cursor_.peek();
          flow = next != nullptr && next->kind == EventKind::export_call
                     ? export_call()
                     : misplaced(next, "the call of a start function");
          break;
        }
      }
      if (flow == Flow::stop) return flow;
      if (flow == Flow::unwind) {
        unwinding_ = false;
        return Flow::on;
      }
    }
    return Flow::on;
  }

  Flow expect_instance(EventKind kind, std::uint32_t instance) {
    if (const Flow flow = take_asides(); flow != Flow::on) return flow;
    const EventView* next = cursor_.peek();
    const std::string what(event_kind_name(kind));
    if (next == nullptr || next->kind != kind || identity_.instance(next->subject) != instance) {
      return diverged(next, "instance " + std::to_string(instance), describe(next),
                      what + " of instance " + std::to_string(instance));
    }
    take();
    return Flow::on;
  }

  /// Makes a core instance; `unwind` when its start function ended in a trap.
  Flow core_instance(std::uint32_t id) {
    const std::size_t depth = frames_.size();
    const GuestEnd end = guest_->instantiate(id);
    return call_ended(end, depth, "a core start function");
  }

  /// Events with no guest code around them, up to the end of the trace.
  void to_the_end() {
    for (;;) {
      const EventView* next = cursor_.peek();
      if (next == nullptr) break;
      Flow flow = Flow::on;
      if (next->kind == EventKind::export_call) {
        flow = export_call();
      } else if (next->kind == EventKind::trap) {
        flow = host_trap();
      } else {
        flow = aside("a call of the host, or the end");
      }
      unwinding_ = false;  // nothing is around this
      if (flow == Flow::stop) return;
    }
    if (cursor_.stopped()) {
      over_ = true;
    } else if (cursor_.fault()) {
      halt(*cursor_.fault());
    } else if (!frames_.empty()) {  // [ORDER-08]
      halt(Verdict::invalid, "the trace ends with " + calls_text(frames_.size()) + " open");
    } else if (cursor_.count() == 0) {
      halt(Verdict::unsupported, "the trace has no events");
    } else {
      over_ = true;
      if (!end_) end_ = RunEnd{};
    }
  }

  /// An export, post-return, destructor or callback: from export_call to its result. `on`: it
  /// ended, by its result or by a trap that ends here.
  Flow export_call() {
    const EventView call = take();
    const ReplayFunction* function = function_of(call);
    if (function == nullptr) return Flow::stop;
    const std::string& title = identity_.title(call.subject);
    const std::size_t depth = frames_.size();
    if (push({Frame::Kind::export_, call.subject}) == Flow::stop) return Flow::stop;

    // What stands between export_call and export_enter [ORDER-04].
    for (;;) {
      const EventView* next = cursor_.peek();
      if (next != nullptr && next->kind == EventKind::export_enter) break;
      const Flow flow = next != nullptr && next->kind == EventKind::trap
                            ? host_trap()
                            : aside("export_enter of ", call.subject);
      if (flow == Flow::stop) return flow;
      if (flow == Flow::unwind) {  // no guest code was entered
        unwinding_ = false;
        return Flow::on;
      }
    }
    const EventView enter = take();
    if (enter.subject != call.subject) {
      return invalid(enter, "export_enter of " + title);
    }
    if (enter.flags != 0) return withheld(enter, "params");

    std::array<std::uint8_t, values_size> results;
    const std::span<std::uint8_t> found(results.data(), function->results_size);
    const GuestEnd end = guest_->call(function->id, enter.body, found);
    if (end.kind != GuestEnd::Kind::returned) {
      const Flow flow = call_ended(end, depth + 1, title);
      if (flow == Flow::unwind) unwinding_ = false;
      return flow == Flow::unwind ? Flow::on : flow;
    }
    if (const Flow flow = call_ended(end, depth + 1, title); flow != Flow::on) return flow;
    if (place_only_trap()) {  // it returned already
      unwinding_ = false;
      return over_ ? Flow::stop : Flow::on;
    }
    return export_result(call, *function, found);
  }

  Flow export_result(const EventView& call, const ReplayFunction& function, Bytes found) {
    if (const Flow flow = take_digests(); flow != Flow::on) return flow;
    const EventView* next = cursor_.peek();
    const auto& signature = function.function->core_results;
    if (next == nullptr || next->kind != EventKind::export_result ||
        next->subject != call.subject) {
      return diverged(next, identity_.title(call.subject), describe(next),
                      "its return with " + core_text(signature, found));
    }
    if (const Flow flow = compare(*next, signature, found, "its return with "); flow != Flow::on) {
      return flow;
    }
    take();
    frames_.pop_back();
    if (frames_.empty()) note_result(*function.function, found);
    return Flow::on;
  }

  /// The outcome of a command is in what its `run` returns [REPLAY-08].
  void note_result(const Function& function, Bytes values) {
    if (function.role != Role::export_ || values.size() != 4) return;
    for (const Name& name : function.names) {
      if (name.function_name == "run" && name.instance_name.starts_with("wasi:cli/run@")) {
        end_ = RunEnd{.status = load<std::uint32_t>(values.data()) == 0 ? 0 : 1};
      }
    }
  }

  /// What a call into core code that was made with `depth` frames open comes to. `on`: it returned.
  /// `unwind`: it trapped as recorded.
  Flow call_ended(const GuestEnd& end, std::size_t depth, const std::string& title) {
    if (over_) return Flow::stop;
    const bool closed = frames_.size() < depth;
    switch (end.kind) {
      case GuestEnd::Kind::failed: return halt(Verdict::io, title + ": " + end.message);
      case GuestEnd::Kind::returned:
        if (!closed) return Flow::on;
        return diverged_at(last_, title, "a trap", "a guest that went on");
      case GuestEnd::Kind::trapped: break;
    }
    if (closed) {
      if (unwinding_) return Flow::unwind;
      return diverged_at(last_, title, "a trap", "a guest that went on");
    }
    if (unwinding_) return Flow::unwind;  // on its way to a frame further out
    return guest_trapped(end, title);
  }

  // --- the guest's side ------------------------------------------------------

  /// A call of the guest: compares it, and does what was recorded until its result.
  Flow served(std::uint32_t id, Bytes params, std::span<std::uint8_t> results) {
    if (over_ || guest_ == nullptr) return Flow::stop;
    if (id >= wiring_.definitions.functions.size()) {
      return halt(Verdict::io, "the engine calls function " + std::to_string(id) +
                                   ", which its wiring does not have");
    }
    const Function& wired = wiring_.definitions.functions[id];
    if (unwinding_) {
      return diverged_at(last_, function_title(wired), "a trap", "a guest that went on");
    }
    if (const Flow flow = take_digests(); flow != Flow::on) return flow;
    if (place_only_trap()) return over_ ? Flow::stop : Flow::unwind;
    const EventView* next = cursor_.peek();
    if (next == nullptr || next->kind != EventKind::import_call ||
        identity_.function(next->subject).id != id) {
      return diverged(next, function_title(wired), describe(next),
                      "a call of it with " + core_text(wired.core_params, params));
    }
    if (const Flow flow = compare(*next, wired.core_params, params, "a call of it with ");
        flow != Flow::on) {
      return flow;
    }
    const std::uint32_t subject = next->subject;
    const Effect effect = identity_.function(subject).effect;
    take();
    if (push({Frame::Kind::import_, subject}) == Flow::stop) return Flow::stop;
    PendingEffect pending;
    if (effect != Effect::nothing) pending = effects_.before(effect, wired, params, *guest_);

    for (;;) {
      next = cursor_.peek();
      if (next != nullptr && next->kind == EventKind::import_result) break;
      Flow flow = Flow::on;
      if (next != nullptr && next->kind == EventKind::export_call) {
        flow = export_call();
      } else if (next != nullptr && next->kind == EventKind::trap) {
        flow = host_trap();
      } else {
        flow = aside("import_result of ", subject);
      }
      if (flow != Flow::on) return flow;
    }
    const EventView result = take();
    if (result.subject != subject) {
      return invalid(result, "import_result of " + identity_.title(subject));
    }
    if (result.flags != 0) return withheld(result, "results");
    std::copy(result.body.begin(), result.body.end(), results.begin());
    frames_.pop_back();
    if (pending.effect != Effect::nothing) {
      const auto done = effects_.after(pending, wired, params, result.body, *guest_);
      if (!done) return halt(done.error());
    }
    return Flow::on;
  }

  // --- events that leave the calls as they are -------------------------------

  Flow take_asides() {
    for (;;) {
      const EventView* next = cursor_.peek();
      if (next == nullptr) return cursor_.stopped() ? stop() : Flow::on;
      switch (next->kind) {
        case EventKind::lower:
        case EventKind::lift:
        case EventKind::digest:
          if (const Flow flow = aside(""); flow != Flow::on) return flow;
          break;
        default: return Flow::on;
      }
    }
  }

  Flow take_digests() {
    for (;;) {
      const EventView* next = cursor_.peek();
      if (next == nullptr) return cursor_.stopped() ? stop() : Flow::on;
      if (next->kind != EventKind::digest) return Flow::on;
      if (const Flow flow = digest(); flow != Flow::on) return flow;
    }
  }

  /// `awaited` is followed by the title of `function`, if there is one.
  Flow aside(std::string_view awaited, std::uint32_t function = none) {
    const EventView* next = cursor_.peek();
    if (next != nullptr) {
      switch (next->kind) {
        case EventKind::realloc_call: return realloc();
        case EventKind::lower: return lower();
        case EventKind::lift: return lift();
        case EventKind::digest: return digest();
        case EventKind::gap: return gap(*next);
        case EventKind::task_start:
        case EventKind::task_cancel:
        case EventKind::task_resolve:
        case EventKind::task_resolve_end:
        case EventKind::copy:
        case EventKind::copy_end:
        case EventKind::end_dropped:
          take();  // what they bring about are events of their own
          return Flow::on;
        case EventKind::thread_switch:
        case EventKind::thread_start:
        case EventKind::grow:
          return halt(Verdict::unsupported, "event " + std::to_string(next->sequence) + " is " +
                                                std::string(event_kind_name(next->kind)) +
                                                ", which this replayer cannot follow");
        default: break;
      }
    }
    std::string text(awaited);
    if (function != none) text += identity_.title(function);
    return misplaced(next, text);
  }

  Flow realloc() {
    const EventView call = take();
    const ReplayFunction* function = function_of(call);
    if (function == nullptr) return Flow::stop;
    const std::string& title = identity_.title(call.subject);
    if (call.flags != 0) return withheld(call, "params");
    if (push({Frame::Kind::realloc, call.subject}) == Flow::stop) return Flow::stop;
    const std::size_t depth = frames_.size();
    std::array<std::uint8_t, values_size> results;
    const std::span<std::uint8_t> found(results.data(), function->results_size);
    const GuestEnd end = guest_->call(function->id, call.body, found);
    if (const Flow flow = call_ended(end, depth, title); flow != Flow::on) return flow;
    if (const Flow flow = take_digests(); flow != Flow::on) return flow;
    if (place_only_trap()) return over_ ? Flow::stop : Flow::unwind;
    const EventView* next = cursor_.peek();
    const auto& signature = function->function->core_results;
    if (next == nullptr || next->kind != EventKind::realloc_result ||
        next->subject != call.subject) {
      return diverged(next, title, describe(next),
                      "its return with " + core_text(signature, found));
    }
    if (const Flow flow = compare(*next, signature, found, "its return with "); flow != Flow::on) {
      return flow;
    }
    take();
    frames_.pop_back();
    return Flow::on;
  }

  Flow lower() {
    const EventView event = take();
    if (event.flags & flag_redacted) {
      return halt(Verdict::unsupported, "event " + std::to_string(event.sequence) +
                                            " is redacted: what the host wrote is not known");
    }
    std::uint32_t memory = none;
    std::uint64_t size = 0;
    if (const Flow flow = memory_of(event, memory, size); flow != Flow::on) return flow;
    if (event.body_size > size || event.detail > size - event.body_size) {
      return diverged_at(
          event.sequence, memory_title(event),
          std::to_string(event.body_size) + " bytes written at " + std::to_string(event.detail),
          "a memory of " + std::to_string(size) + " bytes");
    }
    std::uint64_t address = event.detail;
    guest_->write(memory, address, event.body);
    address += event.body.size();
    if (event.last) return Flow::on;
    while (const EventView* piece = cursor_.next_piece()) {
      guest_->write(memory, address, piece->body);
      address += piece->body.size();
    }
    return Flow::on;  // a cut among the pieces shows at the next event
  }

  Flow lift() {
    const EventView event = take();
    if (event.flags & (flag_omitted | flag_redacted)) return Flow::on;
    std::uint32_t memory = none;
    std::uint64_t size = 0;
    if (const Flow flow = memory_of(event, memory, size); flow != Flow::on) return flow;
    const bool hashed = event.flags & flag_hashed;
    const std::uint64_t length = hashed ? load<std::uint64_t>(event.body.data()) : event.body_size;
    const std::string read =
        std::to_string(length) + " bytes read at " + std::to_string(event.detail);
    if (length > size || event.detail > size - length) {
      return diverged_at(event.sequence, memory_title(event), read, "none there");
    }
    if (hashed) {
      const std::uint64_t expected = load<std::uint64_t>(&event.body[8]);
      const std::uint64_t found = hash_bytes(guest_->read(memory, event.detail, length), 0);
      if (expected == found) return Flow::on;
      return differs(event.sequence, memory_title(event), read + ", " + hex(expected, 16),
                     "other bytes there, " + hex(found, 16));
    }
    std::optional<Divergence> difference;
    std::uint64_t address = event.detail;
    Bytes body = event.body;
    for (bool first = true;; first = false) {
      if (!first) {
        const EventView* piece = cursor_.next_piece();
        if (piece == nullptr) break;
        body = piece->body;
      }
      const Bytes found = guest_->read(memory, address, body.size());
      const auto [a, b] = std::mismatch(body.begin(), body.end(), found.begin());
      if (a != body.end() && !difference) {
        const auto offset = static_cast<std::size_t>(a - body.begin());
        const std::string at = " at " + std::to_string(address + offset);
        std::string expected = read;
        expected.append(", ").append(bytes_text(body.subspan(offset))).append(at);
        difference = Divergence{event.sequence, memory_title(event), std::move(expected),
                                bytes_text(found.subspan(offset)) + at};
      }
      address += body.size();
    }
    return difference ? differs(std::move(*difference)) : Flow::on;
  }

  Flow digest() {
    const EventView event = take();
    if (!options_.compare_digests) return Flow::on;
    std::uint32_t memory = none;
    std::uint64_t size = 0;
    if (const Flow flow = memory_of(event, memory, size); flow != Flow::on) return flow;
    const auto expected_size = load<std::uint64_t>(event.body.data());
    const auto expected = load<std::uint64_t>(&event.body[8]);
    const std::uint64_t found = hash_bytes(guest_->read(memory, 0, size), 0);
    ++digests_;
    if (size == expected_size && found == expected) return Flow::on;
    return differs(event.sequence, memory_title(event),
                   "a digest of " + std::to_string(expected_size) + " bytes, " + hex(expected, 16),
                   std::to_string(size) + " bytes, " + hex(found, 16));
  }

  Flow memory_of(const EventView& event, std::uint32_t& memory, std::uint64_t& size) {
    memory = identity_.memory(event.subject);
    const auto found = memory == none ? std::nullopt : guest_->memory_size(memory);
    if (!found) {
      return diverged_at(event.sequence, memory_title(event), "a memory", "none in the component");
    }
    size = *found;
    return Flow::on;
  }

  static std::string memory_title(const EventView& event) {
    return "memory " + std::to_string(event.subject);
  }

  // --- traps -----------------------------------------------------------------

  /// A recorded trap that the host raised, or that goes on through it [TRAP-02].
  Flow host_trap() {
    const EventView event = take();
    if (load<std::uint8_t>(event.body.data()) == static_cast<std::uint8_t>(TrapOrigin::guest)) {
      const std::string where = frames_.empty() || frames_.back().kind == Frame::Kind::instantiate
                                    ? "the host"
                                    : identity_.title(frames_.back().subject);
      return diverged_at(event.sequence, where,
                         "a trap of the guest (" + trap_text(code_of(event)) + ")", "none");
    }
    close(event);
    return Flow::unwind;
  }

  /// The guest trapped by itself [REPLAY-02] [REPLAY-06].
  Flow guest_trapped(const GuestEnd& end, const std::string& title) {
    if (const Flow flow = take_digests(); flow != Flow::on) return flow;
    const EventView* next = cursor_.peek();
    std::string found = "a trap (" + trap_text(end.code) + ")";
    if (!end.message.empty()) found += ": " + end.message;
    if (next == nullptr || next->kind != EventKind::trap) {
      if (end.code == TrapCode::stack_overflow) found += ", for want of stack in this engine";
      return diverged(next, title, describe(next), found);
    }
    if (!same_trap(code_of(*next), end.code)) {
      return diverged(next, title, describe(next), found);
    }
    const EventView event = take();
    close(event);
    return Flow::unwind;
  }

  /// Where only the place of a trap is known, the place is reached when it is next [REPLAY-06].
  bool place_only_trap() {
    const EventView* next = cursor_.peek();
    if (next == nullptr || next->kind != EventKind::trap || !by_place_only(code_of(*next))) {
      return false;
    }
    const EventView event = take();
    close(event);
    return true;
  }

  static TrapCode code_of(const EventView& event) {
    return static_cast<TrapCode>(static_cast<std::uint32_t>(event.detail));
  }

  /// Ends the innermost export_call or instantiate and all that it encloses [TRAP-02].
  void close(const EventView& event) {
    RunEnd end{
        .kind = code_of(event) == TrapCode::exit ? RunEnd::Kind::exited : RunEnd::Kind::trapped,
        .status = load<std::int32_t>(&event.body[4]),
        .code = code_of(event)};
    const Bytes message = event.body.subspan(8);
    end.message.assign(message.begin(),
                       message.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(
                                             message.size(), trap_message_size)));
    while (!frames_.empty()) {
      const Frame::Kind kind = frames_.back().kind;
      frames_.pop_back();
      if (kind == Frame::Kind::export_ || kind == Frame::Kind::instantiate) break;
    }
    unwinding_ = true;
    if (frames_.empty()) end_ = std::move(end);
  }

  // --- what is found ---------------------------------------------------------

  EventView take() {
    const EventView event = cursor_.take();
    last_ = event.sequence;
    return event;
  }

  Flow push(Frame frame) {
    if (frames_.size() == limits::open_calls) {
      return halt(Verdict::limit,
                  "expected at most " + std::to_string(limits::open_calls) + " open calls");
    }
    frames_.push_back(frame);
    return Flow::on;
  }

  /// Null: the component has no such function, and the replay is over.
  const ReplayFunction* function_of(const EventView& event) {
    const ReplayFunction& entry = identity_.function(event.subject);
    if (entry.function != nullptr) return &entry;
    diverged_at(event.sequence, identity_.title(event.subject),
                std::string(event_kind_name(event.kind)) + " of it",
                "no such function in the component");
    return nullptr;
  }

  Flow compare(const EventView& event, const std::vector<CoreType>& signature, Bytes found,
               std::string_view verb) {
    if (event.flags != 0) return Flow::on;  // omitted or redacted [REPLAY-02]
    if (std::equal(event.body.begin(), event.body.end(), found.begin(), found.end())) {
      return Flow::on;
    }
    return differs(event.sequence, identity_.title(event.subject),
                   std::string(verb) + core_text(signature, event.body),
                   std::string(verb) + core_text(signature, found));
  }

  /// What a person is told was recorded.
  std::string describe(const EventView* event) {
    if (event == nullptr) return "the end of the trace";
    std::string kind(event_kind_name(event->kind));
    switch (event->kind) {
      case EventKind::instantiate:
      case EventKind::instantiate_end:
      case EventKind::copy:
      case EventKind::copy_end:
      case EventKind::end_dropped: return kind + " of instance " + std::to_string(event->subject);
      case EventKind::trap: return "a trap (" + trap_text(code_of(*event)) + ")";
      case EventKind::import_call: return "a call of " + identity_.title(event->subject);
      case EventKind::export_result: return "the return of " + identity_.title(event->subject);
      case EventKind::gap: return "a gap";
      case EventKind::lower:
      case EventKind::lift:
      case EventKind::digest: return kind + " of memory " + std::to_string(event->subject);
      case EventKind::thread_switch:
      case EventKind::thread_start:
      case EventKind::grow: return kind;
      default: return kind + " of " + identity_.title(event->subject);
    }
  }

  /// A difference of values: with `keep_going` the replay goes on.
  Flow differs(Divergence divergence) {
    ++divergences_;
    if (!divergence_) divergence_ = std::move(divergence);
    if (options_.keep_going) return Flow::on;
    verdict_ = Verdict::diverged;
    return stop();
  }
  Flow differs(std::uint64_t event, std::string title, std::string expected, std::string found) {
    return differs({event, std::move(title), std::move(expected), std::move(found)});
  }

  /// A difference of what happens: there is no way on.
  Flow diverged_at(std::optional<std::uint64_t> event, std::string title, std::string expected,
                   std::string found) {
    if (over_) return Flow::stop;
    ++divergences_;
    if (!divergence_) {
      divergence_ = {event, std::move(title), std::move(expected), std::move(found)};
    }
    verdict_ = Verdict::diverged;
    return stop();
  }

  /// The end of the trace is a difference only when the trace is whole.
  Flow diverged(const EventView* event, const std::string& title, const std::string& expected,
                const std::string& found) {
    if (event == nullptr) return ended(found, title);
    if (event->kind == EventKind::gap) return gap(*event);
    return diverged_at(event->sequence, title, expected, found);
  }

  Flow ended(const std::string& awaited, const std::string& title) {
    if (cursor_.stopped()) return stop();
    if (cursor_.fault()) return halt(*cursor_.fault());
    if (cursor_.count() == 0) return halt(Verdict::unsupported, "the trace has no events");
    if (!frames_.empty()) {
      return halt(Verdict::invalid, "the trace ends with " + calls_text(frames_.size()) +
                                        " open, where " + awaited + " should follow");
    }
    return diverged_at(std::nullopt, title, "the end of the trace", awaited);
  }

  /// [REPLAY-04]
  Flow gap(const EventView& event) {
    return halt(Verdict::unsupported, "the trace has a gap at event " +
                                          std::to_string(event.sequence) +
                                          ": it can be replayed up to there");
  }

  Flow misplaced(const EventView* event, const std::string& awaited) {
    return event != nullptr ? invalid(*event, awaited) : ended(awaited, "the guest");
  }

  Flow invalid(const EventView& event, const std::string& awaited) {
    return halt(Verdict::invalid, "event " + std::to_string(event.sequence) + " is " +
                                      describe(&event) + " where " + awaited + " should stand");
  }

  /// A required payload that the trace does not hold.
  Flow withheld(const EventView& event, std::string_view what) {
    return halt(Verdict::unsupported, "event " + std::to_string(event.sequence) + ", " +
                                          identity_.title(event.subject) + ": its " +
                                          std::string(what) + " are redacted");
  }

  Flow halt(Verdict verdict, std::string message) {
    if (over_) return Flow::stop;
    verdict_ = verdict;
    message_ = std::move(message);
    return stop();
  }
  Flow halt(const Error& error) { return halt(error.verdict, error.text()); }

  Flow stop() {
    over_ = true;
    return Flow::stop;
  }

  std::vector<FinalMemory> memories() {
    std::vector<FinalMemory> found;
    const auto count = static_cast<std::uint32_t>(wiring_.definitions.memories.size());
    for (std::uint32_t id = 0; id < count; ++id) {
      const auto size = guest_->memory_size(id);
      if (size) found.push_back({id, *size, hash_bytes(guest_->read(id, 0, *size), 0)});
    }
    return found;
  }

  ReplayOutcome outcome() {
    ReplayOutcome outcome{.events = cursor_.count(),
                          .digests = digests_,
                          .divergences = divergences_,
                          .divergence = divergence_};
    outcome.verdict = verdict_;
    outcome.message = message_;
    if (divergence_ && verdict_ == Verdict::ok) outcome.verdict = Verdict::diverged;
    if (cursor_.stopped() && outcome.verdict == Verdict::ok) {
      outcome.verdict = Verdict::io;
      outcome.message = "the replay was stopped before its end";
    }
    if (outcome.verdict == Verdict::diverged) {
      const Divergence& d = *divergence_;
      outcome.message =
          (d.event ? "event " + std::to_string(*d.event) : std::string("the end of the trace")) +
          ", " + d.function + ": recorded " + d.expected + ", found " + d.found;
    }
    if (verdict_ == Verdict::ok) outcome.end = end_;
    if (outcome.verdict == Verdict::ok && guest_ != nullptr) outcome.memories = memories();
    return outcome;
  }

  const ReplayOptions options_;
  const Wiring& wiring_;
  ReplayIdentity identity_;
  ReplayEffects effects_;
  ReplayCursor cursor_;
  ReplayGuest* guest_ = nullptr;
  std::vector<Frame> frames_;
  bool judged_ = false;
  bool over_ = false;
  bool unwinding_ = false;
  std::optional<std::uint64_t> last_;  // event taken last
  Verdict verdict_ = Verdict::ok;
  std::string message_;
  std::optional<Divergence> divergence_;
  std::uint64_t divergences_ = 0;
  std::uint64_t digests_ = 0;
  std::optional<RunEnd> end_;
};

Replayer::Replayer(ByteSource& trace, const Wiring& wiring, ReplayOptions options)
    : impl_(std::make_unique<Impl>(trace, wiring, std::move(options))) {}
Replayer::~Replayer() = default;

std::optional<ReplayOutcome> Replayer::refusal() { return impl_->refusal(); }
const TraceInfo* Replayer::info() const { return impl_->info(); }
ReplayOutcome Replayer::run(ReplayGuest& guest) { return impl_->run(guest); }
bool Replayer::import_called(std::uint32_t function, Bytes params,
                             std::span<std::uint8_t> results) {
  return impl_->import_called(function, params, results);
}
void Replayer::stop_before(std::uint64_t event, StopHandler handler) {
  impl_->stop_before(event, std::move(handler));
}

}  // namespace crossing
