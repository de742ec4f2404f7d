#pragma once

/// The frames of a trace, judged in the order of the stream [spec/container.md], into items.

#include <optional>
#include <string>
#include <vector>

#include "crossing/trace.h"
#include "event/batch.h"
#include "event/bodies.h"
#include "frame/frame.h"
#include "io/fault.h"
#include "trace/attachments.h"
#include "trace/definition_table.h"
#include "trace/open_calls.h"
#include "trace/open_file.h"

namespace crossing {

/// All that verdicts.md says of a trace but what the bytes of a frame say of themselves, which is
/// judged before. Where a frame is judged after a jump, what only reading from the start can tell
/// is not: totals, the entries of index frames, the order of attachments.
class FrameJudge {
 public:
  explicit FrameJudge(ReaderOptions options) : options_(options) {}

  /// Whether a frame's body has to be decompressed for `take`; otherwise it was only checked.
  [[nodiscard]] bool wants(const FrameHeader& header) const;

  /// Takes the next frame, the first one being the trace info. None: it gives no item. The item is
  /// valid until the next call; a block for as long as somebody holds it.
  Result<std::optional<Item>> take(const Frame& frame, FrameBody body);

  /// From now on follows which calls are open, which a block of the open file does not tell.
  void follow_calls() { calls_.emplace(); }
  /// Takes a block of the open file, after the last frame. None: its frames were taken, or it does
  /// not follow them.
  Result<std::optional<Item>> take(LeftBlock left);

  /// The input ends at `offset`, after a whole frame.
  [[nodiscard]] Result<void> input_ends(std::uint64_t offset) const;
  /// The input goes on after the end frame.
  [[nodiscard]] static tl::unexpected<Error> more_after_end(std::uint64_t offset);
  /// Whether the end frame was taken and is good.
  [[nodiscard]] bool ended() const { return ended_; }

  /// The next frame is not the one after the last; it is no events frame that has a bulk frame.
  /// It is at `offset`; `expected`: what the index says of the first block from there on.
  void jump(std::uint64_t offset, std::optional<IndexEntry> expected);
  /// Takes a definitions frame out of turn: one that stands before the place to jump to, after
  /// all that were taken.
  Result<void> define_ahead(const Frame& frame, FrameBody body);
  /// Definitions frames before this offset are known.
  [[nodiscard]] std::uint64_t defined_until() const { return defined_until_; }

  /// Whether the trace info was taken.
  [[nodiscard]] bool begun() const { return table_.has_value(); }
  [[nodiscard]] const TraceInfo& info() const { return info_; }
  [[nodiscard]] const Definitions& definitions() const { return table_->all(); }
  [[nodiscard]] const Totals& totals() const { return totals_; }
  [[nodiscard]] ReadCounts& counts() { return counts_; }
  [[nodiscard]] const ReadCounts& counts() const { return counts_; }
  /// Offset after the last frame that was taken.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

 private:
  using Step = Result<std::optional<Item>>;
  static Step no_item() { return std::optional<Item>{}; }

  [[nodiscard]] tl::unexpected<Error> invalid(std::string_view rule, std::string message) const {
    return fault(Verdict::invalid, at_, rule, std::move(message));
  }
  Result<void> trace_info_frame(const FrameHeader& header, Bytes body);
  [[nodiscard]] Result<void> check_place(const FrameHeader& header) const;
  Step definitions_frame(Bytes body);
  Step bulk_frame(const FrameHeader& header, FrameBody body);
  Step events_frame(const FrameHeader& header, FrameBody body);
  Step attachment_frame(Bytes body);
  Step index_frame(Bytes body);
  Step summary_frame(Bytes body);
  Step end_frame(const FrameHeader& header, Bytes body);
  void count(const Block& block);
  void follow(const Block& block);
  void count(const FrameHeader& header) {
    totals_.stored_bytes += header.stored_size;
    totals_.decoded_bytes += header.decoded_size;
  }

  ReaderOptions options_;
  TraceInfo info_;
  std::optional<DefinitionTable> table_;
  BatchDecoder batches_;
  Attachments attachments_;
  Totals totals_;
  ReadCounts counts_;
  IndexBody index_;
  std::vector<std::uint64_t> index_offsets_;
  std::vector<Definition> definitions_;
  std::uint64_t at_ = 0;  // offset of the frame that is judged
  std::uint64_t offset_ = 0;
  std::uint64_t defined_until_ = 0;
  std::uint64_t definition_bytes_ = 0;
  std::optional<std::uint64_t> summary_offset_;
  std::shared_ptr<const void> current_;  // what the last item is a view of
  FrameBody bulk_;
  std::uint32_t bulk_size_ = 0;
  bool has_bulk_ = false;
  bool index_is_last_ = false;
  bool ended_ = false;
  bool jumped_ = false;   // so that what was before is not known
  bool resumes_ = false;  // the next batch is the first after a jump
  std::optional<IndexEntry> expected_;
  std::optional<OpenCalls> calls_;  // where there is an open file
};

}  // namespace crossing
