#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "crossing/check.h"

namespace crossing {
namespace {

/// What is known of the guest code of an export call. After a gap nobody knows.
enum class Entered : std::uint8_t { no, yes, unknown };

/// Something open on a thread: a call, or a lowering with an end of its own (`task_resolve`,
/// `copy`), of which `open_calls` does not tell.
struct Frame {
  OpenCall call;
  Entered entered = Entered::no;     // export_call only
  std::uint32_t last_result = none;  // function of an export_result directly inside it [ORDER-07]

  [[nodiscard]] bool is_call() const {
    return call.kind != EventKind::task_resolve && call.kind != EventKind::copy;
  }
};

struct Thread {
  std::vector<Frame> frames;         // outermost first
  std::uint32_t last_result = none;  // as in Frame, with nothing open
};

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

std::string text_of(const Frame* frame) { return frame ? text_of(frame->call) : "no call open"; }

}  // namespace

class OrderChecker::Impl {
 public:
  Impl(const Definitions& definitions, std::size_t max_findings)
      : definitions_(definitions), max_findings_(max_findings) {}

  void begin_block(std::uint64_t sequence, std::span<const OpenCall> open_calls) {
    now_ = sequence;
    if (after_gap_) {
      adopt(open_calls);
      return;
    }
    std::size_t next = 0;
    for (const auto& [number, thread] : threads_) {
      for (const Frame& frame : thread.frames) {
        if (!frame.is_call()) continue;
        if (next == open_calls.size() || open_calls[next] != frame.call) {
          find("ORDER-09",
               "expected open_calls[" + std::to_string(next) + "] to be " + text_of(frame.call) +
                   ", found " +
                   (next == open_calls.size() ? "no such entry" : text_of(open_calls[next])));
          return;
        }
        ++next;
      }
    }
    if (next != open_calls.size()) {
      find("ORDER-09", "expected " + std::to_string(next) + " open_calls, found " +
                           std::to_string(open_calls.size()));
    }
  }

  void event(const EventView& event) {
    if (!event.first || stopped_) return;
    now_ = event.sequence;
    check_lowering_of_arguments(event);
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

  void finish() {
    if (after_gap_ || stopped_) return;  // what is open after a gap, only a further block tells
    for (const auto& [number, thread] : threads_) {
      if (thread.frames.empty()) continue;
      find("ORDER-08",
           "expected no call open at the end, found " + text_of(thread.frames.back().call));
      return;
    }
  }

  [[nodiscard]] const std::vector<Error>& findings() const { return findings_; }
  [[nodiscard]] std::uint64_t omitted_findings() const { return omitted_; }

 private:
  void find(std::string_view rule, std::string message, Verdict verdict = Verdict::invalid) {
    if (findings_.size() == max_findings_) {
      ++omitted_;
      return;
    }
    findings_.push_back({.verdict = verdict,
                         .message = std::move(message),
                         .offset = {},
                         .event = now_,
                         .rule = rule});
  }

  Thread& thread() { return threads_[current_]; }

  /// The innermost that is open on the thread that runs.
  Frame* top() {
    auto& frames = thread().frames;
    return frames.empty() ? nullptr : &frames.back();
  }

  bool top_is(EventKind kind) {
    const Frame* frame = top();
    return frame != nullptr && frame->call.kind == kind;
  }

  /// Whether guest code of the innermost export call runs.
  bool guest_entered() { return top_is(EventKind::export_call) && top()->entered != Entered::no; }

  /// Where the result of the last call directly inside what is open is noted.
  std::uint32_t& last_result() {
    Frame* frame = top();
    return frame ? frame->last_result : thread().last_result;
  }

  [[nodiscard]] const Function* function(std::uint32_t id) const {
    return id < definitions_.functions.size() ? &definitions_.functions[id] : nullptr;
  }

  void push(const EventView& event, std::uint32_t call) {
    if (open_ == limits::open_calls) {
      find("LIMIT-01", "expected at most " + std::to_string(limits::open_calls) + " open calls",
           Verdict::limit);
      stopped_ = true;
      return;
    }
    ++open_;
    if (event.kind != EventKind::realloc_call) last_result() = none;
    thread().frames.push_back({.call = {.event = event.sequence,
                                        .thread = current_,
                                        .subject = event.subject,
                                        .call = call,
                                        .kind = event.kind}});
  }

  void pop() {
    thread().frames.pop_back();
    --open_;
  }

  /// Ends the innermost frame, which must be of `kind` and the event's subject and call
  /// [ORDER-02]. What does not match ends the nearest frame that does, if there is one.
  bool close(const EventView& event, EventKind kind, std::string_view rule) {
    // The detail of these is a call id or a handle; that of a realloc and an instance is 0.
    const auto matches = [&](const Frame& frame) {
      return frame.call.kind == kind && frame.call.subject == event.subject &&
             frame.call.call == event.detail;
    };
    if (const Frame* frame = top(); frame != nullptr && matches(*frame)) {
      pop();
      return true;
    }
    std::string expected(event_kind_name(kind));
    expected += (kind == EventKind::instantiate || kind == EventKind::copy ? " of instance "
                                                                           : " of function ");
    expected += std::to_string(event.subject);
    if (event.detail != 0) expected += ", call " + std::to_string(event.detail);
    find(rule, std::string(event_kind_name(event.kind)) +
                   ": expected the innermost open call to be " + expected + ", found " +
                   text_of(top()));
    auto& frames = thread().frames;
    if (std::none_of(frames.begin(), frames.end(), matches)) return false;
    while (!matches(frames.back())) pop();
    pop();
    return true;
  }

  /// [ORDER-04]
  void check_lowering_of_arguments(const EventView& event) {
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
      find("ORDER-04", "expected export_enter of function " + std::to_string(frame->call.subject) +
                           " (export_call is event " + std::to_string(frame->call.event) +
                           "), found " + std::string(event_kind_name(event.kind)));
    }
    frame->entered = Entered::yes;
  }

