#pragma once

/// Bytes of guest memory that a lowering is known to have left there, as a guest finds them: where
/// the host wrote a byte twice, the last one counts.

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "crossing/io.h"
#include "value/guest_memory.h"

namespace crossing::values {

class GuestBytes final : public GuestMemory {
 public:
  using Ranges = std::map<std::uint64_t, std::vector<std::uint8_t>>;

  /// `address` + size must not pass 2^64. Takes time by the size alone, in whatever order writes
  /// come, but for finding the place.
  void write(std::uint64_t address, Bytes bytes);

  /// What a guest's `realloc` does: the known ones of `size` bytes at `from` are at `to`, too.
  /// Gives how many bytes more that takes.
  std::uint64_t copy(std::uint64_t from, std::uint64_t size, std::uint64_t to);

  std::optional<Bytes> read(std::uint64_t address, std::uint64_t size) override;

  /// Nothing is known of these bytes any more.
  void forget(std::uint64_t address, std::uint64_t size);

  /// What is known from an address on, at most `size` bytes without a gap. Valid until the next
  /// call.
  Bytes prefix(std::uint64_t address, std::uint64_t size);

  /// Known ranges: no two touch, ascending.
  const Ranges& ranges();
  [[nodiscard]] bool empty() const { return ranges_.empty(); }

 private:
  /// The range that holds or ends at an address, or the end.
  Ranges::iterator at(std::uint64_t address);

  Ranges ranges_;                       // which may touch, but never overlap
  std::vector<std::uint8_t> gathered_;  // what was read from several
};

}  // namespace crossing::values
