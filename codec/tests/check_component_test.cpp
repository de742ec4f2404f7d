// The component layer of the checker, spec/checker.md, "Against the component".

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "crossing/check.h"
#include "sample.h"

namespace crossing {
namespace {

/// The sample's definitions with a resource, a built-in for it and a nested instance.
Wiring wiring() {
  Wiring all;
  Definitions& to = all.definitions;
  for (const Definition& definition : testing::sample_definitions()) {
    std::visit(
        [&]<class T>(const T& value) {
          if constexpr (std::is_same_v<T, Type>) to.types.push_back(value);
          if constexpr (std::is_same_v<T, Component>) to.components.push_back(value);
          if constexpr (std::is_same_v<T, Instance>) to.instances.push_back(value);
          if constexpr (std::is_same_v<T, Memory>) to.memories.push_back(value);
          if constexpr (std::is_same_v<T, Function>) to.functions.push_back(value);
        },
        definition);
  }
  to.types.push_back({.id = 2, .kind = TypeKind::resource, .name = "file"});
  to.types.push_back({.id = 3, .kind = TypeKind::resource, .name = "file"});
  to.types.push_back({.id = 4, .kind = TypeKind::own, .element = 2});
  to.types.push_back({.id = 5, .kind = TypeKind::func, .members = {{"f", 4}, {"x", 0}}});
  to.instances.push_back({.id = 1,
                          .component = 0,
                          .path = {3},
                          .bindings = {{"a", Side::guest, 0, "b"}, {"c", Side::host}}});
  Function drop{.id = 3,
                .instance = 1,
                .role = Role::builtin,
                .index = 7,
                .canonical_definition = 2,
                .names = {{"host", "file"}},
                .builtin = "resource.drop",
                .immediates = {.type = 2},
                .core_params = {CoreType::i32}};
  to.functions.push_back(drop);
  Function take = to.functions[0];
  take.id = 4;
  take.instance = 1;
  take.type = 5;
  take.core_params = {CoreType::i32, CoreType::i32};
  take.core_results = {};
  take.options = {};
  to.functions.push_back(take);
  all.features = {"async"};
  all.core_proposals = {"simd"};
  return all;
}

struct Trace {
  TraceInfo info = testing::sample_info();
  Definitions definitions = wiring().definitions;
  Trace() {
    info.features = {"async"};
    info.core_proposals = {"simd"};
  }
};

std::vector<Finding> judge(const Trace& trace, const Wiring& component = wiring()) {
  Checker checker(trace.info, trace.definitions,
                  {.layers = {Layer::component}, .component = &component});
  checker.finish();
  return checker.findings();
}

TEST(CheckComponent, AcceptsTheDefinitionsOfThePlan) {
  EXPECT_TRUE(judge({}).empty());
  // Without a digest the size decides.
  Wiring without = wiring();
  without.definitions.components[0].digest.clear();
  EXPECT_TRUE(judge({}, without).empty());
  // Without a component nothing is held against anything.
  Trace trace;
  trace.definitions.functions[0].names.clear();
  Checker checker(trace.info, trace.definitions);
  checker.finish();
  EXPECT_TRUE(checker.findings().empty());
}

TEST(CheckComponent, AcceptsFewerDefinitionsUnderOtherIds) {
  Trace trace;
  Definitions& all = trace.definitions;
  // Types: the resources and what is made of them in another order, one of them twice.
  all.types = {{.id = 0, .kind = TypeKind::resource, .name = "file"},
               {.id = 1, .kind = TypeKind::own, .name = "any", .element = 0},
               {.id = 2, .kind = TypeKind::u32},
               {.id = 3, .kind = TypeKind::own, .element = 0},
               {.id = 4, .kind = TypeKind::func, .members = {{"f", 3}, {"x", 2}}}};
  std::swap(all.instances[0], all.instances[1]);
  all.instances[0].id = 0;
  all.instances[1].id = 1;
  all.instances[0].bindings[0].instance = 1;
  all.memories.clear();
  Function drop = all.functions[3];
  Function take = all.functions[4];
  take.id = 0;
  take.instance = 0;
  take.type = 4;
  drop.id = 1;
  drop.instance = 0;
  drop.immediates.type = 0;
  all.functions = {take, drop};
  const auto findings = judge(trace);
  EXPECT_TRUE(findings.empty()) << findings.front().error().text();
}

TEST(CheckComponent, SaysNoMoreOfAnotherComponent) {
  Trace trace;
  trace.definitions.components[0].digest[0] ^= 1;
  trace.definitions.functions[0].names.clear();
  EXPECT_EQ(judge(trace).size(), 1U);
  trace.definitions.components.clear();
  ASSERT_EQ(judge(trace).size(), 1U);
  EXPECT_TRUE(judge(trace)[0].error().text().ends_with("found none [COMPONENT-01]"));
}

/// Another component of the store tells of its own; what follows from it is not judged.
TEST(CheckComponent, KnowsThatOthersLiveInTheStore) {
  Trace trace;
  Definitions& all = trace.definitions;
  Component other = all.components[0];
  other.id = 1;
  other.digest[0] ^= 1;
  all.components.push_back(other);
  all.instances.push_back({.id = 2, .component = 1});
  Function foreign = all.functions[0];
  foreign.id = 5;
  foreign.instance = 2;
  foreign.index = 99;
  all.functions.push_back(foreign);
  all.functions[1].core_instance = 8;
  all.memories[0].core_instance = 8;
  all.functions[0].side = Side::guest;
  all.instances[0].bindings[0] = {"host", Side::guest, 2, "x"};
  trace.info.features.clear();
  const auto findings = judge(trace);
  EXPECT_TRUE(findings.empty()) << findings.front().error().text();
}

/// Each function has a type of its own, of one long record that differs in its last member: what
/// was compared once is not compared again.
TEST(CheckComponent, TakesTimeAsTheDefinitionsDo) {
  constexpr std::uint32_t count = 20'000;
  Wiring component = wiring();
  Definitions& binary = component.definitions;
  Type record{.id = 6, .kind = TypeKind::record};
  for (std::uint32_t i = 0; i < count; ++i) record.members.push_back({std::to_string(i), 0});
  binary.types.push_back(record);
  Function function = binary.functions[0];
  for (std::uint32_t i = 0; i < count; ++i) {
    binary.types.push_back(
        {.id = 7 + i, .kind = TypeKind::func, .members = {{std::to_string(i), 6}}});
    function.id = 5 + i;
    function.index = 100 + i;
    function.type = 7 + i;
    binary.functions.push_back(function);
  }
  Trace trace;
  trace.definitions = binary;
  trace.definitions.types[6].members.back().name = "other";
  Checker checker(trace.info, trace.definitions,
                  {.layers = {Layer::component}, .component = &component});
  checker.finish();
  EXPECT_EQ(checker.findings().size() + checker.omitted_findings(), count);
  EXPECT_EQ(checker.findings()[0].found, "other");
  EXPECT_EQ(checker.findings()[1].found, "another");
}

/// A change that breaks one rule and nothing else.
struct Breach {
  const char* name;
  std::string_view rule;
  std::function<void(Trace&)> change;
  std::string_view sentence;
};

class ComponentRefuses : public ::testing::TestWithParam<Breach> {};

TEST_P(ComponentRefuses, OneRule) {
  Trace trace;
  GetParam().change(trace);
  const auto findings = judge(trace);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, GetParam().rule);
  EXPECT_EQ(findings[0].layer, Layer::component);
  EXPECT_EQ(findings[0].error().text(), "invalid: " + std::string(GetParam().sentence) + " [" +
                                            std::string(GetParam().rule) + "]");
}

Function& function(Trace& trace, std::size_t id) { return trace.definitions.functions[id]; }

const Breach breaches[] = {
    {"Size", "COMPONENT-01", [](Trace& t) { t.definitions.components[0].size = 9; },
     "expected the component with sha256 "
     "0707070707070707070707070707070707070707070707070707070707070707, 8 bytes, found one with "
     "sha256 0707070707070707070707070707070707070707070707070707070707070707, 9 bytes"},
    {"Path", "COMPONENT-02",
     [](Trace& t) {
       t.definitions.instances[1].path = {4, 1};
     },
     "expected instance 1 at the path of one of the binary, found path /4/1"},
    {"Bindings", "COMPONENT-02", [](Trace& t) { t.definitions.instances[1].bindings.pop_back(); },
     "expected 2 bindings of instance 1, found 1"},
    {"Binding", "COMPONENT-02",
     [](Trace& t) { t.definitions.instances[1].bindings[0].instance = 1; },
     "expected binding 'a' to the guest instance 0, 'b' of instance 1, found 'a' to the guest "
     "instance 1, 'b'"},
    {"CoreMemory", "COMPONENT-03", [](Trace& t) { t.definitions.memories[0].core_memory = 4; },
     "expected a core_memory of the binary for memory 0, found 4 of instance 0"},
    {"MemoryExport", "COMPONENT-03",
     [](Trace& t) { t.definitions.memories[0].export_name = "mem"; },
     "expected export_name 'memory' of memory 0, found 'mem'"},
    {"MemoryInstance", "COMPONENT-03",
     [](Trace& t) { t.definitions.memories[0].core_instance = 1; },
     "expected core_instance 0 of memory 0, found 1"},
    {"Memory64", "COMPONENT-03",
     [](Trace& t) { t.definitions.memories[0].index_type = IndexType::i64; },
     "expected index_type i32 of memory 0, found i64"},
    {"Pages", "COMPONENT-03", [](Trace& t) { t.definitions.memories[0].page_size_log2 = 0; },
     "expected page_size_log2 16 of memory 0, found 0"},
    {"Index", "COMPONENT-04", [](Trace& t) { function(t, 1).index = 9; },
     "expected the key of a function of the binary for function 1, found export func 9 of instance "
     "0"},
    {"Role", "COMPONENT-04", [](Trace& t) { function(t, 1).role = Role::callback; },
     "expected the key of a function of the binary for function 1, found callback func 1 of "
     "instance 0"},
    {"Side", "COMPONENT-05", [](Trace& t) { function(t, 0).side = Side::guest; },
     "expected side host of function 0, found guest"},
    {"CoreInstance", "COMPONENT-05", [](Trace& t) { function(t, 2).core_instance = 1; },
     "expected core_instance 0 of function 2, found 1"},
    {"CoreExport", "COMPONENT-05", [](Trace& t) { function(t, 1).core_export = "go"; },
     "expected core_export 'run' of function 1, found 'go'"},
    {"Definition", "COMPONENT-05", [](Trace& t) { function(t, 1).canonical_definition = none; },
     "expected canonical_definition 1 of function 1, found none"},
    {"Name", "COMPONENT-06", [](Trace& t) { function(t, 0).names[0].function_name = "g"; },
     "expected names ('host#f') of function 0, found ('host#g')"},
    {"Implements", "COMPONENT-06", [](Trace& t) { function(t, 0).implements = "a:b/c"; },
     "expected implements '' of function 0, found 'a:b/c'"},
    {"VersionSuffix", "COMPONENT-06", [](Trace& t) { function(t, 0).version_suffix = ".1"; },
     "expected version_suffix '' of function 0, found '.1'"},
    {"ExternalId", "COMPONENT-06", [](Trace& t) { function(t, 0).external_id = "i"; },
     "expected external_id '' of function 0, found 'i'"},
    {"Builtin", "COMPONENT-06", [](Trace& t) { function(t, 3).builtin = "resource.rep"; },
     "expected builtin 'resource.drop' of function 3, found 'resource.rep'"},
    {"NoType", "COMPONENT-07", [](Trace& t) { function(t, 4).type = none; },
     "expected func in the type of function 4, found none"},
    {"TypeKind", "COMPONENT-07", [](Trace& t) { t.definitions.types[5].element = 0; },
     "expected none in the type of function 4, found u32"},
    {"ParameterName", "COMPONENT-07",
     [](Trace& t) { t.definitions.types[5].members[1].name = "y"; },
     "expected member x in the type of function 4, found y"},
    {"Parameters", "COMPONENT-07", [](Trace& t) { t.definitions.types[5].members.pop_back(); },
     "expected 2 members of func in the type of function 4, found 1"},
    {"Async", "COMPONENT-07", [](Trace& t) { t.definitions.types[5].is_async = true; },
     "expected is_async 0 in the type of function 4, found 1"},
    {"OtherResource", "COMPONENT-07", [](Trace& t) { t.definitions.types[4].element = 3; },
     "expected resource file as before in the type of function 4, found another of that name"},
    {"ResourceName", "COMPONENT-07",
     [](Trace& t) {
       t.definitions.types.push_back({.id = 6, .kind = TypeKind::resource, .name = "pipe"});
       t.definitions.types[4].element = 6;
     },
     "expected resource file in the type of function 4, found resource pipe"},
    {"ImmediateType", "COMPONENT-07", [](Trace& t) { function(t, 3).immediates.type = none; },
     "expected resource file in the type of the immediates of function 3, found none"},
    {"Encoding", "COMPONENT-08",
     [](Trace& t) { function(t, 0).options.string_encoding = StringEncoding::utf16; },
     "expected string_encoding utf8 of function 0, found utf16"},
    {"OptionMemory", "COMPONENT-08", [](Trace& t) { function(t, 0).options.memory = none; },
     "expected memory 0 of function 0, found none"},
    {"OptionRealloc", "COMPONENT-08", [](Trace& t) { function(t, 0).options.realloc = 1; },
     "expected realloc 2 of function 0, found 1"},
    {"PostReturn", "COMPONENT-08", [](Trace& t) { function(t, 1).options.post_return = 2; },
     "expected post_return none of function 1, found 2"},
    {"Callback", "COMPONENT-08", [](Trace& t) { function(t, 1).options.callback = 2; },
     "expected callback none of function 1, found 2"},
    {"OptionAsync", "COMPONENT-08", [](Trace& t) { function(t, 1).options.is_async = true; },
     "expected is_async 0 of function 1, found 1"},
    {"Cancellable", "COMPONENT-08", [](Trace& t) { function(t, 3).immediates.cancellable = true; },
     "expected cancellable 0 of function 3, found 1"},
    {"Slot", "COMPONENT-08", [](Trace& t) { function(t, 3).immediates.slot = 1; },
     "expected slot none of function 3, found 1"},
    {"Params", "COMPONENT-09",
     [](Trace& t) { function(t, 4).core_params.push_back(CoreType::i64); },
     "expected core_params (i32, i32) of function 4, found (i32, i32, i64)"},
    {"Results", "COMPONENT-09", [](Trace& t) { function(t, 0).core_results = {CoreType::f32}; },
     "expected core_results (i32) of function 0, found (f32)"},
    {"ResultArea", "COMPONENT-09", [](Trace& t) { function(t, 0).result_area_size = 8; },
     "expected result_area_size 0 of function 0, found 8"},
    {"Features", "COMPONENT-10",
     [](Trace& t) {
       t.info.features = {"async", "map"};
     },
     "expected features ('async') of the trace, found ('async', 'map')"},
    {"CoreProposals", "COMPONENT-10", [](Trace& t) { t.info.core_proposals.clear(); },
     "expected core_proposals ('simd') of the trace, found ()"},
};

INSTANTIATE_TEST_SUITE_P(Each, ComponentRefuses, ::testing::ValuesIn(breaches),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace crossing
