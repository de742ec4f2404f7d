#include <algorithm>

#include "crossing/trace.h"
#include "event/batch.h"
#include "event/bodies.h"
#include "frame/frame.h"
#include "io/fault.h"
#include "trace/attachments.h"
#include "trace/definition_table.h"

namespace crossing {
namespace {

/// The first member of a summary that differs, in words; empty: none.
std::string summary_difference(const SummaryBody& expected, const SummaryBody& found) {
  std::string text;
  const auto compare = [&](const char* name, std::uint64_t a, std::uint64_t b) {
    if (text.empty() && a != b) {
      text = "expected " + std::string(name) + ' ' + std::to_string(a) + ", found " +
             std::to_string(b);
    }
  };
  compare("event_count", expected.event_count, found.event_count);
  compare("next_sequence", expected.next_sequence, found.next_sequence);
  compare("last_time", expected.last_time, found.last_time);
  compare("definition_count", expected.definition_count, found.definition_count);
  compare("payload_bytes", expected.payload_bytes, found.payload_bytes);
  compare("stored_bytes", expected.stored_bytes, found.stored_bytes);
  compare("decoded_bytes", expected.decoded_bytes, found.decoded_bytes);
  if (text.empty() && expected.index_offsets != found.index_offsets) {
    text = "expected the offsets of all index frames, found others";
  }
  if (text.empty() && expected.kind_counts != found.kind_counts) {
    text = "expected the counts of all kinds, found others";
  }
  return text;
}

}  // namespace

class Reader::Impl {
 public:
  Impl(ByteSource& source, ReaderOptions options) : frames_(source), options_(options) {}

  Result<void> begin() {
    auto preamble = frames_.read_preamble();
    if (!preamble) return tl::unexpected(preamble.error());
    preamble_ = *preamble;
    auto header = frames_.next();
    if (!header) return tl::unexpected(header.error());
    if (!*header) return truncated();
    auto body = frames_.body(&body_);
    if (!body) return tl::unexpected(body.error());
    const std::uint64_t at = frames_.header_offset();
    if (!(*header)->is(FrameKind::trace_info)) {
      return fault(Verdict::invalid, at, "STREAM-01",
                   expected_found("a trace_info frame first", std::uint64_t{(*header)->kind}));
    }
    auto info = decode_trace_info(*body, at);
    if (!info) return tl::unexpected(info.error());
    if (auto good = check_trace_info(*info, at); !good) return good;
    info_ = std::move(*info);
    table_.emplace(info_);
    ++totals_.frame_count;
    return {};
  }

  Result<Item> next() {
    if (failure_) return tl::unexpected(*failure_);
    if (ended_) return Item{};
    for (;;) {
      auto item = step();
      if (!item) {
        failure_ = item.error();
        return tl::unexpected(item.error());
      }
      if (*item) return std::move(**item);
    }
  }

  [[nodiscard]] const TraceInfo& info() const { return info_; }
  [[nodiscard]] const Definitions& definitions() const { return table_->all(); }
  [[nodiscard]] const Totals& totals() const { return totals_; }
  [[nodiscard]] const Preamble& preamble() const { return preamble_; }
  [[nodiscard]] std::uint64_t offset() const { return frames_.offset(); }

 private:
  using Step = Result<std::optional<Item>>;  // none: the frame gives no item

  [[nodiscard]] tl::unexpected<Error> truncated() const {
    return fault(Verdict::truncated, frames_.offset(), "END-01",
                 "expected an end frame, found the end of the input");
  }
  [[nodiscard]] tl::unexpected<Error> invalid(std::string_view rule, std::string message) const {
    return fault(Verdict::invalid, frames_.header_offset(), rule, std::move(message));
  }

