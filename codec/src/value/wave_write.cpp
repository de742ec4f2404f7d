#include "value/wave_write.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include "io/fault.h"
#include "value/cases.h"
#include "value/transcode.h"
#include "value/wave_words.h"

namespace crossing::values {
namespace {

/// The shortest digits that give the float back, laid out as ECMAScript does [WAVE-03].
template <class Float>
std::string number_text(Float value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value),
                                 std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
  const std::size_t mark = text.find('e');
  std::string digits(text.substr(0, 1));
  if (mark > 2) digits += text.substr(2, mark - 2);
  int exponent = 0;
  const std::size_t first = mark + (text[mark + 1] == '+' ? 2 : 1);
  std::from_chars(&text[first], text.data() + text.size(), exponent);
  const int size = static_cast<int>(digits.size());
  const int point = exponent + 1;  // digits before the point
  std::string out = std::signbit(value) ? "-" : "";
  if (size <= point && point <= 21) {
    return out + digits + std::string(static_cast<std::size_t>(point - size), '0');
  }
  if (point > 0 && point <= 21) {
    return out + digits.insert(static_cast<std::size_t>(point), 1, '.');
  }
  if (point > -6 && point <= 0) {
    return out + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  }
  out += digits[0];
  if (size > 1) out += "." + digits.substr(1);
  return out + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
}

template <class Float, class Bits>
std::string any_float_text(TypeKind kind, std::uint64_t bits) {
  const auto value = std::bit_cast<Float>(static_cast<Bits>(bits));
  if (std::isnan(value)) {
    return bits == canonical_nan(kind) ? "nan" : "nan:" + hex(bits, 2 * sizeof(Bits));
  }
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  return number_text(value);
}

std::string hex_digits(std::uint32_t code) {
  std::array<char, 8> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), code, 16);
  return {digits.data(), end.ptr};
}

/// Opening and closing of what has parts.
std::pair<std::string_view, std::string_view> brackets(TypeKind kind) {
  switch (kind) {
    case TypeKind::record:
    case TypeKind::map: return {"{", "}"};
    case TypeKind::tuple:
    case TypeKind::func: return {"(", ")"};
    default: return {"[", "]"};
  }
}

}  // namespace

std::string float_text(TypeKind kind, std::uint64_t bits) {
  return kind == TypeKind::f32 ? any_float_text<float, std::uint32_t>(kind, bits)
                               : any_float_text<double, std::uint64_t>(kind, bits);
}

/// [WAVE-04] What is not shown as it is: controls, and what changes the direction or place of
/// others.
bool is_hidden(std::uint32_t code) {
  constexpr std::pair<std::uint32_t, std::uint32_t> ranges[] = {
      {0x0, 0x1f},      {0x7f, 0x9f},     {0xad, 0xad},      {0x61c, 0x61c},
      {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},  {0x2060, 0x206f},
      {0xfeff, 0xfeff}, {0xfff0, 0xffff}, {0xe0000, 0xe0fff}};
  return std::any_of(std::begin(ranges), std::end(ranges), [&](const auto& range) {
    return code >= range.first && code <= range.second;
  });
}

void append_escaped(std::string& out, std::uint32_t code, char quote) {
  switch (code) {
    case '\t': out += "\\t"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    default: break;
  }
  if (is_hidden(code)) {
    out += "\\u{" + hex_digits(code) + "}";
    return;
  }
  if (code == '\\' || code == static_cast<unsigned char>(quote)) out += '\\';
  append_utf8(out, code);
}

void WaveWriter::begin_part() {
  if (around_.empty()) return;
  Around& around = around_.back();
  const std::uint64_t index = around.parts++;
  const Type& type = *around.type;
  if (has_cases(type.kind)) return put("(");
  if (index != 0) put(type.kind == TypeKind::map && index % 2 == 1 ? ": " : ", ");
  if (type.kind == TypeKind::record && index < type.members.size()) {
    put_label(type.members[index].name);
    put(": ");
  }
  if (type.kind == TypeKind::func && index < type.members.size())
    put_parameter(type.members[index]);
}

void WaveWriter::put_label(std::string_view label) {  // [WAVE-05]
  if (is_word(label)) {
    if (is_keyword(label)) put("%");
    return put(label);
  }
  std::string quoted = "\"";
  for (const char c : label) {
    const auto byte = static_cast<unsigned char>(c);
    byte < 0x80 ? append_escaped(quoted, byte, '"') : quoted.push_back(c);
  }
  put(quoted + "\"");
}

void WaveWriter::put_scalar(const Type& type, std::uint64_t bits) {
  switch (type.kind) {
    case TypeKind::bool_: return put(bits != 0 ? "true" : "false");
    case TypeKind::s8:
    case TypeKind::s16:
    case TypeKind::s32:
    case TypeKind::s64: return put(std::to_string(static_cast<std::int64_t>(bits)));
    case TypeKind::f32:
    case TypeKind::f64: return put(float_text(type.kind, bits));
    case TypeKind::char_: {
      std::string text = "'";
      append_escaped(text, static_cast<std::uint32_t>(bits), '\'');
      return put(text + "'");
    }
    case TypeKind::enum_: return put_label(type.members[bits].name);
    case TypeKind::flags: {
      put("{");
      bool first = true;
      for (std::size_t i = 0; i < type.members.size() && i < 32; ++i) {
        if ((bits >> i & 1) == 0) continue;
        if (!first) put(", ");
        first = false;
        put_label(type.members[i].name);
      }
      return put("}");
    }
    default:
      if (is_handle(type.kind)) put("#");
      return put(std::to_string(bits));
  }
}

void WaveWriter::scalar(const Type& type, std::uint64_t bits) {
  begin_part();
  put_scalar(type, bits);
}

void WaveWriter::string(std::string_view text) {
  begin_part();
  std::string quoted = "\"";
  while (!text.empty()) {
    append_escaped(quoted, take_character(text), '"');
    if (quoted.size() >= 4096) {
      put(quoted);
      quoted.clear();
    }
  }
  put(quoted + "\"");
}

void WaveWriter::bytes(const Type&, Bytes elements) {
  begin_part();
  std::string text = "[";
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (i != 0) text += ", ";
    text += std::to_string(elements[i]);
    if (text.size() >= 4096) {
      put(text);
      text.clear();
    }
  }
  put(text + "]");
}

void WaveWriter::begin(const Type& type, std::uint64_t) {
  begin_part();
  put(brackets(type.kind).first);
  around_.push_back({&type, 0});
}

void WaveWriter::begin_case(const Type& type, std::uint32_t index) {
  begin_part();
  if (type.kind == TypeKind::variant) {
    put_label(case_name(type, index));
  } else {
    put(case_name(type, index));
  }
  around_.push_back({&type, 0});
}

void WaveWriter::end(const Type& type) {
  const bool has_payload = around_.back().parts != 0;
  around_.pop_back();
  if (has_cases(type.kind)) {
    if (has_payload) put(")");
  } else {
    put(brackets(type.kind).second);
  }
}

void WaveWriter::unknown(const Type&, const Unknown&) {
  begin_part();
  put("?");
}

}  // namespace crossing::values
