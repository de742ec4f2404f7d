// Asynchronous calls of the guest, as subtasks, and of the host, as tasks.

#include <algorithm>
#include <utility>

#include "check/handle_judge.h"

namespace crossing::checking {
namespace {

constexpr std::uint32_t exit_code = 0, yield_code = 1, wait_code = 2;
constexpr std::uint32_t event_none = 0, event_cancelled = 6;
/// More tasks of one callback than this are not told apart.
constexpr std::size_t most_candidates = 64;

constexpr bool is_resolution(std::uint32_t state) { return state >= 2 && state <= 4; }

}  // namespace

/// What an async-lowered import gave: a state, and the index of a subtask unless it is RETURNED
/// [ASYNC-01].
void HandleLayer::Impl::end_async_call(Frame& frame, const Function& callee, std::uint64_t packed) {
  const auto state = static_cast<std::uint32_t>(packed & 0xf);
  const auto index = static_cast<std::uint32_t>(packed >> 4 & 0xfffffff);
  const std::uint32_t instance = callee.instance;
  std::unique_ptr<CallState> call = std::move(frame.state);
  if (call == nullptr) call = std::make_unique<CallState>();
  if (state == static_cast<std::uint32_t>(Subtask::returned) && index == 0) {
    give_back(instance, call->uses);
    if (facts_.of(callee.id).gives_any) blind(instance);
    return;
  }
  if (state > static_cast<std::uint32_t>(Subtask::started)) {
    find(instance, "ASYNC-01", "STARTING or STARTED with a subtask, or RETURNED without one",
         "state " + std::to_string(state) + " with " + std::to_string(index));
    return;
  }
  Handle subtask;
  subtask.kind = HandleKind::subtask;
  subtask.subtask = static_cast<Subtask>(state);
  subtask.is_started = call->is_started || subtask.subtask == Subtask::started;
  subtask.is_resolved = call->resolution.has_value();
  subtask.resolution = call->resolution.value_or(Subtask::returned);
  subtask.function = callee.id;
  subtask.call = frame.call;
  InstanceHandles& all = handles(instance);
  if (!subtask.is_started) {
    // Nothing was taken or lent yet.
    for (auto use = call->uses.rbegin(); use != call->uses.rend(); ++use) {
      HandleSpace& space = all.space(use->space, use->type, per_type_);
      if (use->taken == nullptr) {
        Handle* lent = space.find(use->index);
        if (lent != nullptr && lent->lends != 0) --lent->lends;
      } else if (space.restore(use->index, std::move(*use->taken))) {
        use->taken = std::make_unique<Handle>();
      } else {
        blind(instance);
        return;
      }
    }
  }
  const bool waits =
      !subtask.is_started && std::any_of(call->uses.begin(), call->uses.end(),
                                         [](const Use& use) { return use.taken != nullptr; });
  if (!call->uses.empty()) {
    subtask.uses = std::make_unique<std::vector<Use>>(std::move(call->uses));
  }
  if (add(instance, std::move(subtask), index) == nullptr) return;
  // When the host takes them, a recorder that wraps core imports does not see [RECORD-07].
  if (waits && frame.call == 0) return blind(instance);
  if (frame.call == 0) return;
  if (has_room(subtasks_.size())) subtasks_[frame.call] = {instance, index};
}

/// `task_start` and `task_resolve` of a call of the guest [ASYNC-03].
void HandleLayer::Impl::task_event(const EventView& event) {
  const Function* callee = function(event.subject);
  if (callee == nullptr || callee->role != Role::import_ || event.detail == 0) return;
  subject_ = event.subject;
  const bool starts = event.kind == EventKind::task_start;
  std::uint32_t state = 0;
  if (!starts && event.body.size() >= 4) state = event.body[0];
  const auto judge = [&](bool started, bool resolved) {
    if (starts ? started || resolved : resolved) {
      find(callee->instance, "ASYNC-03", starts ? "a call that did not start" : "one task_resolve",
           resolved ? "one that resolved" : "one that started");
      return false;
    }
    if (!starts && state == static_cast<std::uint32_t>(Subtask::cancelled_before_started) &&
        started) {
      find(callee->instance, "ASYNC-03", "RETURNED or CANCELLED_BEFORE_RETURNED",
           "CANCELLED_BEFORE_STARTED");
      return false;
    }
    return true;
  };
  for (auto& [number, thread] : threads_) {
    for (Frame& frame : thread.frames) {
      if (frame.kind != EventKind::import_call || frame.call != event.detail) continue;
      if (!frame.state) frame.state = std::make_unique<CallState>();
      if (!judge(frame.state->is_started, frame.state->resolution.has_value())) return;
      if (starts) frame.state->is_started = true;
      if (!starts) frame.state->resolution = static_cast<Subtask>(state);
      return;
    }
  }
  const auto found = subtasks_.find(static_cast<std::uint32_t>(event.detail));
  if (found == subtasks_.end()) return;
  InstanceHandles& all = handles(found->second.first);
  Handle* subtask =
      all.is_blind ? nullptr
                   : all.space(HandleKind::subtask, none, per_type_).find(found->second.second);
  if (subtask == nullptr || !judge(subtask->is_started, subtask->is_resolved)) return;
  if (!starts) {
    subtask->is_resolved = true;
    subtask->resolution = static_cast<Subtask>(state);
    return;
  }
  subtask->is_started = true;
  if (subtask->uses == nullptr) return;
  for (Use& use : *subtask->uses) {
    HandleSpace& space = all.space(use.space, use.type, per_type_);
    Handle* handle = space.find(use.index);
    if (handle == nullptr || handle->kind != use.space) {  // lifting it has to trap
      blind(callee->instance);
      return;
    }
    if (use.taken == nullptr) {
      ++handle->lends;
    } else {
      leave_set(all, *handle);
      space.remove(use.index);
    }
  }
}

/// [ASYNC-03]
void HandleLayer::Impl::cancel_event(const EventView& event) {
  const Function* callee = function(event.subject);
  if (callee == nullptr || callee->role != Role::export_ || event.detail == 0) return;
  subject_ = event.subject;
  for (auto& [id, task] : tasks_) {
    if (task.call != event.detail || task.function != event.subject) continue;
    if (task.is_resolved || task.is_requested) {
      find(callee->instance, "ASYNC-03", "a task that may be cancelled",
           task.is_resolved ? "one that resolved" : "one that was cancelled before");
    }
    task.is_requested = true;
    return;
  }
}

/// A function that is lifted `async` is entered.
void HandleLayer::Impl::begin_task(Frame& frame, const Function& callee) {
  if (handles(callee.instance).is_blind || !has_room(tasks_.size())) return;
  tasks_[frame.task] = {.function = callee.id, .call = frame.call};
}

/// The guest code of a task returned: it exits, or is to be called back [ASYNC-05].
void HandleLayer::Impl::exit_from(const Function& callee, std::uint64_t id, std::uint64_t packed,
                                  bool has_result) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end() || handles(callee.instance).is_blind) {
    if (found != tasks_.end()) tasks_.erase(found);
    return;
  }
  Task& task = found->second;
  const Function* lifted = function(task.function);
  const std::uint32_t callback = lifted == nullptr ? none : lifted->options.callback;
  const auto code = static_cast<std::uint32_t>(packed & 0xf);
  const auto index = static_cast<std::uint32_t>(packed >> 4 & 0xfffffff);
  if (callback == none || !has_result || code == exit_code) {
    const bool is_mixed = callback != none && waiting_[callback].is_mixed;
    if (!task.is_resolved && !is_mixed && !facts_.has_threads()) {  // [ASYNC-04]
      must_trap(callee.instance, "ASYNC-04", "task.return or task.cancel before the task exits",
                "neither");
    }
    tasks_.erase(found);
    borrows_.erase(id);
    return;
  }
  if (code == wait_code) {
    InstanceHandles& all = handles(callee.instance);
    Handle* set = all.space(HandleKind::waitable_set, none, per_type_).find(index);
    if (set == nullptr || set->kind != HandleKind::waitable_set) {
      must_trap(callee.instance, "ASYNC-05", "WAIT with a waitable set",
                "#" + std::to_string(index) + ", " +
                    (set == nullptr ? "which is nothing" : text_of(set->kind)));
      return;
    }
    ++set->waits;
  } else if (code != yield_code) {
    must_trap(callee.instance, "ASYNC-05", "EXIT, YIELD or WAIT", "code " + std::to_string(code));
    return;
  }
  task.wait = code == wait_code ? Task::Wait::waits : Task::Wait::yields;
  task.set = code == wait_code ? index : 0;
  waiting_[callback].tasks.push_back(id);
}

