// Handles in component values: `lift_own`, `lift_borrow`, `lower_own` and their like.

#include <algorithm>
#include <utility>

#include "check/handle_judge.h"

namespace crossing::checking {
namespace {

HandleKind kind_of(TypeKind type) {
  switch (type) {
    case TypeKind::own: return HandleKind::own;
    case TypeKind::borrow: return HandleKind::borrow;
    case TypeKind::stream: return HandleKind::stream_reader;
    case TypeKind::future: return HandleKind::future_reader;
    case TypeKind::error_context: return HandleKind::error_context;
    default: return HandleKind::nothing;
  }
}

}  // namespace

/// What the guest means by an index, or null, if it is nothing of that kind and type or nothing is
/// known [HANDLE-01] [HANDLE-02].
Handle* HandleLayer::Impl::look(InstanceHandles& instance, HandleKind kind, std::uint32_t type,
                                std::uint32_t index, std::uint32_t instance_id) {
  if (instance.is_blind) return nullptr;
  Handle* handle = instance.space(kind, type, per_type_).find(index);
  const char* expected = kind == HandleKind::borrow ? "a resource" : text_of(kind);
  if (handle == nullptr || handle->kind == HandleKind::abroad) {
    must_trap(instance_id, "HANDLE-01", expected, index_text(index) + ", which is nothing");
    return nullptr;
  }
  const bool fits =
      handle->kind == kind || (kind == HandleKind::borrow && handle->kind == HandleKind::own);
  if (!fits) {
    must_trap(instance_id, "HANDLE-02", expected, index_text(index) + ", " + text_of(handle->kind));
    return nullptr;
  }
  const bool same = is_resource(kind) ? handle->type == type
                    : is_end(kind)    ? matches_element(handle->type, type)
                                      : true;
  if (!same) {
    must_trap(instance_id, "HANDLE-02", std::string(expected) + " of type " + std::to_string(type),
              index_text(index) + " of type " + std::to_string(handle->type));
    return nullptr;
  }
  return handle;
}

/// A waitable of the guest's, or null.
Handle* HandleLayer::Impl::look_waitable(std::uint32_t instance, std::uint32_t index) {
  InstanceHandles& all = handles(instance);
  if (all.is_blind) return nullptr;
  Handle* handle = all.space(HandleKind::subtask, none, per_type_).find(index);
  if (handle == nullptr) {
    must_trap(instance, "HANDLE-01", "a waitable", index_text(index) + ", which is nothing");
  } else if (!is_waitable(handle->kind)) {
    must_trap(instance, "HANDLE-02", "a waitable",
              index_text(index) + ", " + text_of(handle->kind));
  } else {
    return handle;
  }
  return nullptr;
}

/// Equal types can have several ids [TYPE-03]: only what surely differs does.
bool HandleLayer::Impl::matches_element(std::uint32_t a, std::uint32_t b) const {
  if (a == b) return true;
  if (!types_.has(a) || !types_.has(b)) return !types_.has(a) && !types_.has(b);
  return types_[a].kind == types_[b].kind;
}

/// Puts a new handle where the engine says that it put it; null if that is not known.
Handle* HandleLayer::Impl::add(std::uint32_t instance, Handle handle, std::uint32_t index) {
  InstanceHandles& all = handles(instance);
  if (all.is_blind) return nullptr;
  const std::uint32_t group = is_resource(handle.kind) ? handle.type : none;
  std::uint32_t& made = all.made[group];
  HandleSpace& space = all.space(handle.kind, handle.type, per_type_);
  if (!space.may_be_next(index)) {
    const Handle* other = per_type_ ? nullptr : space.find(index);
    const bool by_type =
        !per_type_ && index != 0 && index <= made + 1 &&
        (other == nullptr || !is_resource(handle.kind) || other->type != handle.type);
    find(instance, "HANDLE-05", space.is_loose() ? "a free index" : index_text(space.next()),
         index_text(index), by_type ? "handles_per_type" : "");
    return nullptr;
  }
  if (!has_room(slots_)) return nullptr;
  ++made;
  bool grown = false;
  handle.born = now_;
  Handle& slot = space.add(std::move(handle), index, grown);
  if (grown) ++slots_;
  return &slot;
}

/// The call that is judged, if it is one of the guest's.
HandleLayer::Impl::Frame* HandleLayer::Impl::open_import(const Function& callee) {
  Frame* frame = top();
  const bool is_open = kind_ == EventKind::import_call && frame != nullptr &&
                       frame->kind == EventKind::import_call && frame->subject == callee.id;
  return is_open ? frame : nullptr;
}

void HandleLayer::Impl::take(const Function& callee, HandleKind kind, std::uint32_t type,
                             std::uint32_t index) {
  HandleSpace& space = handles(callee.instance).space(kind, type, per_type_);
  if (Handle* given = space.find(index); given != nullptr && is_end(kind)) {
    if (Handle* peer = space.peer_of(*given); peer != nullptr) peer->peer = 0;
    given->peer = 0;
  }
  Handle taken = space.remove(index);
  Frame* frame = open_import(callee);
  if (frame == nullptr || frame->op != Op::plain || !facts_.of(callee.id).is_async) return;
  // The arguments of an async call may be taken later.
  use(*frame, {.index = index,
               .taken = std::make_unique<Handle>(std::move(taken)),
               .space = kind,
               .type = type});
}

void HandleLayer::Impl::lend(const Function& callee, Handle& handle, std::uint32_t type,
                             std::uint32_t index) {
  Frame* frame = open_import(callee);
  if (frame == nullptr) return;
  ++handle.lends;
  use(*frame, {.index = index, .taken = nullptr, .space = HandleKind::borrow, .type = type});
}

void HandleLayer::Impl::use(Frame& frame, Use use) {
  if (!has_room(uses_)) return;
  ++uses_;
  if (!frame.state) frame.state = std::make_unique<CallState>();
  frame.state->uses.push_back(std::move(use));
}

/// The call that handles were lent to is over.
void HandleLayer::Impl::give_back(std::uint32_t instance, std::vector<Use>& uses) {
  InstanceHandles& all = handles(instance);
  uses_ -= std::min(uses_, uses.size());
  for (const Use& use : uses) {
    if (all.is_blind || use.taken) continue;
    Handle* handle = all.space(use.space, use.type, per_type_).find(use.index);
    if (handle != nullptr && handle->lends != 0) --handle->lends;
  }
  uses.clear();
}

void HandleLayer::Impl::from_guest(const Function& callee, const Type& type, std::uint32_t index,
                                   std::uint64_t event) {
  if (is_stopped_) return;
  now_ = event;
  kind_ = callee.role == Role::export_ ? EventKind::export_result : EventKind::import_call;
  InstanceHandles& all = handles(callee.instance);
  const HandleKind kind = kind_of(type.kind);
  if (all.is_blind || kind == HandleKind::nothing) return;
  subject_ = callee.id;
  Handle* handle = look(all, kind, type.element, index, callee.instance);
  if (handle == nullptr) return;
  switch (kind) {
    case HandleKind::own:
      if (handle->lends != 0) {  // [HANDLE-03]
        must_trap(callee.instance, "HANDLE-03", "a resource that is not lent",
                  index_text(index) + ", lent to " + std::to_string(handle->lends) + " calls");
        return;
      }
      if (per_type_ && callee.side == Side::host &&
          facts_.resource(type.element).instance == callee.instance) {
        if (facts_.resource(type.element).destructor == none || !handle->has_representation) {
          blind(callee.instance);  // the host may drop it unseen
        } else {
          all.hold_abroad(index, *handle);
        }
        return;
      }
      take(callee, kind, type.element, index);
      return;
    case HandleKind::borrow: lend(callee, *handle, type.element, index); return;
    case HandleKind::stream_reader:
    case HandleKind::future_reader:
      if (handle->copy != Copy::idle || handle->set != 0) {  // [HANDLE-03]
        must_trap(callee.instance, "HANDLE-03", "an end that is idle and in no waitable set",
                  index_text(index) + (handle->set != 0 ? ", in set #" + std::to_string(handle->set)
                                       : handle->copy == Copy::done
                                           ? std::string(", which is done")
                                           : std::string(", with a copy outstanding")));
        return;
      }
      take(callee, kind, type.element, index);
      return;
    default: return;
  }
}

void HandleLayer::Impl::to_guest(const Function& callee, const Type& type, std::uint32_t index,
                                 std::uint64_t event) {
  if (is_stopped_) return;
  now_ = event;
  kind_ = callee.role == Role::export_ ? EventKind::export_enter : EventKind::import_result;
  InstanceHandles& all = handles(callee.instance);
  Handle handle;
  handle.kind = kind_of(type.kind);
  handle.type = type.element;
  if (all.is_blind || handle.kind == HandleKind::nothing) return;
  subject_ = callee.id;
  const bool is_resource_kind = is_resource(handle.kind);
  const bool is_own_resource =
      is_resource_kind && facts_.resource(type.element).instance == callee.instance;
  if (handle.kind == HandleKind::borrow) {
    if (is_own_resource) {  // [HANDLE-07]
      judge_representation(callee.instance, type.element, index);
      return;
    }
    Frame* frame = top();
    if (frame == nullptr || frame->kind != EventKind::export_call) return;
    if (frame->task == 0) frame->task = ++tasks_begun_;
    handle.task = frame->task;
    if (add(callee.instance, std::move(handle), index) != nullptr) ++borrows_[frame->task];
    return;
  }
  if (per_type_ && is_own_resource && callee.side == Side::host) {
    Handle* held = all.space(handle.kind, handle.type, per_type_).find(index);
    if (held != nullptr && held->kind == HandleKind::own &&
        all.space(handle.kind, handle.type, per_type_).is_unsure(*held)) {
      held->born = now_;
    } else if (held == nullptr || held->kind != HandleKind::abroad) {
      find(callee.instance, "HANDLE-05", "the index of a resource that the host holds",
           index_text(index));
    } else {
      all.bring_home(index, *held);
    }
    return;
  }
  add(callee.instance, std::move(handle), index);
}

/// [HANDLE-07]
void HandleLayer::Impl::judge_representation(std::uint32_t instance, std::uint32_t type,
                                             std::uint64_t value) {
  if (facts_.resource(type).destructor == none) return;  // its end may be unseen
  if (alive_.contains({type, value})) return;
  find(instance, "HANDLE-07", "the representation of a resource of type " + std::to_string(type),
       std::to_string(value));
}

/// Which handles there were is not known. What came then, nobody knows; of what went, at least what
/// it was.
void HandleLayer::Impl::unknown(const Function& callee, std::uint32_t type, Law law) {
  if (is_stopped_) return;
  if (law == Law::lower) {
    if (facts_.holds(type)) blind(callee.instance);
    return;
  }
  if (!facts_.moves(type) || handles(callee.instance).is_blind) return;
  if (loosened_ == std::pair(type, now_)) return;
  loosened_ = {type, now_};
  // Those of an async call are read when it starts.
  if (callee.role == Role::import_ && callee.options.is_async) return blind(callee.instance);
  for (const std::uint32_t id : facts_.moved(type)) {
    const HandleKind kind = kind_of(types_[id].kind);
    const std::uint32_t element = types_[id].element;
    handles(callee.instance).space(kind, element, per_type_).loosen(kind, element, now_);
  }
}

}  // namespace crossing::checking
