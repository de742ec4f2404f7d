#pragma once

/// Files of events: Writer, Reader, recovery.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "crossing/definitions.h"
#include "crossing/event.h"
#include "crossing/io.h"
#include "crossing/limits.h"

namespace [[gnu::visibility("default")]] crossing {

enum class Codec : std::uint8_t { none, zstd };

struct WriterOptions {
  Codec codec = Codec::zstd;
  int level = 1;                           ///< zstd's, -7 … 19
  std::size_t block_size = 256 * 1024;     ///< bytes of events and payloads that close a block
  std::optional<std::uint64_t> salt = {};  ///< none: random
};

/// What a trace holds, in numbers: the members of the summary [SUM-01], and of the frames.
struct Totals {
  std::uint64_t event_count = 0;
  std::uint64_t next_sequence = 0;
  std::uint64_t last_time = 0;
  std::uint32_t definition_count = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t stored_bytes = 0;
  std::uint64_t decoded_bytes = 0;
  std::array<std::uint64_t, 256> kind_counts = {};
  std::uint64_t frame_count = 0;
  std::uint64_t block_count = 0;
  bool operator==(const Totals&) const = default;
};

/// A piece of an attachment [STREAM-06]. A view: one that a reader gave is valid until it
/// reads on.
struct AttachmentPiece {
  std::uint32_t id = 0;
  std::string_view name;
  std::uint64_t offset = 0;
  std::uint64_t total_size = 0;
  Bytes bytes;
};

/// Writes one trace to a sink. A sink that fails fails the call, and every later one with the
/// same error; what was written stays readable, because no end frame follows [END-02].
/// Move-only; a Writer that is destroyed without `finish` leaves an interrupted trace.
class Writer {
 public:
  /// Writes preamble and trace info. `sink` outlives the writer.
  static Result<Writer> create(ByteSink& sink, const TraceInfo& info, WriterOptions options = {});
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;
  ~Writer();

  /// Defines what later events name. Ids count from zero per kind [DEF-01]; a repetition must be
  /// equal [DEF-02]. `invalid` when a rule of definitions.md is broken. A new definition closes the
  /// open block; definitions that come in the order of the alternatives share a frame, which has to
  /// hold all functions that its functions' options name [DEF-04].
  Result<void> define(const Definition& definition);

  /// Appends one event, cut into pieces where it is long [PAY-03]. `invalid` when the event
  /// breaks a rule that does not need its neighbours. A `gap` closes its block [GAP-02].
  Result<void> append(const Event& event);

  /// After a `gap`: which calls are open where events go on, by thread and outermost first
  /// [ORDER-09]. Elsewhere the writer knows them from the events.
  void resume(std::span<const OpenCall> open_calls);

  /// Attaches `size` bytes of `source` under `name`; returns the attachment's id [STREAM-06].
  /// Closes the open block.
  Result<std::uint32_t> attach(std::string_view name, ByteSource& source, std::uint64_t size);

  /// Attaches the next piece of an attachment, for who gets it piece by piece; events may stand in
  /// between. `invalid` where it is not the one that has to come [STREAM-06]. `finish` fails while
  /// an attachment is not whole.
  Result<void> attach_piece(const AttachmentPiece& piece);

  /// Closes the open block, so that all that was appended is in the sink; flushes the sink.
  Result<void> flush();

  /// Writes index, summary and end, and flushes the sink. Nothing may be written after it.
  Result<void> finish();

  [[nodiscard]] const Totals& totals() const;
  /// Number that the next event gets.
  [[nodiscard]] std::uint64_t next_sequence() const;

 private:
  class Impl;
  explicit Writer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The definitions of one frame that were new, in order. Valid until the reader reads on.
using NewDefinitions = std::span<const Definition>;

/// What a reader meets next; `monostate` is the end of a complete trace.
using Item = std::variant<std::monostate, NewDefinitions, AttachmentPiece, Block>;

struct ReaderOptions {
  /// False: bodies of 256 bytes and more are left out (their size is kept), neither decompressed
  /// nor looked into.
  bool bulk = true;
  /// So many threads decode bodies ahead of the calling one, which alone uses the source. Items
  /// and verdict are the same. Each of them takes the memory of two more frames, the first that of
  /// four. A `PushReader` uses none.
  unsigned threads = 0;
};

/// Frames that were not only passed over but decoded and looked into.
struct ReadCounts {
  std::uint64_t blocks = 0;   ///< events frames
  std::uint64_t indexes = 0;  ///< index frames
};

/// Reads a trace in order from any source, in bounded memory [VERDICT-04]. Judges the container,
/// the definitions, every batch, index and summary: all that verdicts.md says, but not the order
/// of events, which is the checker's.
class Reader {
 public:
  /// Reads preamble and trace info. `source` outlives the reader.
  static Result<Reader> open(ByteSource& source, ReaderOptions options = {});
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  [[nodiscard]] const TraceInfo& info() const;
  /// All definitions met so far.
  [[nodiscard]] const Definitions& definitions() const;
  /// Of what was read so far.
  [[nodiscard]] const Totals& totals() const;
  [[nodiscard]] const ReadCounts& counts() const;
  [[nodiscard]] std::pair<std::uint16_t, std::uint16_t> format_version() const;

