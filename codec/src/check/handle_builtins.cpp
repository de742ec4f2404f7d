// What built-ins do to handles: `canon_resource_new` and its like.

#include <utility>

#include "check/handle_judge.h"

namespace crossing::checking {
namespace {

constexpr std::uint32_t blocked = 0xffffffff;

}  // namespace

/// The built-in is called; what it takes out of the table is out of it from here on.
void HandleLayer::Impl::begin_builtin(Frame& frame, const Function& callee,
                                      const FunctionFacts& facts) {
  InstanceHandles& all = handles(callee.instance);
  const auto index = static_cast<std::uint32_t>(frame.params[0]);
  const std::uint32_t type = callee.immediates.type;
  HandleSpace& common = all.space(HandleKind::nothing, none, per_type_);
  switch (facts.op) {
    case Op::resource_drop: begin_drop(frame, callee); return;
    case Op::resource_rep: look(all, HandleKind::borrow, type, index, callee.instance); return;
    case Op::task_return:
    case Op::task_cancel: resolve_task(callee, facts.op == Op::task_cancel); return;
    case Op::subtask_cancel: {
      Handle* subtask = look(all, HandleKind::subtask, none, index, callee.instance);
      if (subtask == nullptr) return;
      if (subtask->is_delivered || subtask->is_cancelled ||
          (subtask->set != 0 && !facts.is_async)) {  // [ASYNC-02]
        must_trap(callee.instance, "ASYNC-02", "a subtask that may be cancelled",
                  index_text(index) + (subtask->is_delivered   ? ", which is resolved"
                                       : subtask->is_cancelled ? ", which was cancelled before"
                                                               : ", which is in a waitable set"));
        return;
      }
      subtask->is_cancelled = true;
      subtask->is_waited_for = !facts.is_async;
      return;
    }
    case Op::subtask_drop: {
      Handle* subtask = look(all, HandleKind::subtask, none, index, callee.instance);
      if (subtask == nullptr) return;
      if (!subtask->is_delivered) {  // [ASYNC-02]
        must_trap(callee.instance, "ASYNC-02", "a subtask whose resolution was delivered",
                  index_text(index) + ", where it was not");
        return;
      }
      leave_set(all, *subtask);
      if (subtask->call != 0) subtasks_.erase(subtask->call);
      common.remove(index);
      return;
    }
    case Op::backpressure_inc:
    case Op::backpressure_dec:
      if (all.backpressure == (facts.op == Op::backpressure_inc ? 0xffffU : 0U)) {  // [ASYNC-12]
        must_trap(callee.instance, "ASYNC-12", "0 to 65535 open backpressure.inc",
                  all.backpressure == 0 ? "fewer" : "more");
      } else {
        all.backpressure += facts.op == Op::backpressure_inc ? 1 : ~0U;
      }
      return;
    case Op::set_wait:
    case Op::set_poll: {
      Handle* set = look(all, HandleKind::waitable_set, none, index, callee.instance);
      if (set != nullptr && facts.op == Op::set_wait) ++set->waits;
      return;
    }
    case Op::set_drop: {
      Handle* set = look(all, HandleKind::waitable_set, none, index, callee.instance);
      if (set == nullptr) return;
      if (set->set != 0 || set->waits != 0) {  // [ASYNC-07]
        must_trap(callee.instance, "ASYNC-07", "a set that is empty and nobody waits for",
                  index_text(index) + " with " + std::to_string(set->set) + " waitables and " +
                      std::to_string(set->waits) + " that wait");
        return;
      }
      common.remove(index);
      return;
    }
    case Op::join: {
      Handle* waitable = look_waitable(callee.instance, index);
      if (waitable == nullptr) return;
      if (waitable->is_waited_for) {  // [ASYNC-07]
        must_trap(callee.instance, "ASYNC-07", "a waitable that no synchronous call waits for",
                  index_text(index));
        return;
      }
      const auto to = static_cast<std::uint32_t>(frame.params[1]);
      Handle* set = nullptr;
      if (to != 0) {
        set = look(all, HandleKind::waitable_set, none, to, callee.instance);
        if (set == nullptr) return;
      }
      leave_set(all, *waitable);
      if (set != nullptr) {
        waitable->set = to;
        ++set->set;
      }
      return;
    }
    case Op::end_copy: {
      Handle* end = look(all, facts.end, type, index, callee.instance);
      if (end == nullptr) return;
      if (end->copy != Copy::idle || (end->set != 0 && !facts.is_async)) {  // [ASYNC-08]
        must_trap(callee.instance, "ASYNC-08", "an end that may begin a copy",
                  index_text(index) + (end->copy == Copy::done   ? ", which is done"
                                       : end->copy != Copy::idle ? ", with a copy outstanding"
                                                                 : ", which is in a waitable set"));
        return;
      }
      end->copy = Copy::copying;
      end->asked = is_future(facts.end) ? 1 : static_cast<std::uint32_t>(frame.params[2]);
      end->copied = 0;
      end->is_late = end->is_peer_gone;
      end->is_waited_for = !facts.is_async;
      // Handles among the elements come and go when they are copied, which is not followed.
      if (facts_.holds(type)) blind(callee.instance);
      return;
    }
    case Op::end_cancel: {
      Handle* end = look(all, facts.end, type, index, callee.instance);
      if (end == nullptr) return;
      if (end->copy != Copy::copying || end->is_waited_for ||
          (end->set != 0 && !facts.is_async)) {  // [ASYNC-08]
        must_trap(callee.instance, "ASYNC-08", "a copy that may be cancelled",
                  index_text(index) + (end->copy == Copy::cancelling ? ", cancelled before"
                                       : end->copy != Copy::copying  ? ", with no copy outstanding"
                                       : end->is_waited_for ? ", which a synchronous call waits for"
                                                            : ", which is in a waitable set"));
        return;
      }
      end->copy = Copy::cancelling;
      end->is_waited_for = !facts.is_async;
      return;
    }
    case Op::end_drop: {
      Handle* end = look(all, facts.end, type, index, callee.instance);
      if (end == nullptr) return;
      const bool copies = end->copy == Copy::copying || end->copy == Copy::cancelling;
      if (copies || (facts.end == HandleKind::future_writer && end->copy != Copy::done)) {
        must_trap(callee.instance, "ASYNC-10", "an end that may be dropped",  // [ASYNC-10]
                  index_text(index) +
                      (copies ? ", with a copy outstanding" : ", whose future has no value yet"));
        return;
      }
      leave_set(all, *end);
      if (Handle* peer = common.peer_of(*end); peer != nullptr) {
        peer->is_peer_gone = true;
        peer->peer = 0;
      }
      common.remove(index);
      return;
    }
    case Op::error_message:
    case Op::error_drop:
      if (look(all, HandleKind::error_context, none, index, callee.instance) != nullptr &&
          facts.op == Op::error_drop) {
        common.remove(index);
      }
      return;
    default: return;
  }
}

/// The built-in returned, and the guest had done nothing wrong.
void HandleLayer::Impl::end_builtin(Frame& frame, const Function& callee,
                                    const FunctionFacts& facts, std::uint64_t result) {
  InstanceHandles& all = handles(callee.instance);
  HandleSpace& common = all.space(HandleKind::nothing, none, per_type_);
  const auto index = static_cast<std::uint32_t>(frame.params[0]);
  const auto code = static_cast<std::uint32_t>(result);
  const std::uint32_t type = callee.immediates.type;
  switch (facts.op) {
    case Op::resource_new: {
      Handle handle;
      handle.kind = HandleKind::own;
      handle.type = type;
      handle.has_representation = true;
      handle.representation = frame.params[0];
      if (add(callee.instance, std::move(handle), code) == nullptr) return;
      if (facts_.resource(type).destructor == none) return;
      if (has_room(alive_.size())) ++alive_[{type, frame.params[0]}];
      return;
    }
    case Op::resource_drop: end_drop(frame, callee); return;
    case Op::resource_rep: {
      Handle* handle = all.space(HandleKind::own, type, per_type_).find(index);
      if (handle == nullptr) return;
      if (!handle->has_representation) {
        judge_representation(callee.instance, type, result);
        handle->has_representation = true;
        handle->representation = result;
      } else if (handle->representation != result) {  // [HANDLE-06]
        find(callee.instance, "HANDLE-06", std::to_string(handle->representation),
             std::to_string(result));
      }
      return;
    }
    case Op::subtask_cancel: {
      Handle* subtask = common.find(index);
      if (subtask == nullptr || subtask->kind != HandleKind::subtask) return;
      subtask->is_waited_for = false;
      if (code != blocked) {
        told(callee.instance, index, *subtask, code);
      } else if (!facts.is_async) {
        find(callee.instance, "ASYNC-02", "the state of a subtask", "BLOCKED");
      }
      return;
    }
    case Op::set_new:
    case Op::error_new: {
      Handle handle;
      handle.kind = facts.op == Op::set_new ? HandleKind::waitable_set : HandleKind::error_context;
      add(callee.instance, std::move(handle), code);
      return;
    }
    case Op::set_wait:
    case Op::set_poll: end_wait(frame, callee, result); return;
    case Op::end_new: {
      Handle reader;
      reader.kind = facts.end;
      reader.type = type;
      if (add(callee.instance, std::move(reader), code) == nullptr) return;
      Handle writer;
      writer.kind = is_future(facts.end) ? HandleKind::future_writer : HandleKind::stream_writer;
      writer.type = type;
      writer.peer = code;
      const auto other = static_cast<std::uint32_t>(result >> 32);
      if (add(callee.instance, std::move(writer), other) != nullptr) {
        common.find(code)->peer = other;
      }
      return;
    }
    case Op::end_copy:
    case Op::end_cancel: {
      Handle* end = common.find(index);
      if (end == nullptr || end->kind != facts.end) return;
      end->is_waited_for = false;
      if (code != blocked) {
        copied(callee.instance, *end, code);
      } else if (!facts.is_async || end->is_late) {
        find(callee.instance, "ASYNC-08", "the outcome of a copy", "BLOCKED");
      }
      return;
    }
    case Op::yield:
      if (code == 0) return;
      if (code != 1 || !callee.immediates.cancellable) {
        find(callee.instance, "ASYNC-06", callee.immediates.cancellable ? "0 or 1" : "0",
             std::to_string(code));
        return;
      }
      told_cancelled(callee.instance);
      return;
    case Op::task_return:
    case Op::task_cancel:
      if (Task* task = current_task()) task->is_resolved = true;
      return;
    default: return;
  }
}

void HandleLayer::Impl::begin_drop(Frame& frame, const Function& callee) {
  InstanceHandles& all = handles(callee.instance);
  const auto index = static_cast<std::uint32_t>(frame.params[0]);
  const std::uint32_t type = callee.immediates.type;
  // A borrow is dropped by the same built-in, and looked up as what either may be.
  Handle* handle = look(all, HandleKind::borrow, type, index, callee.instance);
  if (handle == nullptr) return;
  if (handle->lends != 0) {  // [HANDLE-03]
    must_trap(callee.instance, "HANDLE-03", "a resource that is not lent",
              index_text(index) + ", lent to " + std::to_string(handle->lends) + " calls");
    return;
  }
  if (handle->kind == HandleKind::borrow) {
    const auto borrows = borrows_.find(handle->task);
    if (borrows != borrows_.end() && --borrows->second == 0) borrows_.erase(borrows);
  }
  Handle dropped = all.space(HandleKind::own, type, per_type_).remove(index);
  if (facts_.resource(type).destructor == none) return;
  if (!frame.state) frame.state = std::make_unique<CallState>();
  frame.state->dropped = std::move(dropped);
}

/// [HANDLE-06]
void HandleLayer::Impl::end_drop(Frame& frame, const Function& callee) {
  if (!frame.state || frame.state->has_destroyed || frame.state->dropped.kind != HandleKind::own) {
    return;
  }
  // What crossed in an instance of which nothing is known any more may be missing too.
  if (handles(facts_.resource(callee.immediates.type).instance).is_blind) return;
  find(callee.instance, "HANDLE-06", "a call of the destructor", "none");
}

/// A destructor is entered: the call is that of `resource.drop`, or one of the host's own
/// [HANDLE-06].
void HandleLayer::Impl::destroy(const EventView& event, const Function& destructor) {
  const std::uint32_t type = destructor.immediates.type;
  const Words params = words(destructor.core_params, event);
  InstanceHandles& all = handles(destructor.instance);
  if (!params.known) blind(destructor.instance);
  if (all.is_blind) return;
  const std::uint64_t representation = params.values[0];
  auto& frames = thread().frames;
  Frame* around = frames.size() < 2 ? nullptr : &frames[frames.size() - 2];
  const Function* drop = around == nullptr ? nullptr : function(around->subject);
  const bool is_drop = around != nullptr && around->op == Op::resource_drop && drop != nullptr &&
                       drop->immediates.type == type && around->state &&
                       around->state->dropped.kind != HandleKind::nothing;
  if (is_drop) {
    CallState& state = *around->state;
    const Handle& dropped = state.dropped;
    if (state.has_destroyed || dropped.kind != HandleKind::own) {
      find(destructor.instance, "HANDLE-06", "no call of the destructor",
           dropped.kind != HandleKind::own ? "that of a borrow" : "a second one");
      return;
    }
    state.has_destroyed = true;
    if (dropped.has_representation && dropped.representation != representation) {
      find(destructor.instance, "HANDLE-06", std::to_string(dropped.representation),
           std::to_string(representation));
      return;
    }
  }
  const auto found = alive_.find({type, representation});
  if (found == alive_.end()) {
    find(destructor.instance, "HANDLE-06",
         "the representation of a resource of type " + std::to_string(type),
         std::to_string(representation));
    return;
  }
  if (--found->second == 0) alive_.erase(found);
  if (!is_drop && per_type_ && !all.destroy_abroad(type, representation)) {
    blind(destructor.instance);
  }
}

}  // namespace crossing::checking
