#pragma once

/// What can be said of one event without its neighbours: the row of its kind, ids, sizes.

#include <cstdint>
#include <string>
#include <string_view>

#include "event/batch.h"
#include "event/kinds.h"
#include "event/scope.h"
#include "io/fault.h"

namespace crossing {

/// A fault of an event.
inline tl::unexpected<Error> event_fault(Verdict verdict, std::uint64_t event,
                                         std::string_view rule, std::string message) {
  return tl::unexpected(Error{.verdict = verdict,
                              .message = std::move(message),
                              .offset = {},
                              .event = event,
                              .rule = rule});
}

/// One event under examination. The event outlives the check.
class EventCheck {
 public:
  EventCheck(const EventStruct& event, std::uint64_t number, const Scope& scope)
      : event_(event),
        number_(number),
        scope_(scope),
        kind_(static_cast<EventKind>(event.kind)),
        row_(kind_row(kind_)) {}

  /// [EVENT-04] [PAY-07]
  [[nodiscard]] Result<void> kind_and_flags() const;
  /// [EVENT-05] [PAY-10]
  [[nodiscard]] Result<void> subject() const;
  /// [PAY-10] [GAP-01]
  [[nodiscard]] Result<void> detail(std::uint64_t value) const;
  /// [PAY-09] [PAY-10]. `body_size` is that of all pieces; `body` is the first one, or null when
  /// it was left out.
  [[nodiscard]] Result<void> body(std::uint64_t body_size, const std::uint8_t* body,
                                  std::uint64_t detail) const;

  [[nodiscard]] tl::unexpected<Error> bad(Verdict verdict, std::string_view rule,
                                          std::string message) const {
    return event_fault(verdict, number_, rule, std::move(message));
  }

 private:
  [[nodiscard]] Result<void> equal(const char* what, std::uint64_t found,
                                   std::uint64_t expected) const;
  [[nodiscard]] Result<void> defined(const char* what, std::size_t count) const;
  [[nodiscard]] Result<void> size_is(std::uint64_t found, std::uint64_t expected) const;
  [[nodiscard]] Result<void> size_at_least(std::uint64_t found, std::uint64_t expected) const;
  [[nodiscard]] Result<void> padding(unsigned bits) const;

  const EventStruct& event_;
  std::uint64_t number_;
  const Scope& scope_;
  EventKind kind_;
  const KindRow& row_;
};

}  // namespace crossing
