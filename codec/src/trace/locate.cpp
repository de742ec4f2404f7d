#include "trace/locate.h"

#include <algorithm>

#include "event/batch.h"
#include "io/fault.h"

namespace crossing {
namespace {

/// Whether a block begins where what is wanted may still be in it or after it.
bool is_before(const IndexEntry& entry, Wanted wanted) {
  return wanted.key == Wanted::Key::number ? entry.base_sequence <= wanted.value
                                           : entry.base_time < wanted.value;
}

/// Whether what is wanted is in front of the end of a block.
bool ends_after(const IndexEntry& entry, Wanted wanted) {
  return wanted.key == Wanted::Key::number ? wanted.value - entry.base_sequence < entry.event_count
                                           : wanted.value <= entry.base_time;
}

std::uint64_t key_of(const IndexEntry& entry, Wanted wanted) {
  return wanted.key == Wanted::Key::number ? entry.base_sequence : entry.base_time;
}

}  // namespace

/// The decoded body of a frame that has to be there.
Result<FrameBody> Locator::body_at(std::uint64_t offset, FrameKind kind, const char* rule) {
  const auto missing = [&] {
    return fault(Verdict::invalid, std::min(offset, source_.size()), rule,
                 "expected a frame of kind " + std::to_string(static_cast<int>(kind)) +
                     " at offset " + std::to_string(offset) + ", found none");
  };
  auto header = header_at(source_, salt(), offset);
  if (!header) return tl::unexpected(header.error());
  if (!*header || !(*header)->is(kind)) return missing();
  if (auto sought = source_.seek(offset); !sought) return tl::unexpected(sought.error());
  frames_.go_to(offset);
  auto frame = frames_.next();
  if (!frame) return tl::unexpected(frame.error());
  if (!*frame) return missing();
  return decoder_.decode(**frame, salt(), pool_, true);
}

Result<void> Locator::look_around() {
  if (looked_) return {};
  auto found = load_summary();
  if (!found) return tl::unexpected(found.error());
  if (auto scanned = scan_headers(!*found); !scanned) return scanned;
  looked_ = true;
  return {};
}

/// By the end frame, which is the last 56 bytes of a complete file [FRAME-12].
Result<bool> Locator::load_summary() {
  constexpr std::uint64_t end_size = header_size + end_body_size;
  if (source_.size() < first_frame_ + end_size) return false;
  const std::uint64_t end_offset = source_.size() - end_size;
  const auto is_io = [](const Error& error) { return error.verdict == Verdict::io; };
  auto end_frame = body_at(end_offset, FrameKind::end, "END-01");
  if (!end_frame && is_io(end_frame.error())) return tl::unexpected(end_frame.error());
  if (!end_frame) return false;
  const auto end = decode_end(end_frame->bytes, end_offset);
  if (!end) return false;
  auto frame = body_at(end->summary_offset, FrameKind::summary, "END-01");
  if (!frame && is_io(frame.error())) return tl::unexpected(frame.error());
  if (!frame) return false;
  auto summary = decode_summary(frame->bytes, end->summary_offset);
  if (!summary) return false;
  summary_ = std::move(*summary);
  index_offsets_ = summary_->index_offsets;
  end_ = end->summary_offset;
  return true;
}

/// Reads headers, and definitions, up to the first block or, with `all`, to the end or the first
/// fault, and notes where the blocks are that no index frame lists.
Result<void> Locator::scan_headers(bool all) {
  std::uint64_t at = first_frame_;
  std::optional<std::uint32_t> sequence;
  for (;;) {
    auto header = header_at(source_, salt(), at, sequence);
    if (!header) return tl::unexpected(header.error());
    if (!*header) break;
    const bool begins_block = (*header)->is(FrameKind::bulk) || (*header)->is(FrameKind::events);
    if (begins_block && first_block_ == 0) first_block_ = at;
    if (!all && (begins_block || (*header)->is(FrameKind::summary))) break;
    if ((*header)->is(FrameKind::definitions) && at >= judge_.defined_until()) {
      auto body = body_at(at, FrameKind::definitions, "FRAME-03");
      if (!body) return tl::unexpected(body.error());
      const Frame frame{.header = **header, .offset = at, .stored = {}, .owner = {}};
      if (auto good = judge_.define_ahead(frame, std::move(*body)); !good) return good;
    }
    if (all && (*header)->is(FrameKind::events)) {
      if (tail_.size() == limits::index_interval) break;  // [INDEX-01]
      tail_.push_back(at);
    }
    if (all && (*header)->is(FrameKind::index)) {
      index_offsets_.push_back(at);
      tail_.clear();
    }
    sequence = (*header)->sequence + 1;
    at += header_size + (*header)->padded_size();
  }
  if (first_block_ == 0) first_block_ = at;
  if (all) end_ = at;
  return {};
}

Result<void> Locator::load_index(std::size_t number) {
  if (index_ && index_->number == number) return {};
  const std::uint64_t offset = index_offsets_[number];
  auto frame = body_at(offset, FrameKind::index, "SUM-01");
  if (!frame) return tl::unexpected(frame.error());
  ++judge_.counts().indexes;
  auto body = decode_index(frame->bytes, offset);
  if (!body) return tl::unexpected(body.error());
  if (body->entries.empty()) {
    return fault(Verdict::invalid, offset, "INDEX-03",
                 "expected an index with entries, found none");
  }
  index_ = LoadedIndex{number, std::move(*body)};
  return {};
}

/// What an index would say of a block.
Result<IndexEntry> Locator::entry_of(std::uint64_t events_offset) {
  auto frame = body_at(events_offset, FrameKind::events, "INDEX-03");
  if (!frame) return tl::unexpected(frame.error());
  ++judge_.counts().blocks;
  const auto place = decode_batch_place(frame->bytes, events_offset);
  if (!place) return tl::unexpected(place.error());
  return IndexEntry{events_offset, place->base_sequence, place->base_time,
                    static_cast<std::uint32_t>(place->event_count), 0};
}

/// The index frame of [from, to) that is likely to list what is wanted, as if events were spread
/// evenly over the bytes between the bounds.
std::size_t Locator::guess(Wanted wanted, std::size_t from, std::size_t to, Bound low,
                           Bound high) const {
  const std::uint64_t range = std::max<std::uint64_t>(high.value - low.value, 1);
  const std::uint64_t part = std::clamp(wanted.value, low.value, high.value) - low.value;
  const double share = static_cast<double>(part) / static_cast<double>(range);
  const auto offset = low.offset + static_cast<std::uint64_t>(
                                       share * static_cast<double>(high.offset - low.offset));
  const auto begin = index_offsets_.begin() + static_cast<std::ptrdiff_t>(from);
  const auto end = index_offsets_.begin() + static_cast<std::ptrdiff_t>(to);
  const auto found = std::upper_bound(begin, end, offset);
  return std::min(from + static_cast<std::size_t>(found - begin), to - 1);
}

/// The index frame that lists the last block before; none: there is no such block.
Result<std::optional<std::size_t>> Locator::search_indexes(Wanted wanted, Bound high) {
  std::optional<std::size_t> last_before;
  Bound low{0, first_block_};
  std::size_t from = 0;
  std::size_t to = index_offsets_.size();
  for (unsigned steps = 0; from < to; ++steps) {
    // Where guesses do not help, halves do.
    const std::size_t middle = steps < 3 && low.value <= high.value && low.offset <= high.offset
                                   ? guess(wanted, from, to, low, high)
                                   : from + (to - from) / 2;
    if (auto loaded = load_index(middle); !loaded) return tl::unexpected(loaded.error());
    const IndexEntry& first = index_->body.entries.front();
    const IndexEntry& last = index_->body.entries.back();
    if (!is_before(first, wanted)) {
      to = middle;
      high = {key_of(first, wanted), first.offset};
      continue;
    }
    last_before = middle;
    if (!is_before(last, wanted) || ends_after(last, wanted)) break;
    from = middle + 1;
    low = {key_of(last, wanted), index_offsets_[middle]};
  }
  return last_before;
}

/// Where the block of `entry` begins: at its bulk frame if it has one. `after` is the offset of a
/// frame before it.
Result<Place> Locator::place_of(const IndexEntry& entry, std::uint64_t after) {
  std::uint64_t at = after;
  std::uint64_t begins = entry.offset;
  while (at < entry.offset) {
    auto header = header_at(source_, salt(), at);
    if (!header) return tl::unexpected(header.error());
    if (!*header) break;
    begins = (*header)->is(FrameKind::bulk) ? at : entry.offset;
    at += header_size + (*header)->padded_size();
  }
  if (at == entry.offset) return Place{begins, entry};
  return fault(Verdict::invalid, std::min(at, source_.size()), "INDEX-03",
               "expected frames up to the block at offset " + std::to_string(entry.offset) +
                   ", found none at " + std::to_string(at));
}

Result<Place> Locator::in_index(Wanted wanted, std::size_t number) {
  if (auto loaded = load_index(number); !loaded) return tl::unexpected(loaded.error());
  const auto& entries = index_->body.entries;
  auto found = std::partition_point(entries.begin(), entries.end(), [&](const IndexEntry& entry) {
    return is_before(entry, wanted);
  });
  if (found == entries.begin()) return place_of(*found, first_block_);
  --found;
  // A number in a gap is that of the block after.
  if (wanted.key == Wanted::Key::number && !ends_after(*found, wanted)) ++found;
  if (found == entries.end()) return Place{index_offsets_[number], std::nullopt};
  const std::uint64_t after = found != entries.begin() ? std::prev(found)->offset
                              : number != 0            ? index_offsets_[number - 1]
                                                       : first_block_;
  return place_of(*found, after);
}

/// Among the blocks that no index lists, the first of which is known, by decoding some of them.
Result<Place> Locator::search_tail(Wanted wanted, IndexEntry best) {
  const std::uint64_t before = index_offsets_.empty() ? first_block_ : index_offsets_.back();
  const auto place = [&](std::size_t number, const IndexEntry& entry) {
    return place_of(entry, number == 0 ? before : tail_[number - 1]);
  };
  std::size_t from = 0;  // begins before, or is the first
  for (std::size_t to = tail_.size(); to - from > 1 && !ends_after(best, wanted);) {
    const std::size_t middle = from + (to - from) / 2;
    auto entry = entry_of(tail_[middle]);
    if (!entry) return tl::unexpected(entry.error());
    if (is_before(*entry, wanted)) {
      from = middle;
      best = *entry;
    } else {
      to = middle;
    }
  }
  if (wanted.key != Wanted::Key::number || !is_before(best, wanted) || ends_after(best, wanted)) {
    return place(from, best);
  }
  if (from + 1 == tail_.size()) return Place{end_, std::nullopt};
  const IndexEntry next{tail_[from + 1], 0, 0, 0, 0};
  return place(from + 1, next).map([](Place found) { return Place{found.offset, std::nullopt}; });
}

/// The definitions before `offset`, which `index` or an earlier index frame lists.
Result<void> Locator::define_until(std::uint64_t offset, std::size_t index) {
  if (!summary_ || judge_.totals().definition_count == summary_->definition_count) return {};
  for (std::size_t number = 0; number <= index && number < index_offsets_.size(); ++number) {
    if (index_offsets_[number] < judge_.defined_until()) continue;
    if (auto loaded = load_index(number); !loaded) return loaded;
    for (const std::uint64_t at : index_->body.definitions_offsets) {
      if (at < judge_.defined_until() || at >= offset) continue;
      auto body = body_at(at, FrameKind::definitions, "INDEX-03");
      if (!body) return tl::unexpected(body.error());
      const Frame frame{.header = {}, .offset = at, .stored = {}, .owner = {}};
      if (auto good = judge_.define_ahead(frame, std::move(*body)); !good) return good;
    }
  }
  return {};
}

Result<Place> Locator::find(Wanted wanted) {
  if (auto looked = look_around(); !looked) return tl::unexpected(looked.error());
  Bound high{
      summary_ ? (wanted.key == Wanted::Key::number ? summary_->next_sequence : summary_->last_time)
               : wanted.value,
      end_};
  if (!tail_.empty()) {
    const auto first = entry_of(tail_[0]);
    if (!first) return tl::unexpected(first.error());
    if (is_before(*first, wanted) || index_offsets_.empty()) return search_tail(wanted, *first);
    high = {key_of(*first, wanted), first->offset};
  }
  if (index_offsets_.empty()) return Place{first_block_, std::nullopt};
  auto number = search_indexes(wanted, high);
  if (!number) return tl::unexpected(number.error());
  auto place = *number ? in_index(wanted, **number) : Result<Place>(Place{first_block_, {}});
  if (!place) return place;
  if (auto defined = define_until(place->offset, number->value_or(0)); !defined) {
    return tl::unexpected(defined.error());
  }
  return place;
}

}  // namespace crossing
