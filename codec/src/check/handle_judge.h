#pragma once

/// What `HandleLayer` is made of. Its parts: calls and traps in handles.cpp, handles in values in
/// handle_values.cpp, built-ins in handle_builtins.cpp, asynchronous calls and tasks in
/// async_calls.cpp, waitables in async_waitables.cpp.

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "check/handle_facts.h"
#include "check/handle_table.h"
#include "check/handles.h"

namespace crossing::checking {

/// "#3", for people.
inline std::string index_text(std::uint32_t index) { return "#" + std::to_string(index); }

class HandleLayer::Impl {
 public:
  Impl(const TraceInfo& info, const Definitions& definitions, const component::TypeTable& types,
       Findings& findings, Layers layers)
      : definitions_(definitions),
        types_(types),
        findings_(findings),
        layers_(layers),
        per_type_(findings.declares("handles_per_type")),
        is_stopped_(info.profile != Profile::abi || !info.core_complete),
        facts_(definitions, types) {}

  void event(const EventView& event);
  void finish() {
    if (is_stopped_) return;
    for (auto& [number, thread] : threads_) settle(thread);
  }
  void from_guest(const Function& callee, const Type& type, std::uint32_t index,
                  std::uint64_t event);
  void to_guest(const Function& callee, const Type& type, std::uint32_t index, std::uint64_t event);
  void unknown(const Function& callee, std::uint32_t type, Law law);

 private:
  /// What a call has beyond its place, where it has anything.
  struct CallState {
    std::vector<Use> uses;               // handles in its arguments
    std::optional<Finding> breach;       // of the guest: a finding if the call returns
    std::array<std::uint8_t, 8> area{};  // what `waitable-set.wait` gave
    std::uint8_t known = 0;              // which bytes of it, a bit each
    bool is_started = false;             // a `task_start` was there
    std::optional<Subtask> resolution;   // a `task_resolve`
    bool has_destroyed = false;          // of `resource.drop`: the destructor was called
    Handle dropped;                      // of `resource.drop`
  };

  /// An open call or instantiation.
  struct Frame {
    EventKind kind = EventKind::import_call;
    bool is_entered = false;
    Op op = Op::plain;
    std::uint32_t subject = 0;
    std::uint32_t call = 0;
    std::uint64_t event = 0;
    std::uint64_t task = 0;                 // of an export_call
    std::array<std::uint64_t, 3> params{};  // of a built-in
    std::unique_ptr<CallState> state;
  };

  struct Thread {
    std::vector<Frame> frames;
    std::optional<Finding> breach;  // in a result: a finding unless a trap follows
    std::uint32_t instance = none;  // whose result came last
  };

  /// A call of a function that is lifted `async`, until it exits.
  struct Task {
    enum class Wait : std::uint8_t { runs, yields, waits };
    std::uint32_t function = 0;
    std::uint32_t call = 0;
    Wait wait = Wait::runs;
    std::uint32_t set = 0;      // that it waits for
    bool is_resolved = false;   // by `task.return` or `task.cancel`
    bool is_cancelled = false;  // and was told
    bool is_requested = false;  // a `task_cancel` was there
  };

  /// The tasks that one callback is called for.
  struct Waiting {
    std::vector<std::uint64_t> tasks;
    bool is_mixed = false;  // they cannot be told apart any more
  };

  struct Words {
    std::array<std::uint64_t, 4> values{};
    bool known = false;
  };

  // Calls.
  Thread& thread() { return *current_thread_; }
  Frame* top();
  [[nodiscard]] const Function* function(std::uint32_t id) const;
  [[nodiscard]] Words words(const std::vector<CoreType>& signature, const EventView& event) const;
  void push(const EventView& event);
  std::optional<Frame> pop(const EventView& event, EventKind kind);
  void export_enter(const EventView& event);
  void export_result(const EventView& event);
  void import_call(const EventView& event);
  void import_result(const EventView& event);
  void lower(const EventView& event);
  void trap();
  void settle(Thread& thread);
  void end_task(std::uint64_t task);
  void destroy(const EventView& event, const Function& destructor);

