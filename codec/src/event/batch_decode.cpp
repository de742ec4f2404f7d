#include <flatbuffers/flatbuffers.h>

#include <cstddef>

#include "crossing/limits.h"
#include "crossing_generated.h"
#include "event/batch.h"
#include "io/fault.h"

namespace crossing {

// Open calls are shown where they lie.
static_assert(sizeof(OpenCall) == sizeof(schema::OpenCall) && offsetof(OpenCall, thread) == 8 &&
              offsetof(OpenCall, subject) == 12 && offsetof(OpenCall, call) == 16 &&
              offsetof(OpenCall, kind) == 20);

namespace {

Result<const schema::EventBatch*> verify(Bytes body, std::uint64_t offset) {
  flatbuffers::Verifier verifier(body.data(), body.size(), 64, 1'000'000);
  if (!verifier.VerifyBuffer<schema::EventBatch>(nullptr)) {
    return fault(Verdict::invalid, offset, "FRAME-13",
                 "expected a FlatBuffer with root EventBatch, found bytes that fail verification");
  }
  return flatbuffers::GetRoot<schema::EventBatch>(body.data());
}

}  // namespace

Result<BatchPlace> decode_batch_place(Bytes body, std::uint64_t offset) {
  auto batch = verify(body, offset);
  if (!batch) return tl::unexpected(batch.error());
  const auto* events = (*batch)->events();
  return BatchPlace{(*batch)->base_sequence(), events == nullptr ? 0 : events->size(),
                    (*batch)->continued_size(), (*batch)->definitions(), (*batch)->base_time()};
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
  const auto& open_calls = *batch.open_calls();
  if (open_calls.size() != 0 && reinterpret_cast<std::uintptr_t>(open_calls.Data()) % 8 != 0) {
    return fault(Verdict::invalid, offset, "FRAME-13",
                 "expected open_calls aligned to 8, found them elsewhere");
  }
  for (const schema::OpenCall* call : open_calls) {
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
  block.open_calls_ = {reinterpret_cast<const OpenCall*>(open_calls.Data()), open_calls.size()};

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

}  // namespace crossing
