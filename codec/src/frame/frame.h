#pragma once

/// The container: preamble, frame headers, bodies [spec/container.md]. This stage and no other
/// knows zstd and XXH3.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "crossing/io.h"
#include "crossing/trace.h"
#include "io/buffer.h"

namespace crossing {

inline constexpr std::size_t preamble_size = 32;
inline constexpr std::size_t header_size = 32;
inline constexpr std::size_t end_body_size = 24;
inline constexpr std::array<std::uint8_t, 8> magic = {0x89, 'X', 'N', 'G', '\r', '\n', 0x1a, '\n'};
inline constexpr std::array<std::uint8_t, 4> sync_marker = {0xf5, 'X', 'F', '\n'};
inline constexpr std::uint16_t format_major = 0;
inline constexpr std::uint16_t format_minor = 1;

/// Kinds of frames [FRAME-03]; a plain number, since unknown ones may pass.
enum class FrameKind : std::uint8_t {
  trace_info = 1,
  definitions = 2,
  events = 3,
  bulk = 4,
  attachment = 5,
  index = 6,
  summary = 7,
  end = 8,
  snapshot = 9
};
inline constexpr std::uint16_t frame_flag_skippable = 1;

constexpr bool is_known(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(FrameKind::trace_info) &&
         kind <= static_cast<std::uint8_t>(FrameKind::snapshot);
}

/// Whether frames of a kind known here carry the flag `skippable` [FRAME-05].
constexpr bool is_skippable(FrameKind kind) {
  return kind == FrameKind::attachment || kind == FrameKind::index || kind == FrameKind::summary;
}

/// The preamble's members [PRE-01] … [PRE-06], in the order of their offsets.
struct Preamble {
  std::uint16_t format_major = crossing::format_major;
  std::uint16_t format_minor = crossing::format_minor;
  std::uint64_t salt = 0;
};

std::array<std::uint8_t, preamble_size> encode_preamble(const Preamble& preamble);
/// Judges up to 32 bytes, all that the input has.
Result<Preamble> decode_preamble(Bytes bytes);

/// A frame header's members, in the order of their offsets.
struct FrameHeader {
  std::uint8_t kind = 0;
  std::uint8_t codec = 0;
  std::uint16_t flags = 0;
  std::uint32_t stored_size = 0;
  std::uint32_t decoded_size = 0;
  std::uint64_t body_hash = 0;
  std::uint32_t sequence = 0;

  [[nodiscard]] bool is(FrameKind expected) const {
    return kind == static_cast<std::uint8_t>(expected);
  }
  /// Body and padding, in the file.
  [[nodiscard]] std::uint64_t padded_size() const {
    return (std::uint64_t{stored_size} + 7) & ~std::uint64_t{7};
  }
};

std::array<std::uint8_t, header_size> encode_header(const FrameHeader& header, std::uint64_t salt);

/// Judges 32 bytes at `offset` of the file: corrupt, then unsupported, then limit [VERDICT-01].
/// `sequence` is the one that is expected; none: any will do, for recovery.
Result<FrameHeader> decode_header(std::span<const std::uint8_t, header_size> bytes,
                                  std::uint64_t salt, std::uint64_t offset,
                                  std::optional<std::uint32_t> sequence);

/// The hash of a stored body [FRAME-08], and with seed 0 that of [PAY-08].
std::uint64_t hash_bytes(Bytes bytes, std::uint64_t seed);

/// Writes preamble and frames. After a failure of the sink every call gives the same error.
class FrameWriter {
 public:
  FrameWriter(ByteSink& sink, const WriterOptions& options);
  FrameWriter(FrameWriter&&) noexcept;
  FrameWriter& operator=(FrameWriter&&) noexcept;
  ~FrameWriter();

  Result<void> write_preamble();
  /// Writes one frame; a body that zstd does not make smaller is stored as it is [FRAME-06].
  Result<FrameHeader> write(FrameKind kind, Bytes body);
  Result<void> flush();

  [[nodiscard]] std::uint64_t salt() const { return salt_; }
  /// Offset of the next frame.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  /// Frames written.
  [[nodiscard]] std::uint32_t sequence() const { return sequence_; }

 private:
  struct Compressor;
  Result<void> put(Bytes bytes);

  ByteSink* sink_;
  Codec codec_;
  int level_;
  std::uint64_t salt_;
  std::uint64_t offset_ = 0;
  std::uint32_t sequence_ = 0;
  std::optional<Error> failure_;
  std::unique_ptr<Compressor> compressor_;
};

/// A frame as it stands in the file.
struct Frame {
  FrameHeader header;
  std::uint64_t offset = 0;           ///< of the header
  Bytes stored;                       ///< body and padding
  std::shared_ptr<const void> owner;  ///< of these bytes; null: the source lent them

