#include "trace/frame_judge.h"

#include <utility>

#include "io/fault.h"

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

/// What a block is made of where it has a bulk frame.
struct BlockOwners {
  std::shared_ptr<const void> body;
  std::shared_ptr<const void> bulk;
};

/// What a block of the open file is made of.
struct LeftOwner {
  BatchBuilder builder;
  std::vector<std::uint8_t> bulk;
};

bool is_judged(const FrameHeader& header) {
  return header.kind <= static_cast<std::uint8_t>(FrameKind::end) && header.kind != 0;
}

}  // namespace

bool FrameJudge::wants(const FrameHeader& header) const {
  if (header.is(FrameKind::bulk)) return options_.bulk;
  if (header.is(FrameKind::index)) return !jumped_;
  return is_judged(header);
}

Result<void> FrameJudge::input_ends(std::uint64_t offset) const {
  if (ended_) return {};
  return fault(Verdict::truncated, offset, "END-01",
               "expected an end frame, found the end of the input");
}

tl::unexpected<Error> FrameJudge::more_after_end(std::uint64_t offset) {
  return fault(Verdict::corrupt, offset, "END-01",
               "expected nothing after the end frame, found more bytes");
}

void FrameJudge::jump(std::uint64_t offset, std::optional<IndexEntry> expected) {
  offset_ = offset;
  jumped_ = resumes_ = true;
  expected_ = expected;
  ended_ = has_bulk_ = index_is_last_ = false;
  summary_offset_.reset();
  index_ = {};
  index_offsets_ = {};
  bulk_ = {};
}

Result<void> FrameJudge::define_ahead(const Frame& frame, FrameBody body) {
  at_ = frame.offset;
  if (auto defined = definitions_frame(body.bytes); !defined) {
    return tl::unexpected(defined.error());
  }
  return {};
}

/// What precedes and follows a frame is judged after its body [VERDICT-01].
Result<std::optional<Item>> FrameJudge::take(const Frame& frame, FrameBody body) {
  const FrameHeader& header = frame.header;
  at_ = frame.offset;
  offset_ = frame.end_offset();
  ++totals_.frame_count;
  if (!begun()) {
    if (auto begins = trace_info_frame(header, body.bytes); !begins) {
      return tl::unexpected(begins.error());
    }
    return no_item();
  }
  if (auto good = check_place(header); !good) return tl::unexpected(good.error());
  if (!is_judged(header)) return no_item();
  if (header.is(FrameKind::bulk)) return bulk_frame(header, std::move(body));
  if (header.is(FrameKind::events)) return events_frame(header, std::move(body));
  current_ = std::move(body.owner);
  switch (static_cast<FrameKind>(header.kind)) {
    case FrameKind::trace_info:
      return invalid("STREAM-01", "expected no second trace_info frame, found one");
    case FrameKind::definitions: return definitions_frame(body.bytes);
    case FrameKind::attachment: return attachment_frame(body.bytes);
    case FrameKind::index: return index_frame(body.bytes);
    case FrameKind::summary: return summary_frame(body.bytes);
    case FrameKind::end: return end_frame(header, body.bytes);
    default: return no_item();
  }
}

Result<void> FrameJudge::trace_info_frame(const FrameHeader& header, Bytes body) {
  if (!header.is(FrameKind::trace_info)) {
    return invalid("STREAM-01",
                   expected_found("a trace_info frame first", std::uint64_t{header.kind}));
  }
  auto info = decode_trace_info(body, at_);
  if (!info) return tl::unexpected(info.error());
  if (auto good = check_trace_info(*info, at_); !good) return good;
  info_ = std::move(*info);
  table_.emplace(info_);
  return {};
}

