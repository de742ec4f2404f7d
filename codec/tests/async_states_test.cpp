// Async states, spec/checker.md: of each rule what it allows, and breaches, which are found under
// its id and no other.

#include "handle_feed.h"

namespace crossing::testing {
namespace {

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
        x(f().stream_new, {}, {pair(1, 2)})(f().drop_writer, {2});
        x(f().stream_read, {1, 0, 8}, {1}).begin(f().stream_read, {1, 0, 8});
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
  expect_legal("dropped by the guest itself", [](Feed& x) {
    x(f().stream_new, {}, {pair(1, 2)})(f().drop_reader, {1})(f().stream_write, {2, 0, 8}, {1});
  });
  expect_breach("ASYNC-09", "dropped by nobody", [](Feed& x) {
    x(f().stream_new, {}, {pair(1, 2)})(f().stream_write, {2, 0, 8}, {1});
  });
  expect_breach("ASYNC-09", "completed after the other end was dropped", [](Feed& x) {
    x(f().stream_new, {}, {pair(1, 2)})(f().drop_reader, {1})(f().stream_write, {2, 0, 8}, {0});
  });
  expect_breach("ASYNC-09", "a future dropped before its value", [](Feed& x) {
    x(f().future_new, {}, {pair(1, 2)})(f().future_read, {1, 0}, {1});
  });
}

// ASYNC-10
TEST(Async, EndsAreDroppedIdle) {
  expect_legal("written, then dropped", [](Feed& x) {
    x(f().future_new, {}, {pair(1, 2)}).begin(f().give_ends, {}, {{later, 1}}).end(f().give_ends);
    x(f().future_write, {2, 0}, {1})(f().drop_future_writer, {2});
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
  expect_legal("in two parts", [&](Feed& x) { copy(copy(read(x), 1, 0, 3), 1, 0, 5); });
  const auto write = [](Feed& x) -> Feed& {
    x(f().stream_new, {}, {pair(1, 2)}).begin(f().give_ends, {}, {{numbers, 1}}).end(f().give_ends);
    return x(f().stream_write, {2, 0, 8}, {blocked});
  };
  expect_legal("dropped by the host", [&](Feed& x) { write(x).event(K::end_dropped, 0, 2); });
  expect_breach("ASYNC-11", "dropped by the host that does not have it",
                [&](Feed& x) { read(x).event(K::end_dropped, 0, 1); });
  expect_breach("ASYNC-11", "out of the guest", [&](Feed& x) { copy(read(x), 1, 1, 3); });
  expect_breach("ASYNC-11", "too many", [&](Feed& x) { copy(copy(read(x), 1, 0, 3), 1, 0, 6); });
  expect_breach("ASYNC-11", "of no copy", [&](Feed& x) { copy(read(x), 2, 1, 3); });
  expect_breach("ASYNC-11", "dropped twice",
                [&](Feed& x) { write(x).event(K::end_dropped, 0, 2).event(K::end_dropped, 0, 2); });
}

// ASYNC-12
TEST(Async, BackpressureIsUndoneOnce) {
  expect_legal("once each", [](Feed& x) { x(f().pressure)(f().relief); });
  expect_fault(
      "ASYNC-12", "undone twice", [](Feed& x) { x(f().pressure)(f().relief).begin(f().relief); },
      f().relief);
}

}  // namespace
}  // namespace crossing::testing
