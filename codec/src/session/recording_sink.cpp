#include "session/recording_sink.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

namespace crossing {

Result<void> RecordingSink::write(Bytes bytes) {
  if (auto written = file_.write(bytes); !written) return written;
  if (!ring_.bounded() && !sync_) return {};
  while (!bytes.empty()) {
    const auto frame = feed_.push(bytes);
    if (!frame) return tl::unexpected(frame.error());
    if (!*frame) continue;
    if (auto ended = frame_ends(**frame); !ended) return ended;
  }
  return {};
}

Result<void> RecordingSink::frame_ends(const Frame& frame) {
  if (frame.header.is(FrameKind::bulk)) {
    bulk_offset_ = frame.offset;
    return {};
  }
  if (!frame.header.is(FrameKind::events)) return {};
  if (sync_) {
    if (auto synced = file_.sync(); !synced) return synced;  // [OPEN-07]
  }
  if (!ring_.bounded()) return {};
  const std::uint64_t from = std::exchange(bulk_offset_, std::nullopt).value_or(frame.offset);
  const std::uint64_t size = frame.end_offset() - from;
  blocks_.push_back({from, size, std::chrono::steady_clock::now()});
  stored_bytes_ += size;
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
