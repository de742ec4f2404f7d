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

/// Hash and padding, then what the zstd frame says of itself [FRAME-08] [FRAME-10] [FRAME-11].
Result<void> check_stored(const FrameHeader& header, Bytes stored, std::uint64_t salt,
                          std::uint64_t offset) {
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
  if (header.codec == static_cast<std::uint8_t>(Codec::none)) return {};
  if (!is_known(header.kind)) return {};  // [FRAME-03]
  const char* wrong = zstd_fault(body, header.decoded_size);
  return wrong == nullptr ? Result<void>{} : fault(Verdict::corrupt, offset, "FRAME-11", wrong);
}

}  // namespace

Result<void> BodyDecoder::decompress(const FrameHeader& header, Bytes body, std::uint64_t offset,
                                     std::span<std::uint8_t> into) {
  if (!decompressor_) decompressor_ = std::make_unique<Decompressor>();
  const std::size_t size = ZSTD_decompressDCtx(decompressor_->context, into.data(), into.size(),
                                               body.data(), body.size());
  if (ZSTD_isError(size) == 0 && size == header.decoded_size) return {};
  return fault(Verdict::corrupt, offset, "FRAME-11",
               "expected a body that zstd can decompress to " +
                   std::to_string(header.decoded_size) + " bytes, found " +
                   (ZSTD_isError(size) != 0 ? ZSTD_getErrorName(size) : std::to_string(size)));
}

Result<FrameBody> BodyDecoder::decode(const Frame& frame, std::uint64_t salt, BufferPool& pool,
                                      bool wanted) {
  const FrameHeader& header = frame.header;
  if (auto good = check_stored(header, frame.stored, salt, frame.body_offset()); !good) {
    return tl::unexpected(good.error());
  }
  const Bytes body = frame.stored.first(header.stored_size);
  if (!wanted || !is_known(header.kind)) return FrameBody{};
  const bool as_it_is = header.codec == static_cast<std::uint8_t>(Codec::none);
  if (as_it_is && reinterpret_cast<std::uintptr_t>(body.data()) % 8 == 0) {
    return FrameBody{body, frame.owner};
  }
  std::shared_ptr<Buffer> buffer = pool.take();
  const std::span<std::uint8_t> into = buffer->grow(header.decoded_size);
  if (as_it_is) {
    std::copy(body.begin(), body.end(), into.begin());
  } else if (auto good = decompress(header, body, frame.body_offset(), into); !good) {
    return tl::unexpected(good.error());
  }
  return FrameBody{into, std::move(buffer)};
}

}  // namespace crossing
