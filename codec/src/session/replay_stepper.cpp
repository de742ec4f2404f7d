#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "crossing/replay.h"

namespace crossing {

/// Two threads, of which one runs at a time.
class ReplayStepper::Impl {
 public:
  Impl(Replayer& replayer, ReplayGuest& guest) : replayer_(replayer), guest_(guest) {}

  ~Impl() {
    if (!thread_.joinable()) return;
    if (!outcome_) hand_over(Turn::replay, false, 0);
    thread_.join();
  }

  bool run_until(std::uint64_t event) {
    if (outcome_) return false;
    if (thread_.joinable()) {
      hand_over(Turn::replay, true, event);
    } else {
      turn_ = Turn::replay;
      replayer_.stop_before(event, [this](const EventView& next) { return stopped(next); });
      thread_ = std::thread([this] { replay(); });
      wait_for(Turn::caller);
    }
    return !outcome_;
  }

  const EventView& next() const { return next_; }

  const ReplayOutcome& finish() {
    while (run_until(Replayer::never)) {
    }
    return *outcome_;
  }

 private:
  enum class Turn : std::uint8_t { caller, replay };

  /// On the replay's thread.
  void replay() {
    ReplayOutcome outcome = replayer_.run(guest_);
    const std::lock_guard lock(mutex_);
    outcome_ = std::move(outcome);
    turn_ = Turn::caller;
    changed_.notify_all();
  }

  /// On the replay's thread, before an event.
  bool stopped(const EventView& next) {
    std::unique_lock lock(mutex_);
    next_ = next;
    turn_ = Turn::caller;
    changed_.notify_all();
    changed_.wait(lock, [this] { return turn_ == Turn::replay; });
    if (go_on_) {
      replayer_.stop_before(std::max(until_, next.sequence + 1),
                            [this](const EventView& event) { return stopped(event); });
    }
    return go_on_;
  }

  void hand_over(Turn turn, bool go_on, std::uint64_t until) {
    {
      const std::lock_guard lock(mutex_);
      turn_ = turn;
      go_on_ = go_on;
      until_ = until;
    }
    changed_.notify_all();
    wait_for(Turn::caller);
  }

  void wait_for(Turn turn) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return turn_ == turn; });
  }

  Replayer& replayer_;
  ReplayGuest& guest_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Turn turn_ = Turn::caller;
  bool go_on_ = true;
  std::uint64_t until_ = 0;
  EventView next_;
  std::optional<ReplayOutcome> outcome_;
  std::thread thread_;
};

ReplayStepper::ReplayStepper(Replayer& replayer, ReplayGuest& guest)
    : impl_(std::make_unique<Impl>(replayer, guest)) {}
ReplayStepper::~ReplayStepper() = default;

bool ReplayStepper::run_until(std::uint64_t event) { return impl_->run_until(event); }
const EventView& ReplayStepper::next() const { return impl_->next(); }
const ReplayOutcome& ReplayStepper::finish() { return impl_->finish(); }

}  // namespace crossing
