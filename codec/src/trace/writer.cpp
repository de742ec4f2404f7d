#include <algorithm>

#include "crossing/trace.h"
#include "event/batch.h"
#include "event/event_check.h"
#include "event/pieces.h"
#include "event/quick_check.h"
#include "io/bytes.h"
#include "io/fault.h"
#include "trace/frame_stream.h"
#include "trace/open_calls.h"

namespace crossing {
class Writer::Impl {
 public:
  Impl(FrameStream stream, std::size_t block_size)
      : stream_(std::move(stream)),
        block_size_(std::min<std::size_t>(block_size, limits::frame_decoded_size / 4)) {}

  Result<void> define(const Definition& definition) {
    auto added = stream_.judge(definition);
    if (!added) return tl::unexpected(added.error());
    if (!*added) return {};
    // The order of the calls is the order of the stream: a frame lists its definitions by kind.
    if (auto closed = close_block(); !closed) return closed;
    return stream_.define(definition);
  }

  Result<void> append(const Event& event) {
    if (stream_.ended()) return stream_.still_open();
    EventStruct head;
    head.kind = static_cast<std::uint8_t>(event.kind);
    head.flags = event.flags;
    head.subject = event.subject;
    const std::uint64_t delta = event.time - totals_.last_time;
    if (is_plain(event, head, delta)) {
      head.time_delta = static_cast<std::uint16_t>(delta);
      head.detail = static_cast<std::uint32_t>(event.detail);
      take(event);
      return put_piece(head, {}, event.body);
    }
    return append_any(event, head, delta);
  }

  void resume(std::span<const OpenCall> open_calls) { calls_.restart(open_calls); }

  Result<std::uint32_t> attach(std::string_view name, ByteSource& source, std::uint64_t size) {
    if (auto closed = close_open_block(); !closed) return tl::unexpected(closed.error());
    return stream_.attach(name, source, size);
  }

  Result<void> attach_piece(const AttachmentPiece& piece) {
    if (auto closed = close_open_block(); !closed) return closed;
    return stream_.put_attachment(piece);
  }

  Result<void> flush() {
    if (auto closed = close_open_block(); !closed) return closed;
    if (auto put = stream_.put_definitions(); !put) return put;
    return stream_.flush();
  }

  Result<void> finish() {
    if (auto closed = close_open_block(); !closed) return closed;
    return stream_.finish();
  }

  [[nodiscard]] const Totals& totals() const { return stream_.totals(); }

 private:
  Result<void> close_open_block() {
    if (auto open = stream_.still_open(); !open) return open;
    return close_block();
  }

  /// Appends what `is_plain` did not vouch for.
  Result<void> append_any(const Event& event, EventStruct head, std::uint64_t delta) {
    if (auto good = judge(event, head); !good) return good;
    take(event);
    Result<void> put;
    put_in_pieces(head, delta, event.detail, event.body,
                  [&](const EventStruct& piece, Bytes prefixes, Bytes body, std::size_t rest) {
                    if (!block_open_) begin_block();
                    continued_size_ = rest;
                    put = put_piece(piece, prefixes, body);
                    return put.has_value();
                  });
    if (!put || event.kind != EventKind::gap) return put;
    const auto count = load<std::uint64_t>(event.body.data());
    totals_.next_sequence += std::max<std::uint64_t>(count, 1) - 1;
    return close_block();  // [GAP-02]
  }

  /// What an event changes besides the batch.
  [[gnu::always_inline]] void take(const Event& event) {
    if (!block_open_) begin_block();
    calls_.apply(event.kind, totals_.next_sequence, event.subject,
                 static_cast<std::uint32_t>(event.detail));
    totals_.last_time = event.time;
  }

  /// Whether the event is surely one that `judge` lets pass; most are.
  [[nodiscard]] bool is_plain(const Event& event, EventStruct head, std::uint64_t delta) const {
    const Scope& scope = stream_.scope();
    head.detail = static_cast<std::uint32_t>(event.detail);
    head.payload_size = static_cast<std::uint32_t>(event.body.size());
    return delta <= 0xffff && (delta == 0 || scope.clock != Clock::none) &&
           event.detail <= 0xffffffff && event.body.size() <= limits::piece_size &&
           (event.flags & framing_flags) == 0 && calls_.size() < limits::open_calls &&
           surely_good(head, scope);
  }

