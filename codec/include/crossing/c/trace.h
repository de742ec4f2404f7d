#ifndef CROSSING_C_TRACE_H
#define CROSSING_C_TRACE_H

/// Files of events: writing, reading, recovery. Part of crossing.h.

#include "crossing/c/definitions.h"
#include "crossing/c/event.h"
#include "crossing/c/io.h"

CROSSING_C_BEGIN

typedef uint8_t crossing_codec;
enum { CROSSING_CODEC_NONE, CROSSING_CODEC_ZSTD };

typedef struct crossing_writer_options {
  size_t struct_size;
  crossing_codec codec;
  bool has_salt;      ///< false: a random one
  int32_t level;      ///< zstd's, -7 … 19
  size_t block_size;  ///< bytes of events and payloads that close a block
  uint64_t salt;
} crossing_writer_options;

/// zstd at level 1, blocks of 256 KiB, a random salt. `size` is `sizeof(crossing_writer_options)`.
CROSSING_API void crossing_writer_options_init(crossing_writer_options* options, size_t size);

/// What a trace holds, in numbers: the members of the summary [SUM-01], and of the frames.
typedef struct crossing_totals {
  size_t struct_size;
  uint64_t event_count;
  uint64_t next_sequence;
  uint64_t last_time;
  uint32_t definition_count;
  uint64_t payload_bytes;
  uint64_t stored_bytes;
  uint64_t decoded_bytes;
  uint64_t frame_count;
  uint64_t block_count;
  uint64_t kind_counts[256];
} crossing_totals;

/// A piece of an attachment [STREAM-06].
typedef struct crossing_attachment_piece {
  uint32_t id;
  crossing_string name;
  uint64_t offset;
  uint64_t total_size;
  crossing_bytes bytes;
} crossing_attachment_piece;

/// Writes one trace to a sink. A sink that fails fails the call, and every later one with the same
/// error; what was written stays readable, because no end frame follows [END-02]. A writer that is
/// deleted without `crossing_writer_finish` leaves an interrupted trace.
typedef struct crossing_writer crossing_writer;

/// Writes preamble and trace info. `options` NULL: those of `crossing_writer_options_init`.
CROSSING_API crossing_verdict crossing_writer_create(crossing_sink* sink,
                                                     const crossing_trace_info* info,
                                                     const crossing_writer_options* options,
                                                     crossing_writer** writer,
                                                     crossing_error* error);
CROSSING_API void crossing_writer_delete(crossing_writer* writer);

/// Defines what later events name. `CROSSING_INVALID` when a rule of definitions.md is broken. A
/// new definition closes the open block; those of one call share a frame, which has to hold all
/// functions that its functions' options name [DEF-04]. A repetition is equal [DEF-02].
CROSSING_API crossing_verdict crossing_writer_define(crossing_writer* writer,
                                                     const crossing_definitions* definitions,
                                                     crossing_error* error);

/// Appends one event, cut into pieces where it is long [PAY-03]. `CROSSING_INVALID` when the event
/// breaks a rule that does not need its neighbours. A `gap` closes its block [GAP-02].
CROSSING_API crossing_verdict crossing_writer_append(crossing_writer* writer,
                                                     const crossing_event* event,
                                                     crossing_error* error);

/// After a `gap`: which calls are open where events go on, by thread and outermost first
/// [ORDER-09]. Elsewhere the writer knows them from the events.
CROSSING_API crossing_verdict crossing_writer_resume(crossing_writer* writer,
                                                     const crossing_open_call* open_calls,
                                                     size_t open_call_count, crossing_error* error);

/// Attaches `size` bytes of `source` under `name` [STREAM-06]; `id` (or NULL) becomes the
/// attachment's. Closes the open block.
CROSSING_API crossing_verdict crossing_writer_attach(crossing_writer* writer, crossing_string name,
                                                     crossing_source* source, uint64_t size,
                                                     uint32_t* id, crossing_error* error);

/// Attaches the next piece of an attachment, for who gets it piece by piece; events may stand in
/// between. `CROSSING_INVALID` where it is not the one that has to come [STREAM-06].
/// `crossing_writer_finish` fails while an attachment is not whole.
CROSSING_API crossing_verdict crossing_writer_attach_piece(crossing_writer* writer,
                                                           const crossing_attachment_piece* piece,
                                                           crossing_error* error);

