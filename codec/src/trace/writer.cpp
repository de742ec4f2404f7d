#include <algorithm>
#include <random>

#include "crossing/trace.h"
#include "event/batch.h"
#include "event/bodies.h"
#include "event/event_check.h"
#include "event/quick_check.h"
#include "event/utf8.h"
#include "frame/frame.h"
#include "io/bytes.h"
#include "io/fault.h"
#include "trace/attachments.h"
#include "trace/definition_table.h"
#include "trace/open_calls.h"

namespace crossing {
namespace {

std::uint64_t random_salt() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

WriterOptions with_salt(WriterOptions options) {
  if (!options.salt) options.salt = random_salt();
  return options;
}

}  // namespace

class Writer::Impl {
 public:
  Impl(ByteSink& sink, const TraceInfo& info, const WriterOptions& options)
      : frames_(sink, options),
        table_(info),
        block_size_(std::min<std::size_t>(options.block_size, limits::frame_decoded_size / 4)) {}

  Result<void> begin(const TraceInfo& info) {
    if (auto written = frames_.write_preamble(); !written) return written;
    return put(FrameKind::trace_info, encode_trace_info(info)).map([](auto) {});
  }

  Result<void> define(const Definition& definition) {
    if (auto open = still_open(); !open) return open;
    // Strings and sizes: what a reader would refuse in the frame.
    const Body alone = encode_definitions({&definition, 1});
    if (auto good = decode_definitions(alone, frames_.offset()); !good) {
      return tl::unexpected(good.error());
    }
    auto added = table_.add(definition, frames_.offset());
    if (!added) return tl::unexpected(added.error());
    if (!*added) return {};
    definition_bytes_ += alone.size();  // at least what it adds to a frame
    if (definition_bytes_ > limits::definition_bytes) {
      return fail(fault(Verdict::limit, frames_.offset(), "LIMIT-01",
                        "expected definitions of at most " +
                            std::to_string(limits::definition_bytes) + " bytes, found " +
                            std::to_string(definition_bytes_))
                      .value());
    }
    // The order of the calls is the order of the stream: a frame lists its definitions by kind.
    if (auto closed = close_block(); !closed) return closed;
    if (!pending_.empty() && definition.index() < pending_.back().index()) {
      if (auto put = put_definitions(); !put) return put;
    }
    pending_.push_back(definition);
    totals_.definition_count = table_.scope().definition_count;
    return {};
  }

  Result<void> append(const Event& event) {
    if (failure_ || finished_) return still_open();
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
    if (auto open = still_open(); !open) return tl::unexpected(open.error());
    const std::uint32_t id = attachments_.next_id();
    std::vector<std::uint8_t> bytes;
    std::uint64_t offset = 0;
    do {
      bytes.resize(static_cast<std::size_t>(
          std::min<std::uint64_t>(size - offset, limits::attachment_piece_size)));
      for (std::size_t filled = 0; filled < bytes.size();) {
        auto count = source.read(std::span(bytes).subspan(filled));
        if (!count) return fail(count.error());
        if (*count == 0) {
          return fail(Error{.verdict = Verdict::io,
                            .message = "expected " + std::to_string(size) +
                                       " bytes to attach, found " + std::to_string(offset + filled),
                            .offset = {},
                            .event = {}});
        }
        filled += *count;
      }
      if (auto put = attach_piece({id, name, offset, size, bytes}); !put) {
        return tl::unexpected(put.error());
      }
      offset += bytes.size();
    } while (offset < size);
    return id;
  }

