#include "piece_queue.h"

#include <chrono>
#include <utility>

namespace crossing::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_queued = std::size_t{4} << 20;  // bytes on their way
/// So much is worth waking the other thread for before it is due.
constexpr std::size_t worth_waking = std::size_t{512} << 10;
constexpr std::size_t most_spare = 16;
/// How long a piece may lie in a block that is not in the file yet [SINK-12].
constexpr auto patience = std::chrono::milliseconds(50);

}  // namespace

PieceQueue::PieceQueue(Take take, Flush flush)
    : take_(std::move(take)), flush_(std::move(flush)), thread_([this] { run(); }) {}

PieceQueue::~PieceQueue() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    queue_.clear();
  }
  came_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Result<void> PieceQueue::outcome() const {
  if (failure_) return tl::unexpected(*failure_);
  return {};
}

Result<void> PieceQueue::push(const Piece& piece, std::uint32_t recorders) {
  Slot slot{.instance = piece.instance,
            .recorders = recorders,
            .events = piece.events.size(),
            .payloads = piece.payloads.size()};
  {
    std::unique_lock lock(mutex_);
    went_.wait(lock, [this] { return queued_bytes_ <= most_queued || failure_; });
    if (failure_) return outcome();
    if (!spare_.empty()) {
      slot.bytes = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  slot.bytes.clear();
  for (const Bytes part : {piece.events, piece.payloads, piece.bulk}) {
    slot.bytes.insert(slot.bytes.end(), part.begin(), part.end());
  }
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    const bool was_enough = queued_bytes_ >= worth_waking;
    queued_bytes_ += slot.bytes.size();
    queue_.push_back(std::move(slot));
    wakes = !due_ || (!was_enough && queued_bytes_ >= worth_waking);
  }
  if (wakes) came_.notify_one();
  return {};
}

Result<void> PieceQueue::finish() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  came_.notify_one();
  if (thread_.joinable()) thread_.join();
  return outcome();
}

void PieceQueue::run() {
  Clock::time_point when;
  std::unique_lock lock(mutex_);
  for (;;) {
    if (due_) {
      came_.wait_until(lock, when, [this] { return ending_ || queued_bytes_ >= worth_waking; });
    } else {
      came_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    }
    if (queue_.empty() && ending_) return;
    Result<void> done;
    while (done && !queue_.empty()) {
      Slot slot = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      const Bytes bytes = slot.bytes;
      done =
          take_({slot.instance, bytes.first(slot.events), bytes.subspan(slot.events, slot.payloads),
                 bytes.subspan(slot.events + slot.payloads)},
                slot.recorders);
      lock.lock();
      if (!due_) when = Clock::now() + patience;
      due_ = true;
      queued_bytes_ -= slot.bytes.size();
      if (spare_.size() < most_spare) spare_.push_back(std::move(slot.bytes));
      went_.notify_one();
      if (due_ && Clock::now() >= when) break;
    }
    if (done && due_ && Clock::now() >= when) {
      lock.unlock();
      done = flush_();
      lock.lock();
      due_ = false;
    }
    if (!done) {
      failure_ = done.error();
      queue_.clear();
      went_.notify_one();
      return;
    }
  }
}

}  // namespace crossing::engine
