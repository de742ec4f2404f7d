#pragma once

/// The lines of a dump on their way to a sink.

#include <cstdint>
#include <string>
#include <string_view>

#include "crossing/io.h"

namespace crossing::text {

/// ANSI sequences, or nothing.
struct Palette {
  explicit Palette(bool color);
  std::string_view reset, faint, host, guest, memory, alarm, note;
};

/// Lines that are written, and behind them lines that are held: those stand behind one that waits.
class Lines {
 public:
  Lines(ByteSink& sink, std::uint64_t clock_unit, const Palette& color)
      : sink_(sink), clock_unit_(clock_unit), color_(color) {}

  /// Begins a line with the number, the time and a bar for each call around; gives where it goes
  /// on.
  std::string& begin(std::uint64_t sequence, std::uint64_t time, std::size_t depth);
  /// The same, held.
  std::string& begin_held(std::uint64_t sequence, std::uint64_t time, std::size_t depth);
  /// Puts the lines that are held behind those that are written.
  void release();
  [[nodiscard]] bool holds_much() const;

  /// Hands what is written to the sink, once it is much.
  Result<void> hand_on_much();
  Result<void> flush();

  /// Where lines go on.
  std::string written;
  std::string held;

 private:
  void append_margin(std::string& out, std::uint64_t sequence, std::uint64_t time,
                     std::size_t depth) const;
  Result<void> hand_on();

  ByteSink& sink_;
  const std::uint64_t clock_unit_;  // nanoseconds; 0: no time is shown
  const Palette color_;
};

}  // namespace crossing::text
