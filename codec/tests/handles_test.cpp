// Handles and async states, spec/checker.md: of each rule what it allows and one breach, which is
// found under its id and no other.

#include "check/handles.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sample.h"

namespace crossing::checking {
namespace {

using K = EventKind;
using C = CoreType;
using Values = std::vector<std::uint64_t>;
using Told = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // type and index
using Rules = std::vector<std::string>;

constexpr std::uint64_t blocked = 0xffffffff;

// Ids of types.
enum : std::uint32_t {
  file,
  own_file,
  lent_file,
  cell,
  own_cell,
  lent_cell,
  number,
  numbers,
  later,
  failure,
  opens,
  lends,
  takes,
  gives,
  waits,
  slow_lend,
  plain,
  reads_cell,
  keeps_cell,
  calls
};

/// One function of each sort that matters, by name.
struct Functions {
  Definitions all;
  component::TypeTable types;

  Functions() {
    const auto type = [&](TypeKind kind, std::uint32_t element = none,
                          std::vector<Member> members = {}) {
      Type added{.id = static_cast<std::uint32_t>(all.types.size()), .kind = kind};
      added.element = element;
      added.members = std::move(members);
      all.types.push_back(added);
      types.append(added);
    };
    using T = TypeKind;
    type(T::resource);
    type(T::own, file);
    type(T::borrow, file);
    type(T::resource);
    type(T::own, cell);
    type(T::borrow, cell);
    type(T::u32);
    type(T::stream, number);
    type(T::future, number);
    type(T::error_context);
    type(T::func, own_file);
    type(T::func, none, {{"a", lent_file}});
    type(T::func, none, {{"a", own_file}});
    type(T::func, own_cell);
    type(T::func, none, {{"a", numbers}, {"b", later}, {"c", failure}});
    type(T::func, number, {{"a", lent_file}});
    type(T::func);
    type(T::func, none, {{"a", lent_cell}});
    type(T::func, none, {{"a", own_cell}});
    type(T::func, none, {{"a", lent_file}});
    all.instances.resize(2);
    all.memories.resize(1);
  }

  Function& add(Role role, std::vector<C> params = {}, std::vector<C> results = {}) {
    Function function;
    function.id = static_cast<std::uint32_t>(all.functions.size());
    function.role = role;
    function.core_params = std::move(params);
    function.core_results = std::move(results);
    all.functions.push_back(function);
    return all.functions.back();
  }
  std::uint32_t typed(Role role, std::uint32_t type, std::vector<C> params, std::vector<C> results,
                      bool is_async = false) {
    Function& function = add(role, std::move(params), std::move(results));
    function.type = type;
    function.options.is_async = is_async;
    return function.id;
  }
  std::uint32_t builtin(const char* name, std::vector<C> params, std::vector<C> results,
                        std::uint32_t type = none, bool is_async = false) {
    Function& function = add(Role::builtin, std::move(params), std::move(results));
    function.builtin = name;
    function.immediates.type = type;
    function.immediates.cancellable = true;
    function.options.is_async = is_async;
    return function.id;
  }

