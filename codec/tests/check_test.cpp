// The order layer of the checker, spec/events.md, "Order".

#include "crossing/check.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>

#include "sample.h"

namespace crossing {
namespace {

using K = EventKind;

// Ids of the functions in `definitions()`.
constexpr std::uint32_t imported = 0, exported = 1, allocate = 2, after_return = 3, leaf = 4,
                        destroy = 5, called_back = 6, other_builtin = 7;

Definitions definitions() {
  Definitions all;
  const auto add = [&](Role role) -> Function& {
    Function function;
    function.id = static_cast<std::uint32_t>(all.functions.size());
    function.role = role;
    all.functions.push_back(function);
    return all.functions.back();
  };
  add(Role::import_);
  add(Role::export_).options.post_return = after_return;
  add(Role::realloc);
  add(Role::post_return);
  add(Role::builtin).builtin = "context.get";
  add(Role::destructor);
  add(Role::callback);
  add(Role::builtin).builtin = "resource.drop";
  return all;
}

/// An event without what the order layer does not look at.
struct Step {
  K kind = K::marker;
  std::uint32_t subject = 0;
  std::uint64_t detail = 0;
};

using Steps = std::vector<Step>;

Steps operator+(Steps a, const Steps& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Feeds an order checker.
class Feed {
 public:
  Feed& operator()(const Steps& steps) {
    for (const Step& step : steps) {
      EventView view;
      view.sequence = next_++;
      view.kind = step.kind;
      view.subject = step.subject;
      view.detail = step.detail;
      checker_.event(view);
    }
    return *this;
  }
  Feed& block(const std::vector<OpenCall>& open_calls) {
    checker_.begin_block(next_, open_calls);
    return *this;
  }
  Feed& skip(std::uint64_t count) {
    next_ += count;
    return *this;
  }
  const std::vector<Finding>& finish() {
    checker_.finish();
    return checker_.findings();
  }
  const std::vector<Finding>& findings() { return checker_.findings(); }

 private:
  Definitions definitions_ = definitions();
  Checker checker_{TraceInfo{}, definitions_, {.layers = {Layer::order}}};
  std::uint64_t next_ = 0;
};

std::vector<Finding> check_steps(const Steps& steps) {
  Feed feed;
  return feed(steps).finish();
}

Steps call(std::uint32_t function, const Steps& inside = {}, std::uint64_t id = 0) {
  return Steps{{K::import_call, function, id}} + inside + Steps{{K::import_result, function, id}};
}

Steps reallocate(const Steps& inside = {}) {
  return Steps{{K::realloc_call, allocate}} + inside + Steps{{K::realloc_result, allocate}};
}

Steps enter(std::uint32_t function, const Steps& inside = {}, const Steps& lowering = {},
            std::uint64_t id = 0) {
  return Steps{{K::export_call, function, id}} + lowering + Steps{{K::export_enter, function, id}} +
         inside + Steps{{K::export_result, function, id}};
}

Steps instance(std::uint32_t id, const Steps& inside = {}) {
  return Steps{{K::instantiate, id}} + inside + Steps{{K::instantiate_end, id}};
}

const Steps lower = {{K::lower, 0, 64}};
const Steps trap = {{K::trap, none, 1}};

TEST(Order, AcceptsWhatTheRulesAllow) {
  const std::pair<const char*, Steps> legal[] = {
      {"nothing", {}},
      {"nested instances", instance(0, instance(1) + instance(2))},
      {"start functions", instance(0, call(imported) + enter(exported))},
      {"a call with lowering", enter(exported, call(imported, reallocate() + lower),
                                     reallocate() + lower + Steps{{K::digest}, {K::marker}})},
      {"leaf built-ins inside realloc", enter(exported, {}, reallocate(call(leaf)))},
      {"post-return", enter(exported) + enter(after_return, call(leaf))},
      {"post-return inside the call around",
       enter(exported,
             call(imported, enter(exported) + reallocate() + lower + enter(after_return)))},
      {"a destructor inside resource.drop", enter(exported, call(other_builtin, enter(destroy)))},
      {"a trap in guest code", enter(exported) +
                                   Steps{{K::export_call, exported}, {K::export_enter, exported}} +
                                   Steps{{K::trap, exported, 1}} + enter(exported)},
      {"a trap of an import", Steps{{K::export_call, exported},
                                    {K::export_enter, exported},
                                    {K::import_call, imported},
                                    {K::trap, imported, 14}}},
      {"a trap in realloc",
       Steps{{K::export_call, exported}, {K::realloc_call, allocate}, {K::trap, allocate, 1}}},
      {"a trap at instantiation", Steps{{K::instantiate, 0}} + trap},
      {"a trap on the results of a call that returned", enter(exported) + trap},
      {"a trap, then the result of the call around",
       enter(exported, call(imported, Steps{{K::export_call, exported},
                                            {K::export_enter, exported},
                                            {K::trap, exported, 1}}))},
      {"a task that resolves", Steps{{K::task_start, imported, 7}, {K::task_resolve, imported, 7}} +
                                   reallocate() + lower +
                                   Steps{{K::task_resolve_end, imported, 7}}},
      {"a copy into the guest",
       Steps{{K::copy, 0, 3}} + lower + Steps{{K::copy_end, 0, 3}, {K::end_dropped, 0, 3}}},
      {"a sync call that blocks while another export runs",
       Steps{{K::export_call, exported, 1},
             {K::export_enter, exported, 1},
             {K::import_call, imported, 2},
             {K::thread_start, 1, 3}} +
           enter(exported, call(leaf, {}, 4), {}, 3) +
           Steps{{K::thread_switch, 0, 1},
                 {K::import_result, imported, 2},
                 {K::export_result, exported, 1}}},
      {"an end with a gap", Steps{{K::export_call, exported}, {K::gap, none, 3}}},
  };
  for (const auto& [name, steps] : legal) {
    const auto findings = check_steps(steps);
    EXPECT_TRUE(findings.empty()) << name << ": " << findings.front().error().text();
  }
}

/// What breaks one rule.
struct Breach {
  const char* name;
  const char* rule;
  Steps steps;
  std::uint64_t event;
};

class OrderRefuses : public ::testing::TestWithParam<Breach> {};

TEST_P(OrderRefuses, Event) {
  const Breach& breach = GetParam();
  const auto findings = check_steps(breach.steps);
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings.front().rule, breach.rule) << findings.front().error().text();
  EXPECT_EQ(findings.front().event, breach.event) << findings.front().error().text();
  EXPECT_EQ(findings.front().verdict, Verdict::invalid);
  EXPECT_NE(findings.front().error().message.find(", found "), std::string::npos);
}

const Steps inside_export = {{K::export_call, exported}, {K::export_enter, exported}};

const Breach breaches[] = {
    {"ResultWithoutCall", "ORDER-02", {{K::export_result, exported}}, 0},
    {"ResultOfAnotherFunction", "ORDER-02",
     inside_export + Steps{{K::import_call, imported}, {K::import_result, leaf}}, 3},
    {"ResultOfAnotherCall",
     "ORDER-02",
     {{K::export_call, exported, 1},
      {K::export_enter, exported, 1},
      {K::export_result, exported, 2}},
     2},
    {"ResultOfAnOuterCall", "ORDER-02",
     inside_export + Steps{{K::import_call, imported}, {K::export_result, exported}}, 3},
    {"EndOfAnotherInstance", "ORDER-02", {{K::instantiate, 0}, {K::instantiate_end, 1}}, 1},
    {"ReallocResultWithoutCall", "ORDER-02", inside_export + Steps{{K::realloc_result, allocate}},
     2},
    {"ExportInGuestCode", "ORDER-03", inside_export + enter(destroy), 2},
    {"ExportInRealloc", "ORDER-03",
     Steps{{K::export_call, exported}, {K::realloc_call, allocate}} + enter(destroy), 2},
    {"InstanceInCall", "ORDER-03", enter(exported, call(imported, instance(0))), 3},
    {"ImportWhileLowering", "ORDER-04", enter(exported, {}, call(imported)), 1},
    {"LiftWhileLowering", "ORDER-04", enter(exported, {}, {{K::lift}}), 1},
    {"EnterTwice", "ORDER-04", inside_export + Steps{{K::export_enter, exported}}, 2},
    {"EnterOfAnotherFunction",
     "ORDER-04",
     {{K::export_call, exported}, {K::export_enter, destroy}},
     1},
    {"EnterOfAnotherCall",
     "ORDER-04",
     {{K::export_call, exported, 1}, {K::export_enter, exported, 2}},
     1},
    {"ResultBeforeEnter",
     "ORDER-04",
     {{K::export_call, exported}, {K::export_result, exported}},
     1},
    {"ImportWithoutGuest", "ORDER-05", call(imported), 0},
    {"ImportInImport", "ORDER-05", enter(exported, call(imported, call(imported))), 3},
    {"ImportInTaskResolve", "ORDER-05",
     Steps{{K::task_resolve, imported, 1}} + call(imported, {}, 2), 1},
    {"ImportInRealloc", "ORDER-05", enter(exported, {}, reallocate(call(imported))), 2},
    {"OtherBuiltinInRealloc", "ORDER-05", enter(exported, {}, reallocate(call(other_builtin))), 2},
    {"ImportInPostReturn", "ORDER-05", enter(exported) + enter(after_return, call(imported)), 5},
    {"LowerInGuestCode", "ORDER-06", inside_export + lower, 2},
    {"LowerWithoutCall", "ORDER-06", lower, 0},
    {"LowerInRealloc", "ORDER-06", enter(exported, {}, reallocate(lower)), 2},
    {"LowerInInstantiate", "ORDER-06", instance(0, lower), 1},
    {"ReallocInGuestCode", "ORDER-06", inside_export + reallocate(), 2},
    {"ReallocWithoutCall", "ORDER-06", reallocate(), 0},
    {"ReallocInRealloc", "ORDER-06", enter(exported, {}, reallocate(reallocate())), 2},
    {"LowerAfterResolveEnd", "ORDER-06",
     Steps{{K::task_resolve, imported, 1}, {K::task_resolve_end, imported, 1}} + lower, 2},
    {"PostReturnFirst", "ORDER-07", enter(after_return), 0},
    {"PostReturnTwice", "ORDER-07", enter(exported) + enter(after_return) + enter(after_return), 6},
    {"PostReturnOfAnother", "ORDER-07", enter(destroy) + enter(after_return), 3},
    {"PostReturnAfterAnotherCall", "ORDER-07",
     enter(exported) + enter(called_back) + enter(after_return), 6},
    {"PostReturnElsewhere", "ORDER-07",
     enter(exported, call(imported, enter(exported)) + call(imported, enter(after_return))), 8},
    {"EndWithOpenCall", "ORDER-08", inside_export, 1},
    {"EndWithOpenInstance", "ORDER-08", {{K::instantiate, 0}}, 0},
    {"EndWithOpenLowering", "ORDER-08", {{K::copy, 0, 3}}, 0},
    {"TrapOfAnotherFunction", "TRAP-01", inside_export + Steps{{K::trap, destroy, 1}}, 2},
    {"ResolveInResolve",
     "TASK-01",
     {{K::task_resolve, imported, 1}, {K::task_resolve, imported, 2}},
     1},
    {"ResolveEndOfAnotherCall",
     "TASK-01",
     {{K::task_resolve, imported, 1}, {K::task_resolve_end, imported, 2}},
     1},
    {"CopyEndOfAnotherHandle", "COPY-01", {{K::copy, 0, 3}, {K::copy_end, 0, 4}}, 1},
    {"CallIdMissing", "CALL-01", enter(exported, call(imported), {}, 1), 2},
    {"CallIdUnexpected", "CALL-01", enter(exported, call(imported, {}, 1)), 2},
    {"CallIdTwice", "CALL-01", enter(exported, call(imported, {}, 1), {}, 1), 2},
};

INSTANTIATE_TEST_SUITE_P(Each, OrderRefuses, ::testing::ValuesIn(breaches),
                         [](const auto& test) { return test.param.name; });

TEST(Order, GoesOnAfterAFinding) {
  Feed feed;
  feed(enter(exported, lower) + Steps{{K::import_call, imported}, {K::import_result, imported}} +
       enter(exported));
  const auto& findings = feed.finish();
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].rule, "ORDER-06");
  EXPECT_EQ(findings[1].rule, "ORDER-05");
}

