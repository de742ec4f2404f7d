#pragma once

/// Recordings for tests: events that tell their own number, and what a trace of them holds.

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "crossing/recorder.h"
#include "crossing/trace.h"

namespace crossing::recording {

inline TraceInfo info() {
  TraceInfo info;
  info.producer_name = "recorder test";
  info.uuid.assign(16, 1);
  info.recorded_by = RecordedBy::synthetic;
  return info;
}

/// A component with one memory and two imports: 0 takes an i64, 1 nothing.
inline std::vector<Definition> definitions() {
  return {Component{.id = 0, .name = "test", .digest = std::vector<std::uint8_t>(32, 0)},
          Instance{.id = 0, .component = 0, .path = {}, .bindings = {}},
          Memory{.id = 0, .instance = 0},
          Function{.id = 0,
                   .instance = 0,
                   .role = Role::import_,
                   .names = {{"host", "f"}},
                   .core_params = {CoreType::i64}},
          Function{.id = 1,
                   .instance = 0,
                   .role = Role::import_,
                   .index = 1,
                   .canonical_definition = 1,
                   .names = {{"host", "g"}}}};
}

/// The n-th event of an endless run: calls, and writes of all sizes whose bytes follow from n.
struct Numbered {
  Event event;
  std::vector<std::uint8_t> body;
};
inline Numbered numbered(std::uint64_t n, std::size_t largest) {
  Numbered made;
  switch (n % 3) {
    case 0:
      made.event.kind = EventKind::import_call;
      made.body.resize(8);
      std::memcpy(made.body.data(), &n, sizeof n);
      break;
    case 1: {
      made.event.kind = EventKind::lower;
      made.event.flags = flag_snapshot;  // never joined to another
      made.event.detail = n;
      const std::size_t size = n % 17 == 0 ? n * 7919 % largest : n % 29;
      made.body.resize(size);
      for (std::size_t i = 0; i < size; ++i) made.body[i] = static_cast<std::uint8_t>(n * 31 + i);
      break;
    }
    default: made.event.kind = EventKind::import_result; break;
  }
  return made;
}

inline void append(Recorder& recorder, const Numbered& made) {
  recorder.append(made.event.kind, made.event.subject, made.event.detail, made.body,
                  made.event.flags);
}

/// What a trace holds: whole events in order, gaps by reason and count, and its verdict.
struct Held {
  std::vector<Event> events;
  std::vector<std::vector<std::uint8_t>> bodies;
  std::vector<std::uint64_t> numbers;  // of the events
  std::vector<std::pair<GapReason, std::uint64_t>> gaps;
  std::optional<Error> error;
};
inline Held read(ByteSource& source) {
  Held held;
  auto reader = Reader::open(source);
  if (!reader) {
    held.error = reader.error();
    return held;
  }
  for (;;) {
    const auto item = reader->next();
    if (!item) {
      held.error = item.error();
      return held;
    }
    if (std::holds_alternative<std::monostate>(*item)) return held;
    const auto* block = std::get_if<Block>(&*item);
    if (block == nullptr) continue;
    for (const EventView& event : *block) {
      if (event.kind == EventKind::gap) {
        std::uint64_t count = 0;
        std::memcpy(&count, event.body.data(), sizeof count);
        held.gaps.emplace_back(static_cast<GapReason>(event.detail), count);
        continue;
      }
      if (event.first) {
        held.events.push_back(
            {event.kind, event.flags, event.time, event.subject, event.detail, {}});
        held.bodies.emplace_back();
        held.numbers.push_back(event.sequence);
      }
      held.bodies.back().insert(held.bodies.back().end(), event.body.begin(), event.body.end());
    }
  }
}
inline Held read(Bytes bytes) {
  MemorySource source(bytes);
  return read(source);
}

/// Whether event `i` of a trace is the `n`-th of the run.
inline bool is_numbered(const Held& held, std::size_t i, std::uint64_t n, std::size_t largest) {
  const Numbered expected = numbered(n, largest);
  return held.events[i].kind == expected.event.kind &&
         held.events[i].flags == expected.event.flags &&
         held.events[i].detail == expected.event.detail && held.bodies[i] == expected.body;
}

}  // namespace crossing::recording
