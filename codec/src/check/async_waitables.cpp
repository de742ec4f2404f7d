// Waitables and their sets; streams and futures.

#include <cstring>

#include "check/handle_judge.h"

namespace crossing::checking {
namespace {

enum Code : std::uint32_t {
  event_none,
  event_subtask,
  event_stream_read,
  event_stream_write,
  event_future_read,
  event_future_write,
  event_cancelled
};

/// The code of events of a waitable.
std::uint32_t code_of(HandleKind kind) {
  switch (kind) {
    case HandleKind::subtask: return event_subtask;
    case HandleKind::stream_reader: return event_stream_read;
    case HandleKind::stream_writer: return event_stream_write;
    case HandleKind::future_reader: return event_future_read;
    case HandleKind::future_writer: return event_future_write;
    default: return event_none;
  }
}

enum Outcome : std::uint32_t { completed, dropped, cancelled };

}  // namespace

/// `waitable-set.wait` or `poll` returned [ASYNC-06].
void HandleLayer::Impl::end_wait(Frame& frame, const Function& callee, std::uint64_t result) {
  const auto set = static_cast<std::uint32_t>(frame.params[0]);
  const auto code = static_cast<std::uint32_t>(result);
  if (frame.op == Op::set_wait) {
    Handle* waited =
        handles(callee.instance).space(HandleKind::waitable_set, none, per_type_).find(set);
    if (waited != nullptr && waited->waits != 0) --waited->waits;
  }
  if (code == event_none) {
    if (frame.op == Op::set_wait) return find(callee.instance, "ASYNC-06", "an event", "NONE");
    constexpr std::array<std::uint8_t, 8> nothing{};
    if (frame.state && frame.state->known == 0xff && frame.state->area != nothing) {
      find(callee.instance, "ASYNC-06", "NONE with two zeros", "other numbers");
    }
    return;
  }
  if (!frame.state || frame.state->known != 0xff) {
    blind(callee.instance);
    return;
  }
  std::uint32_t p1 = 0;
  std::uint32_t p2 = 0;
  std::memcpy(&p1, frame.state->area.data(), 4);
  std::memcpy(&p2, frame.state->area.data() + 4, 4);
  if (code != event_cancelled) {
    deliver(callee.instance, code, p1, p2, set);
  } else if (!callee.immediates.cancellable || p1 != 0 || p2 != 0) {
    find(callee.instance, "ASYNC-06",
         callee.immediates.cancellable ? "TASK_CANCELLED without a waitable"
                                       : "no TASK_CANCELLED where it is not cancellable",
         index_text(p1));
  } else {
    told_cancelled(callee.instance);
  }
}

/// An event of a waitable is delivered; `set` where it is known from which one [ASYNC-06].
void HandleLayer::Impl::deliver(std::uint32_t instance, std::uint32_t code, std::uint32_t p1,
                                std::uint32_t p2, std::optional<std::uint32_t> set) {
  InstanceHandles& all = handles(instance);
  if (all.is_blind) return;
  Handle* handle = all.space(HandleKind::nothing, none, per_type_).find(p1);
  if (handle == nullptr || handle->set == 0 || code_of(handle->kind) != code ||
      (set && handle->set != *set)) {
    find(instance, "ASYNC-06",
         "event " + std::to_string(code) + " of a waitable " +
             (set ? "in set " + index_text(*set) : "in a set"),
         index_text(p1) + ", " +
             (handle == nullptr ? "which is nothing"
                                : std::string(text_of(handle->kind)) +
                                      (handle->set == 0 || handle->kind == HandleKind::waitable_set
                                           ? " in no set"
                                           : " in set " + index_text(handle->set))));
    return;
  }
  if (code == event_subtask) {
    told(instance, p1, *handle, p2);
  } else {
    copied(instance, *handle, p2);
  }
}

/// The guest is told that its task is cancelled [ASYNC-06].
void HandleLayer::Impl::told_cancelled(std::uint32_t instance) {
  Task* task = current_task();
  if (task == nullptr) return;
  if (task->is_cancelled || task->is_resolved) {
    find(instance, "ASYNC-06", "TASK_CANCELLED once, for a task that is not resolved",
         task->is_cancelled ? "it a second time" : "it after task.return");
    return;
  }
  task->is_cancelled = true;
}

/// The guest is told how a copy went [ASYNC-09].
void HandleLayer::Impl::copied(std::uint32_t instance, Handle& handle, std::uint32_t packed) {
  const bool future = is_future(handle.kind);
  const std::uint32_t outcome = future ? packed : packed & 0xf;
  const std::uint32_t count = future ? 0 : packed >> 4;
  const bool has_both =
      handles(instance).space(handle.kind, none, per_type_).peer_of(handle) != nullptr;
  const bool outstanding = handle.copy == Copy::copying || handle.copy == Copy::cancelling;
  if (!outstanding || outcome > cancelled || count > handle.asked ||
      (outcome == cancelled && handle.copy != Copy::cancelling) ||
      (outcome == dropped && (handle.kind == HandleKind::future_reader || has_both)) ||
      (outcome != dropped && handle.is_late)) {
    find(instance, "ASYNC-09",
         !outstanding ? std::string("no outcome with no copy outstanding")
         : handle.is_late
             ? "DROPPED"
             : "an outcome with at most " + std::to_string(handle.asked) + " elements" +
                   (handle.copy == Copy::cancelling ? "" : ", not CANCELLED"),
         "outcome " + std::to_string(outcome) + " with " + std::to_string(count));
    return;
  }
  const bool done = outcome == dropped || (future && outcome == completed);
  handle.copy = done ? Copy::done : Copy::idle;
}

void HandleLayer::Impl::leave_set(InstanceHandles& instance, Handle& handle) {
  if (handle.set == 0) return;
  Handle* set = instance.space(HandleKind::waitable_set, none, per_type_).find(handle.set);
  if (set != nullptr && set->set != 0) --set->set;
  handle.set = 0;
}

/// [ASYNC-11]
void HandleLayer::Impl::copy_event(const EventView& event) {
  InstanceHandles& all = handles(event.subject);
  if (all.is_blind || event.body.size() < 8) return;
  const auto index = static_cast<std::uint32_t>(event.detail);
  Handle* end = all.space(HandleKind::nothing, none, per_type_).find(index);
  const bool into_guest = event.body[0] == 0;
  const bool future = event.body[2] != 0;
  std::uint32_t count = 0;
  std::memcpy(&count, event.body.data() + 4, sizeof count);
  if (end == nullptr || !is_end(end->kind) || is_reader(end->kind) != into_guest ||
      is_future(end->kind) != future ||
      (end->copy != Copy::copying && end->copy != Copy::cancelling)) {
    find(event.subject, "ASYNC-11", "an end with a copy in this direction outstanding",
         index_text(index) +
             (end == nullptr ? ", which is nothing" : std::string(", ") + text_of(end->kind)));
    return;
  }
  if (count > end->asked - end->copied) {
    find(event.subject, "ASYNC-11",
         "at most " + std::to_string(end->asked - end->copied) + " elements",
         std::to_string(count));
    return;
  }
  end->copied += count;
}

/// [ASYNC-11]
void HandleLayer::Impl::drop_event(const EventView& event) {
  InstanceHandles& all = handles(event.subject);
  if (all.is_blind) return;
  const auto index = static_cast<std::uint32_t>(event.detail);
  Handle* end = all.space(HandleKind::nothing, none, per_type_).find(index);
  if (end == nullptr || !is_end(end->kind) || end->is_peer_dropped || end->is_peer_gone ||
      all.space(end->kind, none, per_type_).peer_of(*end) != nullptr) {
    find(event.subject, "ASYNC-11", "an end whose other end the host has",
         index_text(index) +
             (end == nullptr ? ", which is nothing" : std::string(", ") + text_of(end->kind)));
    return;
  }
  end->is_peer_dropped = true;
}

}  // namespace crossing::checking
