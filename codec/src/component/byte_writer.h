#pragma once

/// Bytes in the making, in the encodings that WebAssembly's binary formats share. Mirror of Cursor.

#include <cstdint>
#include <string_view>
#include <vector>

#include "crossing/io.h"

namespace crossing::component {

class ByteWriter {
 public:
  void byte(std::uint8_t value) { bytes_.push_back(value); }
  /// Unsigned LEB128.
  void u32(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
  }
  /// Signed LEB128.
  void s64(std::int64_t value) {
    for (;; value >>= 7) {
      const auto low = static_cast<std::uint8_t>(value & 0x7f);
      const bool last = (value >> 6) == 0 || (value >> 6) == -1;
      byte(static_cast<std::uint8_t>(last ? low : low | 0x80));
      if (last) return;
    }
  }
  void name(std::string_view text) {
    u32(text.size());
    bytes_.insert(bytes_.end(), text.begin(), text.end());
  }
  void raw(Bytes bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  /// Length-prefixed.
  void sized(Bytes bytes) {
    u32(bytes.size());
    raw(bytes);
  }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] Bytes view() const { return bytes_; }
  [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace crossing::component
