#include "trace/open_calls.h"

namespace crossing {

void OpenCalls::apply(EventKind kind, std::uint64_t number, std::uint32_t subject,
                      std::uint32_t call) {
  switch (kind) {
    case EventKind::instantiate:
    case EventKind::export_call:
    case EventKind::import_call:
    case EventKind::realloc_call:
      threads_[thread_].push_back({number, thread_, subject, call, kind});
      ++size_;
      break;
    case EventKind::instantiate_end: close(EventKind::instantiate); break;
    case EventKind::export_result: close(EventKind::export_call); break;
    case EventKind::import_result: close(EventKind::import_call); break;
    case EventKind::realloc_result: close(EventKind::realloc_call); break;
    case EventKind::trap: unwind(); break;
    case EventKind::thread_start:
    case EventKind::thread_switch:
      if (threads_[thread_].empty() && thread_ != 0) threads_.erase(thread_);
      thread_ = subject;
      break;
    default: break;
  }
}

void OpenCalls::close(EventKind opened) {
  auto& stack = threads_[thread_];
  if (stack.empty() || stack.back().kind != opened) return;
  stack.pop_back();
  --size_;
}

/// [TRAP-02]
void OpenCalls::unwind() {
  auto& stack = threads_[thread_];
  while (!stack.empty()) {
    const EventKind kind = stack.back().kind;
    stack.pop_back();
    --size_;
    if (kind == EventKind::export_call || kind == EventKind::instantiate) break;
  }
}

void OpenCalls::restart(std::span<const OpenCall> calls) {
  threads_ = {{0, {}}};
  for (const OpenCall& call : calls) threads_[call.thread].push_back(call);
  size_ = calls.size();
}

std::vector<OpenCall> OpenCalls::list() const {
  std::vector<OpenCall> calls;
  calls.reserve(size_);
  for (const auto& [thread, stack] : threads_) calls.insert(calls.end(), stack.begin(), stack.end());
  return calls;
}

}  // namespace crossing