  /// Reads one frame. What precedes and follows it is judged after its body [VERDICT-01].
  Step step() {
    auto found = frames_.next();
    if (!found) return tl::unexpected(found.error());
    if (!*found) return truncated();
    const FrameHeader header = **found;
    const bool bulk = header.is(FrameKind::bulk);
    const bool known = header.kind <= static_cast<std::uint8_t>(FrameKind::end) && header.kind != 0;
    const bool decode = known && (!bulk || options_.bulk);
    auto body = frames_.body(!decode ? nullptr : bulk ? &bulk_ : &body_);
    if (!body) return tl::unexpected(body.error());
    ++totals_.frame_count;

    if (has_bulk_ && !header.is(FrameKind::events)) {
      return invalid("STREAM-02", expected_found("an events frame after a bulk frame, kind 3",
                                                 std::uint64_t{header.kind}));
    }
    if (summary_offset_ && !header.is(FrameKind::end)) {
      return invalid("SUM-01", expected_found("the end frame after the summary, kind 8",
                                              std::uint64_t{header.kind}));
    }
    if (index_is_last_ && !header.is(FrameKind::summary) && !header.is(FrameKind::end)) {
      return invalid("INDEX-01",
                     expected_found("the summary after an index of fewer blocks, kind 7",
                                    std::uint64_t{header.kind}));
    }
    if (!known) return no_item();
    switch (static_cast<FrameKind>(header.kind)) {
      case FrameKind::trace_info:
        return invalid("STREAM-01", "expected no second trace_info frame, found one");
      case FrameKind::definitions: return definitions_frame(*body);
      case FrameKind::bulk: return bulk_frame(header, *body);
      case FrameKind::events: return events_frame(header, *body);
      case FrameKind::attachment: return attachment_frame(*body);
      case FrameKind::index: return index_frame(*body);
      case FrameKind::summary: return summary_frame(*body);
      case FrameKind::end: return end_frame(header, *body);
      case FrameKind::snapshot: break;
    }
    return no_item();
  }
  static Step no_item() { return std::optional<Item>{}; }

  Step definitions_frame(Bytes body) {
    const std::uint64_t at = frames_.header_offset();
    definition_bytes_ += body.size();
    if (definition_bytes_ > limits::definition_bytes) {
      return fault(Verdict::limit, at, "LIMIT-01",
                   "expected definitions of at most " + std::to_string(limits::definition_bytes) +
                       " bytes, found " + std::to_string(definition_bytes_));
    }
    auto decoded = decode_definitions(body, at);
    if (!decoded) return tl::unexpected(decoded.error());
    definitions_.clear();
    for (Definition& definition : *decoded) {
      auto added = table_->add(definition, at);
      if (!added) return tl::unexpected(added.error());
      if (*added) definitions_.push_back(std::move(definition));
    }
    if (auto ended = table_->frame_ends(at); !ended) return tl::unexpected(ended.error());
    totals_.definition_count = table_->scope().definition_count;
    index_.definitions_offsets.push_back(at);
    return std::optional<Item>(NewDefinitions(definitions_));
  }

  Step bulk_frame(const FrameHeader& header, Bytes body) {
    if (header.decoded_size == 0) {
      return invalid("STREAM-02", "expected a bulk frame with bytes, found none");
    }
    // A body stored as it is lies in the frame reader's buffer, which the next frame takes.
    if (options_.bulk && body.data() != bulk_.data()) frames_.swap_stored(bulk_);
    bulk_body_ = body;
    has_bulk_ = true;
    bulk_size_ = header.decoded_size;
    count(header);
    return no_item();
  }

  Step events_frame(const FrameHeader& header, Bytes body) {
    const std::uint64_t at = frames_.header_offset();
    const bool left_out = has_bulk_ && !options_.bulk;
    auto block =
        batches_.decode(body, has_bulk_ && !left_out ? bulk_body_ : Bytes{},
                        left_out ? std::optional(bulk_size_) : std::nullopt, table_->scope(), at);
    if (!block) return tl::unexpected(block.error());
    if (index_.entries.size() == limits::index_interval) {
      return invalid(
          "INDEX-01",
          "expected an index frame after 4096 events frames, found a further events frame");
    }
    has_bulk_ = false;
    count(header);
    index_.entries.push_back({at, block->base_sequence(), block->base_time(), block->size(), 0});
    ++totals_.block_count;
    totals_.event_count += block->size();
    totals_.next_sequence = batches_.next_sequence();
    totals_.last_time = batches_.last_time();
    totals_.payload_bytes = batches_.payload_bytes();
    totals_.kind_counts = batches_.kind_counts();
    return std::optional<Item>(*block);
  }

  Step attachment_frame(Bytes body) {
    const std::uint64_t at = frames_.header_offset();
    auto piece = decode_attachment(body, at);
    if (!piece) return tl::unexpected(piece.error());
    if (auto good = attachments_.add(*piece, at); !good) return tl::unexpected(good.error());
    return std::optional<Item>(*piece);
  }