TEST(Order, BoundsFindings) {
  const Definitions all = definitions();
  Checker checker({}, all, {.layers = {Layer::order}, .max_findings = 3});
  for (std::uint64_t i = 0; i < 10; ++i) {
    EventView view;
    view.sequence = i;
    view.kind = K::lower;
    checker.event(view);
  }
  EXPECT_EQ(checker.findings().size(), 3U);
  EXPECT_EQ(checker.omitted_findings(), 7U);
}

TEST(Order, ComparesOpenCallsOfBlocks) {  // [ORDER-09]
  const std::vector<OpenCall> right = {{.event = 0, .subject = exported, .kind = K::export_call},
                                       {.event = 2, .subject = imported, .kind = K::import_call}};
  const Steps begin = inside_export + Steps{{K::import_call, imported}};
  const Steps end = {{K::import_result, imported}, {K::export_result, exported}};
  const auto with = [&](const std::vector<OpenCall>& open_calls) {
    Feed feed;
    feed.block({});
    feed(begin);
    feed.block(open_calls);
    feed(end);
    return feed.finish();
  };
  EXPECT_TRUE(with(right).empty());
  const auto refused = [&](const std::vector<OpenCall>& open_calls) {
    const auto findings = with(open_calls);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].rule, "ORDER-09");
    EXPECT_EQ(findings[0].event, 3U);
  };
  refused({});
  refused({right[0]});
  refused({right[1], right[0]});
  refused({right[0], right[1], right[1]});
  auto other = right;
  other[1].event = 1;
  refused(other);
}

