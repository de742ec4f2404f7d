#pragma once

/// A trace one event at a time, with one event of foresight.

#include <cstdint>
#include <functional>
#include <optional>

#include "crossing/trace.h"

namespace crossing {

/// Gives the critical events of a trace in order, each body as it stands: a long one in pieces.
/// Nothing is kept but the reader's block.
class ReplayCursor {
 public:
  using OnDefinitions = std::function<void(NewDefinitions)>;
  using OnStop = std::function<bool(const EventView&)>;

  ReplayCursor(ByteSource& source, OnDefinitions on_definitions)
      : source_(source), on_definitions_(std::move(on_definitions)) {}

  /// Reads what stands before the first event; false: `fault` says why not.
  bool open();

  /// The next event, or null at the end or before a fault. Its body stays valid until the event
  /// after it is peeked.
  const EventView* peek() {
    if (!peeked_) fetch();
    return has_next_ ? &**iterator_ : nullptr;
  }
  /// Takes the event that `peek` gave, which is not null.
  EventView take() {
    peeked_ = false;
    ++count_;
    return **iterator_;
  }
  /// The next piece of the event that was taken last, or null where there is none (any more).
  const EventView* next_piece();

  /// Events taken.
  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// Why there is no further event; none: the trace is complete.
  [[nodiscard]] const std::optional<Error>& fault() const { return fault_; }
  [[nodiscard]] const Reader* reader() const { return reader_ ? &*reader_ : nullptr; }

  /// `on_stop` is asked before the first event of at least this number is given; false: `stopped`.
  void stop_before(std::uint64_t event, OnStop on_stop) {
    stop_at_ = event;
    on_stop_ = std::move(on_stop);
  }
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  void fetch();
  bool advance();
  bool next_block();

  ByteSource& source_;
  OnDefinitions on_definitions_;
  std::optional<Reader> reader_;
  std::optional<Block> block_;
  std::optional<Block::Iterator> iterator_;
  std::optional<Error> fault_;
  bool ended_ = false;
  bool peeked_ = false;
  bool has_next_ = false;
  bool stopped_ = false;
  std::uint64_t count_ = 0;
  std::uint64_t stop_at_ = 0xffffffffffffffff;
  OnStop on_stop_;
};

}  // namespace crossing
