#include <flatbuffers/flatbuffers.h>

#include <algorithm>

#include "crossing/limits.h"
#include "crossing_generated.h"
#include "event/batch.h"
#include "event/event_check.h"
#include "event/quick_check.h"
#include "io/bytes.h"
#include "io/fault.h"

namespace crossing {
namespace {

Result<const schema::EventBatch*> verify(Bytes body, std::uint64_t offset) {
  flatbuffers::Verifier verifier(body.data(), body.size(), 64, 1'000'000);
  if (!verifier.VerifyBuffer<schema::EventBatch>(nullptr)) {
    return fault(Verdict::invalid, offset, "FRAME-13",
                 "expected a FlatBuffer with root EventBatch, found bytes that fail verification");
  }
  return flatbuffers::GetRoot<schema::EventBatch>(body.data());
}

/// The arenas of a batch, as far as they are not used up.
struct Arenas {
  const std::uint8_t* payloads;
  std::size_t payload_bytes;
  const std::uint8_t* bulk;  // null: left out
  std::size_t bulk_bytes;

  /// The next `size` bytes of an arena; none where it has not that many.
  std::optional<Bytes> take_payload(std::size_t size) {
    if (size > payload_bytes) return std::nullopt;
    const Bytes bytes(payloads, size);
    payloads += size;
    payload_bytes -= size;
    return bytes;
  }
  /// A body in one piece, from the arena where it has to be [EVENT-03].
  bool take_body(std::size_t size) {
    if (size < limits::bulk_threshold) {
      if (size > payload_bytes) return false;
      payloads += size;
      payload_bytes -= size;
      return true;
    }
    return size <= limits::piece_size && take_bulk(size);
  }
  bool take_bulk(std::size_t size) {
    if (size > bulk_bytes) return false;
    if (bulk != nullptr) bulk += size;
    bulk_bytes -= size;
    return true;
  }
};

}  // namespace

Result<BatchPlace> decode_batch_place(Bytes body, std::uint64_t offset) {
  auto batch = verify(body, offset);
  if (!batch) return tl::unexpected(batch.error());
  const auto* events = (*batch)->events();
  return BatchPlace{(*batch)->base_sequence(), events == nullptr ? 0 : events->size(),
                    (*batch)->continued_size(), (*batch)->definitions()};
}

void BatchDecoder::resume_at(std::uint64_t sequence, std::uint64_t time,
                             std::uint64_t continued_size) {
  next_sequence_ = sequence;
  last_time_ = time;
  continued_size_ = continued_size;
  continued_.reset();
}

Result<Block> BatchDecoder::decode(Bytes body, Bytes bulk,
                                   std::optional<std::uint32_t> bulk_left_out, const Scope& scope,
                                   std::uint64_t offset) {
  auto verified = verify(body, offset);
  if (!verified) return tl::unexpected(verified.error());
  const schema::EventBatch& batch = **verified;

  const std::size_t bulk_size = bulk_left_out.value_or(static_cast<std::uint32_t>(bulk.size()));
  if (batch.bulk_size() != bulk_size) {
    return fault(Verdict::invalid, offset, "STREAM-02",
                 "expected bulk_size to be the size of the bulk frame before, " +
                     std::to_string(bulk_size) + ", found " + std::to_string(batch.bulk_size()));
  }
  open_calls_.clear();
  const auto& open_calls = *batch.open_calls();
  if (open_calls.size() != 0 && reinterpret_cast<std::uintptr_t>(open_calls.Data()) % 8 != 0) {
    return fault(Verdict::invalid, offset, "FRAME-13",
                 "expected open_calls aligned to 8, found them elsewhere");
  }
  for (const schema::OpenCall* call : open_calls) {
    open_calls_.push_back({call->event(), call->thread(), call->subject(), call->call(),
                           static_cast<EventKind>(call->kind())});
    if (call->padding0() != 0 || call->padding1() != 0) {
      return fault(Verdict::invalid, offset, "FRAME-13",
                   "expected zero padding in OpenCall, found other bytes");
    }
  }
  Block block;
  block.events_ = batch.events()->Data();
  block.payloads_ = batch.payloads()->data();
  block.bulk_ = bulk_left_out ? nullptr : bulk.data();
  block.count_ = batch.events()->size();
  block.begins_continued_ = batch.continued_size() != 0;
  block.base_sequence_ = batch.base_sequence();
  block.base_time_ = batch.base_time();
  block.open_calls_ = open_calls_;

  auto head = check_head(block, batch.continued_size(), batch.definitions(), scope, offset);
  if (!head) return tl::unexpected(head.error());
  auto events =
      check_events(block, batch.payloads()->size(), bulk_size, !bulk_left_out.has_value(), scope);
  if (!events) return tl::unexpected(events.error());
  return block;
}

Result<void> BatchDecoder::check_head(const Block& block, std::uint64_t continued_size,
                                      std::uint32_t definitions, const Scope& scope,
                                      std::uint64_t offset) {
  const auto bad = [&](Verdict verdict, std::string_view rule, std::string message) {
    return fault(verdict, offset, rule, std::move(message));
  };
  if (block.base_sequence_ != next_sequence_) {
    return bad(Verdict::invalid, "EVENT-01",
               "expected base_sequence " + std::to_string(next_sequence_) + ", found " +
                   std::to_string(block.base_sequence_));
  }
  if (block.base_time_ < last_time_ || (scope.clock == Clock::none && block.base_time_ != 0)) {
    return bad(
        Verdict::invalid, "EVENT-02",
        "expected base_time " +
            (scope.clock == Clock::none ? "0" : "of at least " + std::to_string(last_time_)) +
            ", found " + std::to_string(block.base_time_));
  }
  if (definitions > scope.definition_count) {
    return bad(Verdict::invalid, "EVENT-05",
               "expected at most " + std::to_string(scope.definition_count) +
                   " definitions before the batch, found " + std::to_string(definitions));
  }
  if (block.open_calls_.size() > limits::open_calls) {
    return bad(Verdict::limit, "EVENT-06",
               "expected at most " + std::to_string(limits::open_calls) + " open calls, found " +
                   std::to_string(block.open_calls_.size()));
  }
  const OpenCall* before = nullptr;
  for (const OpenCall& call : block.open_calls_) {
    const bool instance = call.kind == EventKind::instantiate;
    const bool known = instance || call.kind == EventKind::export_call ||
                       call.kind == EventKind::import_call || call.kind == EventKind::realloc_call;
    const std::size_t count = instance ? scope.instances : scope.functions.size();
    const bool ordered = before == nullptr || before->thread < call.thread ||
                         (before->thread == call.thread && before->event < call.event);
    if (!known || call.subject >= count || call.event >= block.base_sequence_ || !ordered) {
      return bad(Verdict::invalid, "EVENT-06",
                 "expected open calls by thread and event, of known kinds, subjects and earlier "
                 "events, found "
                 "kind " +
                     std::to_string(static_cast<int>(call.kind)) + " of event " +
                     std::to_string(call.event));
    }
    before = &call;
  }
  if (block.count_ == 0) {
    return bad(Verdict::invalid, "EVENT-07", "expected at least one event, found none");
  }
  if (continued_size != continued_size_) {
    return bad(Verdict::invalid, "PAY-04",
               "expected continued_size " + std::to_string(continued_size_) + ", found " +
                   std::to_string(continued_size));
  }
  return {};
}

Result<void> BatchDecoder::check_events(const Block& block, std::size_t payload_bytes,
                                        std::size_t bulk_bytes, bool has_bulk, const Scope& scope) {
  Arenas arenas{block.payloads_, payload_bytes, has_bulk ? block.bulk_ : nullptr, bulk_bytes};
  std::uint64_t number = block.base_sequence_;
  std::uint64_t time = block.base_time_;
  std::uint64_t gap_count = 1;

  for (std::uint32_t i = 0; i < block.count_; ++i, ++number) {
    const auto event = load<EventStruct>(block.events_ + std::size_t{i} * sizeof(EventStruct));
    if (continued_size_ == 0 && surely_good(event, scope) &&
        time <= UINT64_MAX - event.time_delta &&
        (event.time_delta == 0 || scope.clock != Clock::none) &&
        arenas.take_body(event.payload_size)) {
      time += event.time_delta;
      ++kind_counts_[event.kind];
      payload_bytes_ += event.payload_size;
      continue;
    }
    const EventCheck check(event, number, scope);
    if (auto good = check.kind_and_flags(); !good) return good;
    const bool continued = (event.flags & flag_continued) != 0;
    const bool piece = continued_size_ != 0;

    std::uint64_t delta = event.time_delta;
    std::uint64_t detail = event.detail;
    std::uint64_t body_size = event.payload_size;
    const auto prefix = [&](std::uint64_t& into) -> Result<void> {
      const auto bytes = arenas.take_payload(8);
      if (!bytes) {
        return check.bad(Verdict::invalid, "EVENT-03",
                         expected_found("8 bytes of prefix in payloads", arenas.payload_bytes));
      }
      into = load<std::uint64_t>(bytes->data());
      return {};
    };

    if (event.payload_size > limits::piece_size) {
      return check.bad(Verdict::limit, "PAY-03",
                       "expected a piece of at most " + std::to_string(limits::piece_size) +
                           " bytes, found " + std::to_string(event.payload_size));
    }
    if (piece) {
      // [PAY-03] After a block that was lost, the first piece stands for what it continues.
      const EventStruct first = continued_.value_or(event);
      const bool same = event.kind == first.kind && event.subject == first.subject &&
                        event.detail == 0 && event.time_delta == 0 &&
                        (event.flags & ~flag_continued) == 0;
      const bool sized = continued ? event.payload_size == limits::piece_size &&
                                         continued_size_ > limits::piece_size
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
    } else {
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
      if (continued) {
        if (auto taken = prefix(body_size); !taken) return taken;
        if (body_size > limits::payload_size) {
          return check.bad(Verdict::limit, "PAY-03",
                           "expected a body of at most " + std::to_string(limits::payload_size) +
                               " bytes, found " + std::to_string(body_size));
        }
        if (event.payload_size != limits::piece_size || body_size <= limits::piece_size) {
          return check.bad(Verdict::invalid, "PAY-03",
                           "expected a first piece of 65536 bytes of a larger body, found " +
                               std::to_string(event.payload_size) + " of " +
                               std::to_string(body_size));
        }
        continued_size_ = body_size - event.payload_size;
        continued_ = event;
      }
      if (auto good = check.subject(); !good) return good;
      if (auto good = check.detail(detail); !good) return good;
    }

    if (delta > UINT64_MAX - time || (scope.clock == Clock::none && delta != 0)) {
      return check.bad(Verdict::invalid, "EVENT-02",
                       expected_found("a time delta that the clock allows", delta));
    }
    time += delta;
    ++kind_counts_[event.kind];
    payload_bytes_ += event.payload_size;

    const std::uint8_t* body = nullptr;
    if (event.payload_size >= limits::bulk_threshold) {
      body = arenas.bulk;
      if (!arenas.take_bulk(event.payload_size)) {
        return check.bad(Verdict::invalid, "EVENT-03",
                         "expected " + std::to_string(event.payload_size) +
                             " bytes in bulk, found " + std::to_string(arenas.bulk_bytes));
      }
    } else {
      const auto bytes = arenas.take_payload(event.payload_size);
      if (!bytes) {
        return check.bad(Verdict::invalid, "EVENT-03",
                         "expected " + std::to_string(event.payload_size) +
                             " bytes in payloads, found " + std::to_string(arenas.payload_bytes));
      }
      body = bytes->data();
    }
    if (!piece) {
      if (auto good = check.body(body_size, body, detail); !good) return good;
    }
    if (static_cast<EventKind>(event.kind) == EventKind::gap) {
      if (i + 1 != block.count_) {
        return check.bad(Verdict::invalid, "GAP-02",
                         "expected a gap to be the last event of its batch, found " +
                             std::to_string(block.count_ - i - 1) + " more");
      }
      gap_count = std::max<std::uint64_t>(1, load<std::uint64_t>(body));
      if (gap_count > last_event_number - number) {
        return check.bad(Verdict::invalid, "GAP-02",
                         expected_found("a count that event numbers can hold", gap_count));
      }
    }
  }
  if (arenas.payload_bytes != 0 || arenas.bulk_bytes != 0) {
    return event_fault(Verdict::invalid, number - 1, "EVENT-03",
                       "expected the events to use up both arenas, found " +
                           std::to_string(arenas.payload_bytes) + " bytes left in payloads and " +
                           std::to_string(arenas.bulk_bytes) + " in bulk");
  }
  next_sequence_ = number - 1 + gap_count;
  last_time_ = time;
  return {};
}

}  // namespace crossing
