#include "check/handle_table.h"

#include <iterator>
#include <utility>

namespace crossing::checking {

const char* text_of(HandleKind kind) {
  switch (kind) {
    case HandleKind::nothing: return "no handle";
    case HandleKind::own: return "an own handle";
    case HandleKind::borrow: return "a borrow handle";
    case HandleKind::abroad: return "a resource that the host holds";
    case HandleKind::waitable_set: return "a waitable set";
    case HandleKind::subtask: return "a subtask";
    case HandleKind::stream_reader: return "the readable end of a stream";
    case HandleKind::stream_writer: return "the writable end of a stream";
    case HandleKind::future_reader: return "the readable end of a future";
    case HandleKind::future_writer: return "the writable end of a future";
    case HandleKind::error_context: return "an error context";
  }
  return "";
}

bool HandleSpace::may_be_next(std::uint32_t index) {
  if (!is_loose()) return index == next();
  const Handle* there = find(index);
  return index != 0 && index <= slots_.size() + 1 && (there == nullptr || is_unsure(*there));
}

Handle& HandleSpace::add(Handle handle, std::uint32_t index, bool& grown) {
  grown = index > slots_.size();
  if (grown) return slots_.emplace_back(std::move(handle));
  if (!free_.empty()) free_.pop_back();
  return slots_[index - 1] = std::move(handle);
}

Handle HandleSpace::remove(std::uint32_t index) {
  if (!is_loose()) free_.push_back(index);
  return std::exchange(slots_[index - 1], Handle{});
}

bool HandleSpace::restore(std::uint32_t index, Handle handle) {
  if (!is_loose()) {
    if (free_.empty() || free_.back() != index) return false;
    free_.pop_back();
  } else if (find(index) != nullptr) {
    return false;
  }
  slots_[index - 1] = std::move(handle);
  return true;
}

Handle* HandleSpace::peer_of(const Handle& end) {
  Handle* peer = find(end.peer);
  return peer != nullptr && find(peer->peer) == &end && !is_unsure(*peer) && !is_unsure(end)
             ? peer
             : nullptr;
}

void HandleSpace::loosen(HandleKind kind, std::uint32_t type, std::uint64_t event) {
  unsure_[{kind, kind == HandleKind::own ? type : none}] = event;
  free_.clear();
}

bool HandleSpace::is_unsure(const Handle& handle) const {
  if (!is_loose()) return false;
  const bool is_own = handle.kind == HandleKind::own || handle.kind == HandleKind::abroad;
  const auto found =
      unsure_.find({is_own ? HandleKind::own : handle.kind, is_own ? handle.type : none});
  return found != unsure_.end() && handle.born <= found->second;
}

std::size_t InstanceHandles::slots() const {
  std::size_t all = common_.size();
  for (const auto& [type, space] : by_type_) all += space.size();
  return all;
}

void InstanceHandles::clear() {
  common_ = {};
  by_type_.clear();
  abroad_.clear();
  made.clear();
}

void InstanceHandles::hold_abroad(std::uint32_t index, Handle& handle) {
  handle.kind = HandleKind::abroad;
  abroad_.emplace(std::pair(handle.type, handle.representation), index);
}

void InstanceHandles::bring_home(std::uint32_t index, Handle& handle) {
  handle.kind = HandleKind::own;
  auto [at, end] = abroad_.equal_range({handle.type, handle.representation});
  while (at != end && at->second != index) ++at;
  if (at != end) abroad_.erase(at);
}

bool InstanceHandles::destroy_abroad(std::uint32_t type, std::uint64_t representation) {
  const auto [at, end] = abroad_.equal_range({type, representation});
  if (at == end) return true;
  if (std::next(at) != end) return false;
  HandleSpace& space = by_type_[type];
  const Handle* there = space.find(at->second);
  // Where it was given away unseen, something else can be there by now.
  if (there != nullptr && there->kind == HandleKind::abroad) space.remove(at->second);
  abroad_.erase(at);
  return true;
}

}  // namespace crossing::checking
