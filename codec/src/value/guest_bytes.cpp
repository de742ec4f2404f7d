#include "value/guest_bytes.h"

#include <algorithm>
#include <utility>

namespace crossing::values {
namespace {

constexpr std::uint64_t range_cost = 64;  // bytes that a range takes beside its own

}  // namespace

GuestBytes::Ranges::iterator GuestBytes::at(std::uint64_t address) {
  const auto after = ranges_.upper_bound(address);
  if (after == ranges_.begin()) return ranges_.end();
  const auto range = std::prev(after);
  return address - range->first <= range->second.size() ? range : ranges_.end();
}

void GuestBytes::write(std::uint64_t address, Bytes bytes) {
  while (!bytes.empty()) {
    auto range = at(address);
    const auto next = ranges_.upper_bound(address);
    std::size_t part = bytes.size();
    if (range != ranges_.end() && address - range->first < range->second.size()) {
      const std::uint64_t offset = address - range->first;
      part = std::min<std::uint64_t>(part, range->second.size() - offset);
      std::copy_n(bytes.begin(), part, range->second.begin() + static_cast<std::ptrdiff_t>(offset));
    } else {
      if (next != ranges_.end()) part = std::min<std::uint64_t>(part, next->first - address);
      if (range == ranges_.end()) range = ranges_.emplace_hint(next, address, 0);
      range->second.insert(range->second.end(), bytes.begin(),
                           bytes.begin() + static_cast<std::ptrdiff_t>(part));
    }
    address += part;
    bytes = bytes.subspan(part);
  }
}

std::uint64_t GuestBytes::copy(std::uint64_t from, std::uint64_t size, std::uint64_t to) {
  if (from == to) return 0;
  std::vector<std::pair<std::uint64_t, std::vector<std::uint8_t>>> pieces;
  const std::uint64_t end = from + std::min(size, ~from);
  auto range = at(from);
  if (range == ranges_.end()) range = ranges_.upper_bound(from);
  for (; range != ranges_.end() && range->first < end; ++range) {
    const std::uint64_t first = std::max(from, range->first);
    const std::uint64_t last = std::min(end, range->first + range->second.size());
    if (first >= last || last - from > ~to) continue;
    const Bytes known = Bytes(range->second).subspan(first - range->first, last - first);
    pieces.emplace_back(to + (first - from), std::vector(known.begin(), known.end()));
  }
  std::uint64_t copied = 0;
  for (const auto& [address, bytes] : pieces) {
    write(address, bytes);
    copied += bytes.size() + range_cost;
  }
  return copied;
}

std::optional<Bytes> GuestBytes::read(std::uint64_t address, std::uint64_t size) {
  if (size == 0) return Bytes();
  const auto range = at(address);
  if (range == ranges_.end()) return std::nullopt;
  const std::uint64_t offset = address - range->first;
  if (size <= range->second.size() - offset) return Bytes(range->second).subspan(offset, size);
  std::uint64_t known = range->second.size() - offset;
  auto next = std::next(range);
  for (; known < size && next != ranges_.end() && next->first - address == known; ++next) {
    known += next->second.size();
  }
  if (known < size) return std::nullopt;
  gathered_.assign(range->second.begin() + static_cast<std::ptrdiff_t>(offset),
                   range->second.end());
  for (auto piece = std::next(range); gathered_.size() < size; ++piece) {
    const Bytes part =
        Bytes(piece->second)
            .first(std::min<std::uint64_t>(piece->second.size(), size - gathered_.size()));
    gathered_.insert(gathered_.end(), part.begin(), part.end());
  }
  return gathered_;
}

void GuestBytes::forget(std::uint64_t address, std::uint64_t size) {
  if (size == 0) return;
  const std::uint64_t end = address + std::min(size, ~address);
  auto range = at(address);
  if (range == ranges_.end()) range = ranges_.lower_bound(address);
  while (range != ranges_.end() && range->first < end) {
    const std::uint64_t begin = range->first;
    std::vector<std::uint8_t> bytes = std::move(range->second);
    range = ranges_.erase(range);
    if (begin + bytes.size() > end) {
      const auto tail = bytes.begin() + static_cast<std::ptrdiff_t>(end - begin);
      range = ranges_.emplace_hint(range, end, std::vector<std::uint8_t>(tail, bytes.end()));
    }
    if (begin < address) {
      bytes.resize(std::min<std::uint64_t>(bytes.size(), address - begin));
      range = std::next(ranges_.emplace_hint(range, begin, std::move(bytes)));
    }
  }
}

Bytes GuestBytes::prefix(std::uint64_t address, std::uint64_t size) {
  const auto range = at(address);
  if (range == ranges_.end()) return {};
  std::uint64_t known = range->second.size() - (address - range->first);
  auto next = std::next(range);
  for (; known < size && next != ranges_.end() && next->first - address == known; ++next) {
    known += next->second.size();
  }
  return *read(address, std::min(known, size));
}

const GuestBytes::Ranges& GuestBytes::ranges() {
  for (auto range = ranges_.begin(); range != ranges_.end();) {
    const auto next = std::next(range);
    if (next == ranges_.end() || range->first + range->second.size() != next->first) {
      range = next;
    } else {
      range->second.insert(range->second.end(), next->second.begin(), next->second.end());
      ranges_.erase(next);
    }
  }
  return ranges_;
}

}  // namespace crossing::values
