#pragma once

/// Little-endian numbers in bytes. Big-endian machines are refused.

#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

namespace crossing {

static_assert(std::endian::native == std::endian::little,
              "Crossing runs on little-endian machines");

/// The number at `bytes`, which need not be aligned.
template <class T>
T load(const void* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

template <class T>
void store(void* bytes, T value) {
  std::memcpy(bytes, &value, sizeof value);
}

template <class T>
void append_number(std::vector<std::uint8_t>& bytes, T value) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(&value);
  bytes.insert(bytes.end(), first, first + sizeof value);
}

/// `offset` up to the next multiple of 8.
constexpr std::uint64_t align8(std::uint64_t offset) { return (offset + 7) & ~std::uint64_t{7}; }

}  // namespace crossing
