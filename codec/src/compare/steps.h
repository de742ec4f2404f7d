#pragma once

/// A trace as steps: what crossed, with the values it meant, and beside each what the Canonical ABI
/// leaves to an engine [COMPARE-01].

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compare/meaning.h"
#include "compare/meaning_writer.h"
#include "component/types.h"
#include "crossing/compare.h"
#include "crossing/trace.h"
#include "value/call.h"
#include "value/guest_bytes.h"

namespace crossing::comparing {

using values::FlatValues;
using values::GuestBytes;
using values::Slot;

/// A block that the host asked for. `moves` is the index of the block that it was before, or none.
struct Realloc {
  std::uint32_t moves = none;
  std::uint64_t old_size = 0;
  std::uint64_t alignment = 0;
  std::uint64_t new_size = 0;
  bool operator==(const Realloc&) const = default;
};

struct Step {
  EventKind kind = EventKind::marker;
  std::string
      subject;        ///< what function, instance or other thing, the same in both traces [FUNC-01]
  std::string title;  ///< it, for people
  std::uint64_t event = 0;
  Meaning meaning;
  Meaning read;  ///< with what the host read, where the trace has it
  // What is left to an engine.
  FlatValues flat;
  std::vector<Realloc> reallocs;
  Meaning realloc_rest;  ///< past those that are kept
  Meaning places;        ///< addresses that the host wrote to
  Meaning written;       ///< bytes there
  bool snapshot = false;
  std::vector<std::array<std::uint64_t, 3>> digests;  ///< memory, size, hash
};

/// Reads a trace as steps.
class StepReader {
 public:
  StepReader(ByteSource& trace, const CompareOptions& options);
  StepReader(StepReader&&) = delete;

  /// Reads what the trace says of itself; false: `fault` says why not.
  bool open();
  /// The next step; none at the end, or at a fault.
  std::optional<Step> next();

  [[nodiscard]] const std::optional<Error>& fault() const { return fault_; }
  [[nodiscard]] const TraceInfo& info() const { return reader_->info(); }
  [[nodiscard]] const Definitions& definitions() const { return reader_->definitions(); }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] bool has_gap() const { return has_gap_; }

 private:
  /// An open call.
  struct Frame {
    EventKind kind = EventKind::marker;
    std::uint32_t subject = 0;
    std::vector<std::uint8_t> params;
    bool has_params = false;
    std::map<std::uint32_t, GuestBytes> memory;
    std::uint64_t bytes = 0;
    std::vector<Realloc> reallocs;
    Meaning realloc_rest;
    std::map<std::uint64_t, std::uint32_t> blocks;  // by address
    std::array<std::uint64_t, 4> asked{};           // of a realloc that is open
    bool snapshot = false;
  };

  bool advance();
  void define(NewDefinitions definitions);
  std::optional<Step> take(const EventView& event);
  std::vector<std::uint8_t> whole_body(const EventView& event);
  void lower(const EventView& event);
  void lift(const EventView& event);
  void realloc(const EventView& event);
  void realloc_result(const EventView& event);
  void moved(Frame& lowering, std::uint64_t from, std::uint64_t size, std::uint64_t to);
  void trap(Step& step, const EventView& event);
  void end_of_lowering(Step& step, Frame& frame);
  void export_enter(Step& step, const EventView& event, Frame& frame);
  void import_result(Step& step, const EventView& event, Frame& frame);
  void given_away(Step& step, std::uint32_t function, Bytes flat, bool results);
  void typed(Step& step, const Function& function, bool results, bool to_guest, const Frame* frame,
             GuestBytes* memory, Meaning& into);
  [[nodiscard]] bool is_typed(const Function& function) const;
  void builtin(Step& step, const Function& function, bool results, Meaning& into);
  void untyped(Step& step, Frame& frame);
  void complete_pending();
  std::optional<Frame> pop(EventKind kind, std::uint32_t subject);
  void fail(Verdict verdict, std::uint64_t event, std::string message);

  ByteSource& trace_;
  const CompareOptions& options_;
  std::optional<Reader> reader_;
  std::optional<Error> fault_;
  std::optional<Block> block_;
  std::optional<Block::Iterator> at_;
  bool over_ = false;
  bool has_gap_ = false;
  std::uint64_t events_ = 0;
  values::Budget budget_;
  std::uint64_t kept_bytes_ = 0;
  component::TypeTable types_;
  OwnResources own_;
  std::vector<std::string> subjects_;  // of functions
  std::vector<std::string> titles_;
  std::vector<values::CallShape> shapes_;
  std::vector<std::string> paths_;  // of instances
  std::vector<Frame> frames_;
  // The step before, which waits for what the host reads and for digests.
  std::optional<Step> pending_;
  std::uint32_t pending_function_ = none;
  bool pending_results_ = false;
  GuestBytes pending_read_;
};

}  // namespace crossing::comparing
