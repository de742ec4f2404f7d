#pragma once

/// What the process takes from operator new, counted.

#include <cstdint>

namespace crossing::heap {

/// From its making on.
class Watch {
 public:
  Watch();
  /// The most that was allocated at once, beside what was when it was made.
  [[nodiscard]] std::uint64_t peak() const;

 private:
  std::uint64_t before_;
};

}  // namespace crossing::heap
