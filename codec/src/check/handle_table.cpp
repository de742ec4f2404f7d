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

Handle& HandleSpace::add(Handle handle, bool& grown) {
  grown = free_.empty();
  if (grown) return slots_.emplace_back(std::move(handle));
  Handle& slot = slots_[free_.back() - 1];
  free_.pop_back();
  slot = std::move(handle);
  return slot;
}

Handle HandleSpace::remove(std::uint32_t index) {
  free_.push_back(index);
  return std::exchange(slots_[index - 1], Handle{});
}

bool HandleSpace::restore(std::uint32_t index, Handle handle) {
  if (free_.empty() || free_.back() != index) return false;
  free_.pop_back();
  slots_[index - 1] = std::move(handle);
  return true;
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
  by_type_[type].remove(at->second);
  abroad_.erase(at);
  return true;
}

}  // namespace crossing::checking
