#pragma once

/// Judges a trace by its meaning. What the reader judges (container, definitions, references) comes
/// first; each further layer is usable alone.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "crossing/definitions.h"
#include "crossing/event.h"
#include "crossing/io.h"
#include "crossing/limits.h"
#include "crossing/trace.h"

namespace [[gnu::visibility("default")]] crossing {

/// The order layer: whether events stand where spec/events.md, "Order", lets them stand. Fed with
/// all events of a trace in order; memory grows with the calls that are open at one time only,
/// which are at most `limits::open_calls`. After a finding it goes on as well as it can.
class OrderChecker {
 public:
  /// `definitions` is looked at during later calls, and must hold what the events refer to.
  explicit OrderChecker(const Definitions& definitions, std::size_t max_findings = 64);
  OrderChecker(OrderChecker&&) noexcept;
  OrderChecker& operator=(OrderChecker&&) noexcept;
  ~OrderChecker();

  /// Begins a block; `sequence` is the number of its first event [ORDER-09].
  void begin_block(std::uint64_t sequence, std::span<const OpenCall> open_calls);

  /// The next event of the block; pieces after the first say nothing new.
  void event(const EventView& event);

  /// The trace is complete [ORDER-08].
  void finish();

  /// At most `max_findings` of them, in order. Each has an event number and a rule.
  [[nodiscard]] const std::vector<Error>& findings() const;
  /// How many more there were.
  [[nodiscard]] std::uint64_t omitted_findings() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// What `check` found.
struct CheckReport {
  std::optional<Error> fault;   ///< the reader's verdict, when it is not `ok`
  std::vector<Error> findings;  ///< of the order layer, before that fault
  std::uint64_t omitted_findings = 0;
  Totals totals;  ///< of what was read

  /// The first fault in file order [VERDICT-01]; none: `ok`.
  [[nodiscard]] const Error* first() const {
    if (!findings.empty()) return &findings.front();
    return fault ? &*fault : nullptr;
  }
};

/// Reads a whole trace and judges it with every layer there is.
CheckReport check(ByteSource& trace);

}  // namespace crossing
