#include "check/order.h"

#include <algorithm>
#include <array>
#include <utility>

namespace crossing::checking {
namespace {

// The built-ins that may be called inside `realloc` and `post_return` [ORDER-05].
constexpr std::array<std::string_view, 5> leaf_builtins = {
    "context.get", "context.set", "resource.rep", "backpressure.inc", "backpressure.dec"};

/// "import_call of function 3 (event 17)"
std::string text_of(const OpenCall& call) {
  std::string text(event_kind_name(call.kind));
  text += call.kind == EventKind::instantiate || call.kind == EventKind::copy ? " of instance "
                                                                              : " of function ";
  text += std::to_string(call.subject);
  if (call.call != 0) text += ", call " + std::to_string(call.call);
  return text + " (event " + std::to_string(call.event) + ")";
}

/// Whether the subject of a kind is a function.
constexpr bool of_function(EventKind kind) {
  switch (kind) {
    case EventKind::export_call:
    case EventKind::export_enter:
    case EventKind::export_result:
    case EventKind::import_call:
    case EventKind::import_result:
    case EventKind::realloc_call:
    case EventKind::realloc_result:
    case EventKind::trap:
    case EventKind::task_start:
    case EventKind::task_resolve:
    case EventKind::task_resolve_end:
    case EventKind::task_cancel: return true;
    default: return false;
  }
}

}  // namespace

void OrderLayer::begin_block(std::uint64_t sequence, std::span<const OpenCall> open_calls) {
  now_ = sequence;
  kind_ = EventKind::gap;
  subject_ = none;
  if (after_gap_) {
    adopt(open_calls);
    return;
  }
  std::size_t next = 0;
  for (const auto& [number, thread] : threads_) {
    for (const Frame& frame : thread.frames) {
      if (!frame.is_call()) continue;
      if (next == open_calls.size() || open_calls[next] != frame.call) {
        find("ORDER-09", "open_calls[" + std::to_string(next) + "] to be " + text_of(frame.call),
             next == open_calls.size() ? "no such entry" : text_of(open_calls[next]));
        return;
      }
      ++next;
    }
  }
  if (next != open_calls.size()) {
    find("ORDER-09", std::to_string(next) + " open_calls", std::to_string(open_calls.size()));
  }
}

void OrderLayer::event(const EventView& event) {
  if (stopped_) return;
  now_ = event.sequence;
  kind_ = event.kind;
  subject_ = of_function(event.kind) ? event.subject : none;
  check_lowering_of_arguments(event);
  judge(event);
  switch (event.kind) {
    case EventKind::export_result: after_result_ = thread().frames.empty(); break;
    case EventKind::lift:
    case EventKind::digest:
    case EventKind::marker: break;
    default: after_result_ = false; break;
  }
}

void OrderLayer::judge(const EventView& event) {
  switch (event.kind) {
    case EventKind::instantiate: instantiate(event); break;
    case EventKind::instantiate_end: close(event, EventKind::instantiate, "ORDER-02"); break;
    case EventKind::export_call: export_call(event); break;
    case EventKind::export_enter: export_enter(event); break;
    case EventKind::export_result: export_result(event); break;
    case EventKind::import_call: import_call(event); break;
    case EventKind::import_result: close(event, EventKind::import_call, "ORDER-02"); break;
    case EventKind::realloc_call: realloc_call(event); break;
    case EventKind::realloc_result: close(event, EventKind::realloc_call, "ORDER-02"); break;
    case EventKind::lower: lower(); break;
    case EventKind::trap: trap(event); break;
    case EventKind::task_resolve: begin_lowering(event, "TASK-01"); break;
    case EventKind::task_resolve_end: close(event, EventKind::task_resolve, "TASK-01"); break;
    case EventKind::copy: begin_lowering(event, "COPY-01"); break;
    case EventKind::copy_end: close(event, EventKind::copy, "COPY-01"); break;
    case EventKind::thread_switch:
    case EventKind::thread_start: go_on_with(event.subject); break;
    case EventKind::gap: after_gap_ = true; break;
    default: break;
  }
}

void OrderLayer::finish() {
  if (after_gap_ || stopped_) return;  // what is open after a gap, only a further block tells
  for (const auto& [number, thread] : threads_) {
    if (thread.frames.empty()) continue;
    find("ORDER-08", "no call open at the end", text_of(thread.frames.back().call));
    return;
  }
}

void OrderLayer::find(std::string_view rule, std::string expected, std::string found,
                      Verdict verdict) {
  findings_.take({.layer = Layer::order,
                  .verdict = verdict,
                  .rule = rule,
                  .event = now_,
                  .kind = kind_,
                  .function = subject_,
                  .expected = std::move(expected),
                  .found = std::move(found)});
}

std::string OrderLayer::top_text() {
  const Frame* frame = top();
  return frame ? text_of(frame->call) : "no call open";
}

/// The innermost that is open on the thread that runs.
OrderLayer::Frame* OrderLayer::top() {
  auto& frames = thread().frames;
  return frames.empty() ? nullptr : &frames.back();
}

bool OrderLayer::top_is(EventKind kind) {
  const Frame* frame = top();
  return frame != nullptr && frame->call.kind == kind;
}

/// Whether guest code of the innermost export call runs.
bool OrderLayer::guest_entered() {
  return top_is(EventKind::export_call) && top()->entered != Entered::no;
}

/// Where the result of the last call directly inside what is open is noted.
std::uint32_t& OrderLayer::last_result() {
  Frame* frame = top();
  return frame ? frame->last_result : thread().last_result;
}

const Function* OrderLayer::function(std::uint32_t id) const {
  return id < definitions_.functions.size() ? &definitions_.functions[id] : nullptr;
}

void OrderLayer::push(const EventView& event, std::uint32_t call) {
  if (open_ == limits::open_calls) {
    find("LIMIT-01", "at most " + std::to_string(limits::open_calls) + " open calls", "more",
         Verdict::limit);
    stopped_ = true;
    return;
  }
  ++open_;
  const bool is_call = event.kind != EventKind::realloc_call &&
                       event.kind != EventKind::task_resolve && event.kind != EventKind::copy;
  if (is_call) last_result() = none;
  thread().frames.push_back({.call = {.event = event.sequence,
                                      .thread = current_,
                                      .subject = event.subject,
                                      .call = call,
                                      .kind = event.kind}});
}

void OrderLayer::pop() {
  thread().frames.pop_back();
  --open_;
}

/// Ends the innermost frame, which must be of `kind` and the event's subject and call
/// [ORDER-02]. What does not match ends the nearest frame that does, if there is one.
bool OrderLayer::close(const EventView& event, EventKind kind, std::string_view rule) {
  // The detail of these is a call id or a handle; that of a realloc and an instance is 0.
  const auto matches = [&](const Frame& frame) {
    return frame.call.kind == kind && frame.call.subject == event.subject &&
           frame.call.call == event.detail;
  };
  if (const Frame* frame = top(); frame != nullptr && matches(*frame)) {
    if (frame->has_to_trap) {
      findings_.take({.layer = Layer::order,
                      .rule = "ORDER-05",
                      .event = frame->call.event,
                      .kind = frame->call.kind,
                      .function = frame->call.subject,
                      .expected = "a built-in that may be called inside of realloc or post_return, "
                                  "or a trap",
                      .found = "function " + std::to_string(event.subject) + ", which returned"});
    }
    pop();
    return true;
  }
  std::string expected(event_kind_name(kind));
  expected += (kind == EventKind::instantiate || kind == EventKind::copy ? " of instance "
                                                                         : " of function ");
  expected += std::to_string(event.subject);
  if (event.detail != 0) expected += ", call " + std::to_string(event.detail);
  find(rule, "the innermost open call to be " + expected, top_text());
  auto& frames = thread().frames;
  if (std::none_of(frames.begin(), frames.end(), matches)) return false;
  while (!matches(frames.back())) pop();
  pop();
  return true;
}

/// [ORDER-04]
void OrderLayer::check_lowering_of_arguments(const EventView& event) {
  Frame* frame = top();
  if (frame == nullptr || frame->call.kind != EventKind::export_call ||
      frame->entered == Entered::yes) {
    return;
  }
  const bool informative = static_cast<std::uint8_t>(event.kind) >= 128;
  switch (event.kind) {
    case EventKind::realloc_call:
    case EventKind::lower:
    case EventKind::digest:
    case EventKind::trap:
    case EventKind::gap:
    case EventKind::export_enter: return;
    default: break;
  }
  if (informative) return;
  if (frame->entered == Entered::no) {
    find("ORDER-04",
         "export_enter of function " + std::to_string(frame->call.subject) +
             " (export_call is event " + std::to_string(frame->call.event) + ")",
         std::string(event_kind_name(event.kind)));
  }
  frame->entered = Entered::yes;
}

void OrderLayer::instantiate(const EventView& event) {
  if (top() != nullptr && !top_is(EventKind::instantiate)) {
    find("ORDER-03", "no call open, or an instantiate", top_text());
  }
  if (instantiated_.size() <= event.subject) instantiated_.resize(event.subject + std::size_t{1});
  if (instantiated_[event.subject]) {
    find("INSTANTIATE-01", "an instance that is not there yet",
         "instance " + std::to_string(event.subject));
  }
  instantiated_[event.subject] = true;
  push(event, 0);
}

void OrderLayer::export_call(const EventView& event) {
  const Function* callee = function(event.subject);
  if (top() != nullptr && !top_is(EventKind::import_call) && !top_is(EventKind::instantiate)) {
    find("ORDER-03", "no call open, an import_call or an instantiate", top_text());
  }
  if (callee != nullptr && callee->role == Role::post_return) check_post_return(event);
  check_call_id(event);
  push(event, static_cast<std::uint32_t>(event.detail));
}

/// [ORDER-07]
void OrderLayer::check_post_return(const EventView& event) {
  const Function* before = function(last_result());
  if (before != nullptr && before->options.post_return == event.subject) return;
  if (adopted_ && last_result() == none) return;  // the result may lie before the gap
  find("ORDER-07",
       "the result of a function that has function " + std::to_string(event.subject) +
           " as its post_return",
       before ? "that of function " + std::to_string(before->id) : "none");
}

void OrderLayer::export_enter(const EventView& event) {
  Frame* frame = top();
  if (frame == nullptr || frame->call.kind != EventKind::export_call ||
      frame->entered == Entered::yes || frame->call.subject != event.subject ||
      frame->call.call != event.detail) {
    find("ORDER-04",
         "an export_call of function " + std::to_string(event.subject) + " that is not entered",
         top_text());
  }
  if (frame != nullptr) frame->entered = Entered::yes;
}

void OrderLayer::export_result(const EventView& event) {
  if (close(event, EventKind::export_call, "ORDER-02")) last_result() = event.subject;
}

/// [ORDER-05]
void OrderLayer::import_call(const EventView& event) {
  const Function* callee = function(event.subject);
  const bool of_guest_thread = current_ != 0 && top() == nullptr;
  if (!guest_entered() && !of_guest_thread && !top_is(EventKind::instantiate) &&
      !top_is(EventKind::realloc_call)) {
    find("ORDER-05", "guest code to run", top_text());
  }
  const bool has_to_trap =
      only_leaf_builtins() && callee != nullptr &&
      (callee->role != Role::builtin || std::find(leaf_builtins.begin(), leaf_builtins.end(),
                                                  callee->builtin) == leaf_builtins.end());
  check_call_id(event);
  push(event, static_cast<std::uint32_t>(event.detail));
  if (has_to_trap && !stopped_) top()->has_to_trap = true;
}

bool OrderLayer::only_leaf_builtins() {
  if (top_is(EventKind::realloc_call)) return true;
  if (!top_is(EventKind::export_call)) return false;
  const Function* callee = function(top()->call.subject);
  return callee != nullptr && callee->role == Role::post_return;
}

/// [ORDER-06]
bool OrderLayer::lowering_open() {
  const Frame* frame = top();
  if (frame == nullptr) return false;
  switch (frame->call.kind) {
    case EventKind::export_call: return frame->entered != Entered::yes;
    case EventKind::import_call:
    case EventKind::task_resolve:
    case EventKind::copy: return true;
    default: return false;
  }
}

void OrderLayer::realloc_call(const EventView& event) {
  if (!lowering_open()) {
    find("ORDER-06", "an open lowering", top_text());
  }
  push(event, 0);
}

void OrderLayer::lower() {
  if (lowering_open()) return;
  find("ORDER-06", "an open lowering", top_text());
}

void OrderLayer::begin_lowering(const EventView& event, std::string_view rule) {
  const Frame* frame = top();
  if (frame != nullptr && !frame->is_call()) {
    find(rule, "the lowering before to be ended", text_of(frame->call));
  }
  push(event, static_cast<std::uint32_t>(event.detail));
}

/// [TRAP-01] [TRAP-02]
void OrderLayer::trap(const EventView& event) {
  auto& frames = thread().frames;
  const auto call = std::find_if(frames.rbegin(), frames.rend(),
                                 [](const Frame& frame) { return frame.is_call(); });
  const std::uint32_t innermost = call == frames.rend() || call->call.kind == EventKind::instantiate
                                      ? none
                                      : call->call.subject;
  if (event.subject != none && event.subject != innermost) {
    find("TRAP-01", "the function of the innermost open call",
         "function " + std::to_string(event.subject) + " and " + top_text());
  }
  const auto ends = [](const Frame& frame) {
    return frame.call.kind == EventKind::export_call || frame.call.kind == EventKind::instantiate;
  };
  last_result() = none;
  // With nothing open it ends nothing: the host trapped on the results of a call that returned.
  if (frames.empty()) {
    if (!after_result_ && !adopted_ && current_ == 0) {
      find("TRAP-02", "an open call, or an export_result before", "no call open");
    }
    return;
  }
  if (std::none_of(frames.begin(), frames.end(), ends)) {
    find("TRAP-02", "an open export_call or instantiate", top_text());
    return;
  }
  while (!ends(frames.back())) pop();
  pop();
  last_result() = none;
}

/// [CALL-01], as far as it shows in what is open.
void OrderLayer::check_call_id(const EventView& event) {
  const bool zero = event.detail == 0;
  if (!calls_have_ids_) calls_have_ids_ = !zero;
  if (*calls_have_ids_ == zero) {
    find("CALL-01", std::string(zero ? "a call id" : "call id 0") + " as in the calls before",
         std::to_string(event.detail));
    return;
  }
  if (zero) return;
  for (const auto& [number, thread] : threads_) {
    for (const Frame& frame : thread.frames) {
      if (!frame.is_call() || frame.call.call != event.detail) continue;
      find("CALL-01", "a new call id", "that of " + text_of(frame.call));
      return;
    }
  }
}

/// [THREAD-01]
void OrderLayer::go_on_with(std::uint32_t number) {
  current_ = number;
  current_thread_ = &threads_[number];
  // Threads with nothing open are forgotten before there can be too many.
  if (threads_.size() > 2 * limits::open_calls) {
    std::erase_if(threads_, [&](const auto& entry) {
      return entry.first != current_ && entry.second.frames.empty();
    });
  }
}

/// Begins anew after a gap [ORDER-09].
void OrderLayer::adopt(std::span<const OpenCall> open_calls) {
  threads_.clear();
  after_gap_ = false;
  adopted_ = true;
  open_ = std::min<std::size_t>(open_calls.size(), limits::open_calls);
  for (const OpenCall& call : open_calls.first(open_)) {
    auto& frames = threads_[call.thread].frames;
    if (!frames.empty() && frames.back().entered == Entered::unknown) {
      frames.back().entered = call.kind == EventKind::realloc_call ? Entered::no : Entered::yes;
    }
    frames.push_back({.call = call, .entered = Entered::unknown});
  }
  if (!threads_.contains(current_) && !threads_.empty()) current_ = threads_.begin()->first;
  current_thread_ = &threads_[current_];
}

}  // namespace crossing::checking
