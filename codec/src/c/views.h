#pragma once

/// The C interface's views and the library's.

#include <string>
#include <string_view>

#include "crossing/crossing.h"
#include "crossing/io.h"

namespace crossing::c {

inline crossing_bytes to_c(Bytes bytes) { return {bytes.data(), bytes.size()}; }
inline crossing_string to_c(std::string_view text) { return {text.data(), text.size()}; }

inline Bytes from_c(crossing_bytes bytes) { return {bytes.data, bytes.size}; }
inline std::string_view from_c(crossing_string text) { return {text.data, text.size}; }

}  // namespace crossing::c
