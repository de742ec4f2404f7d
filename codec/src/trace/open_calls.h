#pragma once

/// Which calls are open [EVENT-06], as the events tell.

#include <cstdint>
#include <map>
#include <vector>

#include "crossing/event.h"

namespace crossing {

/// Follows calls as they open and close. Judges nothing: a close that fits no open call is passed
/// over, since the order of events is the checker's matter.
class OpenCalls {
 public:
  /// Whether an event of this kind opens a call.
  static constexpr bool opens(EventKind kind) {
    return kind == EventKind::instantiate || kind == EventKind::export_call ||
           kind == EventKind::import_call || kind == EventKind::realloc_call;
  }

  OpenCalls() = default;
  OpenCalls(const OpenCalls&) = delete;
  OpenCalls& operator=(const OpenCalls&) = delete;

  /// Takes an event (its first piece) with its number.
  void apply(EventKind kind, std::uint64_t number, std::uint32_t subject, std::uint32_t call) {
    switch (kind) {
      case EventKind::instantiate:
      case EventKind::export_call:
      case EventKind::import_call:
      case EventKind::realloc_call:
        stack_->push_back({number, thread_, subject, call, kind});
        ++size_;
        break;
      case EventKind::instantiate_end: close(EventKind::instantiate); break;
      case EventKind::export_result: close(EventKind::export_call); break;
      case EventKind::import_result: close(EventKind::import_call); break;
      case EventKind::realloc_result: close(EventKind::realloc_call); break;
      case EventKind::trap: unwind(); break;
      case EventKind::thread_start:
      case EventKind::thread_switch: go_on_in(subject); break;
      default: break;
    }
  }

  /// Takes the whole events of a block: structs, the first of which has the number `base_sequence`
  /// and goes on with the body of the event before if `continues`.
  void apply(Bytes events, std::uint64_t base_sequence, bool continues);

  /// Takes the state that a block declares, after a gap.
  void restart(std::span<const OpenCall> calls);

  /// By thread in ascending order, outermost first in it.
  [[nodiscard]] std::vector<OpenCall> list() const;
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  using Stack = std::vector<OpenCall>;

  void close(EventKind opened) {
    if (stack_->empty() || stack_->back().kind != opened) return;
    stack_->pop_back();
    --size_;
  }
  void unwind();
  void go_on_in(std::uint32_t thread);

  std::map<std::uint32_t, Stack> threads_ = {{0, {}}};
  std::uint32_t thread_ = 0;
  Stack* stack_ = &threads_[0];  // that of thread_
  std::size_t size_ = 0;
};

}  // namespace crossing
