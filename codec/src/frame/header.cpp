#include <algorithm>

#include "frame/frame.h"
#include "io/bytes.h"
#include "io/fault.h"

namespace crossing {
namespace {

constexpr std::size_t at_kind = 4;
constexpr std::size_t at_codec = 5;
constexpr std::size_t at_flags = 6;
constexpr std::size_t at_stored_size = 8;
constexpr std::size_t at_decoded_size = 12;
constexpr std::size_t at_body_hash = 16;
constexpr std::size_t at_sequence = 24;
constexpr std::size_t at_header_check = 28;

std::uint32_t header_check(Bytes bytes, std::uint64_t salt) {
  return static_cast<std::uint32_t>(hash_bytes(bytes.first(at_header_check), salt));
}

}  // namespace

std::array<std::uint8_t, header_size> encode_header(const FrameHeader& header, std::uint64_t salt) {
  std::array<std::uint8_t, header_size> bytes = {};
  std::copy(sync_marker.begin(), sync_marker.end(), bytes.begin());
  bytes[at_kind] = header.kind;
  bytes[at_codec] = header.codec;
  store(&bytes[at_flags], header.flags);
  store(&bytes[at_stored_size], header.stored_size);
  store(&bytes[at_decoded_size], header.decoded_size);
  store(&bytes[at_body_hash], header.body_hash);
  store(&bytes[at_sequence], header.sequence);
  store(&bytes[at_header_check], header_check(bytes, salt));
  return bytes;
}

Result<FrameHeader> decode_header(std::span<const std::uint8_t, header_size> bytes,
                                  std::uint64_t salt, std::uint64_t offset,
                                  std::optional<std::uint32_t> sequence) {
  if (!std::equal(sync_marker.begin(), sync_marker.end(), bytes.begin())) {
    return fault(Verdict::corrupt, offset, "FRAME-01",
                 "expected sync " + hex(load<std::uint32_t>(sync_marker.data()), 8) + ", found " +
                     hex(load<std::uint32_t>(bytes.data()), 8));
  }
  const auto check = load<std::uint32_t>(&bytes[at_header_check]);
  const std::uint32_t expected_check = header_check(bytes, salt);
  if (check != expected_check) {
    return fault(Verdict::corrupt, offset + at_header_check, "FRAME-02",
                 "expected header_check " + hex(expected_check, 8) + ", found " + hex(check, 8));
  }
  FrameHeader header;
  header.kind = bytes[at_kind];
  header.codec = bytes[at_codec];
  header.flags = load<std::uint16_t>(&bytes[at_flags]);
  header.stored_size = load<std::uint32_t>(&bytes[at_stored_size]);
  header.decoded_size = load<std::uint32_t>(&bytes[at_decoded_size]);
  header.body_hash = load<std::uint64_t>(&bytes[at_body_hash]);
  header.sequence = load<std::uint32_t>(&bytes[at_sequence]);

  if (sequence && header.sequence != *sequence) {
    return fault(Verdict::corrupt, offset + at_sequence, "FRAME-09",
                 "expected sequence " + std::to_string(*sequence) + ", found " +
                     std::to_string(header.sequence));
  }
  const bool known = is_known(header.kind);
  const bool skippable = (header.flags & frame_flag_skippable) != 0;
  if (known && skippable != is_skippable(static_cast<FrameKind>(header.kind))) {
    return fault(Verdict::corrupt, offset + at_flags, "FRAME-05",
                 "expected the skippable flag of kind " + std::to_string(header.kind) + " to be " +
                     (skippable ? "0, found 1" : "1, found 0"));
  }
  const bool stored_plain = header.codec == static_cast<std::uint8_t>(Codec::none);
  if (stored_plain && header.stored_size != header.decoded_size) {
    return fault(Verdict::corrupt, offset + at_stored_size, "FRAME-06",
                 "expected stored_size to be decoded_size " + std::to_string(header.decoded_size) +
                     ", found " + std::to_string(header.stored_size));
  }
  if (header.codec == static_cast<std::uint8_t>(Codec::zstd) &&
      header.stored_size >= header.decoded_size) {
    return fault(Verdict::corrupt, offset + at_stored_size, "FRAME-06",
                 "expected stored_size below decoded_size " + std::to_string(header.decoded_size) +
                     ", found " + std::to_string(header.stored_size));
  }
  if ((header.flags & ~frame_flag_skippable) != 0) {
    return fault(Verdict::unsupported, offset + at_flags, "FRAME-05",
                 "expected no flag but skippable, found " + hex(header.flags, 4));
  }
  if (header.codec > static_cast<std::uint8_t>(Codec::zstd)) {
    return fault(Verdict::unsupported, offset + at_codec, "FRAME-04",
                 expected_found("codec 0 (none) or 1 (zstd)", header.codec));
  }
  if ((!known && !skippable) || header.is(FrameKind::snapshot)) {
    return fault(
        Verdict::unsupported, offset + at_kind, "FRAME-03",
        expected_found("a frame kind from 1 to 8, or one that may be skipped", header.kind));
  }
  if (header.decoded_size > limits::frame_decoded_size) {
    return fault(Verdict::limit, offset + at_decoded_size, "FRAME-07",
                 "expected decoded_size of at most " + std::to_string(limits::frame_decoded_size) +
                     ", found " + std::to_string(header.decoded_size));
  }
  return header;
}

}  // namespace crossing
