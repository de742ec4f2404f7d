#pragma once

/// Areas that the host may write after the call that named them returned [RECORD-07].

#include <cstdint>
#include <vector>

namespace crossing::checking {

class Outstanding {
 public:
  /// The result area of an async call, or the buffer of a read.
  void add(std::uint32_t memory, std::uint64_t address, std::uint64_t size) {
    for (const Area& area : areas_) {
      if (area == Area{memory, address, size}) return;
    }
    if (areas_.size() == most) return lose();
    areas_.push_back({memory, address, size});
  }

  /// Areas may be outstanding that nobody knows.
  void lose() { is_known_ = false; }

  /// Whether all bytes may lie in one that is outstanding. What was once stays so: when the guest
  /// is told of the end is not looked at.
  [[nodiscard]] bool may_write(std::uint32_t memory, std::uint64_t address,
                               std::uint64_t size) const {
    if (!is_known_) return true;
    const std::uint64_t end = address + size;
    for (std::uint64_t from = address; address < end; from = address) {  // areas may be adjacent
      for (const Area& area : areas_) {
        if (area.memory != memory || address < area.address) continue;
        const std::uint64_t inside = address - area.address;
        if (inside < area.size) address += area.size - inside;
      }
      if (address == from) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t most = 256;
  struct Area {
    std::uint32_t memory = 0;
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    bool operator==(const Area&) const = default;
  };
  std::vector<Area> areas_;
  bool is_known_ = true;
};

}  // namespace crossing::checking
