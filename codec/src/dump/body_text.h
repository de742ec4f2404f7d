#pragma once

/// Bodies of events as bytes.

#include <cstdint>
#include <cstring>
#include <string>

#include "crossing/event.h"
#include "dump/lines.h"

namespace crossing::text {

/// Reads a struct's member from a body; zero where it is too short.
template <class T>
T number_at(Bytes body, std::size_t offset) {
  T value = 0;
  if (offset + sizeof value <= body.size()) std::memcpy(&value, body.data() + offset, sizeof value);
  return value;
}

/// Says what stands for a body that is not there; false: it is there.
bool append_flagged(std::string& out, const EventView& event);

/// A body that ends a line, over all its pieces.
class BodyText {
 public:
  BodyText(const Palette& color, bool full) : color_(color), full_(full) {}

  /// ", 12 bytes: …" of a body without its first `skipped` bytes. In full, where that is asked for,
  /// it is open until its last piece.
  void begin(std::string& out, const EventView& event, Bytes body, std::uint64_t skipped = 0);
  /// Goes on with a further piece; the last one ends the line.
  void go_on(std::string& out, const EventView& piece);
  /// Ends the line where the last piece is missing.
  void cut(std::string& out);

  [[nodiscard]] bool is_open() const { return form_ != Form::none; }

 private:
  enum class Form : std::uint8_t { none, text, hex };

  void append(std::string& out, Bytes body) const;
  void close(std::string& out);

  const Palette color_;
  const bool full_;
  Form form_ = Form::none;  // of the body that is open
};

}  // namespace crossing::text
