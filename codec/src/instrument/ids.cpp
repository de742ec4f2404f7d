#include "instrument/ids.h"

#include <algorithm>

#include "instrument/layout.h"

namespace crossing::instrument {

Slot Ids::slot(const std::vector<std::uint32_t>& values) {
  const auto found = std::find(slots_.begin(), slots_.end(), values);
  if (found != slots_.end()) return static_cast<Slot>(found - slots_.begin());
  slots_.push_back(values);
  return static_cast<Slot>(slots_.size() - 1);
}

void Ids::push(Code& code, Slot slot) const {
  if (is_constant()) {
    code.i32(slots_[slot][0]);
  } else {
    code.i32(0).load(layout::row_at).load(4 * slot);
  }
}

std::vector<std::uint8_t> Ids::rows() const {
  std::vector<std::uint8_t> bytes;
  if (is_constant()) return bytes;
  const auto word = [&](std::uint32_t value) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      bytes.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  };
  for (std::size_t row = 0; row < ordinals_.size(); ++row) {
    word(ordinals_[row]);
    for (const auto& values : slots_) word(values[row]);
  }
  return bytes;
}

}  // namespace crossing::instrument