Result<void> FrameJudge::check_place(const FrameHeader& header) const {
  if (has_bulk_ && !header.is(FrameKind::events)) {
    return invalid("STREAM-02", expected_found("an events frame after a bulk frame, kind 3",
                                               std::uint64_t{header.kind}));
  }
  if (summary_offset_ && !header.is(FrameKind::end)) {
    return invalid("SUM-01", expected_found("the end frame after the summary, kind 8",
                                            std::uint64_t{header.kind}));
  }
  if (index_is_last_ && !header.is(FrameKind::summary) && !header.is(FrameKind::end)) {
    return invalid("INDEX-01", expected_found("the summary after an index of fewer blocks, kind 7",
                                              std::uint64_t{header.kind}));
  }
  return {};
}

Result<std::optional<Item>> FrameJudge::definitions_frame(Bytes body) {
  if (at_ < defined_until_) return no_item();
  defined_until_ = at_ + 1;
  definition_bytes_ += body.size();
  if (definition_bytes_ > limits::definition_bytes) {
    return fault(Verdict::limit, at_, "LIMIT-01",
                 "expected definitions of at most " + std::to_string(limits::definition_bytes) +
                     " bytes, found " + std::to_string(definition_bytes_));
  }
  auto decoded = decode_definitions(body, at_);
  if (!decoded) return tl::unexpected(decoded.error());
  definitions_ = std::move(*decoded);
  std::size_t added = 0;
  for (Definition& definition : definitions_) {
    auto is_new = table_->add(definition, at_);
    if (!is_new) return tl::unexpected(is_new.error());
    if (!*is_new) continue;
    if (Definition& place = definitions_[added++]; &place != &definition) {
      place = std::move(definition);
    }
  }
  definitions_.resize(added);
  if (auto ended = table_->frame_ends(at_); !ended) return tl::unexpected(ended.error());
  totals_.definition_count = table_->scope().definition_count;
  index_.definitions_offsets.push_back(at_);
  return std::optional<Item>(NewDefinitions(definitions_));
}

Result<std::optional<Item>> FrameJudge::bulk_frame(const FrameHeader& header, FrameBody body) {
  if (header.decoded_size == 0) {
    return invalid("STREAM-02", "expected a bulk frame with bytes, found none");
  }
  bulk_ = std::move(body);
  has_bulk_ = true;
  bulk_size_ = header.decoded_size;
  count(header);
  return no_item();
}

Result<std::optional<Item>> FrameJudge::events_frame(const FrameHeader& header, FrameBody body) {
  const bool left_out = has_bulk_ && !options_.bulk;
  ++counts_.blocks;
  if (std::exchange(resumes_, false)) {
    const auto place = decode_batch_place(body.bytes, at_);
    if (!place) return tl::unexpected(place.error());
    const IndexEntry found{at_, place->base_sequence, place->base_time,
                           static_cast<std::uint32_t>(place->event_count), 0};
    if (expected_ && *expected_ != found) {
      return invalid("INDEX-03", "expected the block that the index tells of, with event " +
                                     std::to_string(expected_->base_sequence) +
                                     ", found one with event " +
                                     std::to_string(found.base_sequence));
    }
    batches_.resume_at(place->base_sequence, 0, place->continued_size);
  }
  auto block =
      batches_.decode(body.bytes, bulk_.bytes, left_out ? std::optional(bulk_size_) : std::nullopt,
                      table_->scope(), at_);
  if (!block) return tl::unexpected(block.error());
  if (index_.entries.size() == limits::index_interval) {
    return invalid(
        "INDEX-01",
        "expected an index frame after 4096 events frames, found a further events frame");
  }
  block->owner_ = std::move(body.owner);
  if (std::exchange(has_bulk_, false)) {
    if (bulk_.owner) {
      block->owner_ = std::make_shared<BlockOwners>(
          BlockOwners{std::move(block->owner_), std::move(bulk_.owner)});
    }
    bulk_ = {};
  }
  count(header);
  if (!jumped_) {
    index_.entries.push_back({at_, block->base_sequence(), block->base_time(), block->size(), 0});
  }
  count(*block);
  follow(*block);
  return std::optional<Item>(std::move(*block));
}

