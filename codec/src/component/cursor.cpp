#include "cursor.h"

namespace crossing::component {

bool Fault::raise(Verdict verdict, std::uint64_t offset, std::string message) {
  if (!error_) {
    error_ =
        Error{.verdict = verdict, .message = std::move(message), .offset = offset, .event = {}};
  }
  return false;
}

std::string hex(std::uint64_t value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[value & 15]);
    value >>= 4;
  } while (value != 0);
  return "0x" + digits;
}

bool is_utf8(std::string_view bytes) {
  const std::size_t size = bytes.size();
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  for (std::size_t i = 0; i < size;) {
    const std::uint8_t lead = at(i);
    if (lead < 0x80) {
      i += 1;
      continue;
    }
    const std::size_t length = lead < 0xc2   ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || length > size - i) return false;
    // The second byte's range excludes overlong forms, surrogates and what lies beyond U+10FFFF.
    const std::uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (at(i + 1) < low || at(i + 1) > high) return false;
    for (std::size_t k = 2; k < length; ++k) {
      if ((at(i + k) & 0xc0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

std::uint8_t Cursor::byte(std::string_view field) {
  if (!ok()) return 0;
  if (remaining() == 0) {
    fail(cut(), "expected " + std::string(field) + ", found the end");
    return 0;
  }
  return input_[position_++];
}

std::uint64_t Cursor::leb(std::string_view field, unsigned bits) {
  const std::uint64_t start = position_;
  std::uint64_t value = 0;
  for (unsigned shift = 0; ok(); shift += 7) {
    const std::uint8_t next = byte(field);
    const unsigned room = bits - shift;
    if (room < 7 && ((next & 0x7f) >> room) != 0) break;
    value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
    if ((next & 0x80) == 0) return ok() ? value : 0;
    if (room <= 7) break;
  }
  fail_at(start, Verdict::invalid,
          "expected " + std::string(field) + " as an unsigned LEB128 number of " +
              std::to_string(bits) + " bits, found a longer one");
  return 0;
}

std::uint32_t Cursor::u32(std::string_view field) {
  return static_cast<std::uint32_t>(leb(field, 32));
}

std::uint64_t Cursor::u64(std::string_view field) { return leb(field, 64); }

std::int64_t Cursor::s33(std::string_view field) {
  const std::uint64_t start = position_;
  std::uint64_t value = 0;
  for (unsigned shift = 0; ok(); shift += 7) {
    const std::uint8_t next = byte(field);
    value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
    if ((next & 0x80) != 0) {
      if (shift < 28) continue;
      break;
    }
    // The fifth byte holds bits 28 to 32; its upper bits repeat the sign.
    if (shift == 28 && (next & 0x70) != 0 && (next & 0x70) != 0x70) break;
    if ((next & 0x40) != 0) value |= ~std::uint64_t{0} << (shift + 7);
    return ok() ? static_cast<std::int64_t>(value) : 0;
  }
  fail_at(start, Verdict::invalid,
          "expected " + std::string(field) +
              " as a signed LEB128 number of 33 bits, found a longer one");
  return 0;
}

std::uint32_t Cursor::count(std::string_view field, std::size_t element_size) {
  const std::uint64_t start = position_;
  const std::uint32_t value = u32(field);
  if (value > remaining() / element_size) {
    fail_at(start, cut(),
            "expected at most " + std::to_string(remaining() / element_size) + " as " +
                std::string(field) + ", found " + std::to_string(value));
    return 0;
  }
  return ok() ? value : 0;
}

std::string_view Cursor::name(std::string_view field) {
  const std::uint64_t start = position_;
  const std::uint32_t size = u32(field);
  if (!ok()) return {};
  if (size > remaining()) {
    fail_at(start, cut(),
            "expected " + std::string(field) + " of at most " + std::to_string(remaining()) +
                " bytes, found one of " + std::to_string(size));
    return {};
  }
  if (size > name_limit_) {
    fail_at(start, Verdict::limit,
            "expected " + std::string(field) + " of at most " + std::to_string(name_limit_) +
                " bytes, found one of " + std::to_string(size));
    return {};
  }
  const std::string_view text(reinterpret_cast<const char*>(input_.data()) + position_, size);
  if (!is_utf8(text)) {
    fail_at(start, Verdict::invalid,
            "expected " + std::string(field) + " in UTF-8, found other bytes");
    return {};
  }
  position_ += size;
  return text;
}

Cursor Cursor::part(std::uint32_t size, std::string_view field) {
  Cursor inner = *this;
  inner.part_ = true;
  inner.end_ = inner.position_;
  if (!ok()) return inner;
  if (size > remaining()) {
    fail(cut(), "expected " + std::string(field) + " of at most " + std::to_string(remaining()) +
                    " bytes, found one of " + std::to_string(size));
    return inner;
  }
  inner.end_ = position_ + size;
  position_ += size;
  return inner;
}

void Cursor::skip(std::uint64_t size, std::string_view field) {
  if (!ok()) return;
  if (size > remaining()) {
    fail(cut(), "expected " + std::string(field) + " of at most " + std::to_string(remaining()) +
                    " bytes, found one of " + std::to_string(size));
    return;
  }
  position_ += static_cast<std::size_t>(size);
}

void Cursor::literal(std::uint8_t value, std::string_view field) {
  const std::uint64_t start = position_;
  const std::uint8_t found = byte(field);
  if (ok() && found != value) unexpected(start, std::string(field) + " " + hex(value), found);
}

void Cursor::finish(std::string_view what) {
  if (ok() && remaining() != 0) {
    fail(Verdict::invalid, "expected the end of " + std::string(what) + ", found " +
                               std::to_string(remaining()) + " bytes more");
  }
}

bool Cursor::unexpected(std::uint64_t offset, std::string_view what, std::uint64_t found) {
  return fail_at(offset, Verdict::invalid,
                 "expected " + std::string(what) + ", found " + hex(found));
}

}  // namespace crossing::component
