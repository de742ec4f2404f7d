#pragma once

/// The ways to read a trace, each with all that it gave, so that they can be compared.

#include <algorithm>
#include <cstring>
#include <map>
#include <random>

#include "crossing/trace.h"
#include "frame/frame.h"

namespace crossing::testing {

/// How much a reader gave, and a hash over all of it.
struct Given {
  std::size_t items = 0;
  std::uint64_t events = 0;
  std::uint64_t hash = 0;
  bool operator==(const Given&) const = default;

  void add(Bytes bytes) { hash = hash_bytes(bytes, hash); }
  void add(std::uint64_t number) {
    std::uint8_t bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    add(bytes);
  }
  void add(const EventView& event) {
    add(event.sequence);
    add(event.time);
    const bool marks[] = {event.first, event.last};
    add(Bytes(reinterpret_cast<const std::uint8_t*>(marks), sizeof marks));
    add(std::uint64_t{static_cast<std::uint8_t>(event.kind)});
    add(std::uint64_t{event.flags});
    add(event.subject);
    add(event.detail);
    add(event.body_size);
    add(event.body);
    events += event.last ? 1 : 0;
  }
  void add(const Item& item) {
    ++items;
    if (const auto* definitions = std::get_if<NewDefinitions>(&item)) add(definitions->size());
    if (const auto* piece = std::get_if<AttachmentPiece>(&item)) {
      add(piece->offset);
      add(piece->bytes);
    }
    const auto* block = std::get_if<Block>(&item);
    if (block == nullptr) return;
    add(block->base_sequence());
    for (const OpenCall& call : block->open_calls()) add(call.event);
    for (const EventView& event : *block) add(event);
  }
};

struct Outcome {
  Error verdict{.verdict = Verdict::ok, .message = {}, .offset = {}, .event = {}};
  Given given;
  bool operator==(const Outcome&) const = default;
};

/// Reads to the end. `marks`, if given: what was given when the reader had come to an offset.
inline Outcome read_in_order(ByteSource& source, ReaderOptions options = {},
                             std::map<std::size_t, Given>* marks = nullptr) {
  Outcome outcome;
  const auto ends = [&](const Error& error) {
    outcome.verdict = error;
    return outcome;
  };
  auto reader = Reader::open(source, options);
  if (!reader) return ends(reader.error());
  ++outcome.given.items;
  for (;;) {
    if (marks != nullptr) {
      marks->insert_or_assign(static_cast<std::size_t>(reader->offset()), outcome.given);
    }
    auto item = reader->next();
    if (!item) return ends(item.error());
    if (std::holds_alternative<std::monostate>(*item)) return outcome;
    outcome.given.add(*item);
  }
}

inline Outcome read_in_order(Bytes bytes, ReaderOptions options = {},
                             std::map<std::size_t, Given>* marks = nullptr) {
  MemorySource source(bytes);
  return read_in_order(source, options, marks);
}

/// Pushes pieces of as many bytes as `size` says.
template <class Size>
Outcome read_pushed(Bytes bytes, Size size, ReaderOptions options = {}) {
  Outcome outcome;
  PushReader reader(options);
  const auto ends = [&](const Error& error) {
    outcome.verdict = error;
    outcome.given.items += reader.info() != nullptr ? 1 : 0;
    return outcome;
  };
  while (!bytes.empty()) {
    Bytes piece = bytes.first(std::min<std::size_t>(bytes.size(), size()));
    bytes = bytes.subspan(piece.size());
    for (;;) {
      auto item = reader.push(piece);
      if (!item) return ends(item.error());
      if (!*item) break;
      outcome.given.add(**item);
    }
  }
  const auto verdict = reader.finish();
  if (!verdict) return ends(verdict.error());
  ++outcome.given.items;
  return outcome;
}

}  // namespace crossing::testing
