#pragma once

/// Strings between the encodings of the Canonical ABI and UTF-8.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crossing/io.h"

namespace crossing::values {

/// A character that is a Unicode scalar value.
constexpr bool is_scalar_value(std::uint64_t code) {
  return code < 0xd800 || (code >= 0xe000 && code < 0x110000);
}

/// `code` is a Unicode scalar value.
void append_utf8(std::string& out, std::uint32_t code);

/// Takes the first character off `text`, which is well-formed UTF-8 and not empty.
std::uint32_t take_character(std::string_view& text);

/// UTF-8 of UTF-16, little-endian; none where a surrogate stands alone. An odd last byte is left.
std::optional<std::string> utf8_of_utf16(Bytes bytes);
std::string utf8_of_latin1(Bytes bytes);

/// `text` is well-formed UTF-8; for Latin-1 all its characters are below U+0100.
std::vector<std::uint8_t> utf16_of_utf8(std::string_view text);
std::vector<std::uint8_t> latin1_of_utf8(std::string_view text);

}  // namespace crossing::values
