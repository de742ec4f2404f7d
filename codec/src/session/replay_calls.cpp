/// Calls: of the host into the guest, of the guest back, and `realloc`.

#include <algorithm>
#include <array>
#include <cstring>

#include "io/bytes.h"
#include "session/replay_session.h"

namespace crossing {
namespace {

/// For the few bytes of core values.
bool same_bytes(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  switch (a.size()) {
    case 0: return true;
    case 4: return load<std::uint32_t>(a.data()) == load<std::uint32_t>(b.data());
    case 8: return load<std::uint64_t>(a.data()) == load<std::uint64_t>(b.data());
    default: return std::memcmp(a.data(), b.data(), a.size()) == 0;
  }
}

void copy_bytes(Bytes from, std::span<std::uint8_t> to) {
  switch (from.size()) {
    case 0: return;
    case 4: return store(to.data(), load<std::uint32_t>(from.data()));
    case 8: return store(to.data(), load<std::uint64_t>(from.data()));
    default: std::memcpy(to.data(), from.data(), from.size());
  }
}

}  // namespace

// --- the host calls ----------------------------------------------------------

/// An export, post-return, destructor or callback: from export_call to its result. `on`: it ended,
/// by its result or by a trap that ends here.
Replayer::Impl::Flow Replayer::Impl::export_call() {
  const EventView& call = take();
  const std::uint32_t subject = call.subject;
  const ReplayFunction* function = function_of(call);
  if (function == nullptr) return Flow::stop;
  const std::size_t depth = frames_.size();
  if (push(Frame::Kind::export_, subject) == Flow::stop) return Flow::stop;
  const auto done = [this](Flow flow) {  // what unwinds ends here
    if (flow == Flow::unwind) arrived();
    return flow == Flow::stop ? flow : Flow::on;
  };
  if (const Flow flow = lower_arguments(subject); flow != Flow::on) return done(flow);
  const EventView& enter = take();
  if (enter.subject != subject) return invalid(enter, "export_enter of " + function->title);
  if (enter.flags != 0) return withheld(enter, "params");

  // Guest code goes on, and may call out, before these arguments are done with.
  std::array<std::uint8_t, values_size> arguments;
  const Bytes params(arguments.data(), enter.body.size());
  std::copy(enter.body.begin(), enter.body.end(), arguments.begin());
  if (const Flow flow = prepare_growth(); flow != Flow::on) return flow;
  std::array<std::uint8_t, values_size> results;
  const std::span<std::uint8_t> found(results.data(), function->results_size);
  const GuestEnd end = guest_->call(function->id, params, found);
  const Flow flow = call_ended(end, depth + 1, function->title);
  if (end.kind != GuestEnd::Kind::returned) return done(flow);
  if (flow != Flow::on) return flow;
  if (place_only_trap()) return done(over() ? Flow::stop : Flow::unwind);  // it returned already
  return export_result(subject, *function, found);
}

/// What stands between export_call and export_enter [ORDER-04].
Replayer::Impl::Flow Replayer::Impl::lower_arguments(std::uint32_t subject) {
  for (;;) {
    const EventView* next = cursor_.peek();
    if (next != nullptr && next->kind == EventKind::export_enter) return Flow::on;
    const Flow flow = next != nullptr && next->kind == EventKind::trap
                          ? host_trap()
                          : aside("export_enter of ", subject);
    if (flow != Flow::on) return flow;
  }
}

Replayer::Impl::Flow Replayer::Impl::export_result(std::uint32_t subject,
                                                   const ReplayFunction& function, Bytes found) {
  if (const Flow flow = take_digests(); flow != Flow::on) return flow;
  const EventView* next = cursor_.peek();
  const auto& signature = function.function->core_results;
  if (next == nullptr || next->kind != EventKind::export_result || next->subject != subject) {
    return diverged(next, function.title, describe(next),
                    "its return with " + core_text(signature, found));
  }
  if (const Flow flow = compare(*next, signature, found, "its return with "); flow != Flow::on) {
    return flow;
  }
  take();
  if (const Flow flow = pop(); flow != Flow::on) return flow;
  if (frames_.empty()) note_result(*function.function, found);
  return Flow::on;
}

/// The outcome of a command is in what its `run` returns [REPLAY-08].
void Replayer::Impl::note_result(const Function& function, Bytes values) {
  if (function.role != Role::export_ || values.size() != 4) return;
  for (const Name& name : function.names) {
    if (name.function_name == "run" && name.instance_name.starts_with("wasi:cli/run@")) {
      end_ = RunEnd{.status = load<std::uint32_t>(values.data()) == 0 ? 0 : 1};
    }
  }
}

/// What a call into core code that was made with `depth` frames open comes to. `on`: it returned.
/// `unwind`: it trapped as recorded.
Replayer::Impl::Flow Replayer::Impl::call_ended(const GuestEnd& end, std::size_t depth,
                                                const std::string& title) {
  if (over()) return Flow::stop;
  const bool closed = frames_.size() < depth;
  if (end.kind == GuestEnd::Kind::failed) return halt(Verdict::io, title + ": " + end.message);
  if (end.kind == GuestEnd::Kind::returned) {
    if (!closed) return Flow::on;
  } else {
    if (state_ == State::unwinding) return Flow::unwind;  // here, or on its way further out
    if (!closed) return guest_trapped(end, title);
  }
  return diverged_at(last_, title, "a trap", "a guest that went on");
}

Replayer::Impl::Flow Replayer::Impl::realloc() {
  const EventView& call = take();
  const std::uint32_t subject = call.subject;
  const ReplayFunction* function = function_of(call);
  if (function == nullptr) return Flow::stop;
  if (call.flags != 0) return withheld(call, "params");
  if (push(Frame::Kind::realloc, subject) == Flow::stop) return Flow::stop;
  const std::size_t depth = frames_.size();
  std::array<std::uint8_t, values_size> arguments;
  const Bytes params(arguments.data(), call.body.size());
  std::copy(call.body.begin(), call.body.end(), arguments.begin());
  if (const Flow flow = prepare_growth(); flow != Flow::on) return flow;
  std::array<std::uint8_t, values_size> results;
  const std::span<std::uint8_t> found(results.data(), function->results_size);
  const GuestEnd end = guest_->call(function->id, params, found);
  if (const Flow flow = call_ended(end, depth, function->title); flow != Flow::on) return flow;
  if (const Flow flow = take_digests(); flow != Flow::on) return flow;
  if (place_only_trap()) return over() ? Flow::stop : Flow::unwind;
  const EventView* next = cursor_.peek();
  const auto& signature = function->function->core_results;
  if (next == nullptr || next->kind != EventKind::realloc_result || next->subject != subject) {
    return diverged(next, function->title, describe(next),
                    "its return with " + core_text(signature, found));
  }
  if (const Flow flow = compare(*next, signature, found, "its return with "); flow != Flow::on) {
    return flow;
  }
  take();
  return pop();
}

// --- the guest calls ---------------------------------------------------------

/// A call of the guest: compares it, and does what was recorded until its result.
Replayer::Impl::Flow Replayer::Impl::served(std::uint32_t id, Bytes params,
                                            std::span<std::uint8_t> results) {
  const auto is_call = [&](const EventView* event) {
    return event != nullptr && event->kind == EventKind::import_call &&
           identity_.function(event->subject).id == id;
  };
  const EventView* next = state_ == State::running ? cursor_.peek() : nullptr;
  if (!is_call(next)) {
    if (const Flow flow = before_call(id, params); flow != Flow::on) return flow;
    next = cursor_.peek();
  }
  const std::uint32_t subject = next->subject;
  const ReplayFunction& callee = identity_.function(subject);
  if (next->flags != 0 || !same_bytes(next->body, params)) {
    const Flow flow = compare(*next, callee.function->core_params, params, "a call of it with ");
    if (flow != Flow::on) return flow;
  }
  take();
  if (push(Frame::Kind::import_, subject) == Flow::stop) return Flow::stop;
  if (callee.effect == Effect::nothing) return answer(subject, results);

  const PendingEffect pending = effects_.before(callee.effect, *callee.function, params, *guest_);
  if (const Flow flow = answer(subject, results); flow != Flow::on) return flow;
  const auto done = effects_.after(pending, *callee.function, params,
                                   results.first(callee.results_size), *guest_);
  return done ? Flow::on : halt(done.error());
}

/// A call of the guest that is not the next event, or where nothing should run: past what may stand
/// before it. `on`: it is next.
Replayer::Impl::Flow Replayer::Impl::before_call(std::uint32_t id, Bytes params) {
  if (over() || guest_ == nullptr) return Flow::stop;
  if (id >= wiring_.definitions.functions.size()) {
    return halt(Verdict::io, "the engine calls function " + std::to_string(id) +
                                 ", which its wiring does not have");
  }
  const Function& wired = wiring_.definitions.functions[id];
  if (state_ == State::unwinding) {
    return diverged_at(last_, function_title(wired), "a trap", "a guest that went on");
  }
  if (const Flow flow = take_digests(); flow != Flow::on) return flow;
  if (place_only_trap()) return over() ? Flow::stop : Flow::unwind;
  const EventView* next = cursor_.peek();
  if (next != nullptr && next->kind == EventKind::import_call &&
      identity_.function(next->subject).id == id) {
    return Flow::on;
  }
  return diverged(next, function_title(wired), describe(next),
                  "a call of it with " + core_text(wired.core_params, params));
}

/// What was recorded from import_call, which was taken, to import_result.
Replayer::Impl::Flow Replayer::Impl::answer(std::uint32_t subject,
                                            std::span<std::uint8_t> results) {
  const EventView* next = nullptr;
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
  if (next->subject != subject) {
    return invalid(*next, "import_result of " + identity_.title(subject));
  }
  if (next->flags != 0) return withheld(*next, "results");
  copy_bytes(next->body, results);
  take();
  if (const Flow flow = pop(); flow != Flow::on) return flow;
  return prepare_growth();
}

}  // namespace crossing
