#pragma once

/// The layers `types` and `abi`: whether the values of each call are what lifting accepts or some
/// lowering writes, and whether the blocks and bytes are those of a lowering (spec/checker.md).

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "check/exact_writes.h"
#include "check/findings.h"
#include "check/handles.h"
#include "check/lowering.h"
#include "check/outstanding.h"
#include "component/types.h"
#include "value/call.h"
#include "value/flat_values.h"

namespace crossing::checking {

/// A built-in that lowers a string, which has no type in the trace.
inline bool is_message(const Function& function) {
  return function.role == Role::builtin && function.builtin == "error-context.debug-message";
}

/// Fed with all events of a trace in order, and all pieces. Memory grows with what was lowered in
/// calls that are open, up to `limits::payload_size`.
class ValueLayers {
 public:
  ValueLayers(const TraceInfo& info, const Definitions& definitions, Layers layers,
              Findings& findings);
  /// Tells handles to `handles` from now on, around the events that hand them over.
  void tell(HandleLayer* handles) { handles_ = handles; }
  /// The types of the definitions, as far as events needed them.
  [[nodiscard]] const component::TypeTable& types() const { return shapes_.types(); }
  ValueLayers(const ValueLayers&) = delete;
  ValueLayers& operator=(const ValueLayers&) = delete;

  void begin_block(std::span<const OpenCall> open_calls);
  void event(const EventView& event);
  void finish();

 private:
  /// A call that is open, or a lowering with an end of its own.
  struct Frame {
    EventKind kind = EventKind::instantiate;
    std::uint32_t subject = 0;
    std::uint64_t event = 0;
    bool is_whole = false;       // its first event and all since are in the trace
    bool is_traced = false;      // what is written in it is judged
    bool is_matched = false;     // and each realloc fits the one before
    std::uint64_t area = 0;      // of an import_call: the result area
    bool has_copies = false;     // what was copied in it is told by `copy` events
    bool knows_context = false;  // of an export_call: what its slots hold
    std::array<std::uint64_t, 2> context{};
    std::array<std::optional<std::uint64_t>, 2> context_of_realloc;  // set there since
    std::uint64_t bytes = 0;                                         // that it holds
    std::vector<std::uint8_t> params;
    bool has_params = false;
    Lowering lowering;
    ExactWrites exact;
    std::vector<Finding> held;  // of its arguments, should it return
  };
  /// Frames of a thread; those above `depth` wait to be used again.
  struct Thread {
    std::vector<Frame> frames;
    std::size_t depth = 0;
    std::uint32_t returned = none;      // function of the last export_result
    std::vector<std::uint8_t> results;  // its body
    bool has_results = false;
  };
  /// Values that the guest gave, whose bytes come next.
  struct Given {
    std::uint32_t function = none;
    EventKind kind = EventKind::import_call;
    std::uint64_t event = 0;
    bool is_hidden = false;   // the body is not in the trace
    std::uint64_t bytes = 0;  // in `memory`
    std::vector<std::uint8_t> body;
    values::GuestBytes memory;
  };
  /// What is judged at the moment.
  struct Subject {
    const Function* function = nullptr;
    std::uint64_t event = 0;
    EventKind kind = EventKind::gap;
    Law law = Law::lower;
  };
  class Judge;

  // Events: value_layers.cpp
  void first_piece(const EventView& event);
  void push(const EventView& event);
  Frame* top();
  Frame* top(EventKind kind, std::uint32_t subject);
  void pop();
  void import_call(const EventView& event);
  void judge_post_return(const Function& function, const EventView& event);
  void give(const Function& function, const EventView& event);
  void export_enter(const EventView& event);
  void import_result(const EventView& event);
  void export_result(const EventView& event);
  void realloc_call(const EventView& event);
  std::uint64_t alignments(const Function& function, bool is_result);
  void judge_realloc(Frame& frame, const Realloc& call, const EventView& event);
  void realloc_result(const EventView& event);
  void lower(const EventView& event);
  // Built-ins: value_builtins.cpp
  void judge_builtin(const Function& function, Frame& frame, const EventView& event);
  void judge_context(const Function& function, const Frame& frame, const EventView& event);
  void judge_copied(const Function& function, Frame& frame, const EventView& event);
  void judge_message(const Function& function, Frame& frame);
  void judge_buffer(const Function& function, Frame& frame, std::uint64_t address,
                    std::uint64_t count, const component::Layout& element);
  void name_areas(const Function& function, Frame& frame);
  void trap();
  bool keep(Frame& frame, std::uint64_t size, const EventView& event);

  // Values: judge.cpp
  void settle(bool traps);
  void flush(std::vector<Finding>& held, bool traps);
  void judge_given();
  void hide(const Function& function, std::uint32_t type, Law law);
  void judge_lowering(Frame& frame, const EventView& event, bool is_result);
  void judge_signature(const Function& function, const EventView& event);
  values::Budget budget() const;
  void spend(const values::Budget& left, const Subject& subject);

  void find(const Subject& subject, Layer layer, std::string_view rule, std::string expected,
            std::string found, std::string_view quirk = {}, Verdict verdict = Verdict::invalid);

  const Definitions& definitions_;
  const Layers layers_;
  Findings& findings_;
  const bool canonical_nans_;
  const bool is_async_;  // other calls' areas are saved in between
  HandleLayer* handles_ = nullptr;
  values::CallShapes shapes_{definitions_};
  component::TypeTable message_;  // a string
  Outstanding outstanding_;
  std::vector<bool> signature_judged_;

  std::map<std::uint32_t, Thread> threads_;
  Thread* thread_ = &threads_[0];
  std::vector<Finding> unless_trap_;  // of the event before
  Given given_;
  bool is_given_ = false;
  values::GuestBytes* writes_ = nullptr;  // where further pieces go
  std::uint64_t write_at_ = 0;
  std::size_t open_ = 0;           // frames of all threads
  bool is_stopped_ = false;        // more calls were open than may be
  bool has_late_results_ = false;  // of async calls, which have blocks
  std::uint64_t known_ = 0;        // bytes of all frames
  std::uint64_t credit_ = 0;       // parts of values that may still be looked at
  values::FlatValues flat_params_;
  values::FlatValues flat_results_;
  std::vector<Finding>* into_ = nullptr;  // where findings go; null: to `findings_`
  bool after_gap_ = false;
};

}  // namespace crossing::checking
