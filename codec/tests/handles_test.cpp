// Handles, spec/checker.md: of each rule what it allows, and breaches, which are found under its id
// and no other.

#include "handle_feed.h"

namespace crossing::testing {
namespace {

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
  expect_legal("after values of the host that are not there", [](Feed& x) {
    x.unknown(f().open, own_file, Law::lower).open(9)(f().file_drop, {5});
  });
  expect_legal("after a redacted argument", [](Feed& x) {
    x.event(K::import_call, f().file_drop, 0, {}, flag_redacted).end(f().file_drop).open(9);
  });
  expect_legal("at a gap, behind which there can be a trap", [](Feed& x) {
    x.leave(f().run).enter(f().make).leave(f().make, {4}, {{own_cell, 4}}).event(K::gap, none);
  });
  expect_legal("after a trap on a result",
               [](Feed& x) { x.open(1).leave(f().run).trap().enter(f().run).open(9); });
  expect_legal("after a trap", [](Feed& x) { x.trap().enter(f().run).open(9); });
  expect_breach("HANDLE-05", "but after unknown borrows",
                [](Feed& x) { x.unknown(f().lend, lent_file, Law::lift).open(9); });
  expect_legal("behind a breach", [](Feed& x) {
    x.event(K::import_result, f().open).open(9);  // calls that do not nest are another rule's
  });
}

TEST(Handles, ThatMayBeGoneAreJudgedAsFarAsTheyAreKnown) {
  const auto unseen = [](Feed& x) -> Feed& {
    return x.open(1)(f().cell_new, {7}, {2}).open(3).unknown(f().give, own_file, Law::lift);
  };
  expect_legal("any free index", [&](Feed& x) {
    unseen(x).open(3)(f().file_drop, {3})(f().file_drop, {1}).open(4).open(1)(f().file_drop, {4});
  });
  expect_breach("HANDLE-05", "one that is taken", [&](Feed& x) { unseen(x).open(2); });
  expect_breach("HANDLE-05", "one too far", [&](Feed& x) { unseen(x).open(5); });
  expect_fault(
      "HANDLE-01", "what was dropped since",
      [&](Feed& x) { unseen(x)(f().file_drop, {1}).begin(f().file_drop, {1}); }, f().file_drop);
  expect_breach("HANDLE-06", "another resource's representation",
                [&](Feed& x) { unseen(x)(f().cell_rep, {2}, {8}); });
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
}  // namespace crossing::testing
