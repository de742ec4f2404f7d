#include "value/guest_bytes.h"

#include <algorithm>

namespace crossing::values {

void GuestBytes::write(std::uint64_t address, Bytes bytes) {
  if (bytes.empty()) return;
  // The range that the bytes extend or fall into; else a new one.
  auto range = ranges_.upper_bound(address);
  if (range != ranges_.begin()) {
    const auto before = std::prev(range);
    if (before->first + before->second.size() >= address) range = before;
  }
  if (range == ranges_.end() || range->first > address) {
    range = ranges_.emplace_hint(range, address, std::vector<std::uint8_t>());
  }
  std::vector<std::uint8_t>& content = range->second;
  const std::uint64_t offset = address - range->first;
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(offset));
  // What comes after it and now touches it becomes part of it.
  for (auto next = std::next(range);
       next != ranges_.end() && next->first <= range->first + content.size();) {
    const std::uint64_t covered = range->first + content.size() - next->first;
    if (covered < next->second.size()) {
      content.insert(content.end(), next->second.begin() + static_cast<std::ptrdiff_t>(covered),
                     next->second.end());
    }
    next = ranges_.erase(next);
  }
}

void GuestBytes::copy(std::uint64_t from, std::uint64_t size, std::uint64_t to) {
  if (from == to) return;
  std::vector<std::pair<std::uint64_t, std::vector<std::uint8_t>>> pieces;
  const std::uint64_t end = from + std::min(size, ~from);
  auto range = ranges_.upper_bound(from);
  if (range != ranges_.begin()) --range;
  for (; range != ranges_.end() && range->first < end; ++range) {
    const std::uint64_t first = std::max(from, range->first);
    const std::uint64_t last = std::min(end, range->first + range->second.size());
    if (first >= last || last - from > ~to) continue;
    const Bytes known = Bytes(range->second).subspan(first - range->first, last - first);
    pieces.emplace_back(to + (first - from), std::vector(known.begin(), known.end()));
  }
  for (const auto& [address, bytes] : pieces) write(address, bytes);
}

std::optional<Bytes> GuestBytes::read(std::uint64_t address, std::uint64_t size) {
  if (size == 0) return Bytes();
  auto range = ranges_.upper_bound(address);
  if (range == ranges_.begin()) return std::nullopt;
  --range;
  const std::uint64_t offset = address - range->first;
  if (offset > range->second.size() || size > range->second.size() - offset) return std::nullopt;
  return Bytes(range->second).subspan(offset, size);
}

}  // namespace crossing::values
