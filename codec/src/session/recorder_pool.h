#pragma once

/// The threads behind recorders, and the clock that recorders with a coarse one share.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "crossing/recorder.h"

namespace crossing {

/// Something that a pool does again and again; never by two threads at a time, which is the
/// caller's care.
class PoolTask {
 public:
  virtual ~PoolTask() = default;
  virtual void run() = 0;
};

class RecorderPool::Impl {
 public:
  explicit Impl(unsigned threads);
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl();

  /// Lets one of the threads run the task once.
  void schedule(PoolTask& task);

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<PoolTask*> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

/// Microseconds, moved on every few milliseconds by a thread that runs while somebody holds one.
class CoarseClock {
 public:
  static constexpr std::uint64_t unit = 1000;  // nanoseconds
  static std::shared_ptr<CoarseClock> shared();

  CoarseClock();
  CoarseClock(const CoarseClock&) = delete;
  CoarseClock& operator=(const CoarseClock&) = delete;
  ~CoarseClock();
  [[nodiscard]] const std::atomic<std::uint64_t>& value() const { return value_; }

 private:
  void tick();

  std::atomic<std::uint64_t> value_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace crossing
