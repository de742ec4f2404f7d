/// `store_string_into_range`: a string for each pair of encodings, by way of the same blocks as the
/// specification's.

#include <algorithm>

#include "value/lower.h"
#include "value/transcode.h"

namespace crossing::values {
namespace {

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

/// All characters are below U+0100: UTF-8 has no byte over 0xc3 then.
bool is_latin1(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) <= 0xc3; });
}

std::uint64_t characters(const std::string& text) {
  return static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

/// Code units of UTF-16: two for each character of four bytes of UTF-8.
std::uint64_t utf16_units(const std::string& text) {
  return characters(text) +
         static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) >= 0xf0;
         }));
}

Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Lowerer::Range Lowerer::string(const std::string& text) {
  if (text.size() > (std::uint64_t{1} << 28) / 3) {
    fault_ = "expected a shorter string, found one that no encoding can pass";
    return {};
  }
  const bool compact = options_.source == StringEncoding::latin1_utf16;
  const bool from_latin1 = compact && options_.source_is_compact && is_latin1(text);
  const bool from_utf8 = options_.source == StringEncoding::utf8;
  const std::uint64_t units = from_utf8     ? text.size()
                              : from_latin1 ? characters(text)
                                            : utf16_units(text);
  switch (options_.encoding) {
    case StringEncoding::utf8:
      if (from_utf8) return copied(bytes_of(text), 1, 1);
      return to_utf8(text, units, units * (from_latin1 ? 2 : 3));
    case StringEncoding::utf16:
      return from_utf8 ? to_utf16(text) : copied(utf16_of_utf8(text), 2, 2);
    case StringEncoding::latin1_utf16:
      if (!compact) return to_compact(text, units);
      return from_latin1 ? copied(latin1_of_utf8(text), 1, 2) : from_compact_utf16(text);
  }
  return {};
}

/// `store_string_copy`
Lowerer::Range Lowerer::copied(Bytes bytes, std::uint32_t unit, std::uint32_t alignment) {
  const std::uint64_t address = block(0, 0, alignment, bytes.size());
  if (!bytes.empty()) target_.write(address, bytes);
  return {address, bytes.size() / unit};
}

/// `store_string_to_utf8`: room for ASCII first, then for the worst, then as much as it is.
Lowerer::Range Lowerer::to_utf8(const std::string& text, std::uint64_t units, std::uint64_t worst) {
  std::uint64_t address = block(0, 0, 1, units);
  const Bytes bytes = bytes_of(text);
  const auto ascii =
      static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_ascii) - text.begin());
  if (ascii != 0) target_.write(address, bytes.first(ascii));
  if (ascii == text.size()) return {address, units};
  address = block(address, units, 1, worst);
  target_.write(address + ascii, bytes.subspan(ascii));
  if (worst > bytes.size()) address = block(address, worst, 1, bytes.size());
  return {address, bytes.size()};
}

/// `store_utf8_to_utf16`
Lowerer::Range Lowerer::to_utf16(const std::string& text) {
  const std::uint64_t worst = 2 * text.size();
  std::uint64_t address = block(0, 0, 2, worst);
  const std::vector<std::uint8_t> bytes = utf16_of_utf8(text);
  if (!bytes.empty()) target_.write(address, bytes);
  if (bytes.size() < worst) address = block(address, worst, 2, bytes.size());
  return {address, bytes.size() / 2};
}

/// `store_string_to_latin1_or_utf16`: Latin-1 up to the first character that is none.
Lowerer::Range Lowerer::to_compact(const std::string& text, std::uint64_t units) {
  std::uint64_t address = block(0, 0, 2, units);
  std::string_view rest = text;
  std::vector<std::uint8_t> latin1;
  while (!rest.empty()) {
    std::string_view next = rest;
    const std::uint32_t code = take_character(next);
    if (code > 0xff) break;
    latin1.push_back(static_cast<std::uint8_t>(code));
    rest = next;
  }
  if (!latin1.empty()) target_.write(address, latin1);
  if (rest.empty()) {
    if (latin1.size() < units) address = block(address, units, 2, latin1.size());
    return {address, latin1.size()};
  }
  const std::uint64_t worst = 2 * units;
  address = block(address, units, 2, worst);
  const std::vector<std::uint8_t> bytes = utf16_of_utf8(text);
  target_.write(address, bytes);
  if (worst > bytes.size()) address = block(address, worst, 2, bytes.size());
  return {address, bytes.size() / 2 | tag()};
}

/// `store_probably_utf16_to_latin1_or_utf16`
Lowerer::Range Lowerer::from_compact_utf16(const std::string& text) {
  const std::vector<std::uint8_t> bytes = utf16_of_utf8(text);
  std::uint64_t address = block(0, 0, 2, bytes.size());
  if (!bytes.empty()) target_.write(address, bytes);
  if (!is_latin1(text)) return {address, bytes.size() / 2 | tag()};
  const std::vector<std::uint8_t> latin1 = latin1_of_utf8(text);
  if (!latin1.empty()) target_.write(address, latin1);
  address = block(address, bytes.size(), 1, latin1.size());
  return {address, latin1.size()};
}

}  // namespace crossing::values
