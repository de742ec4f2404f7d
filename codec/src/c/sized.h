#pragma once

/// Structs that grow: they begin with `struct_size`, which is that of whoever made them.

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "c/error.h"

namespace crossing::c {

/// Bytes that a struct had in the first version of the interface: none is smaller. A struct that
/// has grown since says how large it was. It grows beyond its size, not into padding at its end,
/// which older callers leave as it is.
template <class T>
inline constexpr std::size_t first_size = sizeof(T);

/// More than any struct of any version has: a size beyond it is no size.
inline constexpr std::size_t largest_struct = 65536;

/// A caller's struct: what an older caller does not have is zero, and what a newer one has beyond
/// it has to be.
template <class T>
Result<T> read_sized(const T& given, std::string_view name) {
  const std::size_t size = given.struct_size;
  if (size < first_size<T> || size > largest_struct) {
    return usage("expected a struct_size of at least " + std::to_string(first_size<T>) + " in " +
                 std::string(name) + ", found " + std::to_string(size));
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(&given);
  for (std::size_t at = sizeof(T); at < size; ++at) {
    if (bytes[at] != 0) {
      return tl::unexpected(
          Error{.verdict = Verdict::unsupported,
                .message = "expected zeros after the " + std::to_string(sizeof(T)) + " bytes of " +
                           std::string(name) + " that are known here, found others"});
    }
  }
  T known = {};
  std::memcpy(&known, &given, std::min(size, sizeof known));
  return known;
}

/// Fills a caller's struct in as far as it goes, and says in it how far that is.
template <class T>
void write_sized(T* into, T known) {
  known.struct_size = std::min(into->struct_size, sizeof known);
  std::memcpy(into, &known, known.struct_size);
}

/// A caller's new struct, of `size` bytes.
template <class T>
void start_sized(T* into, std::size_t size, T start) {
  start.struct_size = size;
  std::memset(into, 0, size);
  std::memcpy(into, &start, std::min(size, sizeof start));
}

}  // namespace crossing::c
