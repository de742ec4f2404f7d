#pragma once

/// An event as structs: prefixes for what a struct has no room for, pieces where its body is long.

#include <algorithm>
#include <array>

#include "event/batch.h"
#include "io/bytes.h"

namespace crossing {

/// Calls `put(head, prefixes, piece, rest)` for the event, or for each of its pieces in order
/// [PAY-01] [PAY-02] [PAY-03], until it returns false. `head` has kind, flags and subject; `delta`
/// is the time since the event before; `rest` are the bytes of the body still to come.
template <class Put>
void put_in_pieces(EventStruct head, std::uint64_t delta, std::uint64_t detail, Bytes body,
                   Put&& put) {
  std::array<std::uint8_t, 24> prefixes;
  std::size_t prefix_size = 0;
  const auto prefix = [&](EventFlag flag, std::uint64_t value) {
    head.flags |= flag;
    store(&prefixes[prefix_size], value);
    prefix_size += sizeof value;
  };
  if (delta > 0xffff) {
    prefix(flag_time_prefix, delta);
  } else {
    head.time_delta = static_cast<std::uint16_t>(delta);
  }
  if (detail > 0xffffffff) {
    prefix(flag_wide, detail);
  } else {
    head.detail = static_cast<std::uint32_t>(detail);
  }
  if (body.size() > limits::piece_size) prefix(flag_continued, body.size());
  do {
    const Bytes piece = body.first(std::min<std::size_t>(body.size(), limits::piece_size));
    body = body.subspan(piece.size());
    if (body.empty()) head.flags &= static_cast<std::uint8_t>(~flag_continued);
    if (!put(head, Bytes(prefixes).first(prefix_size), piece, body.size())) return;
    head = {.kind = head.kind, .flags = flag_continued, .subject = head.subject};
    prefix_size = 0;
  } while (!body.empty());
}

}  // namespace crossing
