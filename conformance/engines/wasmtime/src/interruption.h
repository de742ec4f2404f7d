#pragma once

/// Signals that ask a recording to stop.

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace crossing::engine {

/// From its construction on, SIGINT, SIGTERM and SIGHUP do not end the process: a thread hears
/// them. Constructed before any other thread, which inherit that.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// At the first signal `ask` is called. Has nobody concluded a moment later (the guest computes,
  /// or waits for its host), `conclude` is called, and the process ends; at a second signal it ends
  /// at once. Both are called in another thread, and outlive the interruption.
  void listen(std::function<void()> ask, std::function<void()> conclude);

  /// The signal that came.
  [[nodiscard]] std::optional<int> signal() const;

  /// From here on the recording is the caller's to conclude.
  void concluding();

 private:
  void run();

  std::function<void()> ask_, conclude_;
  std::atomic<int> signal_ = 0;
  std::atomic<bool> over_ = false;
  std::mutex mutex_;
  bool concluding_ = false;
  std::thread thread_;
};

}  // namespace crossing::engine