  /// What a reader would refuse in this event, seen before it is written.
  Result<void> judge(const Event& event, const EventStruct& head) const {
    const Scope& scope = stream_.scope();
    EventStruct subject = head;
    subject.detail = event.detail > 0xffffffff ? 1 : static_cast<std::uint32_t>(event.detail);
    const EventCheck check(subject, totals_.next_sequence, scope);
    if ((event.flags & framing_flags) != 0) {
      return check.bad(Verdict::invalid, "EVENT-04",
                       "expected no framing flag from the caller, found " + hex(event.flags, 2));
    }
    if (event.time < totals_.last_time || (scope.clock == Clock::none && event.time != 0)) {
      return check.bad(Verdict::invalid, "EVENT-02",
                       "expected a time of at least " + std::to_string(totals_.last_time) +
                           " that the clock allows, found " + std::to_string(event.time));
    }
    if (event.body.size() > limits::payload_size) {
      return check.bad(Verdict::limit, "PAY-03",
                       "expected a body of at most " + std::to_string(limits::payload_size) +
                           " bytes, found " + std::to_string(event.body.size()));
    }
    if (OpenCalls::opens(event.kind) && calls_.size() >= limits::open_calls) {
      return check.bad(
          Verdict::limit, "EVENT-06",
          "expected at most " + std::to_string(limits::open_calls) + " open calls, found one more");
    }
    if (auto good = check.kind_and_flags(); !good) return good;
    if (auto good = check.subject(); !good) return good;
    if (auto good = check.detail(event.detail); !good) return good;
    if (auto good = check.body(event.body.size(), event.body.data(), event.detail); !good)
      return good;
    if (event.kind != EventKind::gap) return {};
    const auto count = load<std::uint64_t>(event.body.data());
    return count <= last_event_number - totals_.next_sequence
               ? Result<void>{}
               : check.bad(Verdict::invalid, "GAP-02",
                           expected_found("a count that event numbers can hold", count));
  }

  void begin_block() {
    block_open_ = true;
    head_.base_sequence = totals_.next_sequence;
    head_.base_time = totals_.last_time;
    head_.continued_size = continued_size_;
    head_.open_calls = calls_.list();
  }

  [[gnu::always_inline]] Result<void> put_piece(EventStruct event, Bytes prefixes, Bytes body) {
    batch_.append(event, prefixes, body);
    ++totals_.kind_counts[event.kind];
    ++totals_.event_count;
    ++totals_.next_sequence;
    if (batch_.size() >= block_size_) return close_block();
    Result<void> good;  // `{}` would clear all of it, at the cost of the rest of an append
    return good;
  }

  Result<void> close_block() {
    if (batch_.empty()) return {};
    if (auto put = stream_.put_definitions(); !put) return put;
    head_.definitions = totals_.definition_count;
    auto put = stream_.put_block({.body = batch_.encode(head_),
                                  .bulk = batch_.bulk(),
                                  .base_sequence = head_.base_sequence,
                                  .base_time = head_.base_time,
                                  .event_count = static_cast<std::uint32_t>(batch_.count())});
    if (!put) return put;
    totals_.payload_bytes += batch_.payload_bytes();
    batch_.clear();
    block_open_ = false;
    return put;
  }

  FrameStream stream_;
  Totals& totals_ = stream_.totals();
  std::size_t block_size_;
  BatchHead head_;
  BatchEncoder batch_;
  OpenCalls calls_;
  std::uint64_t continued_size_ = 0;
  bool block_open_ = false;
};

Writer::Writer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

Result<Writer> Writer::create(ByteSink& sink, const TraceInfo& info, WriterOptions options) {
  auto stream = FrameStream::create(sink, info, options);
  if (!stream) return tl::unexpected(stream.error());
  return Writer(std::make_unique<Impl>(std::move(*stream), options.block_size));
}

Result<void> Writer::define(const Definition& definition) { return impl_->define(definition); }
Result<void> Writer::append(const Event& event) { return impl_->append(event); }
void Writer::resume(std::span<const OpenCall> open_calls) { impl_->resume(open_calls); }
Result<std::uint32_t> Writer::attach(std::string_view name, ByteSource& source,
                                     std::uint64_t size) {
  return impl_->attach(name, source, size);
}
Result<void> Writer::attach_piece(const AttachmentPiece& piece) {
  return impl_->attach_piece(piece);
}
Result<void> Writer::flush() { return impl_->flush(); }
Result<void> Writer::finish() { return impl_->finish(); }
const Totals& Writer::totals() const { return impl_->totals(); }
std::uint64_t Writer::next_sequence() const { return impl_->totals().next_sequence; }

}  // namespace crossing
