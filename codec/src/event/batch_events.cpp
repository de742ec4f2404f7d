// The pass over the events of a batch: most of them without a word, the others by EventCheck.

#include <algorithm>

#include "crossing/limits.h"
#include "event/batch.h"
#include "event/event_check.h"
#include "event/quick_check.h"
#include "io/bytes.h"
#include "io/fault.h"

namespace crossing {

/// How far the pass has come: index and time of the next event, and what is left of the arenas.
struct BatchDecoder::Pass {
  const std::uint8_t* events;
  std::uint32_t count;
  std::uint32_t index;
  std::uint64_t base_sequence;
  std::uint64_t time;
  const std::uint8_t* payloads;
  std::size_t payload_bytes;
  const std::uint8_t* bulk;  // null: left out
  std::size_t bulk_bytes;
  std::uint64_t gap_count = 1;

  [[nodiscard]] std::uint64_t number() const { return base_sequence + index; }
  [[nodiscard]] EventStruct event() const {
    return load<EventStruct>(events + std::size_t{index} * sizeof(EventStruct));
  }
  /// The next `size` bytes of `payloads`; none where it has not that many.
  std::optional<Bytes> take_payload(std::size_t size) {
    if (size > payload_bytes) return std::nullopt;
    const Bytes bytes(payloads, size);
    payloads += size;
    payload_bytes -= size;
    return bytes;
  }
  bool take_bulk(std::size_t size) {
    if (size > bulk_bytes) return false;
    if (bulk != nullptr) bulk += size;
    bulk_bytes -= size;
    return true;
  }
};

Result<void> BatchDecoder::check_events(const Block& block, std::size_t payload_bytes,
                                        std::size_t bulk_bytes, bool has_bulk, const Scope& scope) {
  Pass pass{.events = block.events_,
            .count = block.count_,
            .index = 0,
            .base_sequence = block.base_sequence_,
            .time = block.base_time_,
            .payloads = block.payloads_,
            .payload_bytes = payload_bytes,
            .bulk = has_bulk ? block.bulk_ : nullptr,
            .bulk_bytes = bulk_bytes};
  for (;;) {
    if (continued_size_ == 0) pass_plain_events(pass, scope);
    if (pass.index == pass.count) break;
    if (auto good = check_event(pass, scope); !good) return good;
    ++pass.index;
  }
  if (pass.payload_bytes != 0 || pass.bulk_bytes != 0) {
    return event_fault(Verdict::invalid, pass.number() - 1, "EVENT-03",
                       "expected the events to use up both arenas, found " +
                           std::to_string(pass.payload_bytes) + " bytes left in payloads and " +
                           std::to_string(pass.bulk_bytes) + " in bulk");
  }
  next_sequence_ = pass.number() - 1 + pass.gap_count;
  last_time_ = pass.time;
  return {};
}

void BatchDecoder::pass_plain_events(Pass& pass, const Scope& scope) {
  constexpr std::uint32_t run = 128;  // events, of which one that is not plain costs as many looks
  static_assert(run <= QuickSums::most_events);
  while (pass.count - pass.index >= run) {
    if (!pass_run(pass, scope, run) && !pass_one_by_one(pass, scope, run)) return;
  }
  pass_one_by_one(pass, scope, pass.count - pass.index);
}

/// `count` events, an even number of them; false: none of them was passed.
bool BatchDecoder::pass_run(Pass& pass, const Scope& scope, std::uint32_t count) {
  QuickSums sums;
  const std::uint8_t* at = pass.events + std::size_t{pass.index} * sizeof(EventStruct);
  if (!surely_good_run(at, count, scope, sums)) return false;
  if (sums.in_payloads > pass.payload_bytes || sums.in_bulk > pass.bulk_bytes) return false;
  if (sums.deltas > UINT64_MAX - pass.time) return false;
  if (sums.deltas != 0 && scope.clock == Clock::none) return false;
  pass.index += count;
  pass.time += sums.deltas;
  pass.payloads += sums.in_payloads;
  pass.payload_bytes -= sums.in_payloads;
  pass.take_bulk(sums.in_bulk);
  payload_bytes_ += sums.in_payloads + sums.in_bulk;
  for (std::size_t kind = 0; kind < QuickTable::kinds; ++kind) {
    kind_counts_[kind] += static_cast<std::uint64_t>(sums.counts[0][kind] + sums.counts[1][kind]);
  }
  return true;
}

/// At most `count` events; false: there is one before that `check_event` has to be asked about.
bool BatchDecoder::pass_one_by_one(Pass& pass, const Scope& scope, std::uint32_t count) {
  const std::uint64_t forbidden_delta = scope.clock == Clock::none ? UINT64_MAX : 0;
  for (; count != 0; --count) {
    const EventStruct event = pass.event();
    if (!surely_good(event, scope)) return false;
    std::uint64_t delta = event.time_delta;
    std::size_t prefix = 0;
    if ((event.flags & flag_time_prefix) != 0) {  // [PAY-01]
      prefix = sizeof delta;
      if (delta != 0 || pass.payload_bytes < prefix) return false;
      delta = load<std::uint64_t>(pass.payloads);
      if (delta <= 0xffff) return false;
    }
    const std::size_t size = event.payload_size;
    const bool in_bulk = size >= limits::bulk_threshold;  // [EVENT-03]
    const std::size_t in_payloads = prefix + (in_bulk ? 0 : size);
    if (in_payloads > pass.payload_bytes || (in_bulk && size > pass.bulk_bytes)) return false;
    if (delta > UINT64_MAX - pass.time || (delta & forbidden_delta) != 0) return false;
    ++pass.index;
    pass.time += delta;
    pass.payloads += in_payloads;
    pass.payload_bytes -= in_payloads;
    if (in_bulk) pass.take_bulk(size);
    payload_bytes_ += size;
    ++kind_counts_[event.kind];
  }
  return true;
}

/// A piece of an event after the first [PAY-03]. After a block that was lost, the first piece that
/// is met stands for what it continues.
Result<void> BatchDecoder::check_piece(const EventStruct& event, const EventCheck& check) {
  const bool continued = (event.flags & flag_continued) != 0;
  const EventStruct first = continued_.value_or(event);
  const bool same = event.kind == first.kind && event.subject == first.subject &&
                    event.detail == 0 && event.time_delta == 0 &&
                    (event.flags & ~flag_continued) == 0;
  const bool sized =
      continued ? event.payload_size == limits::piece_size && continued_size_ > limits::piece_size
                : event.payload_size == continued_size_;
  if (!same || !sized) {
    return check.bad(Verdict::invalid, "PAY-03",
                     "expected the next piece of event kind " + std::to_string(first.kind) +
                         " with " + std::to_string(continued_size_) +
                         " bytes to come, found kind " + std::to_string(event.kind) + " with " +
                         std::to_string(event.payload_size));
  }
  continued_size_ -= event.payload_size;
  continued_ = event;
  return {};
}

/// The prefixes of an event, or of its first piece, which replace what is given.
Result<void> BatchDecoder::take_prefixes(Pass& pass, const EventStruct& event,
                                         const EventCheck& check, std::uint64_t& delta,
                                         std::uint64_t& detail, std::uint64_t& body_size) {
  const auto prefix = [&](std::uint64_t& into) -> Result<void> {
    const auto bytes = pass.take_payload(8);
    if (!bytes) {
      return check.bad(Verdict::invalid, "EVENT-03",
                       expected_found("8 bytes of prefix in payloads", pass.payload_bytes));
    }
    into = load<std::uint64_t>(bytes->data());
    return {};
  };
  if ((event.flags & flag_time_prefix) != 0) {
    if (auto taken = prefix(delta); !taken) return taken;
    if (event.time_delta != 0 || delta <= 0xffff) {
      return check.bad(Verdict::invalid, "PAY-01",
                       expected_found("a time prefix only for a delta over 65535", delta));
    }
  }
  if ((event.flags & flag_wide) != 0) {
    if (auto taken = prefix(detail); !taken) return taken;
    if (event.detail != 0 || detail <= 0xffffffff) {
      return check.bad(Verdict::invalid, "PAY-02",
                       expected_found("a wide detail only over 4294967295", detail));
    }
  }
  if ((event.flags & flag_continued) == 0) return {};
  if (auto taken = prefix(body_size); !taken) return taken;
  if (body_size > limits::payload_size) {
    return check.bad(Verdict::limit, "PAY-03",
                     "expected a body of at most " + std::to_string(limits::payload_size) +
                         " bytes, found " + std::to_string(body_size));
  }
  if (event.payload_size != limits::piece_size || body_size <= limits::piece_size) {
    return check.bad(Verdict::invalid, "PAY-03",
                     "expected a first piece of 65536 bytes of a larger body, found " +
                         std::to_string(event.payload_size) + " of " + std::to_string(body_size));
  }
  continued_size_ = body_size - event.payload_size;
  continued_ = event;
  return {};
}

/// The next event, whatever it is.
Result<void> BatchDecoder::check_event(Pass& pass, const Scope& scope) {
  const EventStruct event = pass.event();
  const EventCheck check(event, pass.number(), scope);
  if (auto good = check.kind_and_flags(); !good) return good;
  const bool piece = continued_size_ != 0;
  std::uint64_t delta = event.time_delta;
  std::uint64_t detail = event.detail;
  std::uint64_t body_size = event.payload_size;
  if (event.payload_size > limits::piece_size) {
    return check.bad(Verdict::limit, "PAY-03",
                     "expected a piece of at most " + std::to_string(limits::piece_size) +
                         " bytes, found " + std::to_string(event.payload_size));
  }
  if (piece) {
    if (auto good = check_piece(event, check); !good) return good;
  } else {
    if (auto taken = take_prefixes(pass, event, check, delta, detail, body_size); !taken) {
      return taken;
    }
    if (auto good = check.subject(); !good) return good;
    if (auto good = check.detail(detail); !good) return good;
  }

  if (delta > UINT64_MAX - pass.time || (scope.clock == Clock::none && delta != 0)) {
    return check.bad(Verdict::invalid, "EVENT-02",
                     expected_found("a time delta that the clock allows", delta));
  }
  pass.time += delta;
  ++kind_counts_[event.kind];
  payload_bytes_ += event.payload_size;

  const std::uint8_t* body = nullptr;
  if (event.payload_size >= limits::bulk_threshold) {
    body = pass.bulk;
    if (!pass.take_bulk(event.payload_size)) {
      return check.bad(Verdict::invalid, "EVENT-03",
                       "expected " + std::to_string(event.payload_size) + " bytes in bulk, found " +
                           std::to_string(pass.bulk_bytes));
    }
  } else {
    const auto bytes = pass.take_payload(event.payload_size);
    if (!bytes) {
      return check.bad(Verdict::invalid, "EVENT-03",
                       "expected " + std::to_string(event.payload_size) +
                           " bytes in payloads, found " + std::to_string(pass.payload_bytes));
    }
    body = bytes->data();
  }
  if (!piece) {
    if (auto good = check.body(body_size, body, detail); !good) return good;
  }
  if (static_cast<EventKind>(event.kind) != EventKind::gap) return {};
  if (pass.index + 1 != pass.count) {
    return check.bad(Verdict::invalid, "GAP-02",
                     "expected a gap to be the last event of its batch, found " +
                         std::to_string(pass.count - pass.index - 1) + " more");
  }
  pass.gap_count = std::max<std::uint64_t>(1, load<std::uint64_t>(body));
  if (pass.gap_count > last_event_number - pass.number()) {
    return check.bad(Verdict::invalid, "GAP-02",
                     expected_found("a count that event numbers can hold", pass.gap_count));
  }
  return {};
}

}  // namespace crossing
