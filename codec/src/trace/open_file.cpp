#include "trace/open_file.h"

#include <algorithm>
#include <atomic>

#include "crossing/event.h"
#include "crossing/limits.h"
#include "frame/frame.h"
#include "io/fault.h"
#include "io/read_at.h"

namespace crossing {
namespace {

constexpr std::array<std::uint8_t, 8> open_magic = {0x89, 'X', 'N', 'O', '\r', '\n', 0x1a, '\n'};

constexpr std::size_t at_format_major = 8;
constexpr std::size_t at_format_minor = 10;
constexpr std::size_t at_slot_count = 12;
constexpr std::size_t at_salt = 16;
constexpr std::size_t at_slot_size = 24;
constexpr std::size_t at_event_capacity = 28;
constexpr std::size_t at_payload_capacity = 32;
constexpr std::size_t at_bulk_capacity = 36;
constexpr std::size_t at_head_check = 40;

tl::unexpected<Error> bad(Verdict verdict, std::uint64_t offset, std::string message) {
  return fault(verdict, offset, "OPEN-06", "open file: " + std::move(message));
}

Result<OpenFileHead> read_head(SeekableSource& source, std::uint64_t salt) {
  std::array<std::uint8_t, OpenFileHead::size> bytes;
  auto there = read_at(source, 0, bytes);
  if (!there) return tl::unexpected(there.error());
  if (!*there) {
    return bad(Verdict::truncated, source.size(),
               expected_found("a head of 4096 bytes", source.size()));
  }
  if (!std::equal(open_magic.begin(), open_magic.end(), bytes.begin())) {
    return bad(Verdict::corrupt, 0, "expected its magic, found other bytes");
  }
  const auto check = load<std::uint64_t>(&bytes[at_head_check]);
  const std::uint64_t expected = hash_bytes(Bytes(bytes).first(at_head_check), salt);
  if (check != expected) {
    return bad(Verdict::corrupt, at_head_check,
               "expected head_check " + hex(expected, 16) + " by the salt of the trace, found " +
                   hex(check, 16));
  }
  const auto zeros = std::span(bytes).subspan(at_head_check + sizeof check);
  if (std::any_of(zeros.begin(), zeros.end(), [](std::uint8_t byte) { return byte != 0; })) {
    return bad(Verdict::corrupt, at_head_check + sizeof check,
               "expected zero bytes up to the first slot, found others");
  }
  if (load<std::uint16_t>(&bytes[at_format_major]) != format_major ||
      load<std::uint16_t>(&bytes[at_format_minor]) != format_minor) {
    return bad(Verdict::unsupported, at_format_major, "expected the format of this reader");
  }
  OpenFileHead head;
  head.salt = salt;
  head.slot_count = load<std::uint32_t>(&bytes[at_slot_count]);
  head.shape.event_capacity = load<std::uint32_t>(&bytes[at_event_capacity]);
  head.shape.payload_capacity = load<std::uint32_t>(&bytes[at_payload_capacity]);
  head.shape.bulk_capacity = load<std::uint32_t>(&bytes[at_bulk_capacity]);
  const std::uint64_t content = std::uint64_t{head.shape.event_capacity} * 16 +
                                head.shape.payload_capacity + head.shape.bulk_capacity;
  if (head.slot_count == 0 || head.slot_count > OpenFileHead::most_slots ||
      content > limits::frame_decoded_size ||
      load<std::uint32_t>(&bytes[at_slot_size]) != head.shape.slot_size()) {
    return bad(Verdict::corrupt, at_slot_count,
               "expected 1 to 64 slots of the size that their capacities make, found " +
                   std::to_string(head.slot_count));
  }
  if (source.size() < head.file_size()) {
    return bad(Verdict::truncated, source.size(),
               expected_found(std::to_string(head.file_size()) + " bytes of slots", source.size()));
  }
  return head;
}

/// What the committed events take of each arena; they are not judged otherwise.
struct Used {
  std::uint64_t payloads = 0;
  std::uint64_t bulk = 0;
};
Used used_by(Bytes events, bool continues) {
  Used used;
  for (std::size_t at = 0; at < events.size(); at += sizeof(EventStruct)) {
    const auto event = load<EventStruct>(&events[at]);
    const bool continued = (event.flags & flag_continued) != 0;
    if ((event.flags & flag_time_prefix) != 0) used.payloads += 8;
    if ((event.flags & flag_wide) != 0) used.payloads += 8;
    if (continued && !continues) used.payloads += 8;
    (event.payload_size >= limits::bulk_threshold ? used.bulk : used.payloads) +=
        event.payload_size;
    continues = continued;
  }
  return used;
}

}  // namespace

void store_head(const OpenFileHead& head, std::uint8_t* into) {
  std::copy(open_magic.begin(), open_magic.end(), into);
  store(into + at_format_major, format_major);
  store(into + at_format_minor, format_minor);
  store(into + at_slot_count, head.slot_count);
  store(into + at_salt, head.salt);
  store(into + at_slot_size, static_cast<std::uint32_t>(head.shape.slot_size()));
  store(into + at_event_capacity, head.shape.event_capacity);
  store(into + at_payload_capacity, head.shape.payload_capacity);
  store(into + at_bulk_capacity, head.shape.bulk_capacity);
  store(into + at_head_check, hash_bytes(Bytes(into, at_head_check), head.salt));
}

void open_slot(std::uint8_t* at, const SlotHead& head) {
  auto* const state = reinterpret_cast<std::uint32_t*>(at);
  std::atomic_ref(*state).store(0, std::memory_order_seq_cst);
  SlotHead closed = head;
  closed.state = 0;
  closed.committed = 0;
  std::atomic_thread_fence(std::memory_order_seq_cst);
  store(at, closed);
  std::atomic_ref(*state).store(slot_in_use, std::memory_order_seq_cst);
}

Bytes LeftBlock::encode(BatchBuilder& builder, std::vector<OpenCall> open_calls) const {
  return builder.build({.base_sequence = head.base_sequence,
                        .base_time = head.base_time,
                        .continued_size = head.continued_size,
                        .open_calls = std::move(open_calls)},
                       events, payloads, bulk.size());
}

Result<OpenFileReader> OpenFileReader::open(SeekableSource& source, std::uint64_t salt) {
  auto file = read_head(source, salt);
  if (!file) return tl::unexpected(file.error());
  OpenFileReader reader(source, file->shape);
  for (std::uint32_t i = 0; i < file->slot_count; ++i) {
    std::array<std::uint8_t, sizeof(SlotHead)> bytes;
    const std::uint64_t offset = file->slot_at(i);
    if (auto there = read_at(source, offset, bytes); !there) return tl::unexpected(there.error());
    const auto head = load<SlotHead>(bytes.data());
    if (head.state > slot_in_use) {
      return bad(Verdict::invalid, offset,
                 expected_found("state 0 or 1 of a slot", std::uint64_t{head.state}));
    }
    if (head.state == slot_in_use && head.committed != 0) reader.in_use_.push_back({head, offset});
  }
  std::sort(reader.in_use_.begin(), reader.in_use_.end(),
            [](const Place& left, const Place& right) {
              return left.head.base_sequence > right.head.base_sequence;
            });
  return reader;
}

Result<std::optional<LeftBlock>> OpenFileReader::next() {
  if (in_use_.empty()) return std::nullopt;
  const Place place = in_use_.back();
  in_use_.pop_back();
  if (place.head.committed > shape_.event_capacity) {
    return bad(Verdict::invalid, place.offset,
               expected_found("at most " + std::to_string(shape_.event_capacity) + " events",
                              std::uint64_t{place.head.committed}));
  }
  LeftBlock block{.head = place.head, .events = {}, .payloads = {}, .bulk = {}};
  const auto take = [&](std::uint64_t at, std::uint64_t size,
                        std::vector<std::uint8_t>& into) -> Result<void> {
    into.resize(size);
    auto there = read_at(*source_, place.offset + at, into);
    if (!there) return tl::unexpected(there.error());
    if (!*there) {
      return bad(Verdict::truncated, source_->size(), "expected a whole slot, found its end");
    }
    return {};
  };
  const std::uint64_t event_bytes = std::uint64_t{place.head.committed} * sizeof(EventStruct);
  if (auto taken = take(SlotShape::head_size, event_bytes, block.events); !taken) {
    return tl::unexpected(taken.error());
  }
  const Used used = used_by(block.events, place.head.continued_size != 0);
  if (used.payloads > shape_.payload_capacity || used.bulk > shape_.bulk_capacity) {
    return bad(Verdict::invalid, place.offset, "expected payloads within the slot, found more");
  }
  if (auto taken = take(shape_.payloads_at(), used.payloads, block.payloads); !taken) {
    return tl::unexpected(taken.error());
  }
  if (auto taken = take(shape_.bulk_at(), used.bulk, block.bulk); !taken) {
    return tl::unexpected(taken.error());
  }
  // A recorder that is still running may have taken the slot into use again meanwhile.
  std::array<std::uint8_t, sizeof(SlotHead)> now;
  if (auto there = read_at(*source_, place.offset, now); !there) {
    return tl::unexpected(there.error());
  }
  const auto head = load<SlotHead>(now.data());
  if (head.state != slot_in_use || head.base_sequence != place.head.base_sequence) {
    return std::nullopt;
  }
  return block;
}

}  // namespace crossing
