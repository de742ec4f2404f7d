#pragma once

#include "crossing/io.h"

namespace crossing {

/// Reads exactly `into.size()` bytes at `offset`; false where the input has not that many.
inline Result<bool> read_at(SeekableSource& source, std::uint64_t offset,
                            std::span<std::uint8_t> into) {
  if (offset > source.size() || into.size() > source.size() - offset) return false;
  if (auto sought = source.seek(offset); !sought) return tl::unexpected(sought.error());
  std::size_t filled = 0;
  while (filled < into.size()) {
    auto count = source.read(into.subspan(filled));
    if (!count) return tl::unexpected(count.error());
    if (*count == 0) return false;
    filled += *count;
  }
  return true;
}

}  // namespace crossing
