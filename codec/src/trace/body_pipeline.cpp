#include "trace/body_pipeline.h"

#include <algorithm>
#include <system_error>

namespace crossing {

BodyPipeline::BodyPipeline(std::shared_ptr<BufferPool> pool, unsigned threads)
    : pool_(std::move(pool)), capacity_(capacity(threads)) {
  threads_.reserve(threads);
  try {
    while (threads_.size() < threads) threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {  // as many as there are; take() needs none
  }
}

BodyPipeline::~BodyPipeline() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    waiting_.clear();
  }
  given_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void BodyPipeline::give(Frame frame, std::uint64_t salt, bool wanted) {
  jobs_.push_back(std::make_unique<Job>(Job{.frame = std::move(frame),
                                            .salt = salt,
                                            .wanted = wanted,
                                            .state = State::waiting,
                                            .body = FrameBody{},
                                            .exception = nullptr}));
  if (threads_.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(jobs_.back().get());
  }
  given_.notify_one();
}

BodyPipeline::Taken BodyPipeline::take() {
  const std::unique_ptr<Job> job = std::move(jobs_.front());
  jobs_.pop_front();
  bool mine = true;
  if (!threads_.empty()) {
    std::unique_lock lock(mutex_);
    mine = job->state == State::waiting;
    if (mine) {
      std::erase(waiting_, job.get());
    } else {
      done_.wait(lock, [&] { return job->state == State::done; });
    }
  }
  if (mine) run(*job, decoder_);
  if (job->exception) std::rethrow_exception(job->exception);
  return {std::move(job->frame), std::move(job->body)};
}

void BodyPipeline::clear() {
  std::unique_lock lock(mutex_);
  waiting_.clear();
  done_.wait(lock, [&] {
    return std::none_of(jobs_.begin(), jobs_.end(),
                        [](const auto& job) { return job->state == State::running; });
  });
  jobs_.clear();
}

void BodyPipeline::work() {
  BodyDecoder decoder;
  std::unique_lock lock(mutex_);
  for (;;) {
    given_.wait(lock, [&] { return stopped_ || !waiting_.empty(); });
    if (stopped_) return;
    Job& job = *waiting_.front();
    waiting_.pop_front();
    job.state = State::running;
    lock.unlock();
    run(job, decoder);
    lock.lock();
    job.state = State::done;
    done_.notify_one();
  }
}

/// Out of memory is the taker's to hear of.
void BodyPipeline::run(Job& job, BodyDecoder& decoder) noexcept {
  try {
    job.body = decoder.decode(job.frame, job.salt, *pool_, job.wanted);
  } catch (...) {
    job.exception = std::current_exception();
  }
}

}  // namespace crossing
