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

  /// Takes an event (its first piece) with its number.
  void apply(EventKind kind, std::uint64_t number, std::uint32_t subject, std::uint32_t call);

  /// Takes the state that a block declares, after a gap.
  void restart(std::span<const OpenCall> calls);

  /// By thread in ascending order, outermost first in it.
  [[nodiscard]] std::vector<OpenCall> list() const;
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  void close(EventKind opened);
  void unwind();

  std::map<std::uint32_t, std::vector<OpenCall>> threads_ = {{0, {}}};
  std::uint32_t thread_ = 0;
  std::size_t size_ = 0;
};

}  // namespace crossing
