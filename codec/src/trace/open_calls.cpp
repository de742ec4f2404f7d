#include "trace/open_calls.h"

#include "event/batch.h"
#include "io/bytes.h"

namespace crossing {

void OpenCalls::apply(Bytes events, std::uint64_t base_sequence, bool continues) {
  for (std::size_t at = 0; at < events.size(); at += sizeof(EventStruct), ++base_sequence) {
    const auto event = load<EventStruct>(&events[at]);
    if (!continues) {
      apply(static_cast<EventKind>(event.kind), base_sequence, event.subject, event.detail);
    }
    continues = (event.flags & flag_continued) != 0;
  }
}

/// [TRAP-02]
void OpenCalls::unwind() {
  while (!stack_->empty()) {
    const EventKind kind = stack_->back().kind;
    stack_->pop_back();
    --size_;
    if (kind == EventKind::export_call || kind == EventKind::instantiate) break;
  }
}

void OpenCalls::go_on_in(std::uint32_t thread) {
  if (stack_->empty() && thread_ != 0) threads_.erase(thread_);
  thread_ = thread;
  stack_ = &threads_[thread];
}

void OpenCalls::restart(std::span<const OpenCall> calls) {
  threads_.clear();
  for (const OpenCall& call : calls) threads_[call.thread].push_back(call);
  stack_ = &threads_[thread_];
  size_ = calls.size();
}

std::vector<OpenCall> OpenCalls::list() const {
  std::vector<OpenCall> calls;
  calls.reserve(size_);
  for (const auto& [thread, stack] : threads_)
    calls.insert(calls.end(), stack.begin(), stack.end());
  return calls;
}

}  // namespace crossing
