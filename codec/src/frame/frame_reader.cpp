#include <zstd.h>
#include <algorithm>

#include "frame/frame.h"
#include "io/bytes.h"
#include "io/fault.h"

namespace crossing {

struct BodyDecoder::Decompressor {
  ZSTD_DCtx* context = ZSTD_createDCtx();

  Decompressor() = default;
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
  ~Decompressor() { ZSTD_freeDCtx(context); }
};

BodyDecoder::BodyDecoder() = default;
BodyDecoder::BodyDecoder(BodyDecoder&&) noexcept = default;
BodyDecoder& BodyDecoder::operator=(BodyDecoder&&) noexcept = default;
BodyDecoder::~BodyDecoder() = default;

namespace {

/// Whether `stored` is one zstd frame of the declared size, seen before anything is allocated
/// [FRAME-11]; a null result is yes, otherwise what is wrong.
const char* zstd_fault(Bytes stored, std::uint32_t decoded_size) {
  if (stored.size() < 4 || load<std::uint32_t>(stored.data()) != ZSTD_MAGICNUMBER) {
    return "expected a zstd frame, found other bytes";
  }
  const unsigned long long size = ZSTD_getFrameContentSize(stored.data(), stored.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN)
    return "expected a content size in the zstd frame, found none";
  if (size == ZSTD_CONTENTSIZE_ERROR) return "expected a zstd frame header, found other bytes";
  if (size != decoded_size)
    return "expected the zstd frame's content size to be decoded_size, found another";
  if (ZSTD_getDictID_fromFrame(stored.data(), stored.size()) != 0) {
    return "expected a zstd frame without dictionary, found one";
  }
  if (ZSTD_findFrameCompressedSize(stored.data(), stored.size()) != stored.size()) {
    return "expected exactly one whole zstd frame, found more or less";
  }
  return nullptr;
}

}  // namespace

Result<Bytes> BodyDecoder::decode(const FrameHeader& header, Bytes stored, std::uint64_t salt,
                                  std::uint64_t offset, std::vector<std::uint8_t>* decoded) {
  const Bytes body = stored.first(header.stored_size);
  if (const std::uint64_t found = hash_bytes(body, salt); found != header.body_hash) {
    return fault(Verdict::corrupt, offset, "FRAME-08",
                 "expected body_hash " + hex(header.body_hash, 16) + ", found " + hex(found, 16));
  }
  for (std::size_t i = header.stored_size; i < stored.size(); ++i) {
    if (stored[i] != 0) {
      return fault(Verdict::corrupt, offset + i, "FRAME-10",
                   "expected zero padding, found " + hex(stored[i], 2));
    }
  }
  if (header.codec == static_cast<std::uint8_t>(Codec::none)) return body;
  if (!is_known(header.kind)) return Bytes{};  // [FRAME-03]
  if (const char* wrong = zstd_fault(body, header.decoded_size)) {
    return fault(Verdict::corrupt, offset, "FRAME-11", wrong);
  }
  if (decoded == nullptr) return Bytes{};
  if (!decompressor_) decompressor_ = std::make_unique<Decompressor>();
  decoded->resize(header.decoded_size);
  const std::size_t size = ZSTD_decompressDCtx(decompressor_->context, decoded->data(),
                                               decoded->size(), body.data(), body.size());
  if (ZSTD_isError(size) != 0 || size != header.decoded_size) {
    return fault(Verdict::corrupt, offset, "FRAME-11",
                 "expected a body that zstd can decompress to " +
                     std::to_string(header.decoded_size) + " bytes, found " +
                     (ZSTD_isError(size) != 0 ? ZSTD_getErrorName(size) : std::to_string(size)));
  }
  return Bytes(*decoded);
}

Result<std::size_t> FrameReader::fill(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    auto count = source_->read(into.subspan(filled));
    if (!count) return count;
    if (*count == 0) break;
    filled += *count;
  }
  offset_ += filled;
  return filled;
}

Result<Preamble> FrameReader::read_preamble() {
  std::array<std::uint8_t, preamble_size> bytes;
  auto filled = fill(bytes);
  if (!filled) return tl::unexpected(filled.error());
  auto preamble = decode_preamble(Bytes(bytes).first(*filled));
  if (preamble) salt_ = preamble->salt;
  return preamble;
}

Result<std::optional<FrameHeader>> FrameReader::next() {
  std::array<std::uint8_t, header_size> bytes;
  header_offset_ = offset_;
  auto filled = fill(bytes);
  if (!filled) return tl::unexpected(filled.error());
  if (*filled == 0) return std::nullopt;
  if (*filled < header_size) {
    return fault(Verdict::truncated, offset_, "FRAME-01",
                 "expected 32 bytes of frame header at offset " + std::to_string(header_offset_) +
                     ", found " + std::to_string(*filled));
  }
  auto header = decode_header(bytes, salt_, header_offset_, sequence_);
  if (!header) return tl::unexpected(header.error());
  ++sequence_;
  header_ = *header;
  return header_;
}

Result<Bytes> FrameReader::body(std::vector<std::uint8_t>* decoded) {
  const std::uint64_t body_offset = offset_;
  // The size is under the limit [FRAME-07]; the buffer grows as bytes come, so that a short input
  // costs no more memory than it has bytes, twice.
  const auto padded = static_cast<std::size_t>(header_.padded_size());
  std::size_t filled = 0;
  while (filled < padded) {
    const std::size_t step = std::min(padded, std::max<std::size_t>(filled * 2, 512 * 1024));
    if (stored_.size() < step) stored_.resize(step);
    auto count = fill(std::span(stored_).subspan(filled, step - filled));
    if (!count) return tl::unexpected(count.error());
    filled += *count;
    if (filled < step) {
      return fault(Verdict::truncated, offset_, "FRAME-10",
                   "expected " + std::to_string(padded) + " bytes of body and padding at offset " +
                       std::to_string(body_offset) + ", found " + std::to_string(filled));
    }
  }
  return decoder_.decode(header_, Bytes(stored_).first(padded), salt_, body_offset, decoded);
}

Result<bool> FrameReader::at_end() {
  std::array<std::uint8_t, 1> byte;
  return fill(byte).map([](std::size_t count) { return count == 0; });
}

}  // namespace crossing
