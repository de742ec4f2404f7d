#pragma once

/// Words of the text of values [WAVE-05].

#include <algorithm>
#include <string_view>

namespace crossing::values {

constexpr bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

/// Whether a label stands as it is: a letter, then letters, digits and hyphens.
constexpr bool is_word(std::string_view label) {
  return !label.empty() && std::all_of(label.begin(), label.end(), is_word_character) &&
         label[0] != '-' && (label[0] < '0' || label[0] > '9');
}

/// Whether a word means something else unless `%` stands before it.
constexpr bool is_keyword(std::string_view word) {
  constexpr std::string_view keywords[] = {"true", "false", "inf", "nan",
                                           "some", "none",  "ok",  "err"};
  return std::find(std::begin(keywords), std::end(keywords), word) != std::end(keywords);
}

}  // namespace crossing::values
