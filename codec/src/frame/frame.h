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

/// Decodes stored bodies; keeps its zstd context from call to call.
class BodyDecoder {
 public:
  BodyDecoder();
  BodyDecoder(BodyDecoder&&) noexcept;
  BodyDecoder& operator=(BodyDecoder&&) noexcept;
  ~BodyDecoder();

  /// Judges hash and padding, then decompresses if `decoded` is given. `stored` is the body
  /// with its padding, `offset` its place in the file. The result is a view of `stored` or of
  /// `decoded`.
  Result<Bytes> decode(const FrameHeader& header, Bytes stored, std::uint64_t salt,
                       std::uint64_t offset, std::vector<std::uint8_t>* decoded);

 private:
  struct Decompressor;
  std::unique_ptr<Decompressor> decompressor_;  // once it is needed
};

/// Reads preamble and frames in order.
class FrameReader {
 public:
  explicit FrameReader(ByteSource& source) : source_(&source) {}

  Result<Preamble> read_preamble();
  /// The next header; none at the end of the input.
  Result<std::optional<FrameHeader>> next();
  /// The body of the frame whose header was read last, checked. With `decoded` null it is checked
  /// but not decompressed, and the result is empty. The result lives until the next call here.
  Result<Bytes> body(std::vector<std::uint8_t>* decoded);
  /// Changes the buffer of stored bodies for another, so that the last one outlives the next call.
  void swap_stored(std::vector<std::uint8_t>& other) { stored_.swap(other); }
  /// Whether the input has no byte more.
  Result<bool> at_end();

  /// Offset of the header that was read last.
  [[nodiscard]] std::uint64_t header_offset() const { return header_offset_; }
  /// Offset of the next byte.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

 private:
  /// Reads until `into` is full or the input ends; the number of bytes read.
  Result<std::size_t> fill(std::span<std::uint8_t> into);

  ByteSource* source_;
  std::uint64_t salt_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t header_offset_ = 0;
  std::uint32_t sequence_ = 0;
  FrameHeader header_;
  std::vector<std::uint8_t> stored_;
  BodyDecoder decoder_;
};

}  // namespace crossing
