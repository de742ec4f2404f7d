// For each rule of the checker a mutator, which makes of a trace that breaks none one that breaks
// this rule and no other.

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "crossing/limits.h"
#include "handle_scene.h"
#include "scene.h"

namespace crossing {
namespace {

using namespace crossing::testing;
namespace p = crossing::testing::parameter;

/// What breaks a rule, and of what.
struct Mutator {
  void (*mutate)(Scene&);
  Scene (*base)() = scene;
};

constexpr std::uint32_t new_call = 99;  // an id that no call of a base has

/// Of a trace of handles.
Mutator of_handles(void (*mutate)(Scene&)) { return {mutate, handle::scene}; }

std::vector<std::uint8_t>& taken(Scene& all) { return all.step(K::export_enter).body; }

/// Calls out of calls, as deep as `calls`, and back.
std::vector<Step> nested(std::size_t calls) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < calls; ++i) {
    if (i % 2 == 0) {
      steps.push_back({K::export_call, idle});
      steps.push_back({K::export_enter, idle});
    } else {
      steps.push_back({K::import_call, note});
    }
  }
  for (std::size_t i = calls; i-- > 0;) {
    steps.push_back(i % 2 == 0 ? Step{K::export_result, idle} : Step{K::import_result, note});
  }
  return steps;
}

/// Of a trace that is held against its component.
Mutator of_component(void (*mutate)(Scene&)) { return {mutate, scene_of_component}; }