  Result<void> attach_piece(const AttachmentPiece& piece) {
    if (auto open = still_open(); !open) return open;
    const auto at = frames_.offset();
    Attachments then = attachments_;
    if (auto good = then.add(piece, at); !good) return good;
    if (piece.name.size() > limits::string_size) {
      return fault(Verdict::limit, at, "LIMIT-01",
                   "expected the name of an attachment in at most " +
                       std::to_string(limits::string_size) + " bytes, found " +
                       std::to_string(piece.name.size()));
    }
    if (!is_utf8({reinterpret_cast<const std::uint8_t*>(piece.name.data()), piece.name.size()})) {
      return fault(Verdict::invalid, at, "FRAME-13",
                   "expected the name of an attachment in UTF-8, found other bytes");
    }
    if (auto closed = close_block(); !closed) return closed;
    if (auto put = put_definitions(); !put) return put;
    if (auto written = put(FrameKind::attachment, encode_attachment(piece)); !written) {
      return tl::unexpected(written.error());
    }
    attachments_ = std::move(then);
    return {};
  }

  Result<void> flush() {
    if (auto open = still_open(); !open) return open;
    if (auto closed = close_block(); !closed) return closed;
    if (auto put = put_definitions(); !put) return put;
    return frames_.flush();
  }

  Result<void> finish() {
    if (auto open = still_open(); !open) return open;
    if (auto whole = attachments_.finish(frames_.offset()); !whole) return whole;
    if (auto closed = close_block(); !closed) return closed;
    if (auto put = put_definitions(); !put) return put;
    if (!index_.entries.empty()) {
      if (auto put = put_index(); !put) return put;
    }
    EndBody end;
    end.summary_offset = frames_.offset();
    if (auto written =
            put(FrameKind::summary, encode_summary(make_summary(totals_, index_offsets_)));
        !written) {
      return tl::unexpected(written.error());
    }
    end.frame_count = frames_.sequence() + std::uint64_t{1};
    end.event_count = totals_.event_count;
    if (auto written = put(FrameKind::end, encode_end(end)); !written) {
      return tl::unexpected(written.error());
    }
    finished_ = true;
    return frames_.flush();
  }

  [[nodiscard]] const Totals& totals() const { return totals_; }

 private:
  Result<void> still_open() {
    if (failure_) return tl::unexpected(*failure_);
    if (!finished_) return {};
    return fault(Verdict::invalid, frames_.offset(), "END-01",
                 "expected nothing after finish, found a further call");
  }
  tl::unexpected<Error> fail(Error error) {
    failure_ = error;
    return tl::unexpected(std::move(error));
  }

  Result<FrameHeader> put(FrameKind kind, Bytes body) {
    auto header = frames_.write(kind, body);
    if (!header) return fail(header.error());
    totals_.frame_count = frames_.sequence();
    return header;
  }

  /// Appends what `is_plain` did not vouch for.
  Result<void> append_any(const Event& event, EventStruct head, std::uint64_t delta) {
    if (auto good = judge(event, head); !good) return good;
    std::array<std::uint8_t, 24> prefixes;
    std::size_t prefix_size = 0;
    const auto prefix = [&](EventFlag flag, std::uint64_t value) {
      head.flags |= flag;
      store(&prefixes[prefix_size], value);
      prefix_size += 8;
    };
    if (delta > 0xffff) {
      prefix(flag_time_prefix, delta);
    } else {
      head.time_delta = static_cast<std::uint16_t>(delta);
    }
    if (event.detail > 0xffffffff) {
      prefix(flag_wide, event.detail);
    } else {
      head.detail = static_cast<std::uint32_t>(event.detail);
    }
    take(event);

    if (event.body.size() <= limits::piece_size) {
      if (auto put = put_piece(head, Bytes(prefixes).first(prefix_size), event.body); !put)
        return put;
      if (event.kind != EventKind::gap) return {};
      const auto count = load<std::uint64_t>(event.body.data());
      totals_.next_sequence += std::max<std::uint64_t>(count, 1) - 1;
      return close_block();  // [GAP-02]
    }
    prefix(flag_continued, event.body.size());
    return put_pieces(head, Bytes(prefixes).first(prefix_size), event.body);
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
    const Scope& scope = table_.scope();
    head.detail = static_cast<std::uint32_t>(event.detail);
    head.payload_size = static_cast<std::uint32_t>(event.body.size());
    return delta <= 0xffff && (delta == 0 || scope.clock != Clock::none) &&
           event.detail <= 0xffffffff && event.body.size() <= limits::piece_size &&
           (event.flags & framing_flags) == 0 && calls_.size() < limits::open_calls &&
           surely_good(head, scope);
  }

