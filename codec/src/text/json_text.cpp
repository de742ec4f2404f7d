#include "json_text.h"

#include <array>
#include <charconv>

#include "crossing/text.h"

namespace crossing {
namespace text {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";

}  // namespace

void append_json(std::string& out, std::string_view value) {
  out += '"';
  for (const char c : value) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\f': out += "\\f"; break;
      case '\r': out += "\\r"; break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20) {
          out += c;
        } else {
          out += "\\u00";
          out += hex_digits[byte >> 4];
          out += hex_digits[byte & 15];
        }
      }
    }
  }
  out += '"';
}

void append_json(std::string& out, EventKind kind) {
  if (const auto name = event_kind_name(kind); !name.empty()) {
    append_json(out, name);
  } else {
    append_decimal(out, static_cast<std::uint8_t>(kind));
  }
}

void append_hex(std::string& out, Bytes bytes) {
  const std::size_t begin = out.size();
  out.resize(begin + 2 * bytes.size());
  char* to = out.data() + begin;
  for (const std::uint8_t byte : bytes) {
    *to++ = hex_digits[byte >> 4];
    *to++ = hex_digits[byte & 15];
  }
}

void append_decimal(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

namespace {

template <class Record>
std::string to_json(const Record& record) {
  std::string out;
  append_json(out, record);
  return out;
}

}  // namespace
}  // namespace text

std::string canonical_json(const TraceInfo& info) { return text::to_json(info); }
std::string canonical_json(const Type& type) { return text::to_json(type); }
std::string canonical_json(const Component& component) { return text::to_json(component); }
std::string canonical_json(const Instance& instance) { return text::to_json(instance); }
std::string canonical_json(const Memory& memory) { return text::to_json(memory); }
std::string canonical_json(const Function& function) { return text::to_json(function); }

}  // namespace crossing
