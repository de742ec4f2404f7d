#include "session/recorder_pool.h"

#include <algorithm>
#include <chrono>

namespace crossing {

RecorderPool::RecorderPool(unsigned threads)
    : impl_(std::make_unique<Impl>(std::max(threads, 1U))) {}
RecorderPool::~RecorderPool() = default;

RecorderPool::Impl::Impl(unsigned threads) {
  threads_.reserve(threads);
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

RecorderPool::Impl::~Impl() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void RecorderPool::Impl::schedule(PoolTask& task) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(&task);
  }
  wake_.notify_one();
}

void RecorderPool::Impl::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    PoolTask* const task = queue_.front();
    queue_.pop_front();
    lock.unlock();
    task->run();
    lock.lock();
  }
}

namespace {

std::uint64_t now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

}  // namespace

std::shared_ptr<CoarseClock> CoarseClock::shared() {
  static std::mutex mutex;
  static std::weak_ptr<CoarseClock> current;
  const std::lock_guard lock(mutex);
  auto clock = current.lock();
  if (!clock) current = clock = std::make_shared<CoarseClock>();
  return clock;
}

CoarseClock::CoarseClock() : value_(now()), thread_([this] { tick(); }) {}

CoarseClock::~CoarseClock() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void CoarseClock::tick() {
  constexpr std::chrono::milliseconds interval(4);
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, interval, [this] { return stopping_; })) {
    value_.store(now(), std::memory_order_relaxed);
  }
}

}  // namespace crossing
