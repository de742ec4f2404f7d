#pragma once

/// How every stage says what is wrong: one verdict, one place, one sentence with what was expected
/// and what was found [VERDICT-03].

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "crossing/result.h"

namespace crossing {

/// A fault at a byte offset.
inline tl::unexpected<Error> fault(Verdict verdict, std::uint64_t offset, std::string_view rule,
                                   std::string message) {
  return tl::unexpected(Error{.verdict = verdict,
                              .message = std::move(message),
                              .offset = offset,
                              .event = {},
                              .rule = rule});
}

/// "expected WHAT, found FOUND".
inline std::string expected_found(std::string_view what, std::string_view found) {
  std::string text = "expected ";
  text += what;
  text += ", found ";
  text += found;
  return text;
}
inline std::string expected_found(std::string_view what, std::uint64_t found) {
  return expected_found(what, std::to_string(found));
}

/// "0x0a460f" of a number, for messages about bytes and hashes.
inline std::string hex(std::uint64_t value, int digits) {
  std::string text = "0x";
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    text += "0123456789abcdef"[(value >> shift) & 15];
  }
  return text;
}

}  // namespace crossing
