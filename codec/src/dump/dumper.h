#pragma once

/// Events as the lines of a dump.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crossing/text.h"
#include "dump/call_memory.h"
#include "dump/event_text.h"
#include "dump/lines.h"

namespace crossing::text {

/// Turns events into lines. The line of a call waits for the next event: where that is its result
/// the two are one line.
class Dumper final : public ItemWriter {
 public:
  /// `definitions` may grow.
  Dumper(const TraceInfo& info, const Definitions& definitions, ByteSink& sink,
         const DumpOptions& options)
      : definitions_(definitions),
        options_(options),
        lines_(sink, info.clock_unit, Palette(options.color)),
        text_(definitions, info.profile, options) {}

  Result<void> block(const Block& block);
  Result<void> write(const Item& item) override;
  Result<void> flush() override;
  Result<void> finish() override;

  /// Takes a call that is open where the range begins, from its first event on; outer ones first.
  void open_around(const EventView& event, const EventView* next);

  [[nodiscard]] bool past_end() const { return last_ >= options_.to; }

 private:
  /// A call, or a lowering with an end of its own.
  struct Frame {
    EventKind kind = EventKind::export_call;
    std::uint32_t subject = 0;
    std::uint64_t sequence = 0;
    std::uint64_t time = 0;
    std::string text;           // of its first line
    bool needs_params = false;  // its parameters are still to come in it
    std::vector<std::uint8_t> params;
    CallMemory memory;
  };
  /// The end of a call that waits for what the host reads of the result.
  struct Ending {
    Frame frame;
    std::uint64_t sequence = 0;
    std::uint64_t time = 0;
    bool joins = false;  // the call has no line yet
    bool shown = false;
    std::vector<std::uint8_t> results;
  };

  std::vector<Frame>& frames() { return threads_[thread_]; }
  [[nodiscard]] bool in_range(std::uint64_t sequence) const {
    return sequence >= options_.from && sequence <= options_.to;
  }
  bool is_top(EventKind kind, std::uint32_t subject);

  // Calls: dumper.cpp
  void event(const EventView& event);
  void further_piece(const EventView& event);
  Frame opened(const EventView& event);
  void end_call(const EventView& event, EventKind kind);
  void trap(const EventView& event);
  void switch_to(std::uint32_t thread);
  void adopt(std::span<const OpenCall> open_calls);

  // Guest memory: dumper_values.cpp
  bool hold(const EventView& event);
  void learn(Frame& frame, const EventView& event);
  void move_block(const Frame& realloc, const EventView& result);
  void complete(Frame& frame);
  void settle();

  // Lines: dumper_lines.cpp
  void write_single(const EventView& event);
  void write_first(Frame& frame, std::size_t depth, std::string_view mark);
  void write_context();
  void write_waiting();
  void write_end(Ending& ending, const std::string& result);
  void release();
  void end_body();

  const Definitions& definitions_;
  const DumpOptions options_;
  Lines lines_;
  EventText text_;
  std::map<std::uint32_t, std::vector<Frame>> threads_;
  std::uint32_t thread_ = 0;
  std::uint64_t last_ = 0;
  bool waiting_ = false;  // the innermost call has no line yet
  bool shown_ = false;    // the event is in the range
  bool context_written_ = false;
  bool after_gap_ = false;
  std::optional<Ending> ending_;
  bool body_is_held_ = false;  // the body that goes on is in a line that is held
  MemoryBudget known_;
  values::GuestBytes* writes_ = nullptr;  // where further pieces go
  std::uint64_t write_at_ = 0;
};

}  // namespace crossing::text
