#pragma once

/// Pieces on their way from the guest's thread to the one that writes the trace.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "pieces.h"

namespace crossing::engine {

/// A small queue and the thread behind it, which is not woken for every piece: that costs the guest
/// more than copying one. The first error of that thread is kept: every later
/// `push` and `finish` gives it.
class PieceQueue {
 public:
  /// What the other thread does with each piece; and what it does when `patience` has gone by since
  /// a piece came and nothing was flushed: `flush`.
  using Take = std::function<Result<void>(const Piece& piece, std::uint32_t recorders)>;
  using Flush = std::function<Result<void>()>;
  PieceQueue(Take take, Flush flush);
  /// Ends the thread, whatever is left.
  ~PieceQueue();
  PieceQueue(const PieceQueue&) = delete;
  PieceQueue& operator=(const PieceQueue&) = delete;

  /// Copies the piece; waits while too much is on its way. An error is one of the other thread.
  Result<void> push(const Piece& piece, std::uint32_t recorders);
  /// Waits until everything was taken, and ends the thread: what it used is the caller's again.
  Result<void> finish();

 private:
  struct Slot {
    std::uint32_t instance = 0;
    std::uint32_t recorders = 0;
    std::size_t events = 0, payloads = 0;  // bytes of each; the rest is bulk
    std::vector<std::uint8_t> bytes;
  };

  void run();
  Result<void> outcome() const;

  Take take_;
  Flush flush_;
  std::mutex mutex_;
  std::condition_variable came_, went_;
  std::deque<Slot> queue_;
  std::vector<std::vector<std::uint8_t>> spare_;
  std::size_t queued_bytes_ = 0;
  bool ending_ = false;
  bool due_ = false;  // the thread wakes by itself, in a moment
  std::optional<Error> failure_;
  std::thread thread_;
};

}  // namespace crossing::engine
