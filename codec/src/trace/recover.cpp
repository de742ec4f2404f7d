#include <algorithm>
#include <map>

#include "crossing/trace.h"
#include "event/batch.h"
#include "event/bodies.h"
#include "frame/frame.h"
#include "io/bytes.h"
#include "io/fault.h"
#include "io/read_at.h"
#include "trace/open_file.h"

namespace crossing {
namespace {

/// Finds frames whose header and body are good, whatever lies between them [REC-02].
class FrameScanner {
 public:
  FrameScanner(SeekableSource& source, std::uint64_t salt, std::uint64_t offset = preamble_size)
      : source_(source), salt_(salt), position_(offset) {}

  struct Frame {
    FrameHeader header;
    std::uint64_t offset = 0;
    FrameBody body;
  };

  /// The next good frame; none at the end of the input.
  Result<std::optional<Frame>> next() {
    while (position_ + header_size <= source_.size()) {
      auto frame = at(position_);
      if (!frame) return frame;
      if (*frame) {
        position_ += header_size + (*frame)->header.padded_size();
        return frame;
      }
      auto sought = seek_marker();
      if (!sought) return tl::unexpected(sought.error());
    }
    lose(source_.size() - std::min(position_, source_.size()), false);
    position_ = source_.size();
    return std::nullopt;
  }

  [[nodiscard]] std::uint64_t lost_bytes() const { return lost_bytes_; }
  [[nodiscard]] std::uint64_t lost_ranges() const { return lost_ranges_; }
  /// Whether there were zero bytes instead of frames, which count as no loss [RING-02].
  [[nodiscard]] bool has_hole() const { return has_hole_; }

 private:
  /// The frame at `offset`, if a good one is there.
  Result<std::optional<Frame>> at(std::uint64_t offset) {
    const auto header = header_at(source_, salt_, offset);
    if (!header) return tl::unexpected(header.error());
    if (!*header) return std::nullopt;
    const std::shared_ptr<Buffer> buffer = pool_->take();
    const std::span<std::uint8_t> stored =
        buffer->grow(static_cast<std::size_t>((*header)->padded_size()));
    auto there = read_at(source_, offset + header_size, stored);
    if (!there) return tl::unexpected(there.error());
    if (!*there) return std::nullopt;
    auto body = decoder_.decode({**header, offset, stored, buffer}, salt_, *pool_, true);
    if (!body) return std::nullopt;
    return Frame{**header, offset, std::move(*body)};
  }

  /// Moves on to the next multiple of 8 where the sync marker stands.
  Result<void> seek_marker() {
    const std::uint64_t start = position_;
    bool zero = true;
    std::vector<std::uint8_t> window(1 << 16);
    while (position_ + header_size <= source_.size()) {
      const std::uint64_t data = source_.next_data(position_) & ~std::uint64_t{7};
      position_ = std::max(position_, data);
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(
          window.size(),
          (source_.size() - std::min(position_, source_.size())) & ~std::uint64_t{7}));
      if (size == 0) break;
      auto there = read_at(source_, position_, std::span(window).first(size));
      if (!there) return tl::unexpected(there.error());
      for (std::size_t i = 0; i < size; i += 8, position_ += 8) {
        const auto word = load<std::uint64_t>(&window[i]);
        if (position_ != start && std::equal(sync_marker.begin(), sync_marker.end(), &window[i])) {
          lose(position_ - start, zero);
          return {};
        }
        zero = zero && word == 0;
      }
    }
    position_ = std::min(position_, source_.size());
    lose(position_ - start, zero);
    return {};
  }

  void lose(std::uint64_t bytes, bool zero) {
    if (bytes == 0) return;
    has_hole_ = has_hole_ || zero;
    if (zero) return;
    lost_bytes_ += bytes;
    ++lost_ranges_;
  }

  SeekableSource& source_;
  std::uint64_t salt_;
  std::uint64_t position_;
  std::shared_ptr<BufferPool> pool_ = std::make_shared<BufferPool>(2);
  BodyDecoder decoder_;
  std::uint64_t lost_bytes_ = 0;
  std::uint64_t lost_ranges_ = 0;
  bool has_hole_ = false;
};

/// The bytes of the attachment whose first piece stands at `offset`, as far as its pieces are good.
class AttachmentSource final : public ByteSource {
 public:
  AttachmentSource(SeekableSource& source, std::uint64_t salt, std::uint64_t offset)
      : scanner_(source, salt, offset) {}

  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    if (left_.empty()) {
      auto piece = next_piece();
      if (!piece) return tl::unexpected(piece.error());
      left_ = *piece;
    }
    const std::size_t size = std::min(into.size(), left_.size());
    std::copy_n(left_.begin(), size, into.begin());
    left_ = left_.subspan(size);
    return size;
  }

