#include "dump/lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace crossing::text {
namespace {

constexpr std::size_t buffer_size = 64 * 1024;
constexpr std::size_t held_size = 1024 * 1024;
constexpr std::size_t deepest_indent = 40;

}  // namespace

Palette::Palette(bool color) {
  if (!color) return;
  reset = "\x1b[0m";
  faint = "\x1b[2m";
  host = "\x1b[36m";
  guest = "\x1b[32m";
  memory = "\x1b[34m";
  alarm = "\x1b[1;31m";
  note = "\x1b[33m";
}

void Lines::append_margin(std::string& out, std::uint64_t sequence, std::uint64_t time,
                          std::size_t depth) const {
  const auto into = std::back_inserter(out);
  fmt::format_to(into, "{}{:>9}  ", color_.faint, sequence);
  if (clock_unit_ != 0) {
    const double seconds = static_cast<double>(time) * static_cast<double>(clock_unit_) / 1e9;
    fmt::format_to(into, "{:>12.6f}  ", seconds);
  }
  for (std::size_t i = 0; i < std::min(depth, deepest_indent); ++i) out += "│ ";
  if (depth > deepest_indent) fmt::format_to(into, "(+{}) ", depth - deepest_indent);
  out += color_.reset;
}

std::string& Lines::begin(std::uint64_t sequence, std::uint64_t time, std::size_t depth) {
  append_margin(written, sequence, time, depth);
  return written;
}

std::string& Lines::begin_held(std::uint64_t sequence, std::uint64_t time, std::size_t depth) {
  append_margin(held, sequence, time, depth);
  return held;
}

void Lines::release() {
  written += held;
  held.clear();
}

bool Lines::holds_much() const { return held.size() > held_size; }

Result<void> Lines::hand_on_much() {
  return written.size() >= buffer_size ? hand_on() : Result<void>{};
}

Result<void> Lines::flush() {
  if (auto handed = hand_on(); !handed) return handed;
  return sink_.flush();
}

Result<void> Lines::hand_on() {
  const Bytes bytes(reinterpret_cast<const std::uint8_t*>(written.data()), written.size());
  auto handed = sink_.write(bytes);
  written.clear();
  return handed;
}

}  // namespace crossing::text
