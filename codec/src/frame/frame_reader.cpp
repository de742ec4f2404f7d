#include <algorithm>

#include "frame/frame.h"
#include "io/fault.h"
#include "io/read_at.h"

namespace crossing {

void FrameFeed::open(Part part, std::size_t size) {
  part_offset_ += part_size_;
  part_ = part;
  part_size_ = size;
  filled_ = 0;
}

void FrameFeed::go_to(std::uint64_t offset) {
  part_size_ = 0;
  part_offset_ = offset;
  open(Part::header, header_size);
  sequence_.reset();
}

std::span<std::uint8_t> FrameFeed::room() {
  if (part_ != Part::body) return std::span(head_).subspan(filled_);
  // The size is under the limit [FRAME-07]; the buffer grows as bytes come, so that a short input
  // costs no more memory than it has bytes, twice.
  constexpr std::size_t first = 512 * 1024;
  if (!stored_) stored_ = pool_->take();
  const std::size_t step = filled_ < first ? first : filled_ * 2;
  return stored_->grow(std::min(part_size_, step), filled_).subspan(filled_);
}

Result<std::optional<Frame>> FrameFeed::filled(std::size_t count) {
  filled_ += count;
  if (filled_ < part_size_) return std::nullopt;
  return take(part_ == Part::body ? Bytes(stored_->grow(part_size_, part_size_)) : Bytes(head_),
              false);
}

Result<std::optional<Frame>> FrameFeed::push(Bytes& bytes) {
  const std::span<std::uint8_t> into = room();
  const std::size_t count = std::min(into.size(), bytes.size());
  std::copy_n(bytes.begin(), count, into.begin());
  bytes = bytes.subspan(count);
  return filled(count);
}

Result<std::optional<Frame>> FrameFeed::lent(Bytes part) { return take(part, true); }

/// The open part is whole.
Result<std::optional<Frame>> FrameFeed::take(Bytes part, bool is_lent) {
  switch (part_) {
    case Part::preamble: {
      auto preamble = decode_preamble(part);
      if (!preamble) return tl::unexpected(preamble.error());
      preamble_ = *preamble;
      open(Part::header, header_size);
      return std::nullopt;
    }
    case Part::header: {
      auto header =
          decode_header(part.first<header_size>(), preamble_->salt, part_offset_, sequence_);
      if (!header) return tl::unexpected(header.error());
      header_ = *header;
      sequence_ = header_.sequence + 1;
      open(Part::body, static_cast<std::size_t>(header_.padded_size()));
      if (part_size_ != 0) return std::nullopt;
      part = {};
      break;
    }
    case Part::body: break;
  }
  Frame frame{.header = header_, .offset = part_offset_ - header_size, .stored = part, .owner = {}};
  if (!is_lent) frame.owner = std::move(stored_);
  stored_.reset();
  open(Part::header, header_size);
  return frame;
}

Result<void> FrameFeed::input_ends() const {
  if (part_ == Part::preamble) {  // not whole, so this is a fault
    return decode_preamble(Bytes(head_).first(filled_)).map([](const Preamble&) {});
  }
  if (part_ == Part::header && filled_ == 0) return {};
  const bool in_header = part_ == Part::header;
  return fault(Verdict::truncated, offset(), in_header ? "FRAME-01" : "FRAME-10",
               "expected " + std::to_string(part_size_) +
                   (in_header ? " bytes of frame header at offset "
                              : " bytes of body and padding at offset ") +
                   std::to_string(part_offset_) + ", found " + std::to_string(filled_));
}

Result<std::optional<FrameHeader>> header_at(SeekableSource& source, std::uint64_t salt,
                                             std::uint64_t offset,
                                             std::optional<std::uint32_t> sequence) {
  std::array<std::uint8_t, header_size> bytes;
  auto there = read_at(source, offset, bytes);
  if (!there) return tl::unexpected(there.error());
  if (!*there) return std::nullopt;
  const auto header = decode_header(bytes, salt, offset, sequence);
  if (!header || header->padded_size() > source.size() - offset - header_size) {
    return std::nullopt;
  }
  return *header;
}

Result<std::optional<Frame>> FrameReader::next() {
  for (;;) {
    Result<std::optional<Frame>> frame = std::nullopt;
    const std::size_t whole = feed_.whole_part();
    const Bytes lent = whole == 0 ? Bytes{} : source_->lend(whole);
    if (!lent.empty()) {
      frame = feed_.lent(lent);
    } else {
      auto count = source_->read(feed_.room());
      if (!count) return tl::unexpected(count.error());
      if (*count == 0) {
        if (auto ended = feed_.input_ends(); !ended) return tl::unexpected(ended.error());
        return std::nullopt;
      }
      frame = feed_.filled(*count);
    }
    if (!frame || *frame) return frame;
  }
}

Result<bool> FrameReader::at_end() {
  std::array<std::uint8_t, 1> byte;
  return source_->read(byte).map([](std::size_t count) { return count == 0; });
}

}  // namespace crossing