const std::map<std::string_view, Mutator> mutators = {
    {"ABI-02", {[](Scene& all) { put_number(taken(all), p::letter, 0xd800); }}},
    {"ABI-03", {[](Scene& all) { put_number(taken(all), p::maybe, 2); }}},
    {"ABI-04", {[](Scene& all) { put_number(all.step(K::import_call).body, 0, 1041); }}},
    {"ABI-05", {[](Scene& all) { all.step(K::lower).body[1] = 0xff; }}},
    {"ABI-06", {[](Scene& all) {
       put_number(all.step(K::import_call, 1).body, 0, 18);
       all.step(K::lower, 3).detail = 18;
     }}},
    {"ABI-07", {[](Scene& all) {
       all.definitions.functions[idle].core_results = {CoreType::i32};
       all.steps[all.at(K::export_result, 3)].body = cores({0});
     }}},
    {"ABI-08", {[](Scene& all) { put_number(taken(all), p::flag, 2); }}},
    {"ABI-09", {[](Scene& all) { put_number(taken(all), p::small, 0xff); }}},
    {"ABI-10", {[](Scene& all) { put_number(taken(all), p::labels, 8); }}},
    {"ABI-11", {[](Scene& all) {
       put_number(all.step(K::realloc_call, 3).body, 12, 6);
       all.step(K::lower, 4).body = {'a', 0, 'b', 0, 'c', 0};
       put_number(all.step(K::export_enter, 2).body, 4, 0x80000003);
     }}},
    {"ABI-12", {[](Scene& all) { put_number(taken(all), p::maybe_payload, 7); }}},
    {"ABI-13", {[](Scene& all) { put_number(taken(all), p::either_payload + 4, 1); }}},
    {"ABI-14", {[](Scene& all) { put_number(taken(all), p::number, 0x7fc00001); }}},
    {"ABI-16", {[](Scene& all) { put_number(all.step(K::export_enter, 1).body, 0, 8); }}},
    {"BUFFER-01", of_handles([](Scene& all) {
       put_number(handle::called(all, handle::stream_read).body, 4, 65);
     })},
    {"CALL-01", {[](Scene& all) {
       all.step(K::import_call).detail = 7;
       all.step(K::import_result).detail = 7;
     }}},
    {"COMPONENT-01", of_component([](Scene& all) { all.definitions.components[0].size = 9; })},
    {"COMPONENT-02", of_component([](Scene& all) {
       all.definitions.instances[0].bindings = {{"other", Side::host}};
     })},
    {"COMPONENT-03", of_component([](Scene& all) { all.definitions.memories[0].core_memory = 4; })},
    {"COMPONENT-04", of_component([](Scene& all) { all.definitions.functions[idle].index = 99; })},
    {"COMPONENT-05",
     of_component([](Scene& all) { all.definitions.functions[idle].core_export = "other"; })},
    {"COMPONENT-06",
     of_component([](Scene& all) { all.definitions.functions[idle].external_id = "other"; })},
    {"COMPONENT-07", of_component([](Scene& all) {
       all.definitions.types[all.definitions.functions[take_latin].type].members[0].name = "other";
     })},
    {"COMPONENT-08", of_component([](Scene& all) {
       all.definitions.functions[idle].options.string_encoding = StringEncoding::utf16;
     })},
    {"COMPONENT-09",
     of_component([](Scene& all) { all.definitions.functions[note].result_area_size = 8; })},
    {"COMPONENT-10", of_component([](Scene& all) { all.info.features = {"map"}; })},
    {"CONTEXT-01", {[](Scene& all) {
       all.insert(all.at(K::import_call),
                  {{K::import_call, slot}, {K::import_result, slot, 0, cores({5})}});
     }}},
    {"COPY-01", {[](Scene& all) {
       all.insert(all.at(K::copy_end), {{K::copy_end, 0, 4}});
     }}},
    {"INSTANTIATE-01", {[](Scene& all) {
       all.insert(2, {{K::instantiate}, {K::instantiate_end}});
     }}},
    {"LIMIT-01",
     {[](Scene& all) { all.insert(all.steps.size(), nested(limits::open_calls + 1)); }}},
    {"LOWER-01", {[](Scene& all) {  // with what the case does not use
       all.steps[all.at(K::import_result, 3) - 1].body.resize(8);
     }}},
    {"LOWER-02", {[](Scene& all) { all.erase(K::lower); }}},
    {"ORDER-02", {[](Scene& all) { all.step(K::import_result, 2).subject = wide; }}},
    {"ORDER-03", {[](Scene& all) {
       all.insert(all.at(K::import_result), {{K::instantiate, 1}, {K::instantiate_end, 1}});
     }}},
    {"ORDER-04", {[](Scene& all) {
       all.insert(all.at(K::export_enter, 1), {{K::task_cancel, take}});
     }}},
    {"ORDER-05", {[](Scene& all) {
       all.insert(all.at(K::import_result), {{K::import_call, note}, {K::import_result, note}});
     }}},
    {"ORDER-06", {[](Scene& all) {
       all.insert(0, {{K::lower, 0, 16, {1}}});
     }}},
    {"ORDER-07", {[](Scene& all) {
       all.insert(all.steps.size(), {{K::export_call, take_back},
                                     {K::export_enter, take_back, 0, cores({7})},
                                     {K::export_result, take_back}});
     }}},
    {"ORDER-08", {[](Scene& all) { all.erase(K::copy_end); }}},
    {"ORDER-09", {[](Scene& all) {
       all.block = all.at(K::import_result);
       all.open_calls = {};
     }}},
    {"REALLOC-02", {[](Scene& all) { put_number(all.step(K::realloc_call).body, 12, 6); }}},
    {"REALLOC-03", {[](Scene& all) {  // of a block that moves on
       put_number(all.step(K::realloc_call, 3).body, 12, 4);
       all.step(K::lower, 4).body = {'a', 'b', 0xe9};
       put_number(all.step(K::realloc_result, 3).body, 0, 1057);
       all.insert(all.at(K::realloc_result, 3) + 1,
                  {{K::realloc_call, allocate, 0, cores({1057, 4, 2, 3})},
                   {K::realloc_result, allocate, 0, cores({1056})}});
     }}},
    {"REALLOC-04", {[](Scene& all) { put_number(taken(all), p::text, 1040); }}},
    {"TASK-01", {[](Scene& all) {
       all.insert(all.steps.size(), {{K::task_resolve, note, 1, cores({2})},
                                     {K::task_resolve, note, 2, cores({2})},
                                     {K::task_resolve_end, note, 2},
                                     {K::task_resolve_end, note, 1}});
     }}},
    {"TRAP-01", {[](Scene& all) {
       all.insert(all.at(K::export_result, 3), {{K::trap, take, 1, std::vector<std::uint8_t>(8)}});
       all.erase(K::export_result, 3);
     }}},
    {"TRAP-02", {[](Scene& all) {
       all.insert(all.at(K::copy_end), {{K::trap, none, 1, std::vector<std::uint8_t>(8)}});
     }}},
    {"VALUE-02",
     {[](Scene& all) {
        all.step(K::import_call).body = {2, 0x81, 0x00, 2};
      },
      scene_of_values}},
    {"VALUE-04", {[](Scene& all) {
       all.insert(all.at(K::import_call, 2),
                  {{K::import_call, wide, 0, cores({65536})},
                   {K::lower, 0, 65536, std::vector<std::uint8_t>(limits::value_parts)},
                   {K::import_result, wide}});
     }}},
    {"WRITE-01", {[](Scene& all) {
       all.insert(all.at(K::export_enter), {{K::lower, 0, 4096, {1}}});
     }}},
    {"HANDLE-01",
     of_handles([](Scene& all) { put_number(handle::called(all, handle::give).body, 0, 9); })},
    {"HANDLE-02",
     of_handles([](Scene& all) { put_number(handle::called(all, handle::lend).body, 0, 1); })},
    {"HANDLE-03", of_handles([](Scene& all) {  // while it is lent
       all.insert(handle::place(all, handle::run, 1) + 2,
                  {{K::import_call, handle::file_drop, new_call, cores({2})},
                   {K::import_result, handle::file_drop, new_call}});
     })},
    {"HANDLE-04", of_handles([](Scene& all) { handle::erase_call(all, handle::file_drop); })},
    {"HANDLE-05",
     of_handles([](Scene& all) { put_number(handle::result(all, handle::open).body, 0, 3); })},
    {"HANDLE-06", of_handles([](Scene& all) {
       put_number(handle::result(all, handle::cell_rep).body, 0, 701);
     })},
    {"HANDLE-07", of_handles([](Scene& all) {
       put_number(all.steps[handle::place(all, handle::peek) + 1].body, 0, 700);
     })},
    {"ASYNC-01", of_handles([](Scene& all) {  // STARTING after STARTED
       put_number(all.step(K::lower).body, 4, 0);
     })},
    {"ASYNC-02", of_handles([](Scene& all) { handle::erase_call(all, handle::set_wait); })},
    {"ASYNC-03", of_handles([](Scene& all) {
       const Step start = all.step(K::task_start);
       all.insert(all.at(K::task_start), {start});
     })},
    {"ASYNC-04", of_handles([](Scene& all) { handle::erase_call(all, handle::task_return); })},
    {"ASYNC-05",
     of_handles([](Scene& all) { put_number(handle::result(all, handle::task).body, 0, 3); })},
    {"ASYNC-06", of_handles([](Scene& all) { handle::erase_call(all, handle::join); })},
    {"ASYNC-07", of_handles([](Scene& all) { handle::erase_call(all, handle::join, 2); })},
    {"ASYNC-08", of_handles([](Scene& all) {
       all.insert(handle::place(all, handle::cancel_read),
                  {{K::import_call, handle::stream_read, new_call, cores({3, 64, 4})},
                   {K::import_result, handle::stream_read, new_call, cores({0xffffffff})}});
     })},
    {"ASYNC-09", of_handles([](Scene& all) {  // of five elements, where four were asked for
       put_number(handle::result(all, handle::cancel_read).body, 0, 2 | 5 << 4);
     })},
    {"ASYNC-10", of_handles([](Scene& all) { handle::erase_call(all, handle::cancel_read); })},
    {"ASYNC-11", of_handles([](Scene& all) {
       all.insert(handle::place(all, handle::stream_read),
                  {{K::copy, 0, 3, std::vector<std::uint8_t>(8)}, {K::copy_end, 0, 3}});
     })},
    {"ASYNC-12", of_handles([](Scene& all) { handle::erase_call(all, handle::inc); })},
};

