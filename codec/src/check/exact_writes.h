#pragma once

/// Writes that are told to be exactly what the host wrote [LOWER-01], held against what the value
/// there consists of.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "value/guest_memory.h"

namespace crossing::checking {

/// Memory that notes what is read of it.
class NotingMemory final : public values::GuestMemory {
 public:
  explicit NotingMemory(values::GuestMemory& memory) : memory_(memory) {}

  std::optional<Bytes> read(std::uint64_t address, std::uint64_t size) override {
    if (size != 0) reads_.emplace_back(address, address + size);
    return memory_.read(address, size);
  }

  /// Beginnings and ends of what was read, merged, ascending.
  const std::vector<std::pair<std::uint64_t, std::uint64_t>>& merged() {
    std::sort(reads_.begin(), reads_.end());
    std::size_t kept = 0;
    for (const auto& read : reads_) {
      if (kept != 0 && read.first <= reads_[kept - 1].second) {
        reads_[kept - 1].second = std::max(reads_[kept - 1].second, read.second);
      } else {
        reads_[kept++] = read;
      }
    }
    reads_.resize(kept);
    return reads_;
  }

 private:
  values::GuestMemory& memory_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> reads_;
};

struct ExactWrite {
  std::uint64_t event = 0;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
};

class ExactWrites {
 public:
  void add(const ExactWrite& write) { writes_.push_back(write); }
  void clear() { writes_.clear(); }
  [[nodiscard]] bool empty() const { return writes_.empty(); }

  /// A block moved that was there since an event: what was written to it is no part of the value.
  /// Gives how far into it was written.
  std::uint64_t forget(std::uint64_t address, std::uint64_t size, std::uint64_t since) {
    std::uint64_t extent = 0;
    auto write = writes_.end();
    while (write != writes_.begin() && std::prev(write)->event > since) --write;
    writes_.erase(std::remove_if(write, writes_.end(),
                                 [&](const ExactWrite& one) {
                                   if (one.address < address || one.size > size ||
                                       one.address - address > size - one.size) {
                                     return false;
                                   }
                                   extent = std::max(extent, one.address - address + one.size);
                                   return true;
                                 }),
                  writes_.end());
    return extent;
  }

  /// The first with bytes that no value consists of.
  std::optional<ExactWrite> beyond(NotingMemory& memory) const {
    const auto& reads = memory.merged();
    for (const ExactWrite& write : writes_) {
      auto read = std::upper_bound(
          reads.begin(), reads.end(), write.address,
          [](std::uint64_t address, const auto& one) { return address < one.first; });
      if (write.size == 0) continue;
      if (read == reads.begin()) return write;
      --read;
      if (read->second < write.address || write.size > read->second - write.address) return write;
    }
    return std::nullopt;
  }

 private:
  std::vector<ExactWrite> writes_;
};

}  // namespace crossing::checking
