/// What the host does: it judges the trace, makes the component, and calls what was called.

#include <utility>

#include "session/replay_session.h"

namespace crossing {

std::optional<std::string> replay_refusal(const TraceInfo& info, const Totals* totals) {
  if (info.profile != Profile::abi) {
    return "the trace has the profile values; this replayer follows abi";
  }
  if (!info.replayable) return "the trace does not declare that it can be replayed";
  if (!info.core_complete) {
    return "the trace does not hold what core-only replay needs (core_complete)";
  }
  if (info.needs_stacks) return "the trace needs an engine that can switch stacks";
  if (totals == nullptr) return std::nullopt;
  if (totals->kind_counts[static_cast<std::size_t>(EventKind::gap)] != 0) {
    return "the trace has a gap: it can be replayed up to there";
  }
  if (totals->event_count == 0) return "the trace has no events";
  return std::nullopt;
}

Replayer::Impl::Impl(ByteSource& trace, const Wiring& wiring, ReplayOptions options)
    : options_(std::move(options)),
      wiring_(wiring),
      identity_(wiring),
      effects_(options_),
      cursor_(trace, [this](NewDefinitions definitions) { identity_.define(definitions); }) {
  frames_.reserve(limits::open_calls);
  if (options_.instance) {
    cursor_.only([this](const EventView& event) { return is_alone(event); });
  }
}

std::optional<ReplayOutcome> Replayer::Impl::refusal() {
  if (!judged_) judge();
  judged_ = true;
  if (!over()) return std::nullopt;
  return outcome();
}

ReplayOutcome Replayer::Impl::run(ReplayGuest& guest) {
  if (auto refused = refusal()) return *refused;
  guest_ = &guest;
  state_ = State::running;
  if (instantiate_all() != Flow::stop) to_the_end();
  return outcome();
}

/// [REPLAY-04] [REPLAY-05] [PROF-03]
void Replayer::Impl::judge() {
  if (!cursor_.open()) {
    halt(*cursor_.fault());
    return;
  }
  const TraceInfo& trace = *info();
  if (auto refusal = replay_refusal(trace)) {
    halt(Verdict::unsupported, std::move(*refusal));
  } else if (options_.instance && *options_.instance >= wiring_.definitions.instances.size()) {
    halt(Verdict::io, "the component has no instance " + std::to_string(*options_.instance));
  }
  if (over()) return;
  const EventView* first = cursor_.ahead();
  if (identity_.component() == nullptr) {
    if (first != nullptr) {
      halt(Verdict::invalid, "the trace defines no component");
    } else {
      ended("the component to be instantiated", "the guest");
    }
  } else if (!options_.allow_changed && !identity_.is_recorded()) {
    halt(Verdict::io, "the component is not the recorded one: its SHA-256 differs");
  }
}

/// Follows the wiring's initialization [INSTANTIATE-01]. A trap in it ends it.
Replayer::Impl::Flow Replayer::Impl::instantiate_all() {
  if (cursor_.peek() == nullptr) return ended("the component to be instantiated", "the guest");
  for (const InitializationStep& step : wiring_.initialization) {
    const Flow flow = initialize(step);
    if (flow == Flow::stop) return flow;
    if (flow == Flow::unwind) {
      arrived();
      return Flow::on;
    }
  }
  return Flow::on;
}

Replayer::Impl::Flow Replayer::Impl::initialize(const InitializationStep& step) {
  using Kind = InitializationStep::Kind;
  const auto is_left_out = [&](std::uint32_t instance) {
    return options_.instance && instance != *options_.instance;
  };
  switch (step.kind) {
    case Kind::instantiate: {
      if (is_left_out(step.id)) return Flow::on;
      const Flow flow = expect_instance(EventKind::instantiate, step.id);
      return flow == Flow::on ? push(Frame::Kind::instantiate, none) : flow;
    }
    case Kind::instantiate_end: {
      if (is_left_out(step.id)) return Flow::on;
      const Flow flow = expect_instance(EventKind::instantiate_end, step.id);
      return flow == Flow::on && !frames_.empty() ? pop() : flow;
    }
    case Kind::core_instance:
      return is_left_out(wiring_.core_instances.at(step.id).instance) ? Flow::on
                                                                      : core_instance(step.id);
    case Kind::start: break;
  }
  if (is_left_out(wiring_.definitions.functions.at(step.id).instance)) return Flow::on;
  const EventView* next = cursor_.peek();
  return next != nullptr && next->kind == EventKind::export_call
             ? export_call()
             : misplaced(next, "the call of a start function");
}

Replayer::Impl::Flow Replayer::Impl::expect_instance(EventKind kind, std::uint32_t instance) {
  if (const Flow flow = take_asides(); flow != Flow::on) return flow;
  const EventView* next = cursor_.peek();
  if (next == nullptr || next->kind != kind || identity_.instance(next->subject) != instance) {
    return diverged(
        next, "instance " + std::to_string(instance), describe(next),
        std::string(event_kind_name(kind)) + " of instance " + std::to_string(instance));
  }
  take();
  return Flow::on;
}

/// Makes a core instance; `unwind` when its start function ended in a trap.
Replayer::Impl::Flow Replayer::Impl::core_instance(std::uint32_t id) {
  const std::size_t depth = frames_.size();
  if (const Flow flow = prepare_growth(); flow != Flow::on) return flow;
  const GuestEnd end = guest_->instantiate(id);
  return call_ended(end, depth, "a core start function");
}

/// Events with no guest code around them, up to the end of the trace.
void Replayer::Impl::to_the_end() {
  for (;;) {
    const EventView* next = cursor_.peek();
    if (next == nullptr) break;
    Flow flow = Flow::on;
    if (next->kind == EventKind::export_call) {
      flow = export_call();
    } else if (next->kind == EventKind::trap) {
      flow = host_trap();
      if (flow == Flow::unwind) arrived();  // there is no guest code here
    } else {
      flow = aside("a call of the host, or the end");
    }
    if (flow == Flow::stop) return;
  }
  if (cursor_.stopped()) {
    stop();
  } else if (cursor_.fault()) {
    halt(*cursor_.fault());
  } else if (!frames_.empty()) {  // [ORDER-08]
    halt(Verdict::invalid, "the trace ends with " + std::to_string(frames_.size()) +
                               (frames_.size() == 1 ? " call open" : " calls open"));
  } else if (cursor_.count() == 0) {
    halt(Verdict::unsupported, "the trace has no events");
  } else {
    stop();
    if (!end_) end_ = RunEnd{};
  }
}

/// Whether an event is one of the instance that is replayed alone [REPLAY-11].
bool Replayer::Impl::is_alone(const EventView& event) {
  const std::uint32_t wanted = *options_.instance;
  switch (event.kind) {
    case EventKind::instantiate:
      alone_stack_.push_back(identity_.instance(event.subject));
      return alone_stack_.back() == wanted;
    case EventKind::instantiate_end:
      if (!alone_stack_.empty()) alone_stack_.pop_back();
      return identity_.instance(event.subject) == wanted;
    case EventKind::copy:
    case EventKind::copy_end:
    case EventKind::end_dropped: return identity_.instance(event.subject) == wanted;
    case EventKind::lower:
    case EventKind::lift:
    case EventKind::digest: return identity_.instance_of_memory(event.subject) == wanted;
    case EventKind::grow:
      return event.detail != 0 || identity_.instance_of_memory(event.subject) == wanted;
    case EventKind::trap: {
      if (event.subject != none) return identity_.function(event.subject).instance == wanted;
      if (alone_stack_.empty()) return true;
      const bool own = alone_stack_.back() == wanted;
      alone_stack_.pop_back();
      return own;
    }
    case EventKind::thread_switch:
    case EventKind::thread_start:
    case EventKind::gap: return true;
    default: return identity_.function(event.subject).instance == wanted;
  }
}

}  // namespace crossing
