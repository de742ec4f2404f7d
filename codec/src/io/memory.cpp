#include <algorithm>
#include <cstring>

#include "crossing/io.h"

namespace crossing {

Result<void> MemorySink::write(Bytes bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return {};
}

Result<std::size_t> MemorySource::read(std::span<std::uint8_t> into) {
  const std::size_t count = std::min(into.size(), bytes_.size() - position_);
  if (count != 0) std::memcpy(into.data(), bytes_.data() + position_, count);
  position_ += count;
  return count;
}

Bytes MemorySource::lend(std::size_t size) {
  if (size > bytes_.size() - position_) return {};
  const Bytes lent = bytes_.subspan(position_, size);
  position_ += size;
  return lent;
}

Result<void> MemorySource::seek(std::uint64_t offset) {
  if (offset > bytes_.size()) {
    return tl::unexpected(Error{.verdict = Verdict::io,
                                .message = "expected an offset of at most " +
                                           std::to_string(bytes_.size()) + ", found " +
                                           std::to_string(offset),
                                .offset = {},
                                .event = {}});
  }
  position_ = static_cast<std::size_t>(offset);
  return {};
}

}  // namespace crossing