  // Of instance 0.
  std::uint32_t open = typed(Role::import_, opens, {}, {C::i32});
  std::uint32_t lend = typed(Role::import_, lends, {C::i32}, {});
  std::uint32_t give = typed(Role::import_, takes, {C::i32}, {});
  std::uint32_t give_ends = typed(Role::import_, waits, {C::i32, C::i32, C::i32}, {});
  std::uint32_t slow = typed(Role::import_, slow_lend, {C::i32, C::i32}, {C::i32}, true);
  std::uint32_t slow_give = typed(Role::import_, takes, {C::i32}, {C::i32}, true);
  std::uint32_t run = typed(Role::export_, plain, {}, {});
  std::uint32_t make = typed(Role::export_, gives, {}, {C::i32});
  std::uint32_t use = typed(Role::export_, lends, {C::i32}, {});
  std::uint32_t keep_cell = typed(Role::export_, keeps_cell, {C::i32}, {});
  std::uint32_t read_cell = typed(Role::export_, reads_cell, {C::i32}, {});
  std::uint32_t file_drop = builtin("resource.drop", {C::i32}, {}, file);
  std::uint32_t cell_new = builtin("resource.new", {C::i32}, {C::i32}, cell);
  std::uint32_t cell_rep = builtin("resource.rep", {C::i32}, {C::i32}, cell);
  std::uint32_t cell_drop = builtin("resource.drop", {C::i32}, {}, cell);
  std::uint32_t destroy = destructor();
  std::uint32_t set_new = builtin("waitable-set.new", {}, {C::i32});
  std::uint32_t set_wait = builtin("waitable-set.wait", {C::i32, C::i32}, {C::i32});
  std::uint32_t set_poll = builtin("waitable-set.poll", {C::i32, C::i32}, {C::i32});
  std::uint32_t set_drop = builtin("waitable-set.drop", {C::i32}, {});
  std::uint32_t join = builtin("waitable.join", {C::i32, C::i32}, {});
  std::uint32_t stream_new = builtin("stream.new", {}, {C::i64}, number);
  std::uint32_t stream_read =
      builtin("stream.read", {C::i32, C::i32, C::i32}, {C::i32}, number, true);
  std::uint32_t stream_write =
      builtin("stream.write", {C::i32, C::i32, C::i32}, {C::i32}, number, true);
  std::uint32_t sync_read = builtin("stream.read", {C::i32, C::i32, C::i32}, {C::i32}, number);
  std::uint32_t cancel_read = builtin("stream.cancel-read", {C::i32}, {C::i32}, number, true);
  std::uint32_t drop_reader = builtin("stream.drop-readable", {C::i32}, {}, number);
  std::uint32_t drop_writer = builtin("stream.drop-writable", {C::i32}, {}, number);
  std::uint32_t future_new = builtin("future.new", {}, {C::i64}, number);
  std::uint32_t future_read = builtin("future.read", {C::i32, C::i32}, {C::i32}, number, true);
  std::uint32_t future_write = builtin("future.write", {C::i32, C::i32}, {C::i32}, number, true);
  std::uint32_t drop_future_writer = builtin("future.drop-writable", {C::i32}, {}, number);
  std::uint32_t subtask_drop = builtin("subtask.drop", {C::i32}, {});
  std::uint32_t subtask_cancel = builtin("subtask.cancel", {C::i32}, {C::i32}, none, true);
  std::uint32_t error_new = builtin("error-context.new", {C::i32, C::i32}, {C::i32});
  std::uint32_t error_drop = builtin("error-context.drop", {C::i32}, {});
  std::uint32_t task_return = builtin("task.return", {}, {});
  std::uint32_t task_cancel = builtin("task.cancel", {}, {});
  std::uint32_t yield = builtin("thread.yield", {}, {C::i32});
  std::uint32_t pressure = builtin("backpressure.inc", {}, {});
  std::uint32_t relief = builtin("backpressure.dec", {}, {});
  std::uint32_t callback = add(Role::callback, {C::i32, C::i32, C::i32}, {C::i32}).id;
  std::uint32_t task = async_export();
  std::uint32_t stackful = typed(Role::export_, calls, {C::i32}, {}, true);

 private:
  std::uint32_t destructor() {
    Function& function = add(Role::destructor, {C::i32});
    function.immediates.type = cell;
    return function.id;
  }
  std::uint32_t async_export() {
    const std::uint32_t id = typed(Role::export_, calls, {C::i32}, {C::i32}, true);
    all.functions[id].options.callback = callback;
    return id;
  }
};

const Functions& f() {
  static const Functions functions;
  return functions;
}

/// Feeds a layer.
class Feed {
 public:
  explicit Feed(std::vector<std::string> quirks = {}, bool core_complete = true)
      : info_(testing::sample_info()) {
    info_.core_complete = core_complete;
    info_.quirks = std::move(quirks);
    findings_.emplace(info_, CheckOptions{});
    layer_.emplace(info_, f().all, f().types, *findings_);
  }