TEST(Order, GoesOnWithTheOpenCallsAfterAGap) {  // [ORDER-09]
  const OpenCall outer = {.event = 0, .subject = exported, .kind = K::export_call};
  const OpenCall inner = {.event = 9, .subject = imported, .kind = K::import_call};
  const auto after_gap = [&](const std::vector<OpenCall>& open_calls, const Steps& steps) {
    Feed feed;
    feed.block({});
    feed(inside_export + Steps{{K::gap, none, 1}});
    feed.skip(20).block(open_calls);
    feed(steps);
    return feed.finish();
  };
  EXPECT_TRUE(after_gap({}, enter(exported)).empty());
  EXPECT_TRUE(after_gap({outer, inner},
                        lower + Steps{{K::import_result, imported}, {K::export_result, exported}})
                  .empty());
  // Whether the innermost export was entered nobody knows.
  EXPECT_TRUE(
      after_gap({outer}, lower + Steps{{K::export_enter, exported}, {K::export_result, exported}})
          .empty());
  EXPECT_TRUE(after_gap({outer}, call(imported) + Steps{{K::export_result, exported}}).empty());
  EXPECT_TRUE(after_gap({}, enter(after_return)).empty());
  EXPECT_EQ(after_gap({outer, inner}, {{K::import_result, imported}}).at(0).rule, "ORDER-08");
}