void FrameJudge::follow(const Block& block) {
  if (!calls_) return;
  calls_->restart(block.open_calls());
  calls_->apply({block.events_, std::size_t{block.size()} * sizeof(EventStruct)},
                block.base_sequence(), block.begins_continued_);
}

void FrameJudge::count(const Block& block) {
  ++totals_.block_count;
  batches_.count(block, totals_);
}

Result<std::optional<Item>> FrameJudge::take(LeftBlock left) {
  const SlotHead head = left.head;
  if (std::exchange(resumes_, false)) {
    batches_.resume_at(head.base_sequence, 0, head.continued_size);
  }
  if (head.base_sequence != batches_.next_sequence()) return no_item();
  // A bulk frame without its events frame is the first part of a block that is here.
  has_bulk_ = false;
  bulk_ = {};
  auto owner = std::make_shared<LeftOwner>();
  const Bytes body = left.encode(owner->builder, calls_ ? calls_->list() : std::vector<OpenCall>());
  owner->bulk = std::move(left.bulk);
  auto block = batches_.decode(body, owner->bulk, std::nullopt, table_->scope(), offset_);
  if (!block) return tl::unexpected(block.error());
  block->owner_ = std::move(owner);
  count(*block);
  follow(*block);
  return std::optional<Item>(std::move(*block));
}

Result<std::optional<Item>> FrameJudge::attachment_frame(Bytes body) {
  auto piece = decode_attachment(body, at_);
  if (!piece) return tl::unexpected(piece.error());
  if (!jumped_) {
    if (auto good = attachments_.add(*piece, at_); !good) return tl::unexpected(good.error());
  }
  return std::optional<Item>(*piece);
}

Result<std::optional<Item>> FrameJudge::index_frame(Bytes body) {
  if (jumped_) return no_item();
  ++counts_.indexes;
  auto index = decode_index(body, at_);
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
  index_offsets_.push_back(at_);
  index_ = {.previous_offset = at_, .entries = {}, .definitions_offsets = {}};
  return no_item();
}

Result<std::optional<Item>> FrameJudge::summary_frame(Bytes body) {
  auto summary = decode_summary(body, at_);
  if (!summary) return tl::unexpected(summary.error());
  summary_offset_ = at_;
  if (jumped_) return no_item();
  if (!index_.entries.empty()) {
    return invalid("INDEX-01", "expected an index frame before the summary for " +
                                   std::to_string(index_.entries.size()) + " blocks, found none");
  }
  if (batches_.continued()) {
    return invalid("PAY-03", "expected the last event to be whole, found pieces still to come");
  }
  if (auto whole = attachments_.finish(at_); !whole) return tl::unexpected(whole.error());
  const std::string difference =
      summary_difference(make_summary(totals_, index_offsets_), *summary);
  if (!difference.empty()) return invalid("SUM-01", difference);
  return no_item();
}

Result<std::optional<Item>> FrameJudge::end_frame(const FrameHeader& header, Bytes body) {
  if (!summary_offset_) {
    return invalid("SUM-01", "expected a summary frame before the end frame, found none");
  }
  if (header.codec != static_cast<std::uint8_t>(Codec::none)) {
    return invalid("FRAME-12", "expected an end frame that is not compressed, found one that is");
  }
  auto end = decode_end(body, at_);
  if (!end) return tl::unexpected(end.error());
  const EndBody expected =
      jumped_ ? EndBody{*summary_offset_, end->frame_count, end->event_count}
              : EndBody{*summary_offset_, totals_.frame_count, totals_.event_count};
  if (*end != expected) {
    return invalid("END-01", "expected summary_offset " + std::to_string(expected.summary_offset) +
                                 ", frame_count " + std::to_string(expected.frame_count) +
                                 " and event_count " + std::to_string(expected.event_count) +
                                 ", found " + std::to_string(end->summary_offset) + ", " +
                                 std::to_string(end->frame_count) + " and " +
                                 std::to_string(end->event_count));
  }
  ended_ = true;
  return no_item();
}

}  // namespace crossing
