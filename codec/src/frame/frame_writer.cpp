#include <zstd.h>

#include "frame/frame.h"
#include "io/fault.h"

namespace crossing {

/// A zstd context and its output, kept from frame to frame.
struct FrameWriter::Compressor {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  std::vector<std::uint8_t> stored;

  Compressor() = default;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  ~Compressor() { ZSTD_freeCCtx(context); }

  /// The compressed body; empty where compressing does not make it smaller.
  Bytes compress(Bytes body, int level) {
    if (context == nullptr || body.size() < 2) return {};
    stored.resize(body.size() - 1);
    const std::size_t size =
        ZSTD_compressCCtx(context, stored.data(), stored.size(), body.data(), body.size(), level);
    if (ZSTD_isError(size) != 0) return {};
    return Bytes(stored).first(size);
  }
};

FrameWriter::FrameWriter(ByteSink& sink, const WriterOptions& options)
    : sink_(&sink),
      codec_(options.codec),
      level_(options.level),
      salt_(options.salt.value_or(0)),
      compressor_(std::make_unique<Compressor>()) {}
FrameWriter::FrameWriter(FrameWriter&&) noexcept = default;
FrameWriter& FrameWriter::operator=(FrameWriter&&) noexcept = default;
FrameWriter::~FrameWriter() = default;

Result<void> FrameWriter::put(Bytes bytes) {
  if (failure_) return tl::unexpected(*failure_);
  if (bytes.empty()) return {};
  if (auto written = sink_->write(bytes); !written) {
    failure_ = written.error();
    return written;
  }
  offset_ += bytes.size();
  return {};
}

Result<void> FrameWriter::write_preamble() { return put(encode_preamble({.salt = salt_})); }

Result<FrameHeader> FrameWriter::write(FrameKind kind, Bytes body) {
  if (body.size() > limits::frame_decoded_size) {
    return fault(Verdict::limit, offset_, "FRAME-07",
                 "expected a body of at most " + std::to_string(limits::frame_decoded_size) +
                     " bytes, found " + std::to_string(body.size()));
  }
  FrameHeader header;
  header.kind = static_cast<std::uint8_t>(kind);
  header.flags = is_skippable(kind) ? frame_flag_skippable : std::uint16_t{0};
  header.decoded_size = static_cast<std::uint32_t>(body.size());
  header.sequence = sequence_;
  Bytes stored = body;
  if (codec_ == Codec::zstd && kind != FrameKind::end) {  // [FRAME-12]
    if (const Bytes compressed = compressor_->compress(body, level_); !compressed.empty()) {
      header.codec = static_cast<std::uint8_t>(Codec::zstd);
      stored = compressed;
    }
  }
  header.stored_size = static_cast<std::uint32_t>(stored.size());
  header.body_hash = hash_bytes(stored, salt_);

  constexpr std::array<std::uint8_t, 8> zeros = {};
  auto written = put(encode_header(header, salt_));
  if (written) written = put(stored);
  if (written) written = put(Bytes(zeros).first(header.padded_size() - stored.size()));
  if (!written) return tl::unexpected(written.error());
  ++sequence_;
  return header;
}

Result<void> FrameWriter::flush() {
  if (failure_) return tl::unexpected(*failure_);
  if (auto flushed = sink_->flush(); !flushed) {
    failure_ = flushed.error();
    return flushed;
  }
  return {};
}

}  // namespace crossing
