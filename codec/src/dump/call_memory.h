#pragma once

/// What a trace tells of guest memory, for as long as calls are open that have values in it.

#include <algorithm>
#include <cstdint>
#include <utility>

#include "crossing/io.h"
#include "value/guest_bytes.h"

namespace crossing::text {

/// What the host wrote in a call, or read for its values.
struct CallMemory {
  values::GuestBytes bytes;
  std::uint64_t cost = 0;  ///< of `MemoryBudget`
};

/// Bounds the memory of all calls together: what is too much is not learnt.
class MemoryBudget {
 public:
  /// Takes what learning so many bytes costs; false: there is not as much left.
  bool take(CallMemory& memory, std::uint64_t size) {
    if (size > limit - std::min(spent_, limit - write_cost) - write_cost) return false;
    memory.cost += size + write_cost;
    spent_ += size + write_cost;
    return true;
  }
  void forget(CallMemory& memory) {
    spent_ -= std::exchange(memory.cost, 0);
    memory.bytes = {};
  }

 private:
  static constexpr std::uint64_t limit = 64 * 1024 * 1024;
  static constexpr std::uint64_t write_cost = 256;  // what keeping a write takes beside its bytes

  std::uint64_t spent_ = 0;
};

}  // namespace crossing::text
