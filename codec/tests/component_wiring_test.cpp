// What read_component makes of components: the functions at the boundary and the wiring inside.

#include <gtest/gtest.h>

#include "component_builder.h"
#include "crossing/component.h"
#include "crossing/plan.h"

namespace crossing::component {
namespace {

Wiring read(const Blob& binary) {
  auto wiring = read_component(binary);
  if (wiring) return std::move(*wiring);
  ADD_FAILURE() << wiring.error().message << " at " << wiring.error().offset.value_or(0);
  return {};
}

const Blob kU32ToU32 =
    raw({0x40, 1, 1, 'n', 0x79, 0x00, 0x79});  // (func (param "n" u32) (result u32))
const Blob kStringToString = raw({0x40, 1, 1, 's', 0x73, 0x00, 0x73});
const Blob kCoreUnary = raw({0x60, 1, 0x7f, 1, 0x7f});

/// A core module that imports "host" "f" (i32) -> (i32) and exports it again as "again", beside
/// "run".
Blob caller_module() {
  return core_module({section(1, vec({kCoreUnary})),
                      section(2, vec({name("host") + name("f") + raw({0, 0})})),
                      section(3, vec({leb(0)})),
                      section(7, vec({name("again") + raw({0, 0}), name("run") + raw({0, 1})})),
                      section(10, vec({raw({6, 0, 0x20, 0, 0x10, 0, 0x0b})}))});
}

/// Imports the function "f", and exports "run", which calls it.
Blob caller(std::string_view import = "f", std::string_view exported = "run") {
  return component({
      types({kU32ToU32}),
      imports({extern_name(import) + raw({0x01, 0})}),
      canons({raw({0x01, 0x00, 0, 0})}),
      modules(caller_module()),
      core_instances({raw({0x01}) + vec({name("f") + raw({0, 0})}),
                      raw({0x00, 0}) + vec({name("host") + raw({0x12, 0})})}),
      aliases({core_alias(0, 1, "run")}),
      canons({raw({0x00, 0x00, 1, 0, 0})}),
      exports({extern_name(exported) + raw({0x01, 1, 0x00})}),
  });
}

TEST(Wiring, ALoweredImportAndALiftedExport) {
  const Wiring wiring = read(caller());
  ASSERT_EQ(wiring.definitions.functions.size(), 2u);
  const Function& lowered = wiring.definitions.functions[0];
  EXPECT_EQ(lowered.role, Role::import_);
  EXPECT_EQ(lowered.side, Side::host);
  EXPECT_EQ(lowered.index_space, IndexSpace::core_func);
  EXPECT_EQ(lowered.index, 0u);
  EXPECT_EQ(lowered.canonical_definition, 0u);
  EXPECT_EQ(lowered.core_instance, none);
  EXPECT_EQ(lowered.names, (std::vector<Name>{{"", "f"}}));
  const Function& lifted = wiring.definitions.functions[1];
  EXPECT_EQ(lifted.role, Role::export_);
  EXPECT_EQ(lifted.index_space, IndexSpace::func);
  EXPECT_EQ(lifted.index, 1u);
  EXPECT_EQ(lifted.canonical_definition, 1u);
  EXPECT_EQ(lifted.core_instance, 0u);
  EXPECT_EQ(lifted.core_export, "run");
  EXPECT_EQ(lifted.type, lowered.type);
  EXPECT_EQ(wiring.imports, (std::vector<ImportedFunction>{{{"", "f"}, {0}, lowered.type}}));
  EXPECT_EQ(wiring.exports, (std::vector<ExportedFunction>{{{"", "run"}, 1, lifted.type}}));
  ASSERT_EQ(wiring.core_instances.size(), 1u);
  EXPECT_EQ(wiring.core_instances[0].core_index, 1u);
  EXPECT_EQ(wiring.core_instances[0].imports,
            (std::vector<CoreInstance::Import>{{"host", "f", CoreKind::func, 0, none, ""}}));
}

TEST(Wiring, InitializationIsInOrder) {
  using Kind = InitializationStep::Kind;
  EXPECT_EQ(read(component({nested(caller()), types({kU32ToU32}),
                            imports({extern_name("h") + raw({1, 0})}),
                            instances({raw({0x00, 0}) + vec({name("f") + raw({1, 0})})})}))
                .initialization,
            (std::vector<InitializationStep>{{Kind::instantiate, 0},
                                             {Kind::instantiate, 1},
                                             {Kind::core_instance, 0},
                                             {Kind::instantiate_end, 1},
                                             {Kind::instantiate_end, 0}}));
}

/// Two instances of one component in a chain: host -> 1 -> 2 -> exported.
Blob chain() {
  return component({
      types({kU32ToU32}),
      imports({extern_name("h") + raw({0x01, 0})}),
      nested(caller()),
      instances({raw({0x00, 0}) + vec({name("f") + raw({0x01, 0})})}),
      aliases({raw({0x01, 0x00, 0}) + name("run")}),
      instances({raw({0x00, 0}) + vec({name("f") + raw({0x01, 1})})}),
      aliases({raw({0x01, 0x00, 1}) + name("run")}),
      exports({extern_name("go") + raw({0x01, 2, 0x00}), extern_name("pass") + raw({0x01, 0, 0x00}),
               extern_name("inner") + raw({0x01, 1, 0x00})}),
  });
}

TEST(Wiring, CallsBetweenGuestsHaveTwoEnds) {
  const Wiring wiring = read(chain());
  const auto& functions = wiring.definitions.functions;
  ASSERT_EQ(functions.size(), 4u);
  EXPECT_EQ(functions[0].names, (std::vector<Name>{{"", "h"}}))
      << "the root's name for what the host serves";
  EXPECT_EQ(functions[0].side, Side::host);
  EXPECT_EQ(functions[2].names, (std::vector<Name>{{"", "f"}}))
      << "the importer's name for a guest's function";
  EXPECT_EQ(functions[2].side, Side::guest);
  EXPECT_EQ(functions[1].side, Side::host) << "called by the host too";
  EXPECT_EQ(functions[1].names, (std::vector<Name>{{"", "inner"}}));
  EXPECT_EQ(functions[3].names, (std::vector<Name>{{"", "go"}}));
  EXPECT_EQ(wiring.exports.at(1).function, none) << "passed straight through";
  EXPECT_EQ(wiring.imports.at(0).functions, (std::vector<std::uint32_t>{0}));
  EXPECT_EQ(wiring.definitions.instances.at(2).path, (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(wiring.definitions.instances.at(1).bindings,
            (std::vector<Binding>{{"f", Side::host, none, ""}}));
  EXPECT_EQ(wiring.definitions.instances.at(2).bindings,
            (std::vector<Binding>{{"f", Side::guest, 1, "run"}}));
}

TEST(Wiring, OnlyAnotherGuestsFunctionHasSideGuest) {
  const Wiring wiring = read(component({
      types({kU32ToU32}),
      imports({extern_name("h") + raw({0x01, 0})}),
      nested(caller()),
      instances({raw({0x00, 0}) + vec({name("f") + raw({0x01, 0})})}),
      aliases({raw({0x01, 0x00, 0}) + name("run")}),
      instances({raw({0x00, 0}) + vec({name("f") + raw({0x01, 1})})}),
  }));
  EXPECT_EQ(wiring.definitions.functions.at(1).side, Side::guest);
  EXPECT_EQ(wiring.definitions.functions.at(3).side, Side::host) << "nobody calls it";
}

TEST(Wiring, FollowsReexportsToTheDefinition) {
  // The second instance of the module gets the boundary function by way of the first.
  const Wiring wiring = read(component({
      types({kU32ToU32}),
      imports({extern_name("f") + raw({0x01, 0})}),
      canons({raw({0x01, 0x00, 0, 0})}),
      modules(caller_module()),
      core_instances({raw({0x01}) + vec({name("f") + raw({0, 0})}),
                      raw({0x00, 0}) + vec({name("host") + raw({0x12, 0})})}),
      aliases({core_alias(0, 1, "again"), core_alias(0, 1, "run")}),
      core_instances({raw({0x01}) + vec({name("f") + raw({0, 1})}),
                      raw({0x01}) + vec({name("f") + raw({0, 2})}),
                      raw({0x00, 0}) + vec({name("host") + raw({0x12, 2})}),
                      raw({0x00, 0}) + vec({name("host") + raw({0x12, 3})})}),
  }));
  ASSERT_EQ(wiring.core_instances.size(), 3u);
  EXPECT_EQ(wiring.core_instances[1].imports[0].function, 0u);
  EXPECT_EQ(wiring.core_instances[2].imports[0],
            (CoreInstance::Import{"host", "f", CoreKind::func, none, 0, "run"}));
}

TEST(Wiring, OneMemoryAndOneReallocUnderTwoIndicesAreOneEntry) {
  const Wiring wiring = read(component({
      types({kStringToString}),
      imports({extern_name("s") + raw({0x01, 0})}),
      modules(library_module()),
      core_instances({raw({0x00, 0, 0})}),
      aliases({core_alias(2, 0, "mem"), core_alias(2, 0, "mem"), core_alias(0, 0, "realloc"),
               core_alias(0, 0, "realloc"), core_alias(0, 0, "f")}),
      canons({raw({0x01, 0x00, 0, 2, 0x03, 1, 0x04, 1}),
              raw({0x01, 0x00, 0, 3, 0x03, 0, 0x04, 0, 0x01})}),
  }));
  const Definitions& definitions = wiring.definitions;
  ASSERT_EQ(definitions.memories.size(), 1u);
  EXPECT_EQ(definitions.memories[0].core_memory, 0u) << "the smaller index [MEM-01]";
  ASSERT_EQ(definitions.functions.size(), 3u);
  EXPECT_EQ(definitions.functions[0].role, Role::realloc);
  EXPECT_EQ(definitions.functions[0].index, 0u) << "the smaller index [FUNC-10]";
  EXPECT_EQ(definitions.functions[1].options,
            (Options{StringEncoding::utf8, 0, 0, none, none, false}));
  EXPECT_EQ(definitions.functions[2].options.string_encoding, StringEncoding::utf16);
  EXPECT_EQ(definitions.functions[1].result_area_param, 2u);
  EXPECT_EQ(definitions.functions[1].result_area_size, 8u);
  EXPECT_EQ(definitions.functions[1].result_area_alignment, 4u);
  EXPECT_EQ(wiring.imports.at(0).functions, (std::vector<std::uint32_t>{1, 2}));
}

/// Defines a resource, exports it as "r", and makes the three built-ins for it.
Blob resource_component() {
  return component({
      types({raw({0x3f, 0x7f, 0x00})}),
      canons({raw({0x02, 0}), raw({0x03, 0}), raw({0x04, 0})}),
      exports({extern_name("r") + raw({0x03, 0, 0x00})}),
  });
}

TEST(Wiring, ResourcesAreGenerative) {
  const Wiring wiring = read(component({
      nested(resource_component()),
      instances({raw({0x00, 0, 0}), raw({0x00, 0, 0})}),
      aliases({raw({0x03, 0x00, 0}) + name("r"), raw({0x03, 0x00, 1}) + name("r")}),
      canons({raw({0x03, 0}), raw({0x03, 1})}),
  }));
  const auto& functions = wiring.definitions.functions;
  ASSERT_EQ(functions.size(), 8u);
  EXPECT_EQ(functions[0].builtin, "resource.new");
  EXPECT_EQ(functions[0].names, (std::vector<Name>{{"", "r"}}));
  EXPECT_NE(functions[0].immediates.type, functions[3].immediates.type);
  EXPECT_EQ(functions[6].immediates.type, functions[0].immediates.type);
  EXPECT_EQ(functions[7].immediates.type, functions[3].immediates.type);
}

TEST(Wiring, OnlyItsOwnResourcesHaveNewAndRep) {
  const auto wiring = read_component(
      component({nested(resource_component()), instances({raw({0x00, 0, 0})}),
                 aliases({raw({0x03, 0x00, 0}) + name("r")}), canons({raw({0x02, 0})})}));
  ASSERT_FALSE(wiring);
  EXPECT_EQ(wiring.error().message,
            "expected resource.new of a resource that this component defines, found another");
}

TEST(Wiring, AnArgumentsTypesTakeTheImportsPlace) {
  // Imports a resource type and a function on it, and drops the resource it was given.
  const Blob user = component({
      imports({extern_name("r") + raw({0x03, 0x01})}),
      types({raw({0x68, 0}), raw({0x40, 1, 1, 'x', 1, 1, 0})}),
      imports({extern_name("f") + raw({0x01, 2})}),
      canons({raw({0x03, 0}), raw({0x01, 0x00, 0, 0})}),
  });
  const Wiring wiring = read(component({
      imports({extern_name("a") + raw({0x03, 0x01})}),
      types({raw({0x68, 0}), raw({0x40, 1, 1, 'x', 1, 1, 0})}),
      imports({extern_name("g") + raw({0x01, 2})}),
      nested(user),
      instances({raw({0x00, 0}) + vec({name("r") + raw({0x03, 0}), name("f") + raw({0x01, 0})})}),
  }));
  const auto& definitions = wiring.definitions;
  ASSERT_EQ(definitions.functions.size(), 2u);
  const std::uint32_t resource = definitions.functions[0].immediates.type;
  EXPECT_EQ(definitions.types.at(resource).name, "a");
  const Type& func = definitions.types.at(definitions.functions[1].type);
  EXPECT_EQ(definitions.types.at(func.members.at(0).type).element, resource);
}

TEST(Wiring, AnArgumentOfAnotherTypeIsRefused) {
  const auto wiring = read_component(component(
      {types({raw({0x40, 0, 1, 0})}), imports({extern_name("h") + raw({0x01, 0})}),
       nested(caller()), instances({raw({0x00, 0}) + vec({name("f") + raw({0x01, 0})})})}));
  ASSERT_FALSE(wiring);
  EXPECT_EQ(wiring.error().message,
            "expected the function \"f\" to have its declared type, found another");
}

TEST(Wiring, ImportedInstancesNameTheirFunctions) {
  const Wiring wiring = read(component({
      types({raw({0x42}) + vec({raw({0x01}) + kU32ToU32,
                                raw({0x04}) + extern_name("[method]a.b") + raw({0x01, 0})})}),
      imports({raw({0x02}) + name("mine") + raw({1, 0x00}) + name("ns:pkg/face@1.0.0") +
               raw({0x05, 0})}),
      aliases({raw({0x01, 0x00, 0}) + name("[method]a.b")}),
      canons({raw({0x01, 0x00, 0, 0})}),
  }));
  const Function& function = wiring.definitions.functions.at(0);
  EXPECT_EQ(function.names, (std::vector<Name>{{"mine", "[method]a.b"}}));
  EXPECT_EQ(function.implements, "ns:pkg/face@1.0.0");
  EXPECT_EQ(wiring.features, (std::vector<std::string>{"implements"}));
}

TEST(Wiring, BuiltinsHaveTheirSignatures) {
  const Wiring wiring = read(component({
      modules(library_module()),
      core_instances({raw({0x00, 0, 0})}),
      aliases({core_alias(2, 0, "mem"), core_alias(0, 0, "realloc")}),
      types({raw({0x66, 1, 0x7d}), raw({0x65, 0})}),
      canons({raw({0x20, 1, 0}), raw({0x0f, 0, 2, 0x03, 0, 0x06}), raw({0x0e, 0}),
              raw({0x16, 1, 1, 0x06}), raw({0x09, 0x00, 0x73, 1, 0x03, 0}),
              raw({0x1d, 2, 0x03, 0, 0x04, 0}), raw({0x0a, 0x7f, 1})}),
  }));
  struct Expected {
    const char* builtin;
    std::size_t params;
    std::size_t results;
    std::uint32_t area;
    std::uint32_t area_size;
  };
  const Expected expected[] = {
      {"waitable-set.wait", 2, 1, 1, 8}, {"stream.read", 3, 1, none, 0},
      {"stream.new", 0, 1, none, 0},     {"future.read", 2, 1, none, 0},
      {"task.return", 2, 0, none, 0},    {"error-context.debug-message", 2, 0, 1, 8},
      {"context.get", 0, 1, none, 0}};
  std::size_t i = 0;
  for (const Function& function : wiring.definitions.functions) {
    if (function.role != Role::builtin) continue;
    ASSERT_LT(i, std::size(expected));
    EXPECT_EQ(function.builtin, expected[i].builtin);
    EXPECT_EQ(function.core_params.size(), expected[i].params) << function.builtin;
    EXPECT_EQ(function.core_results.size(), expected[i].results) << function.builtin;
    EXPECT_EQ(function.result_area_param, expected[i].area) << function.builtin;
    EXPECT_EQ(function.result_area_size, expected[i].area_size) << function.builtin;
    ++i;
  }
  EXPECT_EQ(i, std::size(expected));
}

TEST(Wiring, EveryPrefixAndEveryChangedByteIsJudged) {
  const Blob binary = chain();
  for (std::size_t size = 0; size < binary.size(); ++size) {
    const auto cut = read_component(Bytes(binary).first(size));
    if (!cut) {
      EXPECT_TRUE(cut.error().verdict == Verdict::truncated) << size << ": " << cut.error().message;
    }
  }
  for (std::size_t place = 0; place < binary.size(); ++place) {
    for (const int change : {0x01, 0x80, 0xff}) {
      Blob changed = binary;
      changed[place] = static_cast<std::uint8_t>(changed[place] ^ change);
      const auto wiring = read_component(changed);
      EXPECT_TRUE(wiring || !wiring.error().message.empty());
    }
  }
}

TEST(Plan, HasItsMembersInOrder) {
  Wiring wiring = read(caller());
  const std::string plan = plan_json(wiring);
  std::size_t place = 0;
  for (const char* member :
       {"{\"plan\":1",
        "\"component\":", "\"types\":", "\"components\":", "\"instances\":", "\"memories\":",
        "\"functions\":", "\"core_modules\":", "\"core_instances\":", "\"initialization\":",
        "\"exports\":", "\"imports\":", "\"features\":", "\"core_proposals\":"}) {
    const std::size_t found = plan.find(member, place);
    ASSERT_NE(found, std::string::npos) << member;
    place = found;
  }
  EXPECT_NE(plan.find("{\"id\":0,\"instance\":0,\"core_index\":1,\"core_module\":0,\"imports\":[{"
                      "\"module\":\"host\","
                      "\"name\":\"f\",\"kind\":\"func\",\"function\":0}]}"),
            std::string::npos)
      << plan;
  EXPECT_NE(
      plan.find("{\"instance_name\":\"\",\"function_name\":\"run\",\"function\":1,\"type\":1}"),
      std::string::npos)
      << plan;
}

TEST(Describe, ReadsLikeWit) {
  const std::string text = describe_text(read(chain()));
  EXPECT_NE(text.find("imports (1)\n  h: func(n: u32) -> u32\n"), std::string::npos) << text;
  EXPECT_NE(text.find("pass: func(n: u32) -> u32  (an import, passed straight through)"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace crossing::component