/// Closes the open block, so that all that was appended is in the sink; flushes the sink.
CROSSING_API crossing_verdict crossing_writer_flush(crossing_writer* writer, crossing_error* error);

/// Writes index, summary and end, and flushes the sink. Nothing may be written after it.
CROSSING_API crossing_verdict crossing_writer_finish(crossing_writer* writer,
                                                     crossing_error* error);

/// Fills `totals` in, as far as its `struct_size` goes.
CROSSING_API void crossing_writer_totals(const crossing_writer* writer, crossing_totals* totals);
/// Number that the next event gets.
CROSSING_API uint64_t crossing_writer_next_sequence(const crossing_writer* writer);

/// Zero but for `struct_size` is a good start.
typedef struct crossing_reader_options {
  size_t struct_size;
  /// Bodies of 256 bytes and more are left out (their size is kept), neither decompressed nor
  /// looked into.
  bool skip_bulk;
  /// So many threads decode bodies ahead of the calling one, which alone uses the source. Items and
  /// verdict are the same. A push reader uses none.
  uint32_t threads;
} crossing_reader_options;

/// Reads a trace in order from any source, in bounded memory [VERDICT-04]. Judges the container,
/// the definitions, every batch, index and summary: all that verdicts.md says, but not the order of
/// events.
typedef struct crossing_reader crossing_reader;

/// Reads preamble and trace info. `options` NULL: zero.
CROSSING_API crossing_verdict crossing_reader_open(crossing_source* source,
                                                   const crossing_reader_options* options,
                                                   crossing_reader** reader, crossing_error* error);
CROSSING_API void crossing_reader_delete(crossing_reader* reader);

/// What the trace says of itself; lives as long as the reader.
CROSSING_API const crossing_trace_info* crossing_reader_info(const crossing_reader* reader);
/// All definitions met so far; lives, and grows, as long as the reader.
CROSSING_API const crossing_definitions* crossing_reader_definitions(const crossing_reader* reader);
/// The version of the format that the trace is in.
CROSSING_API void crossing_reader_format_version(const crossing_reader* reader, uint16_t* major,
                                                 uint16_t* minor);
/// Fills `totals` in with what was read, as far as its `struct_size` goes.
CROSSING_API void crossing_reader_totals(const crossing_reader* reader, crossing_totals* totals);
/// Byte offset of the next frame's header.
CROSSING_API uint64_t crossing_reader_offset(const crossing_reader* reader);

/// Goes to the block that holds event `number` or, where a gap does, to the first one after it;
/// where all numbers are smaller, to the end. What `crossing_reader_next` gives from there on is
/// judged by itself: no totals, no index, no order of attachments. All definitions that stand
/// before are known then. May come at any time, also after an error. `CROSSING_IO`, and nothing
/// changes, where the source is read in order only; a fault that the search meets ends the reader
/// as one of `crossing_reader_next` does.
CROSSING_API crossing_verdict crossing_reader_seek(crossing_reader* reader, uint64_t number,
                                                   crossing_error* error);
/// The same for a time, in clock units: to the last block that begins before it, so that no event
/// at or after `time` stands before that block.
CROSSING_API crossing_verdict crossing_reader_seek_time(crossing_reader* reader, uint64_t time,
                                                        crossing_error* error);

typedef uint8_t crossing_item_kind;
enum {
  CROSSING_ITEM_END,          ///< of a complete trace
  CROSSING_ITEM_DEFINITIONS,  ///< `definitions`: those of one frame that were new, in order
  CROSSING_ITEM_ATTACHMENT,   ///< `attachment`: a piece of one
  CROSSING_ITEM_BLOCK         ///< events, which `crossing_reader_next_event` gives
};

/// What a reader met. Members that do not belong to `kind` are zero.
typedef struct crossing_item {
  size_t struct_size;
  crossing_item_kind kind;
  const crossing_definition* definitions;
  size_t definition_count;
  crossing_attachment_piece attachment;
  uint64_t base_sequence;  ///< of the block
  uint64_t base_time;
  uint32_t event_count;  ///< pieces counted one by one
  const crossing_open_call* open_calls;
  size_t open_call_count;
} crossing_item;

