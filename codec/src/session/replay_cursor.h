#pragma once

/// A trace one event at a time, with one event of foresight.

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "crossing/trace.h"
#include "event/kinds.h"

namespace crossing {

/// Gives the critical events of a trace in order, each body as it stands: a long one in pieces.
/// Nothing is kept but the reader's block.
class ReplayCursor {
 public:
  using OnDefinitions = std::function<void(NewDefinitions)>;
  using OnStop = std::function<bool(const EventView&)>;
  using Filter = std::function<bool(const EventView&)>;

  ReplayCursor(ByteSource& source, OnDefinitions on_definitions)
      : source_(source), on_definitions_(std::move(on_definitions)) {}

  /// Reads what stands before the first event; false: `fault` says why not.
  bool open();

  /// The next event, or null at the end or before a fault. It and its body stay valid until the
  /// event after it is looked at.
  const EventView* peek() {
    if (next_ != nullptr) return next_;
    const EventView* found = ahead();
    if (found == nullptr || found->sequence < stop_at_) return next_ = found;
    return stop();
  }
  /// The same, but it does not count as reached: nobody is asked.
  const EventView* ahead() {
    if (found_ != nullptr) return found_;
    if (in_block_) {
      ++*iterator_;
      if (*iterator_ != std::default_sentinel && is_wanted(**iterator_)) {
        return found_ = &**iterator_;
      }
    }
    return find();
  }
  /// Takes the event that `peek` gave, which is not null.
  const EventView& take() {
    const EventView& event = *next_;
    next_ = found_ = nullptr;
    ++count_;
    return event;
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

  /// Passes over events for which `filter`, which sees all of them in order, is false.
  void only(Filter filter) { filter_ = std::move(filter); }

 private:
  /// Of a body in pieces the first stands for all.
  bool is_wanted(const EventView& event) {
    return event.first && !is_informative(event.kind) && (!filter_ || filter_(event));
  }
  const EventView* find();
  const EventView* stop();
  bool next_block();

  ByteSource& source_;
  OnDefinitions on_definitions_;
  Filter filter_;
  std::optional<Reader> reader_;
  std::optional<Block> block_;
  std::optional<Block::Iterator> iterator_;
  std::optional<Error> fault_;
  const EventView* found_ = nullptr;  ///< what comes next
  const EventView* next_ = nullptr;   ///< the same, once it was reached
  bool in_block_ = false;
  bool ended_ = false;
  bool stopped_ = false;
  std::uint64_t count_ = 0;
  std::uint64_t stop_at_ = UINT64_MAX;
  OnStop on_stop_;
};

}  // namespace crossing
