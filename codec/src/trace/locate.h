#pragma once

/// Finds the block of an event or of a time without reading what stands before it.

#include <optional>
#include <vector>

#include "event/bodies.h"
#include "frame/frame.h"
#include "trace/frame_judge.h"

namespace crossing {

/// What is looked for.
struct Wanted {
  enum class Key : std::uint8_t { number, time } key = Key::number;
  std::uint64_t value = 0;
};

/// Where to go on reading.
struct Place {
  std::uint64_t offset = 0;
  std::optional<IndexEntry> entry;  ///< what the index says of the first block from there on
};

/// What the summary, or a scan of all headers, tells of where blocks are; kept from search to
/// search.
class Locator {
 public:
  /// `first_frame` is the offset after the trace info.
  Locator(SeekableSource& source, FrameReader& frames, FrameJudge& judge, BufferPool& pool,
          std::uint64_t first_frame)
      : source_(source), frames_(frames), judge_(judge), pool_(pool), first_frame_(first_frame) {}

  /// Finds the place, and makes all definitions known that stand before.
  Result<Place> find(Wanted wanted);

 private:
  /// Where an end of the search is, among events and in the file.
  struct Bound {
    std::uint64_t value = 0;
    std::uint64_t offset = 0;
  };
  struct LoadedIndex {
    std::size_t number = 0;
    IndexBody body;
  };

  Result<void> look_around();
  Result<bool> load_summary();
  Result<void> scan_headers(bool all);

  [[nodiscard]] std::uint64_t salt() const { return frames_.preamble()->salt; }
  Result<FrameBody> body_at(std::uint64_t offset, FrameKind kind, const char* rule);
  Result<void> load_index(std::size_t number);
  Result<IndexEntry> entry_of(std::uint64_t events_offset);

  Result<std::optional<std::size_t>> search_indexes(Wanted wanted, Bound high);
  Result<Place> search_tail(Wanted wanted, IndexEntry best);
  Result<Place> in_index(Wanted wanted, std::size_t number);
  [[nodiscard]] std::size_t guess(Wanted wanted, std::size_t from, std::size_t to, Bound low,
                                  Bound high) const;
  Result<Place> place_of(const IndexEntry& entry, std::uint64_t after);
  Result<void> define_until(std::uint64_t offset, std::size_t index);

  SeekableSource& source_;
  FrameReader& frames_;
  FrameJudge& judge_;
  BufferPool& pool_;
  std::uint64_t first_frame_;
  BodyDecoder decoder_;

  bool looked_ = false;
  std::optional<SummaryBody> summary_;
  std::uint64_t first_block_ = 0;  // offset of its first frame, or where reading ended before
  std::vector<std::uint64_t> index_offsets_;
  std::vector<std::uint64_t> tail_;  // offsets of the events frames after the last index frame
  std::uint64_t end_ = 0;            // where blocks cannot be any more
  std::optional<LoadedIndex> index_;
};

}  // namespace crossing