  Step index_frame(Bytes body) {
    const std::uint64_t at = frames_.header_offset();
    auto index = decode_index(body, at);
    if (!index) return tl::unexpected(index.error());
    if (index->previous_offset != index_.previous_offset) {
      return invalid("INDEX-02", "expected previous_offset " +
                                     std::to_string(index_.previous_offset) + ", found " +
                                     std::to_string(index->previous_offset));
    }
    if (index_.entries.empty() || *index != index_) {
      return invalid("INDEX-03", "expected " + std::to_string(index_.entries.size()) +
                                     " entries that agree with the frames since the index before, "
                                     "found others");
    }
    index_is_last_ = index_.entries.size() < limits::index_interval;
    index_offsets_.push_back(at);
    index_ = {.previous_offset = at, .entries = {}, .definitions_offsets = {}};
    return no_item();
  }

  Step summary_frame(Bytes body) {
    const std::uint64_t at = frames_.header_offset();
    auto summary = decode_summary(body, at);
    if (!summary) return tl::unexpected(summary.error());
    if (!index_.entries.empty()) {
      return invalid("INDEX-01", "expected an index frame before the summary for " +
                                     std::to_string(index_.entries.size()) + " blocks, found none");
    }
    if (batches_.continued()) {
      return invalid("PAY-03", "expected the last event to be whole, found pieces still to come");
    }
    if (auto whole = attachments_.finish(at); !whole) return tl::unexpected(whole.error());
    const std::string difference =
        summary_difference(make_summary(totals_, index_offsets_), *summary);
    if (!difference.empty()) return invalid("SUM-01", difference);
    summary_offset_ = at;
    return no_item();
  }

  Step end_frame(const FrameHeader& header, Bytes body) {
    const std::uint64_t at = frames_.header_offset();
    if (!summary_offset_) {
      return invalid("SUM-01", "expected a summary frame before the end frame, found none");
    }
    if (header.codec != static_cast<std::uint8_t>(Codec::none)) {
      return invalid("FRAME-12", "expected an end frame that is not compressed, found one that is");
    }
    auto end = decode_end(body, at);
    if (!end) return tl::unexpected(end.error());
    const EndBody expected{*summary_offset_, totals_.frame_count, totals_.event_count};
    if (*end != expected) {
      return invalid("END-01", "expected summary_offset " +
                                   std::to_string(expected.summary_offset) + ", frame_count " +
                                   std::to_string(expected.frame_count) + " and event_count " +
                                   std::to_string(expected.event_count) + ", found " +
                                   std::to_string(end->summary_offset) + ", " +
                                   std::to_string(end->frame_count) + " and " +
                                   std::to_string(end->event_count));
    }
    const std::uint64_t last = frames_.offset();
    auto at_end = frames_.at_end();
    if (!at_end) return tl::unexpected(at_end.error());
    if (!*at_end) {
      return fault(Verdict::corrupt, last, "END-01",
                   "expected nothing after the end frame, found more bytes");
    }
    ended_ = true;
    return std::optional<Item>(Item{});
  }

  void count(const FrameHeader& header) {
    totals_.stored_bytes += header.stored_size;
    totals_.decoded_bytes += header.decoded_size;
  }

  FrameReader frames_;
  ReaderOptions options_;
  Preamble preamble_;
  TraceInfo info_;
  std::optional<DefinitionTable> table_;
  BatchDecoder batches_;
  Attachments attachments_;
  Totals totals_;
  IndexBody index_;
  std::vector<std::uint64_t> index_offsets_;
  std::vector<Definition> definitions_;
  std::vector<std::uint8_t> body_;
  std::vector<std::uint8_t> bulk_;
  Bytes bulk_body_;  // in bulk_
  std::uint64_t definition_bytes_ = 0;
  std::optional<std::uint64_t> summary_offset_;
  std::uint32_t bulk_size_ = 0;
  bool has_bulk_ = false;
  bool index_is_last_ = false;
  bool ended_ = false;
  std::optional<Error> failure_;
};

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

Result<Reader> Reader::open(ByteSource& source, ReaderOptions options) {
  auto impl = std::make_unique<Impl>(source, options);
  if (auto begun = impl->begin(); !begun) return tl::unexpected(begun.error());
  return Reader(std::move(impl));
}

const TraceInfo& Reader::info() const { return impl_->info(); }
const Definitions& Reader::definitions() const { return impl_->definitions(); }
const Totals& Reader::totals() const { return impl_->totals(); }
std::pair<std::uint16_t, std::uint16_t> Reader::format_version() const {
  return {impl_->preamble().format_major, impl_->preamble().format_minor};
}
Result<Item> Reader::next() { return impl_->next(); }
std::uint64_t Reader::offset() const { return impl_->offset(); }

}  // namespace crossing
