#include "printable.h"

#include <algorithm>

#include "crossing/text.h"
#include "json_text.h"
#include "value/wave_write.h"

namespace crossing {
namespace text {
namespace {

constexpr std::size_t preview_text = 56;
constexpr std::size_t preview_hex = 12;

struct Character {
  char32_t code = 0;
  std::size_t size = 0;  // 0: not UTF-8
};

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  char32_t code = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fU);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {};
  return {code, size};
}

void append_escaped(std::string& out, char32_t code) {
  switch (code) {
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[code & 15]);
    code >>= 4;
  } while (code != 0);
  out += "\\u{" + digits + '}';
}

}  // namespace

void append_printable(std::string& out, std::string_view value, std::size_t limit, bool quoted) {
  std::size_t taken = 0;
  while (!value.empty()) {
    const Character character = first_character(value);
    const std::size_t size = std::max<std::size_t>(character.size, 1);
    if (size > limit - taken) {
      out += "…";
      return;
    }
    taken += size;
    if (character.size == 0) {
      out += "\\x";
      append_hex(out, Bytes(reinterpret_cast<const std::uint8_t*>(value.data()), 1));
    } else if (values::is_hidden(character.code)) {
      append_escaped(out, character.code);
    } else {
      if (quoted && (character.code == '"' || character.code == '\\')) out += '\\';
      out += value.substr(0, size);
    }
    value.remove_prefix(size);
  }
}

bool looks_like_text(Bytes bytes) {
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  rest = rest.substr(0, preview_text);
  if (rest.empty()) return false;
  while (!rest.empty()) {
    const Character character = first_character(rest);
    if (character.size == 0) return rest.size() < 4 && bytes.size() > preview_text;
    const bool blank = character.code == '\n' || character.code == '\r' || character.code == '\t';
    if (values::is_hidden(character.code) && !blank) return false;
    rest.remove_prefix(character.size);
  }
  return true;
}

void append_preview(std::string& out, Bytes bytes, std::uint64_t total) {
  if (looks_like_text(bytes)) {
    const std::string_view value(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    out += '"';
    append_printable(out, value, preview_text, true);
    out += '"';
    return;
  }
  const Bytes shown = bytes.first(std::min(bytes.size(), preview_hex));
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (i != 0) out += ' ';
    append_hex(out, shown.subspan(i, 1));
  }
  if (shown.size() < total) out += " …";
  out += "  |";
  for (const std::uint8_t byte : shown) {
    out += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
  }
  out += '|';
}

}  // namespace text

std::string printable(std::string_view value, std::size_t limit) {
  std::string out;
  text::append_printable(out, value, limit, false);
  return out;
}

}  // namespace crossing
