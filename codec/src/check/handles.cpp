// Calls and traps, as far as handles need them; what is found.

#include "check/handles.h"
#include "event/flags.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "check/handle_judge.h"

namespace crossing::checking {

HandleLayer::HandleLayer(const TraceInfo& info, const Definitions& definitions,
                         const component::TypeTable& types, Findings& findings, Layers layers)
    : impl_(std::make_unique<Impl>(info, definitions, types, findings, layers)) {}
HandleLayer::~HandleLayer() = default;

void HandleLayer::event(const EventView& event) { impl_->event(event); }
void HandleLayer::finish() { impl_->finish(); }
void HandleLayer::from_guest(const Function& callee, const Type& type, std::uint32_t index,
                             std::uint64_t event) {
  impl_->from_guest(callee, type, index, event);
}
void HandleLayer::to_guest(const Function& callee, const Type& type, std::uint32_t index,
                           std::uint64_t event) {
  impl_->to_guest(callee, type, index, event);
}
void HandleLayer::unknown(const Function& callee, std::uint32_t type, Law law) {
  impl_->unknown(callee, type, law);
}

void HandleLayer::Impl::event(const EventView& event) {
  if (is_stopped_) return;
  if (event.kind == EventKind::gap) {
    is_stopped_ = true;
    return;
  }
  now_ = event.sequence;
  kind_ = event.kind;
  subject_ = none;
  if (thread().breach) {
    // What a result was read for, and a post-return, stand before the trap.
    const auto is_post_return = [&](EventKind kind, std::uint32_t id) {
      const Function* callee = kind == EventKind::export_call ? function(id) : nullptr;
      return callee != nullptr && callee->role == Role::post_return;
    };
    const auto& frames = thread().frames;
    const bool waits =
        event.kind == EventKind::lift || event.kind == EventKind::digest ||
        event.kind == EventKind::trap || static_cast<std::uint8_t>(event.kind) >= 128 ||
        is_post_return(event.kind, event.subject) ||
        std::any_of(frames.begin(), frames.end(),
                    [&](const Frame& frame) { return is_post_return(frame.kind, frame.subject); });
    if (!waits) settle(thread());
  }
  switch (event.kind) {
    case EventKind::instantiate:
    case EventKind::export_call:
    case EventKind::realloc_call: push(event); break;
    case EventKind::instantiate_end: pop(event, EventKind::instantiate); break;
    case EventKind::realloc_result: pop(event, EventKind::realloc_call); break;
    case EventKind::export_enter: export_enter(event); break;
    case EventKind::export_result: export_result(event); break;
    case EventKind::import_call: import_call(event); break;
    case EventKind::import_result: import_result(event); break;
    case EventKind::lower: lower(event); break;
    case EventKind::trap: trap(); break;
    case EventKind::task_start:
    case EventKind::task_resolve: task_event(event); break;
    case EventKind::task_cancel: cancel_event(event); break;
    case EventKind::copy: copy_event(event); break;
    case EventKind::end_dropped: drop_event(event); break;
    case EventKind::thread_switch:
    case EventKind::thread_start:
      // What a call that is suspended takes and gives, it may take and give meanwhile.
      for (const Frame& frame : thread().frames) {
        if (frame.kind != EventKind::import_call || frame.op != Op::plain) continue;
        const FunctionFacts facts = facts_.of(frame.subject);
        const Function* callee = function(frame.subject);
        if (callee != nullptr && (facts.takes_any || facts.gives_any)) blind(callee->instance);
      }
      current_ = event.subject;
      current_thread_ = &threads_[current_];
      if (threads_.size() > 2 * limits::open_calls) {
        std::erase_if(threads_, [&](const auto& entry) {
          return entry.first != current_ && entry.second.frames.empty();
        });
      }
      break;
    default: break;
  }
}

HandleLayer::Impl::Frame* HandleLayer::Impl::top() {
  auto& frames = thread().frames;
  return frames.empty() ? nullptr : &frames.back();
}

const Function* HandleLayer::Impl::function(std::uint32_t id) const {
  return id < definitions_.functions.size() ? &definitions_.functions[id] : nullptr;
}

/// The first core values of a body, where they are in the trace.
HandleLayer::Impl::Words HandleLayer::Impl::words(const std::vector<CoreType>& signature,
                                                  const EventView& event) const {
  Words words;
  if ((event.flags & replaced_flags) != 0) return words;
  std::size_t place = 0;
  for (std::size_t i = 0; i < signature.size() && i < words.values.size(); ++i) {
    const std::size_t width = signature[i] == CoreType::i32 || signature[i] == CoreType::f32 ? 4
                              : signature[i] == CoreType::v128                               ? 16
                                                                                             : 8;
    if (event.body.size() < place + width) return words;
    std::memcpy(&words.values[i], event.body.data() + place, std::min<std::size_t>(width, 8));
    place += width;
  }
  words.known = true;
  return words;
}

/// More than what may be open, and calls that do not nest, are for the order layer to find.
void HandleLayer::Impl::push(const EventView& event) {
  if (open_ == limits::open_calls) {
    is_stopped_ = true;
    return;
  }
  ++open_;
  thread().frames.push_back({.kind = event.kind,
                             .subject = event.subject,
                             .call = static_cast<std::uint32_t>(event.detail),
                             .event = event.sequence});
}

std::optional<HandleLayer::Impl::Frame> HandleLayer::Impl::pop(const EventView& event,
                                                               EventKind kind) {
  Frame* frame = top();
  if (frame == nullptr || frame->kind != kind || frame->subject != event.subject) {
    is_stopped_ = true;
    return {};
  }
  std::optional<Frame> popped = std::move(*frame);
  thread().frames.pop_back();
  --open_;
  return popped;
}

void HandleLayer::Impl::export_enter(const EventView& event) {
  Frame* frame = top();
  const Function* callee = function(event.subject);
  if (frame == nullptr || frame->kind != EventKind::export_call || callee == nullptr ||
      frame->subject != event.subject || frame->is_entered) {
    is_stopped_ = true;
    return;
  }
  subject_ = event.subject;
  frame->is_entered = true;
  if (frame->task == 0) frame->task = ++tasks_begun_;
  const FunctionFacts facts = facts_.of(event.subject);
  const Words params = words(callee->core_params, event);
  if (facts.op == Op::opaque || (!params.known && facts.takes_any)) blind(callee->instance);
  switch (callee->role) {
    case Role::export_:
      if (facts.is_async) begin_task(*frame, *callee);
      break;
    case Role::callback: callback(*frame, *callee, params); break;
    case Role::destructor: destroy(event, *callee); break;
    default: break;
  }
}

void HandleLayer::Impl::export_result(const EventView& event) {
  std::optional<Frame> frame = pop(event, EventKind::export_call);
  const Function* callee = function(event.subject);
  if (!frame || callee == nullptr) return;
  subject_ = event.subject;
  const FunctionFacts facts = facts_.of(event.subject);
  const Words results = words(callee->core_results, event);
  if (callee->role != Role::export_ && callee->role != Role::callback) return;
  thread().instance = callee->instance;
  if (facts.op == Op::opaque || (!results.known && facts.gives)) blind(callee->instance);
  if (callee->role == Role::callback || facts.is_async) {
    if (!results.known) {
      blind(callee->instance);
    } else {
      exit_from(*callee, frame->task, results.values[0], !callee->core_results.empty());
    }
  } else if (!borrows_.empty()) {
    end_task(frame->task);
  }
}

void HandleLayer::Impl::import_call(const EventView& event) {
  const Function* callee = function(event.subject);
  push(event);
  if (is_stopped_ || callee == nullptr) return;
  subject_ = event.subject;
  const FunctionFacts facts = facts_.of(event.subject);
  Frame& frame = *top();
  frame.op = facts.op;
  if (facts.op == Op::plain && !facts.takes) return;
  const Words params = words(callee->core_params, event);
  if (facts.op == Op::opaque || !params.known) blind(callee->instance);
  if (handles(callee->instance).is_blind) return;
  if (facts.op == Op::plain) return;
  std::copy_n(params.values.begin(), frame.params.size(), frame.params.begin());
  begin_builtin(frame, *callee, facts);
}

void HandleLayer::Impl::import_result(const EventView& event) {
  std::optional<Frame> frame = pop(event, EventKind::import_call);
  const Function* callee = function(event.subject);
  if (!frame || callee == nullptr) return;
  const FunctionFacts facts = facts_.of(event.subject);
  if (facts.op == Op::plain && !facts.is_async && !facts.gives_any && !frame->state) return;
  subject_ = event.subject;
  if (handles(callee->instance).is_blind) return;
  if (frame->state && frame->state->breach) {
    blind(callee->instance);
    // Arguments of a call that is STARTING are lifted later, and may never be.
    const Words state = words(callee->core_results, event);
    if (facts.is_async && facts.op == Op::plain && state.known && (state.values[0] & 15) == 0) {
      return;
    }
    report(std::move(*frame->state->breach));
    return;
  }
  const Words results = words(callee->core_results, event);
  const bool needs_result = facts.op != Op::plain || facts.is_async || facts.gives_any;
  if (!results.known && needs_result) blind(callee->instance);
  if (handles(callee->instance).is_blind) return;
  if (facts.op != Op::plain) {
    end_builtin(*frame, *callee, facts, results.values[0]);
  } else if (facts.is_async) {
    end_async_call(*frame, *callee, results.values[0]);
    return;
  }
  if (frame->state) give_back(callee->instance, frame->state->uses);
}

/// The area of `waitable-set.wait` and `poll` [WRITE-01].
void HandleLayer::Impl::lower(const EventView& event) {
  Frame* frame = top();
  if (frame == nullptr || frame->kind != EventKind::import_call ||
      (frame->op != Op::set_wait && frame->op != Op::set_poll) ||
      (event.flags & flag_redacted) != 0) {
    return;
  }
  const Function* callee = function(frame->subject);
  if (callee == nullptr || event.subject != callee->options.memory) return;
  if (!frame->state) frame->state = std::make_unique<CallState>();
  CallState& state = *frame->state;
  for (std::uint64_t i = 0; i < state.area.size(); ++i) {
    const std::uint64_t address = frame->params[1] + i;
    if (address < event.detail || address - event.detail >= event.body.size()) continue;
    state.area[i] = event.body[static_cast<std::size_t>(address - event.detail)];
    state.known = static_cast<std::uint8_t>(state.known | 1U << i);
  }
}

/// What the calls that a trap ends left of handles, nobody says [TRAP-02].
void HandleLayer::Impl::trap() {
  auto& frames = thread().frames;
  if (thread().instance != none) blind(thread().instance);
  thread().breach.reset();
  bool is_last = false;
  while (!frames.empty() && !is_last) {
    const Frame& frame = frames.back();
    is_last = frame.kind == EventKind::export_call || frame.kind == EventKind::instantiate;
    const Function* callee = function(frame.subject);
    if (frame.kind == EventKind::instantiate) {
      blind(frame.subject);
    } else if (callee != nullptr) {
      blind(callee->instance);
    }
    frames.pop_back();
    --open_;
  }
}

/// The call whose result was wrong did not trap.
void HandleLayer::Impl::settle(Thread& thread) {
  if (!thread.breach) return;
  if (!handles(thread.instance).is_blind) report(*thread.breach);
  blind(thread.instance);
  thread.breach.reset();
}

Finding HandleLayer::Impl::finding(std::string_view rule, std::string expected, std::string found,
                                   Law law) const {
  Finding finding{.layer = rule.starts_with("HANDLE") ? Layer::abi : Layer::order,
                  .rule = rule,
                  .event = now_,
                  .kind = kind_,
                  .function = subject_,
                  .expected = std::move(expected),
                  .found = std::move(found)};
  if (finding.layer == Layer::abi) finding.law = law;
  return finding;
}

void HandleLayer::Impl::report(Finding finding) {
  if (layers_.has(finding.layer)) findings_.take(std::move(finding));
}

void HandleLayer::Impl::find(std::uint32_t instance, std::string_view rule, std::string expected,
                             std::string found, std::string_view quirk) {
  if (handles(instance).is_blind) return;
  Finding fault = finding(rule, std::move(expected), std::move(found), Law::lower);
  fault.quirk = quirk;
  blind(instance);
  report(std::move(fault));
}

void HandleLayer::Impl::must_trap(std::uint32_t instance, std::string_view rule,
                                  std::string expected, std::string found) {
  if (handles(instance).is_blind) return;
  std::optional<Finding>* place = &thread().breach;
  if (kind_ == EventKind::import_call) {
    Frame* frame = top();
    if (frame == nullptr) return;
    if (!frame->state) frame->state = std::make_unique<CallState>();
    place = &frame->state->breach;
  } else {
    thread().instance = instance;
  }
  if (!*place) *place = finding(rule, std::move(expected), std::move(found), Law::lift);
}

InstanceHandles& HandleLayer::Impl::handles(std::uint32_t instance) {
  if (instance >= instances_.size()) {
    instances_.resize(
        std::max<std::size_t>(definitions_.instances.size(), std::size_t{instance} + 1));
  }
  return instances_[instance];
}

/// Nothing of the instance is judged any more, and what is known of it is forgotten.
void HandleLayer::Impl::blind(std::uint32_t instance) {
  InstanceHandles& all = handles(instance);
  if (all.is_blind) return;
  all.is_blind = true;
  slots_ -= all.slots();
  all.clear();
}

/// Whether there is room for one more of what memory is spent on, beside `used`.
bool HandleLayer::Impl::has_room(std::size_t used) {
  if (used < limits::live_handles) return true;
  Finding fault = finding(
      "LIMIT-01", "at most " + std::to_string(limits::live_handles) + " handles at one time",
      "more", Law::lower);
  fault.verdict = Verdict::limit;
  report(std::move(fault));
  is_stopped_ = true;
  return false;
}

}  // namespace crossing::checking
