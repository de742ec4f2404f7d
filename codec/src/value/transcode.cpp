#include "value/transcode.h"

#include "io/bytes.h"

namespace crossing::values {

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xe0 | code >> 12);
    } else {
      put(0xf0 | code >> 18);
      put(0x80 | (code >> 12 & 63));
    }
    put(0x80 | (code >> 6 & 63));
  }
  put(0x80 | (code & 63));
}

std::uint32_t take_character(std::string_view& text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const std::uint32_t lead = byte(0);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  std::uint32_t code = size == 1 ? lead : lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) code = code << 6 | (byte(i) & 63);
  text.remove_prefix(size);
  return code;
}

std::optional<std::string> utf8_of_utf16(Bytes bytes) {
  std::string text;
  text.reserve(bytes.size() / 2);
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    std::uint32_t code = load<std::uint16_t>(&bytes[at]);
    if (code >= 0xd800 && code < 0xdc00 && at + 3 < bytes.size()) {
      const std::uint32_t low = load<std::uint16_t>(&bytes[at + 2]);
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 2;
      }
    }
    if (!is_scalar_value(code)) return std::nullopt;
    append_utf8(text, code);
  }
  return text;
}

std::string utf8_of_latin1(Bytes bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const std::uint8_t byte : bytes) append_utf8(text, byte);
  return text;
}

std::vector<std::uint8_t> utf16_of_utf8(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(2 * text.size());
  while (!text.empty()) {
    const std::uint32_t code = take_character(text);
    if (code >= 0x10000) {
      append_number(bytes, static_cast<std::uint16_t>(0xd7c0 + (code >> 10)));
      append_number(bytes, static_cast<std::uint16_t>(0xdc00 + (code & 0x3ff)));
    } else {
      append_number(bytes, static_cast<std::uint16_t>(code));
    }
  }
  return bytes;
}

std::vector<std::uint8_t> latin1_of_utf8(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  while (!text.empty()) bytes.push_back(static_cast<std::uint8_t>(take_character(text)));
  return bytes;
}

}  // namespace crossing::values
