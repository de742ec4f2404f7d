#include "merge.h"

#include <algorithm>

namespace crossing::engine {

void Merge::add(std::uint32_t instance, const Event& event) {
  Entry entry{.instance = instance, .event = event, .body = {event.body.begin(), event.body.end()}};
  entry.event.body = {};
  arriving_.push_back(std::move(entry));
}

Result<void> Merge::end_piece() {
  if (arriving_.empty()) return {};
  const std::uint32_t instance = arriving_.front().instance;
  if (const auto owing = owing_.find(instance); owing != owing_.end()) {
    const std::uint32_t id = post_return_of(owing->second->event);
    const Event& first = arriving_.front().event;
    if (first.kind == EventKind::export_call && first.subject == id) {
      auto end = std::find_if(arriving_.begin(), arriving_.end(), [id](const Entry& entry) {
        return entry.event.kind == EventKind::export_result && entry.event.subject == id;
      });
      if (end != arriving_.end()) ++end;
      Queue cleaning;
      cleaning.splice(cleaning.begin(), arriving_, arriving_.begin(), end);
      place(owing->second, cleaning);
    }
    settle(instance);
  }
  while (!arriving_.empty()) {
    settle(instance);  // what stands directly behind the result came with it, if at all
    queue_.splice(queue_.end(), arriving_, arriving_.begin());
    Entry& entry = queue_.back();
    entry.owes =
        entry.event.kind == EventKind::export_result && post_return_of(entry.event) != none;
    if (entry.owes) owing_[instance] = std::prev(queue_.end());
  }
  return release();
}

Result<void> Merge::finish() {
  for (auto& [instance, entry] : owing_) entry->owes = false;
  owing_.clear();
  return release();
}

void Merge::settle(std::uint32_t instance) {
  const auto owing = owing_.find(instance);
  if (owing == owing_.end()) return;
  owing->second->owes = false;
  owing_.erase(owing);
}

std::uint32_t Merge::post_return_of(const Event& event) const {
  return event.subject < functions_.size() ? functions_[event.subject].options.post_return : none;
}

bool Merge::is_lowering(const Event& event) const {
  switch (event.kind) {
    case EventKind::lower:
    case EventKind::realloc_call:
    case EventKind::realloc_result: return true;
    case EventKind::import_call:
    case EventKind::import_result:
      return event.subject < functions_.size() && functions_[event.subject].role == Role::builtin;
    default: return false;
  }
}

void Merge::place(Queue::iterator after, Queue& entries) {
  const auto start = std::next(after);
  auto at = start;
  while (at != queue_.end() && is_lowering(at->event)) ++at;
  if (at == queue_.end() || at->event.kind != EventKind::import_result) {
    at = start;
  } else {
    while (at != start && std::prev(at)->event.kind == EventKind::lower) --at;
  }
  queue_.splice(at, entries);
}

Result<void> Merge::release() {
  while (!queue_.empty() && !queue_.front().owes) {
    Entry& entry = queue_.front();
    entry.event.body = entry.body;
    if (auto taken = take_(entry.event); !taken) return taken;
    queue_.pop_front();
  }
  return {};
}

}  // namespace crossing::engine
