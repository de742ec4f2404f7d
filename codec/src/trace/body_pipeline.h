#pragma once

/// Bodies decoded ahead, on other threads, and taken in the order of the file.

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "frame/frame.h"

namespace crossing {

class BodyPipeline {
 public:
  /// `threads` may be 0: bodies are decoded when they are taken. Where the system gives fewer
  /// threads, fewer are used.
  BodyPipeline(std::shared_ptr<BufferPool> pool, unsigned threads);
  BodyPipeline(const BodyPipeline&) = delete;
  BodyPipeline& operator=(const BodyPipeline&) = delete;
  ~BodyPipeline();

  /// How many frames may be in it: the bound of its memory.
  static constexpr std::size_t capacity(unsigned threads) {
    return threads == 0 ? 1 : 2 * std::size_t{threads} + 2;
  }
  [[nodiscard]] bool full() const { return jobs_.size() == capacity_; }
  [[nodiscard]] bool empty() const { return jobs_.empty(); }

  /// Adds a frame. `wanted`: its body is to be decompressed, not only checked.
  void give(Frame frame, std::uint64_t salt, bool wanted);

  struct Taken {
    Frame frame;
    Result<FrameBody> body;
  };
  /// The frame that was given first, with its body. There is one.
  Taken take();

  /// Forgets all frames.
  void clear();

 private:
  enum class State : std::uint8_t { waiting, running, done };
  struct Job {
    Frame frame;
    std::uint64_t salt = 0;
    bool wanted = false;
    State state = State::waiting;
    Result<FrameBody> body;
    std::exception_ptr exception;
  };

  void work();
  void run(Job& job, BodyDecoder& decoder) noexcept;

  std::shared_ptr<BufferPool> pool_;
  std::size_t capacity_;
  BodyDecoder decoder_;  // of the thread that takes
  std::deque<std::unique_ptr<Job>> jobs_;

  std::mutex mutex_;  // of what follows, and of the state of jobs
  std::condition_variable given_;
  std::condition_variable done_;
  std::deque<Job*> waiting_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace crossing
