#pragma once

/// The order in which the pieces of attachments come [STREAM-06].

#include <algorithm>
#include <string>

#include "crossing/limits.h"
#include "crossing/trace.h"
#include "io/fault.h"

namespace crossing {

class Attachments {
 public:
  /// Judges the next piece of the stream.
  Result<void> add(const AttachmentPiece& piece, std::uint64_t offset) {
    const bool first = !open_;
    const auto bad = [&](Verdict verdict, const char* what, std::uint64_t found) {
      return fault(verdict, offset, "STREAM-06", expected_found(what, found));
    };
    if (first) {
      if (piece.id != count_)
        return bad(Verdict::invalid, "the id of the next attachment", piece.id);
      if (count_ == limits::attachments) {
        return bad(Verdict::limit, "at most 1024 attachments", count_ + std::uint64_t{1});
      }
      if (piece.total_size > limits::attachment_size) {
        return bad(Verdict::limit, "an attachment of at most 4294967296 bytes", piece.total_size);
      }
      name_ = piece.name;
      total_size_ = piece.total_size;
      next_offset_ = 0;
      ++count_;
    }
    if (piece.id + 1 != count_ || piece.name != name_ || piece.total_size != total_size_ ||
        piece.offset != next_offset_) {
      return bad(Verdict::invalid, "the next piece of the open attachment, with its name and size",
                 piece.offset);
    }
    const std::uint64_t size =
        std::min<std::uint64_t>(total_size_ - next_offset_, limits::attachment_piece_size);
    if (piece.bytes.size() != size) {
      return fault(Verdict::invalid, offset, "STREAM-06",
                   "expected a piece of " + std::to_string(size) + " bytes, found " +
                       std::to_string(piece.bytes.size()));
    }
    next_offset_ += size;
    open_ = next_offset_ != total_size_;
    return {};
  }

  /// Id of the next attachment.
  [[nodiscard]] std::uint32_t next_id() const { return count_; }

  /// Where the summary stands: whether the last attachment is whole.
  [[nodiscard]] Result<void> finish(std::uint64_t offset) const {
    if (!open_) return {};
    return fault(Verdict::invalid, offset, "STREAM-06",
                 "expected " + std::to_string(total_size_) + " bytes of attachment " +
                     std::to_string(count_ - 1) + ", found " + std::to_string(next_offset_));
  }

 private:
  std::string name_;
  std::uint64_t total_size_ = 0;
  std::uint64_t next_offset_ = 0;
  std::uint32_t count_ = 0;
  bool open_ = false;
};

}  // namespace crossing
