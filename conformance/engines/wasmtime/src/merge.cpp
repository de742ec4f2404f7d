#include "merge.h"

#include <algorithm>

namespace crossing::engine {
namespace {

constexpr std::size_t most_held = std::size_t{256} << 20;

}  // namespace

void Merge::add(std::uint32_t instance, const Event& event) {
  Entry entry{.instance = instance, .event = event, .body = {event.body.begin(), event.body.end()}};
  entry.event.body = {};
  held_ += size_of(entry);
  arriving_.push_back(std::move(entry));
}

Result<void> Merge::end_piece() {
  if (arriving_.empty()) return {};
  const std::uint32_t instance = arriving_.front().instance;
  const auto owing = owing_.find(instance);
  if (owing != owing_.end() && arriving_.front().event.kind != EventKind::lift) {
    const std::uint32_t id = owing->second->owed;
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
    // What is lifted of a result stands before the post-return that it is owed; what else stands
    // directly behind the result came with it, if at all.
    const EventKind kind = arriving_.front().event.kind;
    const auto before = owing_.find(instance);
    const std::uint32_t owed =
        kind == EventKind::export_result ? post_return_of(arriving_.front().event)
        : kind == EventKind::lift && before != owing_.end() ? before->second->owed
                                                            : none;
    settle(instance);
    queue_.splice(queue_.end(), arriving_, arriving_.begin());
    queue_.back().owed = owed;
    if (owed != none) owing_[instance] = std::prev(queue_.end());
  }
  return release();
}

Result<void> Merge::finish() {
  for (auto& [instance, entry] : owing_) entry->owed = none;
  owing_.clear();
  return release();
}

void Merge::settle(std::uint32_t instance) {
  const auto owing = owing_.find(instance);
  if (owing == owing_.end()) return;
  owing->second->owed = none;
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
  while (!queue_.empty()) {
    Entry& entry = queue_.front();
    entry.event.body = entry.body;
    if (!entry.taken) {
      if (auto taken = take_(entry.event); !taken) return taken;
      entry.taken = true;
    }
    if (entry.owed != none) break;  // it says where the post-return belongs
    held_ -= size_of(entry);
    queue_.pop_front();
  }
  if (held_ <= most_held) return {};
  return tl::unexpected(
      Error{.verdict = Verdict::limit,
            .message = "expected to hear of a post-return within " +
                       std::to_string(most_held >> 20) + " MiB of events, found none: instance " +
                       std::to_string(queue_.front().instance) + " was not called again",
            .rule = "SINK-09"});
}

}  // namespace crossing::engine
