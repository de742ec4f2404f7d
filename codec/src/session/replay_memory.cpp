/// Events that leave the calls as they are: memory, what belongs to it, and threads.

#include <algorithm>

#include "frame/frame.h"
#include "io/bytes.h"
#include "io/fault.h"
#include "session/replay_session.h"

namespace crossing {
namespace {

std::string memory_title(const EventView& event) {
  return "memory " + std::to_string(event.subject);
}

/// Up to 8 bytes from the first that differs: "0x12 0x34".
std::string bytes_text(Bytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 8))) {
    if (!text.empty()) text += ' ';
    text += hex(byte, 2);
  }
  return bytes.size() > 8 ? text + " …" : text;
}

}  // namespace

/// What stands before an instance comes to life or ends.
Replayer::Impl::Flow Replayer::Impl::take_asides() {
  for (;;) {
    const EventView* next = cursor_.peek();
    if (next == nullptr) return cursor_.stopped() ? stop() : Flow::on;
    switch (next->kind) {
      case EventKind::lower:
      case EventKind::lift:
      case EventKind::digest:
      case EventKind::grow:
        if (const Flow flow = aside(""); flow != Flow::on) return flow;
        break;
      default: return Flow::on;
    }
  }
}

/// What stands between guest code and the event that it brings about.
Replayer::Impl::Flow Replayer::Impl::take_digests() {
  for (;;) {
    const EventView* next = cursor_.peek();
    if (next == nullptr) return cursor_.stopped() ? stop() : Flow::on;
    if (next->kind != EventKind::digest && next->kind != EventKind::grow) return Flow::on;
    if (const Flow flow = aside(""); flow != Flow::on) return flow;
  }
}

/// `awaited` is followed by the title of `function`, if there is one.
Replayer::Impl::Flow Replayer::Impl::aside(std::string_view awaited, std::uint32_t function) {
  const EventView* next = cursor_.peek();
  if (next != nullptr) {
    switch (next->kind) {
      case EventKind::realloc_call: return realloc();
      case EventKind::lower: return lower();
      case EventKind::lift: return lift();
      case EventKind::digest: return digest();
      case EventKind::grow: return grow();
      case EventKind::gap: return gap(*next);
      case EventKind::task_start:
      case EventKind::task_cancel:
      case EventKind::task_resolve:
      case EventKind::task_resolve_end:
      case EventKind::copy:
      case EventKind::copy_end:
      case EventKind::end_dropped:
        take();  // what they bring about are events of their own
        return Flow::on;
      case EventKind::thread_switch:
      case EventKind::thread_start: return thread();
      case EventKind::import_call:
        // A thread that began by itself, and not by a call of the host.
        if (thread_ != (frames_.empty() ? 0 : frames_.back().thread)) return needs_stacks();
        break;
      default: break;
    }
  }
  std::string text(awaited);
  if (function != none) text += identity_.title(function);
  return misplaced(next, text);
}

/// Another thread goes on. While each begins in a call and is left without one, they take turns on
/// one stack [REPLAY-10]; otherwise `pop` notices.
Replayer::Impl::Flow Replayer::Impl::thread() {
  thread_ = take().subject;
  return Flow::on;
}

// --- memory.grow -------------------------------------------------------------

/// Before guest code goes on: a growth that is to be other than it would be [GROW-01].
Replayer::Impl::Flow Replayer::Impl::prepare_growth() {
  const EventView* next = cursor_.ahead();
  if (next == nullptr || next->kind != EventKind::grow) return Flow::on;
  const std::uint64_t number = next->sequence;
  const auto cannot = [&](const std::string& why) {
    return halt(Verdict::unsupported, "event " + std::to_string(number) + " is grow: " + why);
  };
  if (next->detail != 0) return cannot("that a table grew otherwise cannot be repeated");
  const auto delta = load<std::uint64_t>(next->body.data());
  const auto result = load<std::int64_t>(&next->body[8]);
  const std::uint32_t memory = identity_.memory(next->subject);
  const auto size = memory == none ? std::nullopt : guest_->memory_size(memory);
  if (!size) return cannot("the memory is not there yet");
  const std::uint32_t page = wiring_.definitions.memories[memory].page_size_log2;
  // As large as it may get without the growth that failed, or as it got.
  const std::uint64_t pages = result < 0 ? (*size >> page) + std::max<std::uint64_t>(delta, 1) - 1
                                         : static_cast<std::uint64_t>(result) + delta;
  if (pages > UINT64_MAX >> page || !guest_->limit_growth(memory, pages << page)) {
    return cannot("this engine cannot make a memory grow otherwise than it does");
  }
  limited_ = memory;
  return Flow::on;
}

