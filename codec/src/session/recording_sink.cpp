#include "session/recording_sink.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "io/bytes.h"

namespace crossing {

// Frames are followed by their headers alone: what is written here was just encoded.
Result<void> RecordingSink::write(Bytes bytes) {
  if (auto written = file_.write(bytes); !written) return written;
  if (!ring_.bounded() && !sync_) return {};
  while (!bytes.empty()) {
    if (in_body_) {
      const std::size_t size = std::min<std::uint64_t>(bytes.size(), body_left_);
      bytes = bytes.subspan(size);
      body_left_ -= size;
      offset_ += size;
    } else {
      const std::size_t size = std::min(bytes.size(), head_.size() - head_filled_);
      std::copy_n(bytes.begin(), size, head_.begin() + static_cast<std::ptrdiff_t>(head_filled_));
      bytes = bytes.subspan(size);
      head_filled_ += size;
      offset_ += size;
      if (head_filled_ < head_.size()) return {};
      head_filled_ = 0;
      if (offset_ == preamble_size) {
        auto preamble = decode_preamble(head_);
        if (!preamble) return tl::unexpected(preamble.error());
        salt_ = preamble->salt;
        continue;
      }
      auto header = decode_header(head_, salt_, offset_ - header_size, std::nullopt);
      if (!header) return tl::unexpected(header.error());
      header_ = *header;
      body_left_ = header->padded_size();
      in_body_ = true;
    }
    if (body_left_ != 0) continue;
    in_body_ = false;
    if (auto ended = frame_ends(header_); !ended) return ended;
  }
  return {};
}

Result<void> RecordingSink::frame_ends(const FrameHeader& header) {
  const std::uint64_t start = offset_ - header_size - header.padded_size();
  if (header.is(FrameKind::bulk)) {
    block_start_ = start;
    has_bulk_ = true;
    return {};
  }
  if (!header.is(FrameKind::events)) return {};
  if (sync_) {
    if (auto synced = file_.sync(); !synced) return synced;  // [OPEN-07]
  }
  if (!ring_.bounded()) return {};
  const std::uint64_t from = has_bulk_ ? block_start_ : start;
  has_bulk_ = false;
  blocks_.push_back({from, offset_ - from, std::chrono::steady_clock::now()});
  stored_bytes_ += offset_ - from;
  return trim();
}

/// [RING-01] The last block always stays.
Result<void> RecordingSink::trim() {
  const auto now = std::chrono::steady_clock::now();
  while (blocks_.size() > 1) {
    const Stored& oldest = blocks_.front();
    const bool goes = (ring_.bytes != 0 && stored_bytes_ > ring_.bytes) ||
                      (ring_.blocks != 0 && blocks_.size() > ring_.blocks) ||
                      (ring_.seconds != 0 &&
                       std::chrono::duration<double>(now - oldest.when).count() > ring_.seconds);
    if (!goes) return {};
    // Only whole pages of the file system are given back: the last one of the hole goes with this.
    constexpr std::uint64_t largest_page = 65536;
    if (oldest.offset != hole_end_) hole_start_ = oldest.offset;
    hole_end_ = oldest.offset + oldest.size;
    const std::uint64_t from = std::max(hole_start_, oldest.offset & ~(largest_page - 1));
    if (auto gone = file_.punch(from, hole_end_ - from); !gone) return gone;
    let_go_ = true;
    stored_bytes_ -= oldest.size;
    blocks_.pop_front();
  }
  return {};
}

Result<void> complete_ring(const std::string& path) {
  const std::string whole = path + ".whole";
  auto source = open_seekable(path);
  if (!source) return tl::unexpected(source.error());
  auto sink = create_sink(whole, IfExists::replace);
  if (!sink) return tl::unexpected(sink.error());
  auto recovered = recover(**source, **sink);
  if (!recovered) {
    std::remove(whole.c_str());
    return tl::unexpected(recovered.error());
  }
  if (std::rename(whole.c_str(), path.c_str()) != 0) {
    return system_failed(whole, "rename", errno);
  }
  return {};
}

}  // namespace crossing