/// A callback is entered, for one of the tasks that wait [ASYNC-05].
void HandleLayer::Impl::callback(Frame& frame, const Function& callee, const Words& words) {
  InstanceHandles& all = handles(callee.instance);
  if (!words.known) blind(callee.instance);
  if (all.is_blind) return;
  const auto code = static_cast<std::uint32_t>(words.values[0]);
  const auto p1 = static_cast<std::uint32_t>(words.values[1]);
  const auto p2 = static_cast<std::uint32_t>(words.values[2]);
  Waiting& waiting = waiting_[callee.id];
  if (waiting.tasks.empty()) {
    find(callee.instance, "ASYNC-05", "a task that waits or yields", "none");
    return;
  }
  waiting.is_mixed = waiting.is_mixed || waiting.tasks.size() > most_candidates;
  HandleSpace& common = all.space(HandleKind::nothing, none, per_type_);
  const Handle* waitable =
      code == event_none || code == event_cancelled ? nullptr : common.find(p1);
  const auto fits = [&](std::uint64_t id) {
    const auto task = tasks_.find(id);
    if (task == tasks_.end()) return false;
    if (code == event_cancelled) return !task->second.is_cancelled;
    if (code == event_none) return task->second.wait == Task::Wait::yields;
    return task->second.wait == Task::Wait::waits && waitable != nullptr &&
           is_waitable(waitable->kind) && waitable->set == task->second.set;
  };
  auto chosen = waiting.tasks.end() - 1;
  if (!waiting.is_mixed) {
    const auto first = std::find_if(waiting.tasks.begin(), waiting.tasks.end(), fits);
    if (first == waiting.tasks.end()) {
      const bool of_wait =
          code != event_none && code != event_cancelled &&
          std::any_of(waiting.tasks.begin(), waiting.tasks.end(), [&](std::uint64_t id) {
            const auto task = tasks_.find(id);
            return task != tasks_.end() && task->second.wait == Task::Wait::waits;
          });
      find(callee.instance, of_wait || code == event_cancelled ? "ASYNC-06" : "ASYNC-05",
           "an event that a task waits for",
           "event " + std::to_string(code) + " of #" + std::to_string(p1));
      return;
    }
    waiting.is_mixed = std::find_if(first + 1, waiting.tasks.end(), fits) != waiting.tasks.end();
    if (waiting.is_mixed) return blind(callee.instance);  // which task it is nobody can tell
    chosen = first;
  }
  frame.task = *chosen;
  waiting.tasks.erase(chosen);
  if (waiting.tasks.empty()) waiting.is_mixed = waiting.is_mixed && tasks_.size() > 1;
  const auto task = tasks_.find(frame.task);
  if (task != tasks_.end()) {
    if (task->second.wait == Task::Wait::waits) {
      Handle* set = common.find(task->second.set);
      if (set != nullptr && set->waits != 0) --set->waits;
    }
    task->second.wait = Task::Wait::runs;
  }
  if (code == event_cancelled) {
    if (p1 != 0 || p2 != 0) {
      find(callee.instance, "ASYNC-06", "TASK_CANCELLED without a waitable", index_text(p1));
    } else if (!waiting.is_mixed) {
      told_cancelled(callee.instance);
    } else if (task != tasks_.end()) {
      task->second.is_cancelled = true;
    }
  } else if (code != event_none) {
    deliver(callee.instance, code, p1, p2, {});
  }
}

