#pragma once

/// One order for the events of several recorders [SINK-09].

#include <list>
#include <map>
#include <span>
#include <vector>

#include "crossing/definitions.h"
#include "pieces.h"

namespace crossing::engine {

/// A recorder lets everything leave before control passes to another one, so the order of arrival
/// is the order of events; but for a post-return, in which nothing may leave. It arrives with the
/// next that its recorder writes, and belongs right after the call that it cleans up after: before
/// the results go on to the caller, after the caller's `realloc`s for them. What follows is held
/// until then, up to a bound.
class Merge {
 public:
  /// `functions` outlive the merge.
  Merge(const std::vector<Function>& functions, EventTaker take)
      : functions_(functions), take_(std::move(take)) {}

  /// An event of a piece of an instance, in the order of arrival.
  void add(std::uint32_t instance, const Event& event);
  /// The piece whose events were added is complete. `limit`: too much is held for the sake of a
  /// post-return that has not come.
  Result<void> end_piece();
  /// No more will come.
  Result<void> finish();

 private:
  struct Entry {
    std::uint32_t instance = 0;
    Event event;
    std::vector<std::uint8_t> body;
    /// Of a result, or the last `lift` behind it: the post-return that has not come.
    std::uint32_t owed = none;
    bool taken = false;
  };
  using Queue = std::list<Entry>;

  std::uint32_t post_return_of(const Event& event) const;
  bool is_lowering(const Event& event) const;
  void place(Queue::iterator after, Queue& entries);
  void settle(std::uint32_t instance);
  Result<void> release();

  static std::size_t size_of(const Entry& entry) { return sizeof(Entry) + entry.body.size(); }

  const std::vector<Function>& functions_;
  EventTaker take_;
  std::size_t held_ = 0;                            // bytes in the two queues, about
  Queue queue_;                                     // what stands first may be taken already
  Queue arriving_;                                  // the events of one piece
  std::map<std::uint32_t, Queue::iterator> owing_;  // by instance
};

}  // namespace crossing::engine
