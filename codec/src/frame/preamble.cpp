#include <xxhash.h>

#include <algorithm>

#include "frame/frame.h"
#include "io/bytes.h"
#include "io/fault.h"

namespace crossing {
namespace {

constexpr std::size_t at_format_major = 8;
constexpr std::size_t at_format_minor = 10;
constexpr std::size_t at_reserved = 12;
constexpr std::size_t at_salt = 16;
constexpr std::size_t at_preamble_check = 24;

}  // namespace

std::uint64_t hash_bytes(Bytes bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::array<std::uint8_t, preamble_size> encode_preamble(const Preamble& preamble) {
  std::array<std::uint8_t, preamble_size> bytes = {};
  std::copy(magic.begin(), magic.end(), bytes.begin());
  store(&bytes[at_format_major], preamble.format_major);
  store(&bytes[at_format_minor], preamble.format_minor);
  store(&bytes[at_salt], preamble.salt);
  store(&bytes[at_preamble_check], hash_bytes(Bytes(bytes).first(at_preamble_check), 0));
  return bytes;
}

Result<Preamble> decode_preamble(Bytes bytes) {
  const std::size_t known = std::min(bytes.size(), magic.size());
  const auto mismatch = std::mismatch(magic.begin(), magic.begin() + known, bytes.begin()).first;
  const auto same = static_cast<std::size_t>(mismatch - magic.begin());
  if (known == 0) {
    return fault(Verdict::not_a_trace, 0, "PRE-01", "expected a trace, found nothing");
  }
  if (same != known) {
    return fault(
        Verdict::not_a_trace, same, "PRE-01",
        "expected byte " + hex(magic[same], 2) + " of the magic, found " + hex(bytes[same], 2));
  }
  if (bytes.size() < preamble_size) {
    return fault(Verdict::truncated, bytes.size(), "PRE-03",
                 "expected 32 bytes of preamble, found " + std::to_string(bytes.size()));
  }
  const auto check = load<std::uint64_t>(&bytes[at_preamble_check]);
  const std::uint64_t expected = hash_bytes(bytes.first(at_preamble_check), 0);
  if (check != expected) {
    return fault(Verdict::corrupt, at_preamble_check, "PRE-02",
                 "expected preamble_check " + hex(expected, 16) + ", found " + hex(check, 16));
  }
  const auto reserved = load<std::uint32_t>(&bytes[at_reserved]);
  if (reserved != 0) {
    return fault(Verdict::corrupt, at_reserved, "PRE-05",
                 "expected reserved 0, found " + hex(reserved, 8));
  }
  Preamble preamble;
  preamble.format_major = load<std::uint16_t>(&bytes[at_format_major]);
  preamble.format_minor = load<std::uint16_t>(&bytes[at_format_minor]);
  preamble.salt = load<std::uint64_t>(&bytes[at_salt]);
  if (preamble.format_major != format_major || preamble.format_minor != format_minor) {
    return fault(Verdict::unsupported, at_format_major, "PRE-04",
                 "expected format " + std::to_string(format_major) + "." +
                     std::to_string(format_minor) + ", found " +
                     std::to_string(preamble.format_major) + "." +
                     std::to_string(preamble.format_minor));
  }
  return preamble;
}

}  // namespace crossing