HandleLayer::Impl::Frame* HandleLayer::Impl::current_export() {
  auto& frames = thread().frames;
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
    if (frame->kind == EventKind::export_call) return &*frame;
  }
  return nullptr;
}

HandleLayer::Impl::Task* HandleLayer::Impl::current_task() {
  const Frame* frame = current_export();
  const auto task = frame == nullptr ? tasks_.end() : tasks_.find(frame->task);
  return task == tasks_.end() ? nullptr : &task->second;
}

/// `task.return` or `task.cancel` is called [ASYNC-04].
void HandleLayer::Impl::resolve_task(const Function& callee, bool is_cancel) {
  const Frame* frame = current_export();
  if (frame == nullptr) return;  // a thread that the guest made
  const Function* around = function(frame->subject);
  if (around == nullptr || around->instance != callee.instance) return;
  const Task* task = current_task();
  if (task == nullptr) {
    if (around->role == Role::export_ && !facts_.of(around->id).is_async) {
      must_trap(callee.instance, "ASYNC-04", "a function that is lifted async",
                "function " + std::to_string(around->id));
    }
    return;
  }
  const Function* lifted = function(task->function);
  const bool is_mixed = lifted != nullptr && lifted->options.callback != none &&
                        waiting_[lifted->options.callback].is_mixed;
  if (is_mixed) return;
  // A thread that the guest made may have been told.
  const bool was_told = task->is_cancelled || facts_.has_threads();
  if (task->is_resolved || (is_cancel && !was_told)) {
    must_trap(callee.instance, "ASYNC-04",
              is_cancel ? "a task that was told that it is cancelled, and not resolved"
                        : "a task that is not resolved",
              task->is_resolved ? "one that is" : "one that was not told");
    return;
  }
  end_task(frame->task);
}

