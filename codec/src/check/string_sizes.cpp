#include "check/string_sizes.h"

#include <algorithm>

namespace crossing::checking {
namespace {

/// How long a text is in each of the encodings.
struct Lengths {
  std::uint64_t utf8 = 0;   // bytes
  std::uint64_t utf16 = 0;  // code units
  bool is_ascii = true;
  bool is_latin1 = true;

  explicit Lengths(std::string_view text) : utf8(text.size()) {
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x80) is_ascii = false;
      if (byte > 0xc3) is_latin1 = false;  // begins a character over U+00FF
      if ((byte & 0xc0) != 0x80) utf16 += byte >= 0xf0 ? 2 : 1;
    }
  }
};

}  // namespace

void StringSizes::add(const SizeSequence& sequence) {
  if (std::find(begin(), end(), sequence) == end()) sequences_.at(count_++) = sequence;
}

void StringSizes::add(std::uint64_t first, std::uint64_t worst, std::uint64_t exact) {
  SizeSequence sequence;
  for (const std::uint64_t size : {first, worst, exact}) {
    if (sequence.count == 0 || sequence.sizes[sequence.count - 1] != size) {
      sequence.sizes[sequence.count++] = size;
    }
  }
  add(sequence);
}

StringSizes::StringSizes(std::string_view text, StringEncoding to, bool wide) {
  const Lengths length(text);
  switch (to) {
    case StringEncoding::utf8:
      add({.sizes = {length.utf8}, .count = 1});  // from utf8
      if (length.is_ascii) break;                 // from others: the first guess was right
      add(length.utf16, 3 * length.utf16, length.utf8);
      if (length.is_latin1) add(length.utf16, 2 * length.utf16, length.utf8);
      break;
    case StringEncoding::utf16:
      add({.sizes = {2 * length.utf16}, .count = 1});           // from utf16 and latin1
      add(2 * length.utf8, 2 * length.utf8, 2 * length.utf16);  // from utf8
      break;
    case StringEncoding::latin1_utf16:
      if (wide) {
        add({.sizes = {2 * length.utf16}, .count = 1});         // from utf16 with the tag
        add(length.utf16, 2 * length.utf16, 2 * length.utf16);  // from utf16
        add(length.utf8, 2 * length.utf8, 2 * length.utf16);    // from utf8
      } else {
        add({.sizes = {length.utf16}, .count = 1});   // from utf16 and latin1
        add(length.utf8, length.utf8, length.utf16);  // from utf8
        // From utf16 with the tag, where the second call stands even if the sizes are equal.
        add({.sizes = {2 * length.utf16, length.utf16}, .count = 2, .narrows = true});
      }
      break;
  }
}

}  // namespace crossing::checking