  /// The next item, or the trace's verdict. After an error every call gives the same error. Where
  /// the trace is cut and its source has an open file, the blocks of that come before the verdict
  /// [OPEN-06].
  Result<Item> next();

  /// Goes to the block that holds event `number` or, where a gap does, to the first one after it;
  /// where all numbers are smaller, to the end. What `next` gives from there on is judged by
  /// itself: no totals, no index, no order of attachments. All definitions that stand before are
  /// known then, whether or not `next` gave them.
  ///
  /// With a summary this takes one block, and as many index frames as a search among them (two
  /// where there are three, one gigabyte each); all of them that stand before where definitions are
  /// also among or after the events. Without one, the headers of all frames are read, up to the
  /// first fault, and some blocks of the last 4096 are decoded to search among them.
  ///
  /// May come at any time, also after an error. `io`, and nothing changes, where the source has no
  /// `seekable`; a fault that the search meets ends the reader as one of `next` does.
  Result<void> seek(std::uint64_t number);
  /// The same for a time, in clock units: to the last block that begins before it, so that no event
  /// at or after `time` stands before that block.
  Result<void> seek_time(std::uint64_t time);

  /// Byte offset of the next frame's header.
  [[nodiscard]] std::uint64_t offset() const;

 private:
  class Impl;
  explicit Reader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Reads a trace from bytes as they come: from a pipe, a socket, a file that still grows. Waits for
/// nothing and holds at most the frame that is not whole yet and the one that is being read. Gives
/// the items of a `Reader`, and the same verdict, however the bytes are cut.
///
///     for (;;) {
///       auto item = reader.push(received);
///       if (!item) …                      // the verdict
///       if (!*item) break;                // all was taken, more is needed
///       …
///     }
class PushReader {
 public:
  explicit PushReader(ReaderOptions options = {});
  PushReader(PushReader&&) noexcept;
  PushReader& operator=(PushReader&&) noexcept;
  ~PushReader();

  /// Takes bytes off the front of `bytes` until an item is whole, and gives it, or until none is
  /// left, and gives none. An error is the trace's verdict, and that of every later call.
  Result<std::optional<Item>> push(Bytes& bytes);

  /// Nothing more comes: the verdict of all that was pushed.
  Result<void> finish();

  /// Whether the end frame was met and is good, so that `finish` succeeds unless more is pushed.
  [[nodiscard]] bool ended() const;

  /// Null until it was read.
  [[nodiscard]] const TraceInfo* info() const;
  /// All definitions met so far; none before the trace info.
  [[nodiscard]] const Definitions& definitions() const;
  [[nodiscard]] const Totals& totals() const;
  /// Offset of the next byte that `push` takes.
  [[nodiscard]] std::uint64_t offset() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// What `recover` found.
struct Recovery {
  bool whole = false;                ///< the input was `ok`, nothing is lost
  std::optional<Error> fault;        ///< the first fault, when there is one
  std::uint64_t blocks = 0;          ///< kept
  std::uint64_t dropped_blocks = 0;  ///< good frames whose definitions or bulk were lost [REC-04]
  std::uint64_t events = 0;          ///< kept
  std::uint64_t lost_bytes = 0;      ///< without those that a ring let go
  std::uint64_t lost_events = 0;     ///< those that numbers tell of; a lost tail is not known
  std::uint64_t lost_ranges = 0;     ///< contiguous ranges of bytes that gave no frame
  bool tail_lost = false;            ///< the end is missing
  std::uint64_t ring_events = 0;     ///< that a ring let go, not lost [RING-02]
  std::uint64_t open_events = 0;     ///< kept that only the open file held
  std::optional<Error> open_fault = {};  ///< where the open file is not as it should be
};

/// Writes a complete trace of every good frame of `source` to `sink` [REC-02] … [REC-04], and of
/// what its open file holds, where a recorder was killed [OPEN-06]. Fails with the trace's verdict
/// when there is nothing to recover: no preamble or no trace info.
Result<Recovery> recover(SeekableSource& source, ByteSink& sink);

}  // namespace crossing