  Feed& event(K kind, std::uint32_t subject, std::uint64_t detail = 0,
              std::vector<std::uint8_t> body = {}, std::uint8_t flags = 0) {
    EventView view;
    view.sequence = next_++;
    view.kind = kind;
    view.subject = subject;
    view.detail = detail;
    view.body = body;
    view.flags = flags;
    layer_->event(view);
    return *this;
  }
  Feed& begin(std::uint32_t id, const Values& params = {}, const Told& told = {},
              std::uint32_t call = 0) {
    event(K::import_call, id, call, bytes(function(id).core_params, params));
    for (const auto& [type, index] : told)
      layer_->from_guest(function(id), f().types[type], index, next_ - 1);
    return *this;
  }
  Feed& end(std::uint32_t id, const Values& results = {}, const Told& told = {},
            std::uint32_t call = 0) {
    for (const auto& [type, index] : told)
      layer_->to_guest(function(id), f().types[type], index, next_);
    return event(K::import_result, id, call, bytes(function(id).core_results, results));
  }
  /// A call of a built-in.
  Feed& operator()(std::uint32_t id, const Values& params = {}, const Values& results = {}) {
    return begin(id, params).end(id, results);
  }
  Feed& enter(std::uint32_t id, const Values& params = {}, const Told& told = {},
              std::uint32_t call = 0) {
    event(K::export_call, id, call);
    for (const auto& [type, index] : told)
      layer_->to_guest(function(id), f().types[type], index, next_);
    return event(K::export_enter, id, call, bytes(function(id).core_params, params));
  }
  Feed& leave(std::uint32_t id, const Values& results = {}, const Told& told = {},
              std::uint32_t call = 0) {
    event(K::export_result, id, call, bytes(function(id).core_results, results));
    for (const auto& [type, index] : told)
      layer_->from_guest(function(id), f().types[type], index, next_ - 1);
    return *this;
  }
  Feed& trap() { return event(K::trap, none, 15); }
  Feed& open(std::uint32_t index) {
    return begin(f().open).end(f().open, {index}, {{own_file, index}});
  }
  /// What `waitable-set.wait` or `poll` gives.
  Feed& wait(std::uint32_t id, std::uint32_t set, std::uint32_t code, std::uint32_t p1,
             std::uint32_t p2) {
    begin(id, {set, 64});
    event(K::lower, 0, 64, bytes({C::i32, C::i32}, {p1, p2}));
    return end(id, {code});
  }
  Feed& unknown(std::uint32_t id, std::uint32_t type, Law law) {
    layer_->unknown(function(id), type, law);
    return *this;
  }
  const std::vector<Finding>& found() {
    layer_->finish();
    return findings_->kept();
  }
  Rules rules() {
    Rules rules;
    for (const Finding& finding : found()) rules.emplace_back(finding.rule);
    return rules;
  }

 private:
  static const Function& function(std::uint32_t id) { return f().all.functions[id]; }
  static std::vector<std::uint8_t> bytes(const std::vector<C>& signature, const Values& values) {
    std::vector<std::uint8_t> out;
    for (std::size_t i = 0; i < signature.size(); ++i) {
      const std::uint64_t value = i < values.size() ? values[i] : 0;
      for (int at = 0; at < (signature[i] == C::i32 ? 4 : 8); ++at) {
        out.push_back(static_cast<std::uint8_t>(value >> 8 * at));
      }
    }
    return out;
  }

