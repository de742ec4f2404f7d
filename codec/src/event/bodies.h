#pragma once

/// The other frame bodies <-> values. With batch.h the only users of generated FlatBuffers code.
/// Encoders and decoders stand in mirror files, members in schema order. Decoders judge the form
/// [FRAME-13], not what ids mean.

#include <cstdint>
#include <vector>

#include "crossing/definitions.h"
#include "crossing/io.h"
#include "crossing/trace.h"

namespace crossing {

using Body = std::vector<std::uint8_t>;

/// The schema's `IndexEntry`.
struct IndexEntry {
  std::uint64_t offset = 0;
  std::uint64_t base_sequence = 0;
  std::uint64_t base_time = 0;
  std::uint32_t event_count = 0;
  std::uint32_t padding = 0;
  bool operator==(const IndexEntry&) const = default;
};
static_assert(sizeof(IndexEntry) == 32);

/// The schema's `Index`.
struct IndexBody {
  std::uint64_t previous_offset = 0;
  std::vector<IndexEntry> entries;
  std::vector<std::uint64_t> definitions_offsets;
  bool operator==(const IndexBody&) const = default;
};

/// The schema's `Summary`.
struct SummaryBody {
  std::uint64_t event_count = 0;
  std::uint64_t next_sequence = 0;
  std::uint64_t last_time = 0;
  std::uint32_t definition_count = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t stored_bytes = 0;
  std::uint64_t decoded_bytes = 0;
  std::vector<std::uint64_t> index_offsets;
  std::vector<std::pair<std::uint8_t, std::uint64_t>> kind_counts;
  bool operator==(const SummaryBody&) const = default;
};

/// The schema's `End`.
struct EndBody {
  std::uint64_t summary_offset = 0;
  std::uint64_t frame_count = 0;
  std::uint64_t event_count = 0;
  bool operator==(const EndBody&) const = default;
};
static_assert(sizeof(EndBody) == 24);

/// The summary that totals and index offsets make.
SummaryBody make_summary(const Totals& totals, const std::vector<std::uint64_t>& index_offsets);

Body encode_trace_info(const TraceInfo& info);
/// A `definitions` frame: each list in the order given; the alternatives come by kind already.
Body encode_definitions(std::span<const Definition> definitions);
Body encode_attachment(const AttachmentPiece& piece);
Body encode_index(const IndexBody& index);
Body encode_summary(const SummaryBody& summary);
Body encode_end(const EndBody& end);

/// Each takes a body aligned to 8 and its offset in the file, for errors.
Result<TraceInfo> decode_trace_info(Bytes body, std::uint64_t offset);
Result<std::vector<Definition>> decode_definitions(Bytes body, std::uint64_t offset);
/// A view of `body`.
Result<AttachmentPiece> decode_attachment(Bytes body, std::uint64_t offset);
Result<IndexBody> decode_index(Bytes body, std::uint64_t offset);
Result<SummaryBody> decode_summary(Bytes body, std::uint64_t offset);
Result<EndBody> decode_end(Bytes body, std::uint64_t offset);

}  // namespace crossing
