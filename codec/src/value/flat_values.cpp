#include "value/flat_values.h"

#include <algorithm>
#include <cstring>

#include "session/replay_values.h"

namespace crossing::values {

void FlatValues::assign(const std::vector<CoreType>& signature, Bytes bytes) {
  values_.clear();
  next_ = 0;
  if (bytes.size() != core_size(signature)) return;
  values_.reserve(signature.size());
  for (const CoreType type : signature) {
    const std::size_t size = core_size(type);
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes.data(), std::min(size, sizeof bits));
    values_.push_back({.bits = bits, .type = type});
    bytes = bytes.subspan(size);
  }
}

std::uint64_t FlatValues::next(Slot as) {
  if (next_ >= values_.size()) return 0;
  values_[next_].slot = as;
  return values_[next_++].bits;
}

}  // namespace crossing::values
