#pragma once

/// Which blocks the Canonical ABI asks a guest for to lower a string, by the encoding that it comes
/// from [REALLOC-02].

#include <array>
#include <cstdint>
#include <string_view>

#include "crossing/definitions.h"

namespace crossing::checking {

/// The sizes of one block, from the first on.
struct SizeSequence {
  std::array<std::uint64_t, 3> sizes{};
  std::uint32_t count = 0;
  bool narrows = false;  ///< the last call has the alignment 1
  bool operator==(const SizeSequence&) const = default;
};

/// All the sequences that some lowering of a text asks for; no two are equal.
class StringSizes {
 public:
  /// `text` is well-formed UTF-8. `wide`: what a latin1+utf16 string is stored as.
  StringSizes(std::string_view text, StringEncoding to, bool wide);

  [[nodiscard]] const SizeSequence* begin() const { return sequences_.data(); }
  [[nodiscard]] const SizeSequence* end() const { return sequences_.data() + count_; }

 private:
  /// A block of `first` bytes, then of `worst`, then of `exact`; sizes that are as the one before
  /// are not asked for.
  void add(std::uint64_t first, std::uint64_t worst, std::uint64_t exact);
  void add(const SizeSequence& sequence);

  std::array<SizeSequence, 4> sequences_{};
  std::uint32_t count_ = 0;
};

}  // namespace crossing::checking