  /// What a reader would refuse in this event, seen before it is written.
  Result<void> judge(const Event& event, const EventStruct& head) const {
    const Scope& scope = table_.scope();
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

  /// [PAY-03]
  Result<void> put_pieces(EventStruct event, Bytes prefixes, Bytes body) {
    while (!body.empty()) {
      const Bytes piece = body.first(std::min<std::size_t>(body.size(), limits::piece_size));
      body = body.subspan(piece.size());
      event.flags = static_cast<std::uint8_t>(body.empty() ? event.flags & ~flag_continued
                                                           : event.flags | flag_continued);
      if (!block_open_) begin_block();
      continued_size_ = body.size();
      if (auto put = put_piece(event, prefixes, piece); !put) return put;
      event = {.kind = event.kind, .subject = event.subject};
      prefixes = {};
    }
    return {};
  }

  Result<void> close_block() {
    if (batch_.empty()) return {};
    if (auto put = put_definitions(); !put) return put;
    head_.definitions = totals_.definition_count;
    const auto count = [this](const FrameHeader& header) {
      totals_.stored_bytes += header.stored_size;
      totals_.decoded_bytes += header.decoded_size;
    };
    if (const Bytes bulk = batch_.bulk(); !bulk.empty()) {
      auto written = put(FrameKind::bulk, bulk);
      if (!written) return tl::unexpected(written.error());
      count(*written);
    }
    const std::uint64_t offset = frames_.offset();
    auto written = put(FrameKind::events, batch_.encode(head_));
    if (!written) return tl::unexpected(written.error());
    count(*written);
    totals_.payload_bytes += batch_.payload_bytes();
    ++totals_.block_count;
    index_.entries.push_back({offset, head_.base_sequence, head_.base_time,
                              static_cast<std::uint32_t>(batch_.count()), 0});
    batch_.clear();
    block_open_ = false;
    return index_.entries.size() == limits::index_interval ? put_index() : Result<void>{};
  }

  Result<void> put_definitions() {
    if (pending_.empty()) return {};
    if (auto ended = table_.frame_ends(frames_.offset()); !ended) return fail(ended.error());
    index_.definitions_offsets.push_back(frames_.offset());
    auto written = put(FrameKind::definitions, encode_definitions(pending_));
    pending_.clear();
    return written.map([](const FrameHeader&) {});
  }

  Result<void> put_index() {
    const std::uint64_t offset = frames_.offset();
    auto written = put(FrameKind::index, encode_index(index_));
    if (!written) return tl::unexpected(written.error());
    index_offsets_.push_back(offset);
    index_ = {.previous_offset = offset, .entries = {}, .definitions_offsets = {}};
    return {};
  }

  FrameWriter frames_;
  DefinitionTable table_;
  std::size_t block_size_;
  std::vector<Definition> pending_;
  BatchHead head_;
  BatchEncoder batch_;
  OpenCalls calls_;
  IndexBody index_;
  std::vector<std::uint64_t> index_offsets_;
  Totals totals_;
  std::uint64_t definition_bytes_ = 0;
  std::uint64_t continued_size_ = 0;
  bool block_open_ = false;
  Attachments attachments_;
  std::optional<Error> failure_;
  bool finished_ = false;
};

Writer::Writer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

Result<Writer> Writer::create(ByteSink& sink, const TraceInfo& info, WriterOptions options) {
  if (auto good = check_trace_info(info, preamble_size); !good) {
    return tl::unexpected(good.error());
  }
  if (auto good = decode_trace_info(encode_trace_info(info), preamble_size); !good) {
    return tl::unexpected(good.error());
  }
  auto impl = std::make_unique<Impl>(sink, info, with_salt(options));
  if (auto begun = impl->begin(info); !begun) return tl::unexpected(begun.error());
  return Writer(std::move(impl));
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