  void instantiate(const EventView& event) {
    if (top() != nullptr && !top_is(EventKind::instantiate)) {
      find("ORDER-03",
           "instantiate: expected no call open, or an instantiate, found " + text_of(top()));
    }
    push(event, 0);
  }

  void export_call(const EventView& event) {
    const Function* callee = function(event.subject);
    if (top() != nullptr && !top_is(EventKind::import_call) && !top_is(EventKind::instantiate)) {
      find("ORDER-03",
           "export_call: expected no call open, an import_call or an instantiate, found " +
               text_of(top()));
    }
    if (callee != nullptr && callee->role == Role::post_return) check_post_return(event);
    check_call_id(event);
    push(event, static_cast<std::uint32_t>(event.detail));
  }

  /// [ORDER-07]
  void check_post_return(const EventView& event) {
    const Function* before = function(last_result());
    if (before != nullptr && before->options.post_return == event.subject) return;
    if (adopted_ && last_result() == none) return;  // the result may lie before the gap
    find("ORDER-07", "post_return: expected the result of a function that has function " +
                         std::to_string(event.subject) + " as its post_return, found " +
                         (before ? "that of function " + std::to_string(before->id) : "none"));
  }

  void export_enter(const EventView& event) {
    Frame* frame = top();
    if (frame == nullptr || frame->call.kind != EventKind::export_call ||
        frame->entered == Entered::yes || frame->call.subject != event.subject ||
        frame->call.call != event.detail) {
      find("ORDER-04", "export_enter: expected an export_call of function " +
                           std::to_string(event.subject) + " that is not entered, found " +
                           text_of(frame));
    }
    if (frame != nullptr) frame->entered = Entered::yes;
  }

  void export_result(const EventView& event) {
    if (close(event, EventKind::export_call, "ORDER-02")) last_result() = event.subject;
  }

  /// [ORDER-05]
  void import_call(const EventView& event) {
    const Function* callee = function(event.subject);
    if (!guest_entered() && !top_is(EventKind::instantiate) && !top_is(EventKind::realloc_call)) {
      find("ORDER-05", "import_call: expected guest code to run, found " + text_of(top()));
    } else if (only_leaf_builtins() && callee != nullptr &&
               (callee->role != Role::builtin ||
                std::find(leaf_builtins.begin(), leaf_builtins.end(), callee->builtin) ==
                    leaf_builtins.end())) {
      find("ORDER-05", "import_call: expected a built-in that may be called inside " +
                           text_of(top()) + ", found function " + std::to_string(event.subject));
    }
    check_call_id(event);
    push(event, static_cast<std::uint32_t>(event.detail));
  }

  bool only_leaf_builtins() {
    if (top_is(EventKind::realloc_call)) return true;
    if (!top_is(EventKind::export_call)) return false;
    const Function* callee = function(top()->call.subject);
    return callee != nullptr && callee->role == Role::post_return;
  }

