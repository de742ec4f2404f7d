#pragma once

#include <cstdint>
#include <span>

namespace crossing {

/// Whether bytes are well-formed UTF-8: no overlong form, no surrogate, nothing over U+10FFFF.
bool is_utf8(std::span<const std::uint8_t> bytes);

}  // namespace crossing