/// Reads the next item, past what is left of the block before, or gives the trace's verdict. `item`
/// and all that it refers to are valid until this is called again. After an error every call gives
/// the same error, and an `item` of NULL.
CROSSING_API crossing_verdict crossing_reader_next(crossing_reader* reader,
                                                   const crossing_item** item,
                                                   crossing_error* error);

/// The next event of the block that `crossing_reader_next` gave; NULL: no more in it. The struct is
/// valid until this is called again, its `body` until `crossing_reader_next` is.
CROSSING_API const crossing_event_view* crossing_reader_next_event(crossing_reader* reader);

/// Reads a trace from bytes as they come: from a pipe, a socket, a file that still grows. Waits for
/// nothing and holds at most the frame that is not whole yet and the one that is being read. Gives
/// the items of a reader, and the same verdict, however the bytes are cut.
typedef struct crossing_push_reader crossing_push_reader;

/// `options` NULL: zero.
CROSSING_API crossing_verdict crossing_push_reader_new(const crossing_reader_options* options,
                                                       crossing_push_reader** reader,
                                                       crossing_error* error);
CROSSING_API void crossing_push_reader_delete(crossing_push_reader* reader);

/// Takes bytes off the front of `*bytes` until an item is whole, which becomes `item`, or until
/// none is left: then `item` is NULL. `item` and all that it refers to are valid until this is
/// called again. An error is the trace's verdict, and that of every later call.
CROSSING_API crossing_verdict crossing_push_reader_push(crossing_push_reader* reader,
                                                        crossing_bytes* bytes,
                                                        const crossing_item** item,
                                                        crossing_error* error);
/// As `crossing_reader_next_event`, of the block that `crossing_push_reader_push` gave.
CROSSING_API const crossing_event_view* crossing_push_reader_next_event(
    crossing_push_reader* reader);
/// Nothing more comes: the verdict of all that was pushed.
CROSSING_API crossing_verdict crossing_push_reader_finish(crossing_push_reader* reader,
                                                          crossing_error* error);
/// Whether the end frame was met and is good, so that `crossing_push_reader_finish` succeeds unless
/// more is pushed.
CROSSING_API bool crossing_push_reader_ended(const crossing_push_reader* reader);
/// What the trace says of itself; NULL until the first item was given. Lives as long as the reader.
CROSSING_API const crossing_trace_info* crossing_push_reader_info(
    const crossing_push_reader* reader);
/// All definitions met so far; lives, and grows, as long as the reader.
CROSSING_API const crossing_definitions* crossing_push_reader_definitions(
    const crossing_push_reader* reader);
/// Fills `totals` in with what was read, as far as its `struct_size` goes.
CROSSING_API void crossing_push_reader_totals(const crossing_push_reader* reader,
                                              crossing_totals* totals);
/// Offset of the next byte that `crossing_push_reader_push` takes.
CROSSING_API uint64_t crossing_push_reader_offset(const crossing_push_reader* reader);

/// What `crossing_recover` found.
typedef struct crossing_recovery {
  size_t struct_size;
  bool whole;               ///< the input was good, nothing is lost
  bool tail_lost;           ///< the end is missing
  crossing_verdict fault;   ///< of the first fault, `CROSSING_OK` when there is none
  uint64_t blocks;          ///< kept
  uint64_t dropped_blocks;  ///< good frames whose definitions or bulk were lost [REC-04]
  uint64_t events;          ///< kept
  uint64_t lost_bytes;
  uint64_t lost_events;  ///< those that numbers tell of; a lost tail is not known
  uint64_t lost_ranges;  ///< contiguous ranges of bytes that gave no frame
} crossing_recovery;

/// Writes a complete trace of every good frame of `source`, which can be read at any place, to
/// `sink` [REC-02] … [REC-04], and fills `recovery` in, as far as its `struct_size` goes. `error`
/// then has the first fault, when there was one. Fails with the trace's verdict when there is
/// nothing to recover: no preamble or no trace info.
CROSSING_API crossing_verdict crossing_recover(crossing_source* source, crossing_sink* sink,
                                               crossing_recovery* recovery, crossing_error* error);

CROSSING_C_END

#endif
