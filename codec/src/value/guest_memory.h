#pragma once

/// Guest memory as lifting sees it.

#include <cstdint>
#include <optional>

#include "crossing/io.h"

namespace crossing::values {

class GuestMemory {
 public:
  virtual ~GuestMemory() = default;
  /// `size` bytes at `address`, when all of them are known. Valid until the next call.
  virtual std::optional<Bytes> read(std::uint64_t address, std::uint64_t size) = 0;
};

}  // namespace crossing::values