  /// The bytes of the next piece; none where it is missing, and after the last. Valid until the
  /// next call.
  Result<Bytes> next_piece() {
    while (more_) {
      auto frame = scanner_.next();
      if (!frame) return tl::unexpected(frame.error());
      if (!*frame) break;
      if (!(*frame)->header.is(FrameKind::attachment)) continue;
      body_ = std::move((*frame)->body);
      auto piece = decode_attachment(body_.bytes, (*frame)->offset);
      if (!piece || piece->offset != offset_ || (id_ && piece->id != *id_)) break;
      id_ = piece->id;
      offset_ += piece->bytes.size();
      return piece->bytes;
    }
    more_ = false;
    return Bytes{};
  }

 private:
  FrameScanner scanner_;
  FrameBody body_;
  Bytes left_;  // of a piece in it
  std::optional<std::uint32_t> id_;
  std::uint64_t offset_ = 0;
  bool more_ = true;
};

/// Writes what good frames say as a complete trace.
class Rescue {
 public:
  Rescue(SeekableSource& source, const FrameScanner& scanner, std::uint64_t salt, Writer& writer,
         const TraceInfo& info, Recovery& recovery)
      : source_(source), scanner_(scanner), salt_(salt), writer_(writer), recovery_(recovery) {
    scope_ = Scope(info.profile, info.clock);
  }

  Result<void> take(const FrameScanner::Frame& frame) {
    switch (static_cast<FrameKind>(frame.header.kind)) {
      case FrameKind::definitions: return definitions(frame);
      case FrameKind::bulk:
        bulk_ = frame.body;
        bulk_sequence_ = frame.header.sequence;
        return {};
      case FrameKind::events: return events(frame);
      case FrameKind::attachment: return attachment(frame);
      case FrameKind::end: ended_ = true; return {};
      default: return {};
    }
  }

  /// A block of the open file [OPEN-06].
  Result<void> take(const LeftBlock& left) {
    const SlotHead& head = left.head;
    if (head.base_sequence < next_sequence_ ||
        head.base_sequence > last_event_number - head.committed) {
      return {};
    }
    const Bytes body = left.encode(builder_, {});
    known_end_ = std::max(known_end_, head.base_sequence + head.committed);
    const std::uint64_t before = recovery_.events;
    auto kept =
        keep({head.base_sequence, head.committed, head.continued_size, 0}, body, left.bulk, 0);
    recovery_.open_events += recovery_.events - before;
    return kept;
  }

  /// Where the input ends: what blocks that were not kept and events without their last pieces
  /// would have been is a gap, and so is a missing end [REC-03].
  /// With the open file that its recorder left, nothing was lost there [OPEN-06].
  Result<void> finish(bool has_open_file) {
    if (auto filled = fill_gap(known_end_, 0, {}); !filled) return filled;
    recovery_.tail_lost = !ended_ && !has_open_file;
    if (ended_) return {};
    return gap(0, writer_.totals().last_time,
               has_open_file ? GapReason::aborted : GapReason::damaged);
  }

 private:
  Result<void> definitions(const FrameScanner::Frame& frame) {
    auto decoded = decode_definitions(frame.body.bytes, frame.offset);
    if (!decoded) return {};
    for (const Definition& definition : *decoded) {
      if (auto defined = writer_.define(definition); !defined) {
        if (defined.error().verdict == Verdict::io) return defined;
        return {};  // what it refers to was lost [REC-04]
      }
      std::visit([&](const auto& value) { note(value); }, definition);
    }
    return {};
  }

  void note(const Function& function) {
    if (function.id < scope_.functions.size()) return;
    FunctionScope entry{function.role, 0, 0};
    for (const CoreType type : function.core_params) entry.params_size += core_size(type);
    for (const CoreType type : function.core_results) entry.results_size += core_size(type);
    scope_.add_function(entry);
  }
  void note(const Instance& instance) {
    if (instance.id >= scope_.instances) scope_.add_instance();
  }
  void note(const Memory& memory) {
    if (memory.id >= scope_.memories) scope_.add_memory();
  }
  void note(const Type&) {}
  void note(const Component&) {}

