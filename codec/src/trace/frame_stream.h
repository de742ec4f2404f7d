#pragma once

/// The frames of one trace as it is written, and what each adds to totals, index and summary.

#include <optional>
#include <vector>

#include "crossing/trace.h"
#include "event/bodies.h"
#include "frame/frame.h"
#include "trace/attachments.h"
#include "trace/definition_table.h"

namespace crossing {

/// A block whose events were judged, encoded.
struct EncodedBlock {
  Bytes body;  ///< `EventBatch`
  Bytes bulk;  ///< empty: no `bulk` frame
  std::uint64_t base_sequence = 0;
  std::uint64_t base_time = 0;
  std::uint32_t event_count = 0;
};

/// Puts frames into a sink in the order of the calls. Judges trace info, definitions and
/// attachments. After a failure of the sink every call gives the same error [END-02].
class FrameStream {
 public:
  /// Writes preamble and trace info; without a salt in the options, takes a random one. `sink`
  /// outlives the stream.
  static Result<FrameStream> create(ByteSink& sink, const TraceInfo& info,
                                    const WriterOptions& options);

  /// Judges a definition; true when it is new, and then to be given to `define`.
  Result<bool> judge(const Definition& definition);
  /// Lets a definition wait for `put_definitions`, which is called by itself where one frame could
  /// not hold both it and those that wait.
  Result<void> define(const Definition& definition);
  /// Puts the frame of the definitions that wait, if there are any.
  Result<void> put_definitions();
  Result<void> put_block(const EncodedBlock& block);
  Result<void> put_attachment(const AttachmentPiece& piece);
  /// Attaches `size` bytes of `source`, piece by piece; the attachment's id.
  Result<std::uint32_t> attach(std::string_view name, ByteSource& source, std::uint64_t size);
  Result<void> flush() { return frames_.flush(); }
  /// Puts what waits, index, summary and end. Nothing comes after it.
  Result<void> finish();

  [[nodiscard]] bool ended() const { return finished_ || failure_.has_value(); }
  /// The failure that ended the stream, or that it is finished.
  [[nodiscard]] Result<void> still_open() const;
  /// Ends the stream with an error that every later call gives.
  tl::unexpected<Error> fail(Error error);

  /// Of the next frame.
  [[nodiscard]] std::uint64_t offset() const { return frames_.offset(); }
  [[nodiscard]] std::uint64_t salt() const { return frames_.salt(); }
  [[nodiscard]] const Scope& scope() const { return table_.scope(); }
  /// Events and bytes of blocks are counted by who gives them, frames by this.
  [[nodiscard]] Totals& totals() { return totals_; }
  [[nodiscard]] const Totals& totals() const { return totals_; }

 private:
  FrameStream(ByteSink& sink, const TraceInfo& info, const WriterOptions& options)
      : frames_(sink, options), table_(info) {}

  Result<FrameHeader> put(FrameKind kind, Bytes body);
  Result<void> put_index();

  FrameWriter frames_;
  DefinitionTable table_;
  std::vector<Definition> pending_;
  std::uint64_t definition_bytes_ = 0;
  IndexBody index_;
  std::vector<std::uint64_t> index_offsets_;
  Totals totals_;
  Attachments attachments_;
  std::optional<Error> failure_;
  bool finished_ = false;
};

}  // namespace crossing
