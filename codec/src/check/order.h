#pragma once

/// The order layer: whether events stand where spec/events.md, "Order", lets them stand.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "check/findings.h"

namespace crossing::checking {

/// Fed with all events of a trace in order, and only with first pieces. Memory grows with the calls
/// that are open at one time alone, which are at most `limits::open_calls`.
class OrderLayer {
 public:
  OrderLayer(const Definitions& definitions, Findings& findings)
      : definitions_(definitions), findings_(findings) {}
  OrderLayer(const OrderLayer&) = delete;
  OrderLayer& operator=(const OrderLayer&) = delete;

  void begin_block(std::uint64_t sequence, std::span<const OpenCall> open_calls);
  void event(const EventView& event);
  void finish();

 private:
  /// What is known of the guest code of an export call. After a gap nobody knows.
  enum class Entered : std::uint8_t { no, yes, unknown };

  /// Something open on a thread: a call, or a lowering with an end of its own (`task_resolve`,
  /// `copy`), of which `open_calls` does not tell.
  struct Frame {
    OpenCall call;
    Entered entered = Entered::no;     // export_call only
    std::uint32_t last_result = none;  // function of an export_result directly inside it [ORDER-07]
    bool has_to_trap = false;          // of a call that may not be made where it stands [ORDER-05]

    [[nodiscard]] bool is_call() const {
      return call.kind != EventKind::task_resolve && call.kind != EventKind::copy;
    }
  };

  struct Thread {
    std::vector<Frame> frames;         // outermost first
    std::uint32_t last_result = none;  // as in Frame, with nothing open
  };

  void find(std::string_view rule, std::string expected, std::string found,
            Verdict verdict = Verdict::invalid);
  Thread& thread() { return *current_thread_; }
  Frame* top();
  std::string top_text();
  bool top_is(EventKind kind);
  bool guest_entered();
  std::uint32_t& last_result();
  [[nodiscard]] const Function* function(std::uint32_t id) const;

  void push(const EventView& event, std::uint32_t call);
  void pop();
  bool close(const EventView& event, EventKind kind, std::string_view rule);

  void judge(const EventView& event);
  void check_lowering_of_arguments(const EventView& event);
  void instantiate(const EventView& event);
  void export_call(const EventView& event);
  void check_post_return(const EventView& event);
  void export_enter(const EventView& event);
  void export_result(const EventView& event);
  void import_call(const EventView& event);
  bool only_leaf_builtins();
  bool lowering_open();
  void realloc_call(const EventView& event);
  void lower();
  void begin_lowering(const EventView& event, std::string_view rule);
  void trap(const EventView& event);
  void check_call_id(const EventView& event);
  void go_on_with(std::uint32_t number);
  void adopt(std::span<const OpenCall> open_calls);

  const Definitions& definitions_;
  Findings& findings_;
  std::map<std::uint32_t, Thread> threads_;  // by number: open_calls stand in this order
  std::uint32_t current_ = 0;
  Thread* current_thread_ = &threads_[0];
  std::size_t open_ = 0;  // frames of all threads
  std::uint64_t now_ = 0;
  EventKind kind_ = EventKind::gap;  // of the event that is judged
  std::uint32_t subject_ = none;
  std::optional<bool> calls_have_ids_;
  std::vector<bool> instantiated_;  // by instance
  bool after_result_ = false;       // the event before is an export_result with nothing open
  bool after_gap_ = false;
  bool adopted_ = false;  // the calls open came from a block, after a gap
  bool stopped_ = false;
};

}  // namespace crossing::checking