  Result<void> events(const FrameScanner::Frame& frame) {
    auto place = decode_batch_place(frame.body.bytes, frame.offset);
    if (!place) return {};
    if (place->base_sequence < next_sequence_) return {};                          // a repetition
    if (place->base_sequence > last_event_number - place->event_count) return {};  // [GAP-02]
    known_end_ = std::max(known_end_, place->base_sequence + place->event_count);
    scope_.definition_count = writer_.totals().definition_count;
    if (place->definitions > scope_.definition_count) return drop();  // [REC-04]
    const bool own_bulk = bulk_sequence_ && *bulk_sequence_ + 1 == frame.header.sequence;
    return keep(*place, frame.body.bytes, own_bulk ? bulk_.bytes : Bytes{}, frame.offset);
  }

  /// Writes what a batch holds, in its place.
  Result<void> keep(const BatchPlace& place, Bytes body, Bytes bulk, std::uint64_t offset) {
    const bool continues = place.base_sequence == next_sequence_ && !body_.empty();
    if (!continues) body_.clear();
    BatchDecoder decoder;
    decoder.resume_at(place.base_sequence, 0, place.continued_size);
    auto block = decoder.decode(body, bulk, std::nullopt, scope_, offset);
    if (!block) return drop();
    ++recovery_.blocks;
    for (const EventView& event : *block) {
      if (auto taken = event_piece(event, block->open_calls()); !taken) return taken;
    }
    next_sequence_ = decoder.next_sequence();
    damage_seen_ = damage();
    return {};
  }

  /// Grows with everything that was lost but the oldest blocks of a ring.
  [[nodiscard]] std::uint64_t damage() const {
    return scanner_.lost_ranges() + recovery_.dropped_blocks;
  }

  /// A block of a good frame that cannot be kept.
  Result<void> drop() {
    ++recovery_.dropped_blocks;
    return {};
  }

  /// Gathers the pieces of an event and writes it when it is whole.
  Result<void> event_piece(const EventView& event, std::span<const OpenCall> open_calls) {
    if (event.first) {
      pending_ = event;
      body_.clear();
    } else if (body_.empty()) {
      return {};  // its beginning was lost; the gap counts it
    }
    if (!event.last || !event.first) {
      body_.insert(body_.end(), event.body.begin(), event.body.end());
      pieces_ = event.first ? 1 : pieces_ + 1;
      if (!event.last) return {};
      pending_.body = body_;
    }
    const std::uint64_t first = event.sequence - (event.first ? 0 : pieces_ - 1);
    if (auto filled = fill_gap(first, pending_.time, open_calls); !filled) return filled;
    auto written = writer_.append({pending_.kind, pending_.flags,
                                   std::max(pending_.time, writer_.totals().last_time),
                                   pending_.subject, pending_.detail, pending_.body});
    body_.clear();
    if (!written) return written;
    recovery_.events += event.first ? 1 : pieces_;
    return {};
  }

  /// [REC-03]
  Result<void> fill_gap(std::uint64_t sequence, std::uint64_t time,
                        std::span<const OpenCall> open_calls) {
    if (sequence <= writer_.next_sequence()) return {};
    const std::uint64_t count = sequence - writer_.next_sequence();
    const bool ring = damage() == damage_seen_ && scanner_.has_hole();  // [RING-02]
    (ring ? recovery_.ring_events : recovery_.lost_events) += count;
    auto written = gap(count, std::max(time, writer_.totals().last_time),
                       ring ? GapReason::ring : GapReason::damaged);
    writer_.resume(open_calls);
    return written;
  }

  Result<void> gap(std::uint64_t count, std::uint64_t time, GapReason reason) {
    std::array<std::uint8_t, 8> body;
    store(body.data(), count);
    return writer_.append(
        {EventKind::gap, 0, time, none, static_cast<std::uint64_t>(reason), body});
  }

  /// Keeps an attachment when all its pieces are good; it is written where its first one stands.
  Result<void> attachment(const FrameScanner::Frame& frame) {
    auto piece = decode_attachment(frame.body.bytes, frame.offset);
    if (!piece || piece->offset != 0 || piece->id != attachments_ ||
        piece->total_size > limits::attachment_size) {
      return {};
    }
    const std::string name(piece->name);
    const std::uint64_t size = piece->total_size;
    AttachmentSource all(source_, salt_, frame.offset);
    std::uint64_t found = 0;
    do {
      auto bytes = all.next_piece();
      if (!bytes) return tl::unexpected(bytes.error());
      if (bytes->empty()) break;
      found += bytes->size();
    } while (found < size);
    if (found != size) return {};
    AttachmentSource source(source_, salt_, frame.offset);
    auto attached = writer_.attach(name, source, size);
    if (!attached) {
      // Anything but the sink's failure is a limit, which a whole trace does not reach.
      if (attached.error().verdict == Verdict::io) return tl::unexpected(attached.error());
      return {};
    }
    ++attachments_;
    return {};
  }