/// The task gives its result, or is cancelled: it has no borrow any more [HANDLE-04].
void HandleLayer::Impl::end_task(std::uint64_t task) {
  const auto borrows = borrows_.find(task);
  if (borrows == borrows_.end()) return;
  const Function* callee = function(subject_);
  if (callee != nullptr) {
    must_trap(callee->instance, "HANDLE-04", "all borrows dropped",
              std::to_string(borrows->second) + " that are not");
  }
  borrows_.erase(borrows);
}

/// The guest is told the state of a subtask [ASYNC-01].
void HandleLayer::Impl::told(std::uint32_t instance, std::uint32_t index, Handle& handle,
                             std::uint32_t state) {
  const auto before = static_cast<std::uint32_t>(handle.subtask);
  const bool forward = !handle.is_delivered && state > before && state <= 4 &&
                       !(state == 3 && handle.is_started) &&
                       !((state == 3 || state == 4) && !handle.is_cancelled);
  if (!forward) {
    find(instance, "ASYNC-01",
         "a state that follows " + std::to_string(before) + " of subtask #" + std::to_string(index),
         std::to_string(state));
    return;
  }
  if (is_resolution(state) && handle.is_resolved &&
      state != static_cast<std::uint32_t>(handle.resolution)) {  // [ASYNC-03]
    find(instance, "ASYNC-03",
         "state " + std::to_string(static_cast<std::uint32_t>(handle.resolution)) +
             " as in task_resolve",
         std::to_string(state));
    return;
  }
  const bool was_started = handle.is_started;
  handle.subtask = static_cast<Subtask>(state);
  if (state != static_cast<std::uint32_t>(Subtask::cancelled_before_started)) {
    handle.is_started = true;
    if (!was_started && handle.uses != nullptr) {  // when they were taken is not known
      blind(instance);
      return;
    }
  }
  if (!is_resolution(state)) return;
  handle.is_delivered = true;
  if (state == static_cast<std::uint32_t>(Subtask::returned) &&
      facts_.of(handle.function).gives_any) {  // nor which handles it gave
    blind(instance);
    return;
  }
  if (handle.uses == nullptr) return;
  if (handle.is_started) {
    give_back(instance, *handle.uses);
  } else {
    uses_ -= std::min(uses_, handle.uses->size());
  }
  handle.uses.reset();
}

}  // namespace crossing::checking