  /// [ORDER-06]
  bool lowering_open() {
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

  void realloc_call(const EventView& event) {
    if (!lowering_open()) {
      find("ORDER-06", "realloc_call: expected an open lowering, found " + text_of(top()));
    }
    push(event, 0);
  }

  void lower() {
    if (lowering_open()) return;
    find("ORDER-06", "lower: expected an open lowering, found " + text_of(top()));
  }

  void begin_lowering(const EventView& event, std::string_view rule) {
    const Frame* frame = top();
    if (frame != nullptr && !frame->is_call()) {
      find(rule, std::string(event_kind_name(event.kind)) +
                     ": expected the lowering before to be ended, found " + text_of(frame));
    }
    push(event, static_cast<std::uint32_t>(event.detail));
  }

  /// [TRAP-01] [TRAP-02]
  void trap(const EventView& event) {
    auto& frames = thread().frames;
    const auto call = std::find_if(frames.rbegin(), frames.rend(),
                                   [](const Frame& frame) { return frame.is_call(); });
    const std::uint32_t innermost =
        call == frames.rend() || call->call.kind == EventKind::instantiate ? none
                                                                           : call->call.subject;
    if (event.subject != none && event.subject != innermost) {
      find("TRAP-01", "trap: expected the function of the innermost open call, found function " +
                          std::to_string(event.subject) + " and " + text_of(top()));
    }
    const auto ends = [](const Frame& frame) {
      return frame.call.kind == EventKind::export_call || frame.call.kind == EventKind::instantiate;
    };
    last_result() = none;
    // With nothing open it ends nothing: the host trapped on the results of a call that returned.
    if (frames.empty()) return;
    if (std::none_of(frames.begin(), frames.end(), ends)) {
      find("TRAP-02", "trap: expected an open export_call or instantiate, found " + text_of(top()));
      return;
    }
    while (!ends(frames.back())) pop();
    pop();
    last_result() = none;
  }

  /// [CALL-01], as far as it shows in what is open.
  void check_call_id(const EventView& event) {
    const bool zero = event.detail == 0;
    if (!calls_have_ids_) calls_have_ids_ = !zero;
    if (*calls_have_ids_ == zero) {
      find("CALL-01", std::string(event_kind_name(event.kind)) + ": expected " +
                          (zero ? "a call id" : "call id 0") + " as in the calls before, found " +
                          std::to_string(event.detail));
      return;
    }
    if (zero) return;
    for (const auto& [number, thread] : threads_) {
      for (const Frame& frame : thread.frames) {
        if (!frame.is_call() || frame.call.call != event.detail) continue;
        find("CALL-01", std::string(event_kind_name(event.kind)) +
                            ": expected a new call id, found that of " + text_of(frame.call));
        return;
      }
    }
  }

  /// [THREAD-01]
  void go_on_with(std::uint32_t number) {
    current_ = number;
    // Threads with nothing open are forgotten before there can be too many.
    if (threads_.size() > 2 * limits::open_calls) {
      std::erase_if(threads_, [&](const auto& entry) {
        return entry.first != current_ && entry.second.frames.empty();
      });
    }
  }

  /// Begins anew after a gap [ORDER-09].
  void adopt(std::span<const OpenCall> open_calls) {
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
  }

  const Definitions& definitions_;
  const std::size_t max_findings_;
  std::vector<Error> findings_;
  std::uint64_t omitted_ = 0;

  std::map<std::uint32_t, Thread> threads_;  // by number: open_calls stand in this order
  std::uint32_t current_ = 0;
  std::size_t open_ = 0;  // frames of all threads
  std::uint64_t now_ = 0;
  std::optional<bool> calls_have_ids_;
  bool after_gap_ = false;
  bool adopted_ = false;  // the calls open came from a block, after a gap
  bool stopped_ = false;
};

OrderChecker::OrderChecker(const Definitions& definitions, std::size_t max_findings)
    : impl_(std::make_unique<Impl>(definitions, max_findings)) {}
OrderChecker::OrderChecker(OrderChecker&&) noexcept = default;
OrderChecker& OrderChecker::operator=(OrderChecker&&) noexcept = default;
OrderChecker::~OrderChecker() = default;

void OrderChecker::begin_block(std::uint64_t sequence, std::span<const OpenCall> open_calls) {
  impl_->begin_block(sequence, open_calls);
}
void OrderChecker::event(const EventView& event) { impl_->event(event); }
void OrderChecker::finish() { impl_->finish(); }
const std::vector<Error>& OrderChecker::findings() const { return impl_->findings(); }
std::uint64_t OrderChecker::omitted_findings() const { return impl_->omitted_findings(); }

}  // namespace crossing