Replayer::Impl::Flow Replayer::Impl::grow() {
  take();  // what the guest makes of it is compared
  if (limited_) guest_->limit_growth(*limited_, std::nullopt);
  limited_.reset();
  return prepare_growth();
}

// --- bytes -------------------------------------------------------------------

Replayer::Impl::Flow Replayer::Impl::memory_of(const EventView& event, std::uint32_t& memory,
                                               std::uint64_t& size) {
  memory = identity_.memory(event.subject);
  const auto found = memory == none ? std::nullopt : guest_->memory_size(memory);
  if (!found) {
    return diverged_at(event.sequence, memory_title(event), "a memory", "none in the component");
  }
  size = *found;
  return Flow::on;
}

Replayer::Impl::Flow Replayer::Impl::lower() {
  const EventView& event = take();
  if (event.flags & flag_redacted) {
    return halt(Verdict::unsupported, "event " + std::to_string(event.sequence) +
                                          " is redacted: what the host wrote is not known");
  }
  std::uint32_t memory = none;
  std::uint64_t size = 0;
  if (const Flow flow = memory_of(event, memory, size); flow != Flow::on) return flow;
  if (event.body_size > size || event.detail > size - event.body_size) {
    return diverged_at(
        event.sequence, memory_title(event),
        std::to_string(event.body_size) + " bytes written at " + std::to_string(event.detail),
        "a memory of " + std::to_string(size) + " bytes");
  }
  guest_->write(memory, event.detail, event.body);
  if (event.last) return Flow::on;
  std::uint64_t address = event.detail + event.body.size();
  while (const EventView* piece = cursor_.next_piece()) {
    guest_->write(memory, address, piece->body);
    address += piece->body.size();
  }
  return Flow::on;  // a cut among the pieces shows at the next event
}

Replayer::Impl::Flow Replayer::Impl::lift() {
  const EventView event = take();
  if (event.flags & (flag_omitted | flag_redacted)) return Flow::on;
  std::uint32_t memory = none;
  std::uint64_t size = 0;
  if (const Flow flow = memory_of(event, memory, size); flow != Flow::on) return flow;
  const bool hashed = event.flags & flag_hashed;
  const std::uint64_t length = hashed ? load<std::uint64_t>(event.body.data()) : event.body_size;
  const std::string read =
      std::to_string(length) + " bytes read at " + std::to_string(event.detail);
  if (length > size || event.detail > size - length) {
    return differs({event.sequence, memory_title(event), read, "none there"});
  }
  if (hashed) {
    const auto expected = load<std::uint64_t>(&event.body[8]);
    const std::uint64_t found = hash_bytes(guest_->read(memory, event.detail, length), 0);
    if (expected == found) return Flow::on;
    return differs({event.sequence, memory_title(event), read + ", " + hex(expected, 16),
                    "other bytes there, " + hex(found, 16)});
  }
  std::optional<Divergence> difference;
  std::uint64_t address = event.detail;
  Bytes body = event.body;
  for (;;) {
    const Bytes found = guest_->read(memory, address, body.size());
    const auto [a, b] = std::mismatch(body.begin(), body.end(), found.begin());
    if (a != body.end() && !difference) {
      const auto offset = static_cast<std::size_t>(a - body.begin());
      const std::string at = " at " + std::to_string(address + offset);
      std::string expected = read;
      expected.append(", ").append(bytes_text(body.subspan(offset))).append(at);
      difference = Divergence{event.sequence, memory_title(event), std::move(expected),
                              bytes_text(found.subspan(offset)) + at};
    }
    address += body.size();
    if (event.last) break;
    const EventView* piece = cursor_.next_piece();
    if (piece == nullptr) break;
    body = piece->body;
  }
  return difference ? differs(std::move(*difference)) : Flow::on;
}

Replayer::Impl::Flow Replayer::Impl::digest() {
  const EventView& event = take();
  if (!options_.compare_digests) return Flow::on;
  std::uint32_t memory = none;
  std::uint64_t size = 0;
  if (const Flow flow = memory_of(event, memory, size); flow != Flow::on) return flow;
  const auto expected_size = load<std::uint64_t>(event.body.data());
  const auto expected = load<std::uint64_t>(&event.body[8]);
  const std::uint64_t found = hash_bytes(guest_->read(memory, 0, size), 0);
  ++digests_;
  if (size == expected_size && found == expected) return Flow::on;
  return differs({event.sequence, memory_title(event),
                  "a digest of " + std::to_string(expected_size) + " bytes, " + hex(expected, 16),
                  std::to_string(size) + " bytes, " + hex(found, 16)});
}

}  // namespace crossing