  // Handles in values.
  Handle* look(InstanceHandles& instance, HandleKind kind, std::uint32_t type, std::uint32_t index,
               std::uint32_t instance_id);
  Handle* look_waitable(std::uint32_t instance, std::uint32_t index);
  Handle* add(std::uint32_t instance, Handle handle, std::uint32_t index);
  Frame* open_import(const Function& callee);
  void take(const Function& callee, HandleKind kind, std::uint32_t type, std::uint32_t index);
  void lend(const Function& callee, Handle& handle, std::uint32_t type, std::uint32_t index);
  void use(Frame& frame, Use use);
  void give_back(std::uint32_t instance, std::vector<Use>& uses);
  void judge_representation(std::uint32_t instance, std::uint32_t type, std::uint64_t value);
  bool matches_element(std::uint32_t a, std::uint32_t b) const;

  // Built-ins.
  void begin_builtin(Frame& frame, const Function& callee, const FunctionFacts& facts);
  void end_builtin(Frame& frame, const Function& callee, const FunctionFacts& facts,
                   std::uint64_t result);
  void begin_drop(Frame& frame, const Function& callee);
  void end_drop(Frame& frame, const Function& callee);

  // Asynchronous calls and tasks.
  void end_async_call(Frame& frame, const Function& callee, std::uint64_t packed);
  void begin_task(Frame& frame, const Function& callee);
  void exit_from(const Function& callee, std::uint64_t task, std::uint64_t packed, bool has_result);
  void callback(Frame& frame, const Function& callee, const Words& words);
  void resolve_task(const Function& callee, bool is_cancel);
  void task_event(const EventView& event);
  void cancel_event(const EventView& event);
  Task* current_task();
  Frame* current_export();

  // Waitables.
  void deliver(std::uint32_t instance, std::uint32_t code, std::uint32_t p1, std::uint32_t p2,
               std::optional<std::uint32_t> set);
  void told(std::uint32_t instance, std::uint32_t index, Handle& handle, std::uint32_t state);
  void copied(std::uint32_t instance, Handle& handle, std::uint32_t packed);
  void told_cancelled(std::uint32_t instance);
  void end_wait(Frame& frame, const Function& callee, std::uint64_t code);
  void leave_set(InstanceHandles& instance, Handle& handle);
  void copy_event(const EventView& event);
  void drop_event(const EventView& event);

  // What is found.
  /// A fault of the engine; nothing is known of the instance any more.
  void find(std::uint32_t instance, std::string_view rule, std::string expected, std::string found,
            std::string_view quirk = {});
  /// A fault of the guest, at which the engine has to trap.
  void must_trap(std::uint32_t instance, std::string_view rule, std::string expected,
                 std::string found);
  [[nodiscard]] Finding finding(std::string_view rule, std::string expected, std::string found,
                                Law law) const;
  void report(Finding finding);
  InstanceHandles& handles(std::uint32_t instance);
  void blind(std::uint32_t instance);
  bool has_room(std::size_t used);

  const Definitions& definitions_;
  const component::TypeTable& types_;
  Findings& findings_;
  const Layers layers_;
  const bool per_type_;
  bool is_stopped_;
  HandleFacts facts_;
  std::deque<InstanceHandles> instances_;  // grows at its end: references stay good
  std::size_t slots_ = 0;                  // of all tables
  std::size_t uses_ = 0;                   // by open calls and subtasks
  std::map<std::uint32_t, Thread> threads_;
  std::uint32_t current_ = 0;
  Thread* current_thread_ = &threads_[0];
  std::size_t open_ = 0;
  std::uint64_t tasks_begun_ = 0;
  std::unordered_map<std::uint64_t, Task> tasks_;
  std::unordered_map<std::uint32_t, Waiting> waiting_;        // by callback
  std::unordered_map<std::uint64_t, std::uint32_t> borrows_;  // by task
  std::unordered_map<std::uint32_t, std::pair<std::uint32_t, std::uint32_t>>
      subtasks_;  // by call id: instance and index
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t>
      alive_;  // resources with a destructor, by type and representation
  std::uint64_t now_ = 0;
  std::pair<std::uint32_t, std::uint64_t> loosened_{none, 0};  // by `unknown`: type and event
  EventKind kind_ = EventKind::gap;
  std::uint32_t subject_ = none;
};

}  // namespace crossing::checking
