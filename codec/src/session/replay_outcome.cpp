/// What is found, in words.

#include <algorithm>

#include "frame/frame.h"
#include "session/replay_session.h"

namespace crossing {
namespace {

/// "1 call", "2 calls".
std::string calls_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " call" : " calls");
}

}  // namespace

const ReplayFunction* Replayer::Impl::function_of(const EventView& event) {
  const ReplayFunction& entry = identity_.function(event.subject);
  if (entry.function != nullptr) return &entry;
  diverged_at(event.sequence, entry.title, std::string(event_kind_name(event.kind)) + " of it",
              "no such function in the component");
  return nullptr;
}

Replayer::Impl::Flow Replayer::Impl::compare(const EventView& event,
                                             const std::vector<CoreType>& signature, Bytes found,
                                             std::string_view verb) {
  if (event.flags != 0) return Flow::on;  // omitted or redacted [REPLAY-02]
  if (std::equal(event.body.begin(), event.body.end(), found.begin(), found.end())) {
    return Flow::on;
  }
  return differs({event.sequence, identity_.title(event.subject),
                  std::string(verb) + core_text(signature, event.body),
                  std::string(verb) + core_text(signature, found)});
}

/// What a person is told was recorded.
std::string Replayer::Impl::describe(const EventView* event) {
  if (event == nullptr) return "the end of the trace";
  std::string kind(event_kind_name(event->kind));
  switch (event->kind) {
    case EventKind::instantiate:
    case EventKind::instantiate_end:
    case EventKind::copy:
    case EventKind::copy_end:
    case EventKind::end_dropped: return kind + " of instance " + std::to_string(event->subject);
    case EventKind::trap: return "a trap (" + trap_text(trap_code_of(*event)) + ")";
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

/// A difference of values: with `keep_going` the replay goes on [REPLAY-09].
Replayer::Impl::Flow Replayer::Impl::differs(Divergence divergence) {
  if (over()) return Flow::stop;
  ++divergences_;
  if (!divergence_) divergence_ = std::move(divergence);
  if (options_.keep_going) return Flow::on;
  verdict_ = Verdict::diverged;
  return stop();
}

/// A difference of what happens: there is no way on.
Replayer::Impl::Flow Replayer::Impl::diverged_at(std::optional<std::uint64_t> event,
                                                 std::string title, std::string expected,
                                                 std::string found) {
  if (over()) return Flow::stop;
  ++divergences_;
  if (!divergence_) {
    divergence_ = {event, std::move(title), std::move(expected), std::move(found)};
  }
  verdict_ = Verdict::diverged;
  return stop();
}

/// The end of the trace is a difference only when the trace is whole.
Replayer::Impl::Flow Replayer::Impl::diverged(const EventView* event, const std::string& title,
                                              const std::string& expected,
                                              const std::string& found) {
  if (event == nullptr) return ended(found, title);
  if (event->kind == EventKind::gap) return gap(*event);
  return diverged_at(event->sequence, title, expected, found);
}

Replayer::Impl::Flow Replayer::Impl::ended(const std::string& awaited, const std::string& title) {
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
Replayer::Impl::Flow Replayer::Impl::gap(const EventView& event) {
  return halt(Verdict::unsupported, "the trace has a gap at event " +
                                        std::to_string(event.sequence) +
                                        ": it can be replayed up to there");
}

Replayer::Impl::Flow Replayer::Impl::misplaced(const EventView* event, const std::string& awaited) {
  return event != nullptr ? invalid(*event, awaited) : ended(awaited, "the guest");
}

Replayer::Impl::Flow Replayer::Impl::invalid(const EventView& event, const std::string& awaited) {
  return halt(Verdict::invalid, "event " + std::to_string(event.sequence) + " is " +
                                    describe(&event) + " where " + awaited + " should stand");
}

/// A required payload that the trace does not hold.
Replayer::Impl::Flow Replayer::Impl::withheld(const EventView& event, std::string_view what) {
  return halt(Verdict::unsupported, "event " + std::to_string(event.sequence) + ", " +
                                        identity_.title(event.subject) + ": its " +
                                        std::string(what) + " are redacted");
}

Replayer::Impl::Flow Replayer::Impl::too_deep() {
  return halt(Verdict::limit,
              "expected at most " + std::to_string(limits::open_calls) + " open calls");
}

/// [REPLAY-10]
Replayer::Impl::Flow Replayer::Impl::needs_stacks() {
  return halt(Verdict::unsupported,
              "event " + std::to_string(last_.value_or(0)) + ": thread " + std::to_string(thread_) +
                  " goes on before another one came back, which needs an engine that can switch "
                  "stacks");
}

Replayer::Impl::Flow Replayer::Impl::halt(Verdict verdict, std::string message) {
  if (over()) return Flow::stop;
  verdict_ = verdict;
  message_ = std::move(message);
  return stop();
}

/// [TESTEE-03]
std::vector<FinalMemory> Replayer::Impl::memories() {
  std::vector<FinalMemory> found;
  const auto count = static_cast<std::uint32_t>(wiring_.definitions.memories.size());
  for (std::uint32_t id = 0; id < count; ++id) {
    const auto size = guest_->memory_size(id);
    if (size) found.push_back({id, *size, hash_bytes(guest_->read(id, 0, *size), 0)});
  }
  return found;
}

ReplayOutcome Replayer::Impl::outcome() {
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

}  // namespace crossing
