#pragma once

/// The file that a recorder writes: on the disk when that is asked for, or only its last blocks
/// [spec/open.md].

#include <chrono>
#include <deque>
#include <memory>
#include <optional>

#include "crossing/ring.h"
#include "frame/frame.h"
#include "io/file_sink.h"

namespace crossing {

/// Takes the bytes of a trace, in any pieces, and lets go of its oldest blocks.
class RecordingSink final : public ByteSink {
 public:
  RecordingSink(FileSink file, const Ring& ring, bool sync)
      : file_(std::move(file)), ring_(ring), sync_(sync) {}

  Result<void> write(Bytes bytes) override;

  [[nodiscard]] const std::string& path() const { return file_.path(); }
  /// Whether blocks are missing.
  [[nodiscard]] bool let_go() const { return let_go_; }

 private:
  struct Stored {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::chrono::steady_clock::time_point when;
  };

  Result<void> frame_ends(const Frame& frame);
  Result<void> trim();

  FileSink file_;
  Ring ring_;
  bool sync_;
  bool let_go_ = false;
  FrameFeed feed_ = FrameFeed(std::make_shared<BufferPool>(1));
  std::optional<std::uint64_t> bulk_offset_;  // of a bulk frame whose events frame is to come
  std::deque<Stored> blocks_;
  std::uint64_t stored_bytes_ = 0;
  std::uint64_t hole_start_ = 0;  // of the hole that the next block to go may adjoin
  std::uint64_t hole_end_ = 0;
};

/// Makes what a ring left in the file at `path` a complete trace, in its place [RING-01].
Result<void> complete_ring(const std::string& path);

}  // namespace crossing
