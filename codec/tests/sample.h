#pragma once

/// A small trace that holds something of everything, for tests.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "crossing/trace.h"

namespace crossing::testing {

/// Throws where a step fails that has to go well.
inline void must(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().text());
}

inline TraceInfo sample_info(Clock clock = Clock::none) {
  TraceInfo info;
  info.producer_name = "sample";
  info.producer_version = "1";
  info.uuid = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  info.recorded_by = RecordedBy::synthetic;
  info.clock = clock;
  info.clock_unit = clock == Clock::none ? 0 : 1;
  info.replayable = true;
  info.core_complete = true;
  return info;
}

inline std::vector<Definition> sample_definitions() {
  Type u32_type{.id = 0, .kind = TypeKind::u32};
  Type function_type{
      .id = 1, .kind = TypeKind::func, .name = "", .members = {{"x", 0}}, .element = 0};
  Component component{
      .id = 0, .name = "sample", .digest = std::vector<std::uint8_t>(32, 7), .size = 8};
  Instance instance{.id = 0, .component = 0, .path = {}, .bindings = {{"host", Side::host}}};
  Memory memory{
      .id = 0, .instance = 0, .core_memory = 0, .core_instance = 0, .export_name = "memory"};
  Function imported{.id = 0,
                    .instance = 0,
                    .role = Role::import_,
                    .canonical_definition = 0,
                    .names = {{"host", "f"}},
                    .options = {.memory = 0, .realloc = 2},
                    .core_params = {CoreType::i32},
                    .core_results = {CoreType::i32}};
  Function exported{.id = 1,
                    .instance = 0,
                    .role = Role::export_,
                    .index_space = IndexSpace::func,
                    .index = 1,
                    .core_instance = 0,
                    .core_export = "run",
                    .canonical_definition = 1,
                    .names = {{"", "run"}},
                    .type = 1,
                    .core_params = {CoreType::i32},
                    .core_results = {CoreType::i32}};
  Function realloc{.id = 2,
                   .instance = 0,
                   .role = Role::realloc,
                   .index = 2,
                   .core_instance = 0,
                   .core_export = "cabi_realloc",
                   .core_params = std::vector<CoreType>(4, CoreType::i32),
                   .core_results = {CoreType::i32}};
  return {u32_type, function_type, component, instance, memory, imported, exported, realloc};
}

/// An event that owns its body.
struct OwnedEvent {
  EventKind kind = EventKind::marker;
  std::uint8_t flags = 0;
  std::uint64_t time = 0;
  std::uint32_t subject = 0;
  std::uint64_t detail = 0;
  std::vector<std::uint8_t> body;
  bool operator==(const OwnedEvent&) const = default;
  [[nodiscard]] Event view() const { return {kind, flags, time, subject, detail, body}; }
};

inline std::vector<std::uint8_t> body_of(std::size_t size, std::uint8_t seed = 1) {
  std::vector<std::uint8_t> body(size);
  for (std::size_t i = 0; i < size; ++i)
    body[i] = static_cast<std::uint8_t>(seed + i * 7 + i / 251);
  return body;
}

/// The arguments of `realloc` for a block of bytes.
inline std::vector<std::uint8_t> realloc_body(std::size_t size) {
  std::vector<std::uint8_t> body(16);
  body[8] = 1;
  for (std::size_t i = 0; i < 4; ++i) body[12 + i] = static_cast<std::uint8_t>(size >> (8 * i));
  return body;
}

/// One call of `run` that calls `f` `calls` times; `f` writes `lower_size` bytes.
inline std::vector<OwnedEvent> sample_events(int calls = 2, std::size_t lower_size = 5) {
  using K = EventKind;
  std::vector<OwnedEvent> events = {
      {K::instantiate, 0, 0, 0, 0, {}},
      {K::instantiate_end, 0, 0, 0, 0, {}},
      {K::export_call, 0, 0, 1, 0, {}},
      {K::export_enter, 0, 0, 1, 0, {1, 0, 0, 0}},
  };
  for (int i = 0; i < calls; ++i) {
    events.push_back({K::import_call, 0, 0, 0, 0, {2, 0, 0, 0}});
    events.push_back({K::realloc_call, 0, 0, 2, 0, realloc_body(lower_size)});
    events.push_back({K::realloc_result, 0, 0, 2, 0, {8, 0, 0, 0}});
    events.push_back({K::lower, flag_snapshot, 0, 0, 8, body_of(lower_size)});
    events.push_back({K::import_result, 0, 0, 0, 0, {3, 0, 0, 0}});
  }
  events.push_back({K::export_result, 0, 0, 1, 0, {4, 0, 0, 0}});
  events.push_back({K::digest, 0, 0, 0, 0, body_of(16)});
  events.push_back({K::marker, 0, 0, 0, 3, {'a', 'b', 'c', 1, 2}});
  return events;
}

/// Writes a complete trace. Throws where the writer fails.
inline std::vector<std::uint8_t> write_trace(const std::vector<OwnedEvent>& events,
                                             WriterOptions options = {.salt = 42},
                                             Clock clock = Clock::none) {
  MemorySink sink;
  auto writer = Writer::create(sink, sample_info(clock), options).value();
  for (const Definition& definition : sample_definitions()) must(writer.define(definition));
  for (const OwnedEvent& event : events) must(writer.append(event.view()));
  must(writer.finish());
  return sink.take();
}

/// A trace of four events that its writer did not finish, with salt 0.
inline std::vector<std::uint8_t> interrupted_trace() {
  MemorySink sink;
  auto writer = Writer::create(sink, sample_info(), {.salt = 0}).value();
  for (const Definition& definition : sample_definitions()) must(writer.define(definition));
  const auto events = sample_events(0);
  for (std::size_t i = 0; i < 4; ++i) must(writer.append(events[i].view()));
  must(writer.flush());
  return sink.take();
}

/// What reading a trace gave.
struct ReadBack {
  Error verdict{.verdict = Verdict::ok, .message = "", .offset = {}, .event = {}};
  std::vector<OwnedEvent> events;  ///< pieces joined
  std::vector<Definition> definitions;
  std::vector<std::uint8_t> attachments;
  Totals totals;
};

inline ReadBack read_trace(Bytes bytes, ReaderOptions options = {}) {
  ReadBack result;
  MemorySource source(bytes);
  auto reader = Reader::open(source, options);
  if (!reader) {
    result.verdict = reader.error();
    return result;
  }
  for (;;) {
    auto item = reader->next();
    if (!item) {
      result.verdict = item.error();
      break;
    }
    if (std::holds_alternative<std::monostate>(*item)) break;
    if (const auto* definitions = std::get_if<NewDefinitions>(&*item)) {
      result.definitions.insert(result.definitions.end(), definitions->begin(), definitions->end());
    }
    if (const auto* piece = std::get_if<AttachmentPiece>(&*item)) {
      result.attachments.insert(result.attachments.end(), piece->bytes.begin(), piece->bytes.end());
    }
    if (const auto* block = std::get_if<Block>(&*item)) {
      for (const EventView& event : *block) {
        if (event.first) {
          result.events.push_back(
              {event.kind, event.flags, event.time, event.subject, event.detail, {}});
        }
        auto& body = result.events.back().body;
        body.insert(body.end(), event.body.begin(), event.body.end());
      }
    }
  }
  result.totals = reader->totals();
  return result;
}

}  // namespace crossing::testing