  TraceInfo info_;
  std::optional<Findings> findings_;
  std::optional<HandleLayer> layer_;
  std::uint64_t next_ = 0;
};

constexpr std::uint64_t pair(std::uint64_t reader, std::uint64_t writer) {
  return reader | writer << 32;
}

using Steps = std::function<void(Feed&)>;

Rules rules_after(const Steps& steps) {
  Feed feed;
  feed.enter(f().run);
  steps(feed);
  return feed.rules();
}

void expect_legal(const char* what, const Steps& steps) {
  EXPECT_EQ(rules_after(steps), Rules{}) << what;
}

/// A fault of the engine, found at once.
void expect_breach(const char* rule, const char* what, const Steps& steps) {
  EXPECT_EQ(rules_after(steps), Rules{rule}) << what;
}

/// A fault of the guest in the last call that `steps` begin: found when `id` returns, and none when
/// it traps.
void expect_fault(const char* rule, const char* what, const Steps& steps, std::uint32_t id) {
  EXPECT_EQ(rules_after([&](Feed& x) {
              steps(x);
              x.end(id);
            }),
            Rules{rule})
      << what;
  EXPECT_EQ(rules_after([&](Feed& x) {
              steps(x);
              x.trap();
            }),
            Rules{})
      << what << ", and a trap";
}

/// The same of the result of an export.
void expect_fault_in_result(const char* rule, const char* what, const Steps& steps) {
  const auto alone = [&](bool traps) {
    Feed feed;
    steps(feed);
    if (traps) feed.trap();
    return feed.rules();
  };
  EXPECT_EQ(alone(false), Rules{rule}) << what;
  EXPECT_EQ(alone(true), Rules{}) << what << ", and a trap";
}

// HANDLE-01
TEST(Handles, WhatTheGuestNamesIsInItsTable) {
  expect_legal("opened, lent, given away", [](Feed& x) {
    x.open(1).begin(f().lend, {1}, {{lent_file, 1}}).end(f().lend);
    x.begin(f().give, {1}, {{own_file, 1}}).end(f().give);
  });
  expect_fault(
      "HANDLE-01", "never given", [](Feed& x) { x.open(1).begin(f().file_drop, {2}); },
      f().file_drop);
  expect_fault(
      "HANDLE-01", "dropped before",
      [](Feed& x) { x.open(1)(f().file_drop, {1}).begin(f().file_drop, {1}); }, f().file_drop);
  expect_fault(
      "HANDLE-01", "given away before",
      [](Feed& x) {
        x.open(1).begin(f().give, {1}, {{own_file, 1}}).end(f().give);
        x.begin(f().lend, {1}, {{lent_file, 1}});
      },
      f().lend);
  expect_fault(
      "HANDLE-01", "no waitable",
      [](Feed& x) {
        x.begin(f().join, {7, 0});
      },
      f().join);
  expect_fault_in_result("HANDLE-01", "in a result", [](Feed& x) {
    x.enter(f().make).leave(f().make, {4}, {{own_cell, 4}});
  });
}

// HANDLE-02
TEST(Handles, WhatTheGuestNamesIsOfTheKind) {
  expect_legal("an own for a borrow", [](Feed& x) {
    x.open(1).begin(f().lend, {1}, {{lent_file, 1}}).end(f().lend);
  });
  expect_fault(
      "HANDLE-02", "a resource of another type",
      [](Feed& x) { x.open(1).begin(f().cell_drop, {1}); }, f().cell_drop);
  expect_fault(
      "HANDLE-02", "a set for a waitable",
      [](Feed& x) {
        x(f().set_new, {}, {1}).begin(f().join, {1, 0});
      },
      f().join);
  expect_fault(
      "HANDLE-02", "a writer for a reader",
      [](Feed& x) { x(f().stream_new, {}, {pair(1, 2)}).begin(f().drop_reader, {2}); },
      f().drop_reader);
  // Only a call of its own lends to the guest.
  Feed feed;
  feed.enter(f().use, {1}, {{lent_file, 1}}).begin(f().give, {1}, {{own_file, 1}}).end(f().give);
  EXPECT_EQ(feed.rules(), Rules{"HANDLE-02"});
}

// HANDLE-03
TEST(Handles, WhatIsLentStays) {
  expect_legal("dropped after the call", [](Feed& x) {
    x.open(1).begin(f().lend, {1}, {{lent_file, 1}}).end(f().lend)(f().file_drop, {1});
  });
  expect_fault(
      "HANDLE-03", "dropped inside the call",
      [](Feed& x) {
        x.open(1).begin(f().lend, {1}, {{lent_file, 1}}).enter(f().run);
        x.begin(f().file_drop, {1});
      },
      f().file_drop);
  expect_legal("an end, and an error context, given away", [](Feed& x) {
    x(f().stream_new, {}, {pair(1, 2)})(f().future_new, {}, {pair(3, 4)})(f().error_new, {}, {5});
    x.begin(f().give_ends, {1, 3, 5}, {{numbers, 1}, {later, 3}, {failure, 5}});
    x.end(f().give_ends)(f().error_drop, {5})(f().set_new, {}, {5})(f().set_new, {}, {3});
  });
  expect_fault(
      "HANDLE-03", "an end with a copy",
      [](Feed& x) {
        x(f().stream_new, {}, {pair(1, 2)})(f().stream_read, {1, 0, 8}, {blocked});
        x.begin(f().give_ends, {1}, {{numbers, 1}});
      },
      f().give_ends);
}

// HANDLE-04
TEST(Handles, WhatTheHostLentIsDropped) {
  Feed legal;
  legal.enter(f().use, {1}, {{lent_file, 1}})(f().file_drop, {1}).leave(f().use);
  EXPECT_EQ(legal.rules(), Rules{});
  expect_fault_in_result("HANDLE-04", "kept", [](Feed& x) {
    x.enter(f().use, {1}, {{lent_file, 1}}).leave(f().use);
  });
  const Steps task = [](Feed& x) {
    x.enter(f().task, {1}, {{lent_file, 1}}).begin(f().task_return);
  };
  expect_fault("HANDLE-04", "kept at task.return", task, f().task_return);
}

// HANDLE-05
TEST(Handles, HaveTheIndexOfTheTable) {
  expect_legal("one table, last freed first", [](Feed& x) {
    x.open(1).open(2)(f().set_new, {}, {3})(f().cell_new, {9}, {4});
    x(f().file_drop, {1})(f().set_drop, {3})(f().stream_new, {}, {pair(3, 1)}).open(5);
  });
  expect_breach("HANDLE-05", "one too far", [](Feed& x) { x.open(2).open(5); });
  expect_breach("HANDLE-05", "the first freed",
                [](Feed& x) { x.open(1).open(2)(f().file_drop, {1})(f().file_drop, {2}).open(1); });
  expect_breach("HANDLE-05", "the writer first",
                [](Feed& x) { x(f().stream_new, {}, {pair(2, 1)}); });
}

TEST(Handles, HaveTheIndexOfATablePerType) {
  const auto steps = [](Feed& x) {
    x.enter(f().run).open(1)(f().cell_new, {9}, {1})(f().set_new, {}, {1}).open(2);
  };
  Feed undeclared;
  steps(undeclared);
  ASSERT_EQ(undeclared.rules(), Rules{"HANDLE-05"});
  EXPECT_EQ(undeclared.found()[0].quirk, "handles_per_type");
  Feed declared({"handles_per_type"});
  steps(declared);
  EXPECT_EQ(declared.rules(), Rules{});
  Feed wrong({"handles_per_type"});
  wrong.enter(f().run).open(1)(f().cell_new, {9}, {2});
  ASSERT_EQ(wrong.rules(), Rules{"HANDLE-05"});
  EXPECT_EQ(wrong.found()[0].quirk, "");
}

TEST(Handles, WhatTheHostHoldsKeepsItsIndexPerType) {
  const auto make = [](Feed& x, std::uint32_t index, std::uint32_t representation) {
    x.enter(f().make)(f().cell_new, {representation}, {index});
    x.leave(f().make, {index}, {{own_cell, index}});
  };
  Feed feed({"handles_per_type"});
  make(feed, 1, 11);
  make(feed, 2, 22);
  feed.enter(f().keep_cell, {1}, {{own_cell, 1}}).begin(f().cell_drop, {1});
  feed.enter(f().destroy, {11}).leave(f().destroy).end(f().cell_drop).leave(f().keep_cell);
  make(feed, 1, 33);
  feed.enter(f().destroy, {22}).leave(f().destroy);
  make(feed, 2, 44);
  EXPECT_EQ(feed.rules(), Rules{});
  feed.enter(f().keep_cell, {3}, {{own_cell, 3}});
  EXPECT_EQ(feed.rules(), Rules{"HANDLE-05"});
}

// HANDLE-06
TEST(Handles, AreOfTheirRepresentation) {
  const Steps drop = [](Feed& x) { x(f().cell_new, {77}, {1}).begin(f().cell_drop, {1}); };
  expect_legal("its own", [&](Feed& x) {
    x(f().cell_new, {7}, {1})(f().cell_rep, {1}, {7}).begin(f().cell_drop, {1});
    x.enter(f().destroy, {7}).leave(f().destroy).end(f().cell_drop);
  });
  expect_breach("HANDLE-06", "another one",
                [](Feed& x) { x(f().cell_new, {7}, {1})(f().cell_rep, {1}, {8}); });
  expect_breach("HANDLE-06", "destroyed as another one", [&](Feed& x) {
    drop(x);
    x.enter(f().destroy, {78}).leave(f().destroy).end(f().cell_drop);
  });
  expect_breach("HANDLE-06", "not destroyed", [&](Feed& x) {
    drop(x);
    x.end(f().cell_drop);
  });
  expect_breach("HANDLE-06", "destroyed by the host, and never made",
                [](Feed& x) { x.begin(f().lend).enter(f().destroy, {5}); });
}

// HANDLE-07
TEST(Handles, ABorrowOfOnesOwnIsTheRepresentation) {
  expect_legal("of what lives", [](Feed& x) {
    x(f().cell_new, {77}, {1}).begin(f().lend).enter(f().read_cell, {77}, {{lent_cell, 77}});
    x.leave(f().read_cell).end(f().lend);
  });
  expect_breach("HANDLE-07", "the handle", [](Feed& x) {
    x(f().cell_new, {77}, {1}).begin(f().lend).enter(f().read_cell, {1}, {{lent_cell, 1}});
  });
}

TEST(Handles, AreNotJudgedWhereTheyAreNotKnown) {
  Feed incomplete({}, false);
  incomplete.enter(f().run).open(9)(f().file_drop, {5});
  EXPECT_EQ(incomplete.rules(), Rules{});
  expect_legal("after a gap", [](Feed& x) { x.event(K::gap, none).open(9)(f().file_drop, {5}); });
  expect_legal("after values that are not there", [](Feed& x) {
    x.unknown(f().give, own_file, Law::lift).open(9)(f().file_drop, {5});
  });
  expect_legal("after a redacted argument", [](Feed& x) {
    x.event(K::import_call, f().file_drop, 0, {}, flag_redacted).end(f().file_drop).open(9);
  });
  expect_legal("after a trap", [](Feed& x) { x.trap().enter(f().run).open(9); });
  expect_breach("HANDLE-05", "but after unknown borrows",
                [](Feed& x) { x.unknown(f().lend, lent_file, Law::lift).open(9); });
  expect_legal("behind a breach", [](Feed& x) {
    x.event(K::import_result, f().open).open(9);  // calls that do not nest are another rule's
  });
}

/// What a stream does to an end that is in set 1: reader 2, writer 3.
Feed& in_set(Feed& x) {
  return x(f().set_new, {}, {1})(f().stream_new, {}, {pair(2, 3)})(f().join, {2, 1});
}

/// An async call that was not done: subtask 2 in set 1, with file 3 lent to it.
Feed& subtask(Feed& x, std::uint32_t state = 1) {
  x(f().set_new, {}, {1}).open(2).begin(f().slow, {2, 64}, {{lent_file, 2}}, 5);
  return x.end(f().slow, {state | 3U << 4}, {}, 5)(f().join, {3, 1});
}

// ASYNC-01
TEST(Async, SubtasksGoForward) {
  expect_legal("returned at once", [](Feed& x) {
    x.open(1).begin(f().slow, {1, 64}, {{lent_file, 1}}).end(f().slow, {2})(f().file_drop, {1});
  });
  expect_legal("started, then returned", [](Feed& x) {
    subtask(x).wait(f().set_wait, 1, 1, 3, 2)(f().subtask_drop, {3})(f().file_drop, {2});
  });
  expect_legal("not taken before it started", [](Feed& x) {
    x.open(1).begin(f().slow_give, {1}, {{own_file, 1}}, 5).end(f().slow_give, {2 << 4}, {}, 5);
    x.event(K::task_start, f().slow_give, 5).open(1);
  });
  expect_breach("ASYNC-01", "started twice",
                [](Feed& x) { subtask(x).wait(f().set_wait, 1, 1, 3, 1); });
  expect_breach("ASYNC-01", "cancelled by nobody",
                [](Feed& x) { subtask(x).wait(f().set_wait, 1, 1, 3, 4); });
  expect_breach("ASYNC-01", "returned with a subtask",
                [](Feed& x) { x.begin(f().slow).end(f().slow, {2 | 1 << 4}); });
  expect_breach("ASYNC-01", "returned twice", [](Feed& x) {
    subtask(x).wait(f().set_wait, 1, 1, 3, 2).wait(f().set_wait, 1, 1, 3, 2);
  });
}

// ASYNC-02
TEST(Async, SubtasksAreDroppedWhenTheyResolved) {
  expect_fault(
      "ASYNC-02", "dropped before", [](Feed& x) { subtask(x).begin(f().subtask_drop, {3}); },
      f().subtask_drop);
  expect_legal("cancelled", [](Feed& x) {
    subtask(x)(f().subtask_cancel, {3}, {blocked}).wait(f().set_wait, 1, 1, 3, 4);
    x(f().subtask_drop, {3});
  });
  expect_fault(
      "ASYNC-02", "cancelled twice",
      [](Feed& x) {
        subtask(x)(f().subtask_cancel, {3}, {blocked}).begin(f().subtask_cancel, {3});
      },
      f().subtask_cancel);
  // A resource stays lent until then [HANDLE-03].
  expect_fault(
      "HANDLE-03", "still lent", [](Feed& x) { subtask(x).begin(f().file_drop, {2}); },
      f().file_drop);
}

// ASYNC-03
TEST(Async, CallsStartAndResolveOnce) {
  const auto resolve = [](Feed& x, std::uint8_t state) -> Feed& {
    x.event(K::task_resolve, f().slow, 5, {state, 0, 0, 0});
    return x.event(K::task_resolve_end, f().slow, 5);
  };
  expect_legal("once", [&](Feed& x) { resolve(subtask(x), 2).wait(f().set_wait, 1, 1, 3, 2); });
  expect_breach("ASYNC-03", "started twice",
                [&](Feed& x) { subtask(x).event(K::task_start, f().slow, 5); });
  expect_breach("ASYNC-03", "resolved twice", [&](Feed& x) { resolve(resolve(subtask(x), 2), 2); });
  expect_breach("ASYNC-03", "cancelled before it started, which it had",
                [&](Feed& x) { resolve(subtask(x), 3); });
  expect_breach("ASYNC-03", "told otherwise", [&](Feed& x) {
    resolve(subtask(x)(f().subtask_cancel, {3}, {blocked}), 2).wait(f().set_wait, 1, 1, 3, 4);
  });
  Feed twice;
  twice.enter(f().task, {}, {}, 8).event(K::task_cancel, f().task, 8);
  twice.event(K::task_cancel, f().task, 8);
  EXPECT_EQ(twice.rules(), Rules{"ASYNC-03"});
}

// ASYNC-04
TEST(Async, TasksReturnOnce) {
  Feed legal;
  legal.enter(f().task)(f().task_return).leave(f().task, {0});
  legal.enter(f().stackful)(f().task_return).leave(f().stackful);
  legal.enter(f().task)(f().yield, {}, {1})(f().task_cancel).leave(f().task, {0});
  EXPECT_EQ(legal.rules(), Rules{});
  expect_fault_in_result("ASYNC-04", "never",
                         [](Feed& x) { x.enter(f().task).leave(f().task, {0}); });
  expect_fault(
      "ASYNC-04", "twice",
      [](Feed& x) { x.enter(f().task)(f().task_return).begin(f().task_return); }, f().task_return);
  expect_fault(
      "ASYNC-04", "cancelled and not told",
      [](Feed& x) { x.enter(f().task).begin(f().task_cancel); }, f().task_cancel);
  expect_fault(
      "ASYNC-04", "not async", [](Feed& x) { x.begin(f().task_return); }, f().task_return);
}

// ASYNC-05
TEST(Async, CallbacksFollowWhatTheTaskAskedFor) {
  Feed legal;
  legal.enter(f().task).leave(f().task, {1}).enter(f().callback, {0, 0, 0});
  in_set(legal)(f().stream_read, {2, 0, 8}, {blocked}).leave(f().callback, {2 | 1 << 4});
  legal.enter(f().callback, {2, 2, 4 << 4})(f().task_return).leave(f().callback, {0});
  EXPECT_EQ(legal.rules(), Rules{});
  Feed exited;
  exited.enter(f().task)(f().task_return).leave(f().task, {0}).enter(f().callback, {0, 0, 0});
  EXPECT_EQ(exited.rules(), Rules{"ASYNC-05"});
  Feed nothing;
  nothing.enter(f().task)(f().set_new, {}, {1}).leave(f().task, {2 | 1 << 4});
  nothing.enter(f().callback, {0, 0, 0});
  EXPECT_EQ(nothing.rules(), Rules{"ASYNC-05"});
  expect_fault_in_result("ASYNC-05", "an unknown code",
                         [](Feed& x) { x.enter(f().task).leave(f().task, {3}); });
  expect_fault_in_result("ASYNC-05", "no set",
                         [](Feed& x) { x.enter(f().task).leave(f().task, {2 | 9 << 4}); });
}

// ASYNC-06
TEST(Async, EventsAreOfWaitablesInTheSet) {
  expect_legal("a read that ends", [](Feed& x) {
    in_set(x)(f().stream_read, {2, 0, 8}, {blocked}).wait(f().set_wait, 1, 2, 2, 8 << 4);
  });
  expect_legal("nothing", [](Feed& x) { in_set(x).wait(f().set_poll, 1, 0, 0, 0); });
  expect_breach("ASYNC-06", "another code", [](Feed& x) {
    in_set(x)(f().stream_read, {2, 0, 8}, {blocked}).wait(f().set_wait, 1, 3, 2, 8 << 4);
  });
  expect_breach("ASYNC-06", "in no set", [](Feed& x) {
    in_set(x)(f().stream_write, {3, 0, 8}, {blocked}).wait(f().set_poll, 1, 3, 3, 8 << 4);
  });
  expect_breach("ASYNC-06", "waited for nothing",
                [](Feed& x) { in_set(x).wait(f().set_wait, 1, 0, 0, 0); });
  expect_breach("ASYNC-06", "a yield that gives 2", [](Feed& x) { x(f().yield, {}, {2}); });
  Feed twice;
  twice.enter(f().task)(f().yield, {}, {1})(f().yield, {}, {1});
  EXPECT_EQ(twice.rules(), Rules{"ASYNC-06"});
}

// ASYNC-07
TEST(Async, SetsAreDroppedEmpty) {
  expect_legal("left by its waitable", [](Feed& x) {
    in_set(x)(f().join, {2, 0})(f().set_drop, {1});
  });
  expect_legal("whose waitable is gone",
               [](Feed& x) { in_set(x)(f().drop_reader, {2})(f().set_drop, {1}); });
  expect_fault(
      "ASYNC-07", "with a waitable", [](Feed& x) { in_set(x).begin(f().set_drop, {1}); },
      f().set_drop);
  expect_fault(
      "ASYNC-07", "joined while a call waits for it",
      [](Feed& x) {
        x(f().stream_new, {}, {pair(1, 2)}).begin(f().sync_read, {1, 0, 8});
        x.event(K::thread_start, 1).enter(f().run).begin(f().join, {1, 0});
      },
      f().join);
}

// ASYNC-08
TEST(Async, ACopyAtATime) {
  const auto read = [](Feed& x) -> Feed& {
    return x(f().stream_new, {}, {pair(1, 2)})(f().stream_read, {1, 0, 8}, {blocked});
  };
  expect_legal("cancelled, then again", [&](Feed& x) {
    read(x)(f().cancel_read, {1}, {2})(f().stream_read, {1, 0, 8}, {blocked});
  });
  expect_fault(
      "ASYNC-08", "a second read",
      [&](Feed& x) {
        read(x).begin(f().stream_read, {1, 0, 8});
      },
      f().stream_read);
  expect_fault(
      "ASYNC-08", "a cancel of nothing",
      [&](Feed& x) { read(x)(f().cancel_read, {1}, {2}).begin(f().cancel_read, {1}); },
      f().cancel_read);
  expect_fault(
      "ASYNC-08", "a read of what is done",
      [&](Feed& x) {
        x(f().stream_new, {}, {pair(1, 2)})(f().stream_read, {1, 0, 8}, {1});
        x.begin(f().stream_read, {1, 0, 8});
      },
      f().stream_read);
  expect_breach("ASYNC-08", "a synchronous read that is BLOCKED", [](Feed& x) {
    x(f().stream_new, {}, {pair(1, 2)})(f().sync_read, {1, 0, 8}, {blocked});
  });
}

// ASYNC-09
TEST(Async, WhatIsToldOfACopyFits) {
  expect_legal("a future's value, once", [](Feed& x) {
    x(f().future_new, {}, {pair(1, 2)})(f().future_write, {2, 0}, {blocked});
    x(f().future_read, {1, 0}, {0});
  });
  expect_breach("ASYNC-09", "more than was asked for", [](Feed& x) {
    x(f().stream_new, {}, {pair(1, 2)})(f().stream_read, {1, 0, 8}, {9 << 4});
  });
  expect_breach("ASYNC-09", "cancelled by nobody", [](Feed& x) {
    x(f().stream_new, {}, {pair(1, 2)})(f().stream_read, {1, 0, 8}, {2});
  });
  expect_breach("ASYNC-09", "a future dropped before its value", [](Feed& x) {
    x(f().future_new, {}, {pair(1, 2)})(f().future_read, {1, 0}, {1});
  });
}

// ASYNC-10
TEST(Async, EndsAreDroppedIdle) {
  expect_legal("written, then dropped", [](Feed& x) {
    x(f().future_new, {}, {pair(1, 2)})(f().future_write, {2, 0}, {1})(f().drop_future_writer, {2});
  });
  expect_fault(
      "ASYNC-10", "never written",
      [](Feed& x) { x(f().future_new, {}, {pair(1, 2)}).begin(f().drop_future_writer, {2}); },
      f().drop_future_writer);
  expect_fault(
      "ASYNC-10", "with a copy outstanding",
      [](Feed& x) {
        x(f().stream_new, {}, {pair(1, 2)})(f().stream_read, {1, 0, 8}, {blocked});
        x.begin(f().drop_reader, {1});
      },
      f().drop_reader);
}

// ASYNC-11
TEST(Async, CopiesAreOfWhatIsOutstanding) {
  const auto copy = [](Feed& x, std::uint32_t end, std::uint8_t direction,
                       std::uint8_t count) -> Feed& {
    return x.event(K::copy, 0, end, {direction, 0, 0, 0, count, 0, 0, 0});
  };
  const auto read = [](Feed& x) -> Feed& {
    return x(f().stream_new, {}, {pair(1, 2)})(f().stream_read, {1, 0, 8}, {blocked});
  };
  expect_legal("in two parts, then dropped",
               [&](Feed& x) { copy(copy(read(x), 1, 0, 3), 1, 0, 5).event(K::end_dropped, 0, 1); });
  expect_breach("ASYNC-11", "out of the guest", [&](Feed& x) { copy(read(x), 1, 1, 3); });
  expect_breach("ASYNC-11", "too many", [&](Feed& x) { copy(copy(read(x), 1, 0, 3), 1, 0, 6); });
  expect_breach("ASYNC-11", "of no copy", [&](Feed& x) { copy(read(x), 2, 1, 3); });
  expect_breach("ASYNC-11", "dropped twice",
                [&](Feed& x) { read(x).event(K::end_dropped, 0, 1).event(K::end_dropped, 0, 1); });
}

// ASYNC-12
TEST(Async, BackpressureIsUndoneOnce) {
  expect_legal("once each", [](Feed& x) { x(f().pressure)(f().relief); });
  expect_fault(
      "ASYNC-12", "undone twice", [](Feed& x) { x(f().pressure)(f().relief).begin(f().relief); },
      f().relief);
}

TEST(Handles, LimitIsFoundOnce) {
  Feed feed;
  feed.enter(f().run);
  for (std::uint32_t i = 1; i <= limits::live_handles; ++i) feed.open(i);
  EXPECT_EQ(feed.rules(), Rules{});
  feed.open(limits::live_handles + 1).open(7);
  ASSERT_EQ(feed.rules(), Rules{"LIMIT-01"});
  EXPECT_EQ(feed.found()[0].verdict, Verdict::limit);
}

}  // namespace
}  // namespace crossing::checking