  [[nodiscard]] std::uint64_t body_offset() const { return offset + header_size; }
  [[nodiscard]] std::uint64_t end_offset() const { return body_offset() + header.padded_size(); }
};

/// A decoded body, aligned to 8; empty where it was only checked.
struct FrameBody {
  Bytes bytes;
  std::shared_ptr<const void> owner;  ///< null: the source lent them
};

/// Decodes stored bodies; keeps its zstd context from call to call.
class BodyDecoder {
 public:
  BodyDecoder();
  BodyDecoder(BodyDecoder&&) noexcept;
  BodyDecoder& operator=(BodyDecoder&&) noexcept;
  ~BodyDecoder();

  /// Judges hash and padding, then decompresses into a buffer of `pool`; not `wanted`: the body is
  /// checked, not decompressed.
  Result<FrameBody> decode(const Frame& frame, std::uint64_t salt, BufferPool& pool, bool wanted);

 private:
  struct Decompressor;
  Result<void> decompress(const FrameHeader& header, Bytes body, std::uint64_t offset,
                          std::span<std::uint8_t> into);

  std::unique_ptr<Decompressor> decompressor_;  // once it is needed
};

/// Makes frames of bytes as they come: the preamble, then headers and bodies by turns. Has no
/// source itself; who has one, or is given bytes, asks for the place of the next ones.
class FrameFeed {
 public:
  explicit FrameFeed(std::shared_ptr<BufferPool> pool) : pool_(std::move(pool)) {}

  /// Where the next bytes belong: what the open part still lacks, or the first of that. Never
  /// empty.
  std::span<std::uint8_t> room();
  /// The first `count` bytes of `room` are there. The frame that they make whole, if they do.
  Result<std::optional<Frame>> filled(std::size_t count);

  /// Takes bytes off the front of `bytes`, as many as belong to the open part. The frame that they
  /// make whole, if they do.
  Result<std::optional<Frame>> push(Bytes& bytes);

  /// The size of the open part where nothing of it is there yet, otherwise 0.
  [[nodiscard]] std::size_t whole_part() const { return filled_ == 0 ? part_size_ : 0; }
  /// That part, lent.
  Result<std::optional<Frame>> lent(Bytes part);

  /// The input has no byte more. Good only between two frames.
  [[nodiscard]] Result<void> input_ends() const;

  /// Goes on with the frame at `offset`, whatever its sequence.
  void go_to(std::uint64_t offset);

  [[nodiscard]] const std::optional<Preamble>& preamble() const { return preamble_; }
  /// Offset of the next byte.
  [[nodiscard]] std::uint64_t offset() const { return part_offset_ + filled_; }

 private:
  enum class Part : std::uint8_t { preamble, header, body };

  Result<std::optional<Frame>> take(Bytes part, bool is_lent);
  void open(Part part, std::size_t size);

  std::shared_ptr<BufferPool> pool_;
  std::optional<Preamble> preamble_;
  Part part_ = Part::preamble;
  std::uint64_t part_offset_ = 0;
  std::size_t part_size_ = preamble_size;
  std::size_t filled_ = 0;
  std::array<std::uint8_t, header_size> head_ = {};  // preamble or header
  static_assert(preamble_size == header_size);
  std::optional<std::uint32_t> sequence_ = 0;
  FrameHeader header_;
  std::shared_ptr<Buffer> stored_;
};

/// The header at `offset`; none where there is no good one, or its frame is not whole.
Result<std::optional<FrameHeader>> header_at(SeekableSource& source, std::uint64_t salt,
                                             std::uint64_t offset,
                                             std::optional<std::uint32_t> sequence = {});

/// Reads frames in order.
class FrameReader {
 public:
  FrameReader(ByteSource& source, std::shared_ptr<BufferPool> pool)
      : source_(&source), feed_(std::move(pool)) {}

  /// The next frame; none at the end of the input.
  Result<std::optional<Frame>> next();
  /// Whether the input has no byte more.
  Result<bool> at_end();
  /// Goes on with the frame at `offset`. The source has been moved there.
  void go_to(std::uint64_t offset) { feed_.go_to(offset); }

  /// Once a frame was read, or is missing.
  [[nodiscard]] const std::optional<Preamble>& preamble() const { return feed_.preamble(); }
  [[nodiscard]] ByteSource& source() { return *source_; }
  /// Offset of the next byte.
  [[nodiscard]] std::uint64_t offset() const { return feed_.offset(); }

 private:
  ByteSource* source_;
  FrameFeed feed_;
};

}  // namespace crossing
