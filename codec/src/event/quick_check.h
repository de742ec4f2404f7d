#pragma once

/// The checks of an event for the hot paths: without words, and only for what most traces are made
/// of. What they do not know to be good, EventCheck is asked about.

#include <array>

#include "crossing/limits.h"
#include "event/batch.h"
#include "event/flags.h"
#include "event/kinds.h"
#include "event/scope.h"

namespace crossing {

/// Whether an event in one piece, with no other prefix than that of its time, passes all of
/// EventCheck.
[[gnu::always_inline]] inline bool surely_good(const EventStruct& event, const Scope& scope) {
  if (event.kind >= QuickTable::kinds || event.payload_size >= limits::piece_size) return false;
  const QuickTable::Entry& entry = scope.quick.entry(event.kind, event.subject);
  std::uint64_t expected = entry.expected;
  std::uint64_t mask = entry.mask;
  if (const int own = event.flags & ~flag_time_prefix; own != 0) {
    if (expected == UINT64_MAX) return false;
    if ((own & ~kind_rows[event.kind].flags) != 0) return false;
    const int exclusive = own & replaced_flags;  // [PAY-07]
    if ((exclusive & (exclusive - 1)) != 0) return false;
    if (exclusive != 0) {  // [PAY-09]
      expected = exclusive == flag_omitted ? 0 : std::uint64_t{16} << 32;
      mask |= std::uint64_t{UINT32_MAX} << 32;
    }
  }
  const std::uint64_t found = event.detail | std::uint64_t{event.payload_size} << 32;
  return ((found ^ expected) & mask) == 0;
}

/// Sums over a run of events.
struct QuickSums {
  static constexpr std::uint32_t most_events = 254;

  std::uint64_t deltas = 0;
  std::uint64_t in_payloads = 0;
  std::uint64_t in_bulk = 0;
  /// By kind; two, because events mostly alternate, and what was just stored is slow to load.
  std::array<std::array<std::uint8_t, QuickTable::kinds>, 2> counts{};
};

/// By kind: the bits of kind, flags and time_delta that have to be 0 in an event without a flag, or
/// with that of `lower`, `snapshot`.
inline constexpr std::array<std::uint32_t, QuickTable::kinds> quick_head_rules = [] {
  std::array<std::uint32_t, QuickTable::kinds> rules{};
  for (std::uint32_t& rule : rules) rule = 0xfff0;
  rules[static_cast<std::size_t>(EventKind::lower)] = 0xfff0 & ~(flag_snapshot << 8);
  return rules;
}();

/// `surely_good` for `count` structs at `at`, an even number, if none has a prefix nor another flag
/// than the `snapshot` of a `lower`. All faults are gathered in one number: no branch but the loop.
/// False: `sums` says nothing.
inline bool surely_good_run(const std::uint8_t* at, std::uint32_t count, const Scope& scope,
                            QuickSums& sums) {
  const QuickTable& table = scope.quick;
  std::uint64_t faults = 0;
  std::uint64_t deltas = 0;
  std::uint64_t sizes = 0;  // of all bodies, and above it of those in `payloads` [EVENT-03]
  static_assert(std::uint64_t{QuickSums::most_events} << 16 <= UINT32_MAX);
  const auto take = [&](const std::uint8_t* event, std::array<std::uint8_t, 16>& counts) {
    std::uint64_t head = 0;  // kind, flags, time_delta, subject
    std::uint64_t tail = 0;  // detail, payload_size
    std::memcpy(&head, event, sizeof head);
    std::memcpy(&tail, event + sizeof head, sizeof tail);
    const std::uint64_t kind = head & 15;
    const QuickTable::Entry& entry = table.entry(kind, static_cast<std::uint32_t>(head >> 32));
    faults |= (tail ^ entry.expected) & entry.mask;
    faults |= head & quick_head_rules[kind];
    faults |= tail >> 48;
    deltas += head & 0xffff'0000;
    const std::uint64_t size = tail >> 32;
    sizes += size < limits::bulk_threshold ? size | size << 32 : size;
    ++counts[kind];
  };
  for (const std::uint8_t* const end = at + std::size_t{count} * sizeof(EventStruct); at != end;
       at += 2 * sizeof(EventStruct)) {
    take(at, sums.counts[0]);
    take(at + sizeof(EventStruct), sums.counts[1]);
  }
  sums.deltas = deltas >> 16;
  sums.in_payloads = sizes >> 32;
  sums.in_bulk = (sizes & UINT32_MAX) - sums.in_payloads;
  return faults == 0;
}

}  // namespace crossing