TEST(Order, BoundsOpenCalls) {
  Feed feed;
  Steps deep = Steps{{K::export_call, exported}, {K::export_enter, exported}};
  for (std::uint32_t i = 0; i < limits::open_calls - 1; ++i) {
    deep.push_back(i % 2 == 0 ? Step{K::import_call, imported} : Step{K::export_call, exported});
    if (i % 2 != 0) deep.push_back({K::export_enter, exported});
  }
  feed(deep);
  EXPECT_TRUE(feed.findings().empty());
  feed({{K::export_call, exported}});
  feed({{K::export_call, exported}});
  ASSERT_EQ(feed.findings().size(), 1U);
  EXPECT_EQ(feed.findings()[0].verdict, Verdict::limit);
}

/// Makes legal sequences at random.
class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  Steps host(int depth) {
    Steps steps;
    for (int i = below(4); i > 0; --i) {
      steps = steps + (below(3) == 0 ? notes() : enter(exported, guest(depth), lowering(depth)));
      if (below(3) == 0 && !steps.empty() && steps.back().kind == K::export_result) {
        steps = steps + enter(after_return, below(2) == 0 ? call(leaf) : Steps{});
      }
    }
    return steps;
  }

 private:
  int below(int count) { return static_cast<int>(random_() % static_cast<std::uint32_t>(count)); }

  Steps notes() { return {{K::digest}, {K::marker}}; }

  Steps lowering(int depth) {
    Steps steps;
    for (int i = below(3); i > 0; --i) {
      steps = steps + (below(2) == 0 ? lower : reallocate(below(3) == 0 ? call(leaf) : Steps{}));
      if (depth > 0 && below(4) == 0) steps = steps + notes();
    }
    return steps;
  }

  Steps guest(int depth) {
    Steps steps;
    if (depth == 0) return steps;
    for (int i = below(4); i > 0; --i) {
      switch (below(3)) {
        case 0: steps = steps + call(imported, lowering(depth)); break;
        case 1: steps = steps + call(imported, host(depth - 1) + lowering(depth)); break;
        default: steps = steps + call(leaf); break;
      }
    }
    return steps;
  }

  std::mt19937 random_;
};