  SeekableSource& source_;
  const FrameScanner& scanner_;
  std::uint64_t salt_;
  Writer& writer_;
  Recovery& recovery_;
  Scope scope_;
  BatchBuilder builder_;
  std::uint64_t damage_seen_ = 0;  // up to the last block that was kept
  FrameBody bulk_;
  std::optional<std::uint32_t> bulk_sequence_;
  std::uint64_t next_sequence_ = 0;
  std::uint64_t known_end_ = 0;  // after the last event that any good frame holds
  EventView pending_;
  std::vector<std::uint8_t> body_;
  std::uint64_t pieces_ = 0;
  std::uint32_t attachments_ = 0;
  bool ended_ = false;
};

/// What the open file holds; its first fault is kept in `recovery`.
Result<void> take_open_file(Rescue& rescue, SeekableSource& open_file, std::uint64_t salt,
                            Recovery& recovery) {
  auto left = OpenFileReader::open(open_file, salt);
  if (!left) {
    recovery.open_fault = left.error();
    return {};
  }
  for (;;) {
    auto block = left->next();
    if (!block) {
      recovery.open_fault = block.error();
      return {};
    }
    if (!*block) return {};
    if (auto taken = rescue.take(**block); !taken) return taken;
  }
}

/// The trace's verdict, by reading all of it.
Result<std::optional<Error>> judge(SeekableSource& source) {
  if (auto sought = source.seek(0); !sought) return tl::unexpected(sought.error());
  auto reader = Reader::open(source);
  if (!reader) return std::optional<Error>(reader.error());
  for (;;) {
    auto item = reader->next();
    if (!item) return std::optional<Error>(item.error());
    if (std::holds_alternative<std::monostate>(*item)) return std::optional<Error>();
  }
}

}  // namespace

Result<Recovery> recover(SeekableSource& source, ByteSink& sink) {
  Recovery recovery;
  auto fault_found = judge(source);
  if (!fault_found) return tl::unexpected(fault_found.error());
  recovery.fault = *fault_found;
  recovery.whole = !recovery.fault;

  std::vector<std::uint8_t> start(std::min<std::uint64_t>(preamble_size, source.size()));
  auto read = read_at(source, 0, start);
  if (!read) return tl::unexpected(read.error());
  auto preamble = decode_preamble(start);
  if (!preamble) return tl::unexpected(preamble.error());

  FrameScanner scanner(source, preamble->salt);
  auto first = scanner.next();
  if (!first) return tl::unexpected(first.error());
  if (!*first || !(*first)->header.is(FrameKind::trace_info)) {
    return tl::unexpected(
        recovery.fault.value_or(fault(Verdict::invalid, preamble_size, "STREAM-01",
                                      "expected a trace_info frame to recover from, found none")
                                    .value()));
  }
  auto info = decode_trace_info((*first)->body.bytes, (*first)->offset);
  if (!info) return tl::unexpected(info.error());
  auto writer = Writer::create(sink, *info);
  if (!writer) return tl::unexpected(writer.error());

  Rescue rescue(source, scanner, preamble->salt, *writer, *info, recovery);
  for (;;) {
    auto frame = scanner.next();
    if (!frame) return tl::unexpected(frame.error());
    if (!*frame) break;
    if (auto taken = rescue.take(**frame); !taken) return tl::unexpected(taken.error());
  }
  SeekableSource* const open_file = source.open_file();
  if (open_file != nullptr) {
    if (auto taken = take_open_file(rescue, *open_file, preamble->salt, recovery); !taken) {
      return tl::unexpected(taken.error());
    }
  }
  const bool has_open_file = open_file != nullptr && !recovery.open_fault;
  if (auto ended = rescue.finish(has_open_file); !ended) return tl::unexpected(ended.error());
  recovery.lost_bytes = scanner.lost_bytes();
  recovery.lost_ranges = scanner.lost_ranges();
  if (auto finished = writer->finish(); !finished) return tl::unexpected(finished.error());
  return recovery;
}

}  // namespace crossing
