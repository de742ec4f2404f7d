// From core values and guest memory to component values.

#include "crossing/convert.h"

#include <gtest/gtest.h>

#include <string>

#include "convert/thing_names.h"
#include "crossing/check.h"
#include "crossing/text.h"
#include "crossing/value.h"
#include "sample.h"

namespace crossing {
namespace {

using K = EventKind;
using testing::must;
using testing::OwnedEvent;
using Body = std::vector<std::uint8_t>;

Body words(std::initializer_list<std::uint32_t> values) {
  Body body;
  for (const std::uint32_t value : values) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      body.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  }
  return body;
}

Body text(std::string_view characters) { return {characters.begin(), characters.end()}; }

enum Functions : std::uint32_t {
  ask,
  open_,
  use,
  make,
  rep,
  drop,
  lend,
  run,
  post,
  allocate,
  destroy,
  drop_thing,
  take
};

/// `ask(text: string) -> string`, `open() -> own<file>`, `use(borrow<file>)`; the guest's own
/// `thing`, which `run() -> own<thing>` gives away and `lend(borrow<thing>)` and
/// `take(own<thing>)` get back.
std::vector<Definition> definitions() {
  std::vector<Definition> all = {
      Type{.id = 0, .kind = TypeKind::string_},
      Type{.id = 1, .kind = TypeKind::resource, .name = "file"},
      Type{.id = 2, .kind = TypeKind::own, .element = 1},
      Type{.id = 3, .kind = TypeKind::borrow, .element = 1},
      Type{.id = 4, .kind = TypeKind::resource, .name = "thing"},
      Type{.id = 5, .kind = TypeKind::own, .element = 4},
      Type{.id = 6, .kind = TypeKind::borrow, .element = 4},
      Type{.id = 7, .kind = TypeKind::func, .members = {{"text", 0}}, .element = 0},
      Type{.id = 8, .kind = TypeKind::func, .element = 2},
      Type{.id = 9, .kind = TypeKind::func, .members = {{"file", 3}}},
      Type{.id = 10, .kind = TypeKind::func, .members = {{"thing", 6}}},
      Type{.id = 11, .kind = TypeKind::func, .element = 5},
      Type{.id = 12, .kind = TypeKind::func, .members = {{"thing", 5}}}};
  for (const Definition& definition : testing::sample_definitions()) {
    if (definition.index() != 0 && definition.index() != 4) all.push_back(definition);
  }
  const auto function = [&](std::uint32_t id, Role role, std::uint32_t type, std::size_t params,
                            std::size_t results, std::string builtin = "") -> Function& {
    Function one{.id = id, .instance = 0, .role = role, .index = id, .builtin = std::move(builtin)};
    const bool host_calls = role != Role::import_ && role != Role::builtin;
    if (host_calls) {
      one.core_instance = 0;
      one.core_export = "f" + std::to_string(id);
    } else {
      one.canonical_definition = id;
    }
    one.names = {{"", "f" + std::to_string(id)}};
    one.type = type;
    if (role == Role::import_ || role == Role::export_)
      one.options = {.memory = 0, .realloc = allocate};
    one.core_params.assign(params, CoreType::i32);
    one.core_results.assign(results, CoreType::i32);
    return std::get<Function>(all.emplace_back(one));
  };
  Function& asks = function(ask, Role::import_, 7, 3, 0);
  asks.result_area_param = 2;
  asks.result_area_size = 8;
  asks.result_area_alignment = 4;
  function(open_, Role::import_, 8, 0, 1);
  function(use, Role::import_, 9, 1, 0);
  function(make, Role::builtin, none, 1, 1, "resource.new").immediates.type = 4;
  function(rep, Role::builtin, none, 1, 1, "resource.rep").immediates.type = 4;
  function(drop, Role::builtin, none, 1, 0, "resource.drop").immediates.type = 1;
  function(lend, Role::export_, 10, 1, 0);
  function(run, Role::export_, 11, 0, 1);
  function(post, Role::post_return, none, 1, 0);
  function(allocate, Role::realloc, none, 4, 1);
  function(destroy, Role::destructor, none, 1, 0).immediates.type = 4;
  function(drop_thing, Role::builtin, none, 1, 0, "resource.drop").immediates.type = 4;
  function(take, Role::export_, 12, 1, 0);
  return all;
}

Body written(const std::vector<OwnedEvent>& events) {
  MemorySink sink;
  auto writer = Writer::create(sink, testing::sample_info(), {.salt = 42}).value();
  for (const Definition& definition : definitions()) must(writer.define(definition));
  must(writer.append(OwnedEvent{K::instantiate}.view()));
  must(writer.append(OwnedEvent{K::instantiate_end}.view()));
  for (const OwnedEvent& event : events) must(writer.append(event.view()));
  must(writer.finish());
  return sink.take();
}

struct Converted {
  Conversion conversion;
  std::string error;
  std::string text;  // dumped
  Body bytes;
};

Converted converted(const Body& trace) {
  MemorySource source(trace);
  MemorySink sink;
  const auto conversion = convert_to_values(source, sink, {.salt = 1});
  if (!conversion)
    return {.conversion = {}, .error = conversion.error().text(), .text = {}, .bytes = {}};
  MemorySource checked(sink.bytes());
  const CheckReport report = check(checked);
  EXPECT_FALSE(report.first()) << report.first()->text();
  MemorySource values(sink.bytes());
  MemorySink dumped;
  must(dump_text(values, dumped));
  return {.conversion = *conversion,
          .error = "",
          .text = {dumped.bytes().begin(), dumped.bytes().end()},
          .bytes = sink.bytes()};
}

/// run(), which calls what is in it and gives the thing `handle` away.
std::vector<OwnedEvent> in_run(std::vector<OwnedEvent> inside, std::uint32_t handle) {
  inside.insert(inside.begin(), {{K::export_call, 0, 0, run}, {K::export_enter, 0, 0, run}});
  inside.push_back({K::export_result, 0, 0, run, 0, words({handle})});
  return inside;
}

std::vector<OwnedEvent> ask_events(bool with_lift) {
  std::vector<OwnedEvent> events = {{K::import_call, 0, 0, ask, 0, words({8, 2, 64})}};
  if (with_lift) events.push_back({K::lift, 0, 0, 0, 8, text("hi")});
  for (OwnedEvent event : {OwnedEvent{K::realloc_call, 0, 0, allocate, 0, words({0, 0, 1, 2})},
                           OwnedEvent{K::realloc_result, 0, 0, allocate, 0, words({100})},
                           OwnedEvent{K::lower, 0, 0, 0, 100, text("o")},
                           OwnedEvent{K::realloc_call, 0, 0, allocate, 0, words({100, 2, 1, 3})},
                           OwnedEvent{K::realloc_result, 0, 0, allocate, 0, words({200})},
                           OwnedEvent{K::lower, 0, 0, 0, 201, text("k!")},
                           OwnedEvent{K::lower, flag_snapshot, 0, 0, 64, words({200, 3})},
                           OwnedEvent{K::import_result, 0, 0, ask, 0, {}}}) {
    events.push_back(std::move(event));
  }
  return events;
}

// [PROF-04] [PROF-05] [PAY-06]
TEST(Convert, KeepsCallsWithTheirValues) {
  std::vector<OwnedEvent> inside = {{K::import_call, 0, 0, make, 0, words({7777})},
                                    {K::import_result, 0, 0, make, 0, words({5})}};
  const auto asks = ask_events(true);
  inside.insert(inside.end(), asks.begin(), asks.end());
  auto events = in_run(inside, 5);
  events.push_back({K::export_call, 0, 0, post});
  events.push_back({K::export_enter, 0, 0, post, 0, words({5})});
  events.push_back({K::export_result, 0, 0, post});
  events.push_back({K::marker, 0, 0, 0, 1, text("note")});
  const Converted result = converted(written(events));
  ASSERT_EQ(result.error, "");
  EXPECT_EQ(result.text,
            "        0  instantiate 0 sample\n"
            "        2  ┌ export f7()\n"
            "        4  │ import f0(text: \"hi\") → \"ok!\"\n"
            "        6  └ → #1\n"
            "        7  marker n, 3 bytes: \"ote\"\n");
  EXPECT_EQ(result.conversion.events, 8U);
  EXPECT_EQ(result.conversion.omitted, 0U);
  EXPECT_EQ(result.conversion.things, 1U);
  MemorySource source(result.bytes);
  const auto reader = Reader::open(source);
  EXPECT_EQ(reader->info().profile, Profile::values);
  EXPECT_EQ(reader->info().recorded_by, RecordedBy::converted);
  EXPECT_EQ(converted(result.bytes).error,
            "unsupported: expected a trace of the profile abi, found values [PROF-05]");
}

// [PROF-06]
TEST(Convert, OmitsWhatTheHostDidNotRecord) {
  const Converted result = converted(written(in_run(ask_events(false), 5)));
  ASSERT_EQ(result.error, "");
  EXPECT_NE(result.text.find("import f0(omitted) → \"ok!\""), std::string::npos) << result.text;
  EXPECT_EQ(result.conversion.omitted, 1U);
}

// [VALUE-05] [PROF-06]
TEST(Convert, NamesThingsNotIndices) {
  const auto opened = [](std::uint32_t index) {
    return std::vector<OwnedEvent>{{K::import_call, 0, 0, open_},
                                   {K::import_result, 0, 0, open_, 0, words({index})}};
  };
  const auto used = [](Functions function, std::uint32_t index) {
    return std::vector<OwnedEvent>{{K::import_call, 0, 0, function, 0, words({index})},
                                   {K::import_result, 0, 0, function}};
  };
  std::vector<OwnedEvent> inside;
  for (const auto& part :
       {opened(1), opened(2), used(use, 1), used(drop, 1), opened(1), used(use, 1), used(use, 2)}) {
    inside.insert(inside.end(), part.begin(), part.end());
  }
  inside.push_back({K::import_call, 0, 0, make, 0, words({7777})});
  inside.push_back({K::import_result, 0, 0, make, 0, words({3})});
  auto events = in_run(inside, 3);
  // The host lends the thing back: to who defines it, by its representation.
  events.push_back({K::export_call, 0, 0, lend});
  events.push_back({K::export_enter, 0, 0, lend, 0, words({7777})});
  events.push_back({K::export_result, 0, 0, lend});
  EXPECT_EQ(converted(written(events)).text,
            "        0  instantiate 0 sample\n"
            "        2  ┌ export f7()\n"
            "        4  │ import f1() → #1\n"
            "        6  │ import f1() → #2\n"
            "        8  │ import f2(file: #1) → ()\n"
            "       10  │ import f1() → #3\n"
            "       12  │ import f2(file: #3) → ()\n"
            "       14  │ import f2(file: #2) → ()\n"
            "       16  └ → #4\n"
            "       17  export f6(thing: #4) → ()\n");
}

std::vector<OwnedEvent> made(std::uint32_t representation, std::uint32_t index) {
  return {{K::import_call, 0, 0, make, 0, words({representation})},
          {K::import_result, 0, 0, make, 0, words({index})}};
}

/// The destructor, which imports open().
std::vector<OwnedEvent> destroyed(std::uint32_t representation) {
  return {{K::export_call, 0, 0, destroy},
          {K::export_enter, 0, 0, destroy, 0, words({representation})},
          {K::import_call, 0, 0, open_},
          {K::import_result, 0, 0, open_, 0, words({1})},
          {K::export_result, 0, 0, destroy}};
}

std::vector<OwnedEvent> dropped(std::uint32_t index, const std::vector<OwnedEvent>& inside) {
  std::vector<OwnedEvent> events = {{K::import_call, 0, 0, drop_thing, 0, words({index})}};
  events.insert(events.end(), inside.begin(), inside.end());
  events.push_back({K::import_result, 0, 0, drop_thing});
  return events;
}

std::vector<OwnedEvent> joined(std::initializer_list<std::vector<OwnedEvent>> parts) {
  std::vector<OwnedEvent> events;
  for (const auto& part : parts) events.insert(events.end(), part.begin(), part.end());
  return events;
}

// [PROF-05] [PAY-06] [ORDER-05]
TEST(Convert, KeepsDestructorsThatTheHostCalls) {
  const auto inside = joined({made(7777, 5), made(8888, 6), dropped(6, destroyed(8888))});
  EXPECT_EQ(converted(written(joined({in_run(inside, 5), destroyed(7777)}))).text,
            "        0  instantiate 0 sample\n"
            "        2  ┌ export f7()\n"
            "        4  │ import f1() → #3\n"
            "        6  └ → #1\n"
            "        7  ┌ destructor f10(#1)\n"
            "        9  │ import f1() → #4\n"
            "       11  └ → ()\n");
  // Inside an import the host may drop one as well.
  auto nested = joined({made(7777, 5), made(8888, 6)});
  nested.push_back({K::import_call, 0, 0, open_});
  nested = joined({nested, destroyed(8888)});
  nested.push_back({K::import_result, 0, 0, open_, 0, words({2})});
  EXPECT_EQ(converted(written(in_run(nested, 5))).text,
            "        0  instantiate 0 sample\n"
            "        2  ┌ export f7()\n"
            "        4  │ ┌ import f1()\n"
            "        5  │ │ ┌ destructor f10(#2)\n"
            "        7  │ │ │ import f1() → #3\n"
            "        9  │ │ └ → ()\n"
            "       10  │ └ → #4\n"
            "       11  └ → #1\n");
}

// [VALUE-05] [PROF-06]
TEST(Convert, NamesWhatADestructorDrops) {
  const auto taken = [](const std::vector<OwnedEvent>& inside) {
    return joined({{{K::export_call, 0, 0, take}, {K::export_enter, 0, 0, take, 0, words({6})}},
                   inside,
                   {{K::export_result, 0, 0, take}}});
  };
  // It came back with a new number, which the guest's look at the representation tells.
  const std::vector<OwnedEvent> looked = {{K::import_call, 0, 0, rep, 0, words({6})},
                                          {K::import_result, 0, 0, rep, 0, words({7777})}};
  const auto events = joined({in_run(made(7777, 5), 5), taken(looked), in_run({}, 6),
                              destroyed(7777), destroyed(7777), destroyed(1)});
  EXPECT_EQ(converted(written(events)).text,
            "        0  instantiate 0 sample\n"
            "        2  export f7() → #1\n"
            "        5  export f12(thing: #2) → ()\n"
            "        8  export f7() → #2\n"
            "       11  ┌ destructor f10(#2)\n"
            "       13  │ import f1() → #3\n"
            "       15  └ → ()\n"
            "       16  ┌ destructor f10(#4)\n"  // twice: another one
            "       18  │ import f1() → #5\n"
            "       20  └ → ()\n"
            "       21  ┌ destructor f10(#6)\n"
            "       23  │ import f1() → #7\n"
            "       25  └ → ()\n");
  auto redacted = destroyed(7777);
  redacted[1] = {K::export_enter, flag_redacted, 0, destroy, 0, Body(16)};
  EXPECT_NE(converted(written(redacted)).text.find("destructor f10(redacted: "), std::string::npos);
}

TEST(Convert, SaysWhatItCannot) {
  EXPECT_EQ(converted(written({{K::gap, 0, 0, none, 0, Body(8)}})).error,
            "unsupported at event 2: expected a trace without gaps, found one [PROF-05]");
  EXPECT_EQ(
      converted(written({{K::thread_start, 0, 0, 1, 0, {}}})).error,
      "unsupported at event 2: expected synchronous calls alone, found thread_start [PROF-05]");
  auto missing = ask_events(true);
  missing.erase(missing.end() - 2);  // the result area
  EXPECT_EQ(converted(written(in_run(missing, 5))).error,
            "unsupported at event 12: expected all bytes of the values that the host gave, found "
            "some missing [PROF-05]");
  auto broken = ask_events(true);
  broken[broken.size() - 2].body = words({200, 0xffffffff});
  EXPECT_EQ(
      converted(written(in_run(broken, 5))).error,
      "invalid at event 13: expected values as the Canonical ABI has them, found others [ABI-01]");
  EXPECT_EQ(converted(written({{K::import_result, 0, 0, use}})).error,
            "invalid at event 2: expected the end of the innermost call, found another [ORDER-02]");
  const Body whole = written({});
  EXPECT_EQ(converted(Body(whole.begin(), whole.end() - 1)).error.substr(0, 9), "truncated");
}

// [TRAP-02]
TEST(Convert, KeepsTrapsOfCallsThatItKeeps) {
  const Body host_error = words({1, 0});
  auto events = in_run({{K::import_call, 0, 0, make, 0, words({1})}}, 0);
  events.back() = {K::trap, 0, 0, make, 14, host_error};
  EXPECT_EQ(converted(written(events)).text,
            "        0  instantiate 0 sample\n"
            "        2  ┌ export f7()\n"
            "        4  └ trap host_error (host)\n");
  const std::vector<OwnedEvent> post_return = {{K::export_call, 0, 0, post},
                                               {K::export_enter, 0, 0, post, 0, words({5})},
                                               {K::trap, 0, 0, post, 1, words({0, 0})}};
  EXPECT_EQ(converted(written(post_return)).conversion.events, 2U);
  // Through a destructor that the guest's drop calls, out of an import.
  const std::vector<OwnedEvent> through = {{K::import_call, 0, 0, drop_thing, 0, words({5})},
                                           {K::export_call, 0, 0, destroy},
                                           {K::export_enter, 0, 0, destroy, 0, words({7777})},
                                           {K::import_call, 0, 0, open_},
                                           {K::trap, 0, 0, open_, 14, host_error}};
  events = in_run(through, 0);
  events.back() = {K::trap, 0, 0, drop_thing, 14, host_error};
  EXPECT_EQ(converted(written(events)).text,
            "        0  instantiate 0 sample\n"
            "        2  ┌ export f7()\n"
            "        4  │ ┌ import f1()\n"
            "        5  └ trap host_error (host)\n");
  EXPECT_EQ(converted(written(joined({{destroyed(7777)[0], destroyed(7777)[1]},
                                      {{K::trap, 0, 0, destroy, 1, words({0, 0})}}})))
                .text,
            "        0  instantiate 0 sample\n"
            "        2  ┌ destructor f10(#1)\n"
            "        4  └ trap unreachable (guest)\n");
}

TEST(Convert, PassesRedactionOn) {
  auto redacted = ask_events(true);
  redacted[7] = {K::lower, flag_redacted, 0, 0, 201, words({2, 0, 0, 0})};
  const Converted result = converted(written(in_run(redacted, 5)));
  ASSERT_EQ(result.error, "");
  EXPECT_NE(result.text.find("→ redacted: 0 bytes"), std::string::npos) << result.text;
}

}  // namespace
}  // namespace crossing