TEST(Order, AcceptsGeneratedSequencesAndSeesALostEnd) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    const Steps steps = Generator(seed).host(4);
    const auto findings = check_steps(steps);
    ASSERT_TRUE(findings.empty()) << seed << ": " << findings.front().error().text();
    // Without one of its ends or beginnings no sequence is legal.
    for (std::size_t i = 0; i < steps.size(); i += 1 + steps.size() / 20) {
      switch (steps[i].kind) {
        case K::lower:
        case K::digest:
        case K::marker: continue;
        default: break;
      }
      Steps without = steps;
      without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_FALSE(check_steps(without).empty())
          << "seed " << seed << ", event " << i << ", " << event_kind_name(steps[i].kind);
    }
  }
}

TEST(Check, JudgesContainerAndOrderByTheFirstFault) {  // [VERDICT-01]
  auto events = testing::sample_events(2);
  const auto check_bytes = [](Bytes bytes) {
    MemorySource source(bytes);
    return check(source);
  };
  const auto good = testing::write_trace(events);
  EXPECT_FALSE(check_bytes(good).first());
  EXPECT_EQ(check_bytes(good).totals.event_count, events.size());

  const auto cut = check_bytes(Bytes(good).first(good.size() - 8));
  ASSERT_TRUE(cut.first());
  EXPECT_EQ(cut.first()->verdict, Verdict::truncated);

  events.insert(events.begin() + 4, {EventKind::lower, 0, 0, 0, 8, {1}});
  const auto bad = testing::write_trace(events);
  const auto report = check_bytes(Bytes(bad).first(bad.size() - 8));
  ASSERT_TRUE(report.first());
  EXPECT_EQ(report.first()->verdict, Verdict::invalid);
  EXPECT_EQ(report.first()->rule, "ORDER-06");
  EXPECT_EQ(report.first()->event, 4U);
  ASSERT_TRUE(report.fault);
  EXPECT_EQ(report.fault->verdict, Verdict::truncated);
}

}  // namespace
}  // namespace crossing
