// The lines of events and calls: which are written, and when.

#include <utility>

#include "dump/dumper.h"

namespace crossing::text {

/// The line of an event by itself, which goes on while its body does.
void Dumper::write_single(const EventView& event) {
  std::string& line = lines_.begin(event.sequence, event.time, frames().size());
  CallMemory* memory = frames().empty() ? nullptr : &frames().back().memory;
  text_.append_line(line, event, memory == nullptr ? nullptr : &memory->bytes);
  if (event.kind == EventKind::export_enter && memory != nullptr) known_.forget(*memory);
  if (!text_.body().is_open()) line += '\n';
}

/// The first line of a call.
void Dumper::write_first(Frame& frame, std::size_t depth, std::string_view mark) {
  complete(frame);
  std::string& line = lines_.begin(frame.sequence, frame.time, depth);
  line += mark;
  line += frame.text;
  line += '\n';
}

/// The calls around the first event of the range, so that it is seen in its place.
void Dumper::write_context() {
  if (std::exchange(context_written_, true)) return;
  for (std::size_t i = 0; i < frames().size(); ++i) {
    if (frames()[i].sequence < options_.from) write_first(frames()[i], i, "┌ ");
  }
}

void Dumper::write_waiting() {
  if (!std::exchange(waiting_, false)) return;
  if (!frames().empty() && in_range(frames().back().sequence)) {
    write_first(frames().back(), frames().size() - 1, "┌ ");
  }
  release();
}

void Dumper::write_end(Ending& ending, const std::string& result) {
  if (ending.joins) {
    if (!in_range(ending.frame.sequence)) return;
    if (!result.empty()) ending.frame.text += " " + result;
    return write_first(ending.frame, frames().size(), "");
  }
  if (!ending.shown) return;
  std::string& line = lines_.begin(ending.sequence, ending.time, frames().size());
  line += "└";
  if (!result.empty()) line += " " + result;
  line += '\n';
}

/// Lines that stand behind one which is written now.
void Dumper::release() {
  lines_.release();
  body_is_held_ = false;
}

/// Ends the line of an event whose last piece is missing.
void Dumper::end_body() {
  text_.body().cut(std::exchange(body_is_held_, false) ? lines_.held : lines_.written);
}

}  // namespace crossing::text
