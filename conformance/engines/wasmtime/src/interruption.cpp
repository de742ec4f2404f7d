#include "interruption.h"

#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <ctime>

namespace crossing::engine {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto patience = std::chrono::seconds(1);
constexpr timespec tick = {.tv_sec = 0, .tv_nsec = 50'000'000};

sigset_t asked_to_stop() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

Interruption::Interruption() {
  const sigset_t set = asked_to_stop();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A file that may not grow is an error of writing.
  std::signal(SIGXFSZ, SIG_IGN);
}

Interruption::~Interruption() {
  over_ = true;
  if (thread_.joinable()) thread_.join();
}

void Interruption::listen(std::function<void()> ask, std::function<void()> conclude) {
  ask_ = std::move(ask);
  conclude_ = std::move(conclude);
  thread_ = std::thread([this] { run(); });
}

std::optional<int> Interruption::signal() const {
  return signal_ == 0 ? std::nullopt : std::optional<int>(signal_);
}

void Interruption::concluding() {
  const std::lock_guard lock(mutex_);
  concluding_ = true;
}

void Interruption::run() {
  const sigset_t set = asked_to_stop();
  Clock::time_point asked;
  while (!over_) {
    const int came = sigtimedwait(&set, nullptr, &tick);
    if (came > 0) {
      if (signal_ != 0) ::_exit(128 + came);
      signal_ = came;
      asked = Clock::now();
      ask_();
    }
    if (signal_ == 0 || Clock::now() - asked < patience) continue;
    const std::lock_guard lock(mutex_);
    if (concluding_) continue;
    conclude_();
    ::_exit(128 + signal_);
  }
}

}  // namespace crossing::engine