TEST(Mutators, StartFromATraceThatBreaksNoRule) {
  for (const Finding& finding : scene().check()) ADD_FAILURE() << finding.error().text();
  for (const Finding& finding : scene_of_component().check()) {
    ADD_FAILURE() << finding.error().text();
  }
  for (const Finding& finding : handle::scene().check()) ADD_FAILURE() << finding.error().text();
  for (const Finding& finding : scene_of_values().check()) ADD_FAILURE() << finding.error().text();
  Scene in_blocks = scene();
  in_blocks.block = in_blocks.at(K::import_result);
  in_blocks.open_calls = {
      {.event = in_blocks.at(K::export_call), .subject = take, .kind = K::export_call},
      {.event = in_blocks.at(K::import_call), .subject = put, .kind = K::import_call}};
  for (const Finding& finding : in_blocks.check()) ADD_FAILURE() << finding.error().text();
  Scene deep = scene();
  deep.insert(deep.steps.size(), nested(limits::open_calls));
  for (const Finding& finding : deep.check()) ADD_FAILURE() << finding.error().text();
}

class MutatorOf : public ::testing::TestWithParam<std::pair<const std::string_view, Mutator>> {};

TEST_P(MutatorOf, BreaksThisRuleAndNoOther) {
  const auto& [rule, mutator] = GetParam();
  Scene all = mutator.base();
  mutator.mutate(all);
  const auto findings = all.check();
  EXPECT_FALSE(findings.empty());
  for (const Finding& finding : findings) EXPECT_EQ(finding.rule, rule) << finding.error().text();
}

INSTANTIATE_TEST_SUITE_P(Rule, MutatorOf, ::testing::ValuesIn(mutators), [](const auto& test) {
  std::string name(test.param.first);
  std::erase(name, '-');
  return name;
});

TEST(Mutators, AreThereForEveryRule) {
  std::set<std::string_view> rules;
  for (const CheckRule& rule : check_rules()) {
    rules.insert(rule.id);
    EXPECT_TRUE(mutators.contains(rule.id)) << "no mutator of " << rule.id;
  }
  for (const auto& entry : mutators) EXPECT_TRUE(rules.contains(entry.first)) << entry.first;
}

}  // namespace
}  // namespace crossing
