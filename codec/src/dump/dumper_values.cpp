// What is known of guest memory where the values of calls are told.

#include <algorithm>
#include <utility>

#include "dump/dumper.h"
#include "dump/titles.h"

namespace crossing::text {

/// Takes a `lift` that stands behind a call or a result, which waits for it; its line comes after
/// that one. False: nothing waits.
bool Dumper::hold(const EventView& event) {
  const bool for_params = waiting_ && !ending_ && !frames().empty() &&
                          frames().back().kind == EventKind::import_call &&
                          frames().back().needs_params;
  if ((!for_params && !ending_) || lines_.holds_much()) return false;
  if (event.flags == 0) learn(for_params ? frames().back() : ending_->frame, event);
  if (!shown_) return true;
  std::string& line = lines_.begin_held(event.sequence, event.time, frames().size());
  text_.append_line(line, event, nullptr);
  body_is_held_ = text_.body().is_open();
  if (!body_is_held_) line += '\n';
  return true;
}

/// Keeps bytes of the memory of a call's values.
void Dumper::learn(Frame& frame, const EventView& event) {
  const Function* callee =
      frame.kind == EventKind::instantiate ? nullptr : find_function(definitions_, frame.subject);
  if (callee == nullptr || callee->options.memory != event.subject ||
      event.detail > ~event.body_size || !known_.take(frame.memory, event.body_size)) {
    return;
  }
  frame.memory.bytes.write(event.detail, event.body);
  writes_ = &frame.memory.bytes;
  write_at_ = event.detail + event.body.size();
}

/// A block that moved has the bytes of the old one [ABI-15].
void Dumper::move_block(const Frame& realloc, const EventView& result) {
  const Bytes asked = realloc.params;
  const bool wide = asked.size() == 32;
  if (frames().empty() || (!wide && asked.size() != 16) || result.flags != 0) return;
  const auto number = [&](Bytes body, std::size_t index) {
    return wide ? number_at<std::uint64_t>(body, 8 * index)
                : std::uint64_t{number_at<std::uint32_t>(body, 4 * index)};
  };
  const std::uint64_t size = std::min(number(asked, 1), number(asked, 3));
  CallMemory& lowering = frames().back().memory;
  if (size == 0 || !known_.take(lowering, size)) return;
  lowering.bytes.copy(number(asked, 0), size, number(result.body, 0));
}

/// Puts the parameters into the text of a call, now that all that is known of them is.
void Dumper::complete(Frame& frame) {
  if (!std::exchange(frame.needs_params, false)) return;
  text_.append_params(frame.text, frame.subject, frame.params, &frame.memory.bytes);
  // What the host writes from here on is the result.
  if (frame.kind == EventKind::import_call) known_.forget(frame.memory);
}

/// Writes the end of a call that waited.
void Dumper::settle() {
  if (!ending_) return;
  Ending ending = std::move(*ending_);
  ending_.reset();
  std::string result;
  text_.append_results(result, ending.frame.subject, ending.frame.params, ending.results,
                       &ending.frame.memory.bytes);
  write_end(ending, result);
  release();
  known_.forget(ending.frame.memory);
}

}  // namespace crossing::text
