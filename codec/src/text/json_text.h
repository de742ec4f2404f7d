#pragma once

/// Canonical JSON values as text [JSON-03] … [JSON-06]. Each function appends to `out`.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crossing/event.h"
#include "crossing/io.h"
#include "members.h"

namespace crossing::text {

/// A string with its quotes [JSON-05].
void append_json(std::string& out, std::string_view value);

/// Two lower-case hexadecimal digits per byte, without quotes [JSON-04].
void append_hex(std::string& out, Bytes bytes);

/// Decimal digits, without quotes.
void append_decimal(std::string& out, std::uint64_t value);

inline void append_json(std::string& out, const std::string& value) {
  append_json(out, std::string_view(value));
}

inline void append_json(std::string& out, bool value) { out += value ? "true" : "false"; }

/// [JSON-03]
template <std::unsigned_integral T>
requires(!std::same_as<T, bool>) void append_json(std::string& out, T value) {
  constexpr bool quoted = sizeof(T) > 4;
  if (quoted) out += '"';
  append_decimal(out, value);
  if (quoted) out += '"';
}

/// [JSON-06]
template <class Enum>
requires std::is_enum_v<Enum>
void append_json(std::string& out, Enum value) { append_json(out, enumerator_name(value)); }

/// [JSON-06]
void append_json(std::string& out, EventKind kind);

/// [JSON-04]
inline void append_json(std::string& out, const std::vector<std::uint8_t>& value) {
  out += '"';
  append_hex(out, value);
  out += '"';
}

template <class T>
void append_json(std::string& out, const std::vector<T>& values);

/// A record: an object with all of its members [JSON-02].
template <class Record>
requires std::is_class_v<Record>
void append_json(std::string& out, const Record& record) {
  char separator = '{';
  for_each_member(record, [&](std::string_view name, const auto& member) {
    out += separator;
    separator = ',';
    append_json(out, name);
    out += ':';
    append_json(out, member);
  });
  out += '}';
}

template <class T>
void append_json(std::string& out, const std::vector<T>& values) {
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) out += ',';
    append_json(out, values[i]);
  }
  out += ']';
}

}  // namespace crossing::text
