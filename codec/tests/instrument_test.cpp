// Components written again, as they are and instrumented: what the reader says of the former is
// what it said before, and the latter it takes. That an engine runs them is tested with the
// engines.

#include "crossing/instrument.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "component/parse.h"
#include "component/write.h"
#include "component_builder.h"
#include "instrument/layout.h"

namespace crossing {
namespace {

namespace build = component;
using build::Blob;
using build::operator+;

std::vector<std::filesystem::path> guests() {
  std::vector<std::filesystem::path> paths;
  const char* folder = std::getenv("GUESTS");
  if (folder == nullptr || !std::filesystem::is_directory(folder)) return paths;
  for (const char* part : {".", "parse-only"}) {
    const auto inner = std::filesystem::path(folder) / part;
    if (!std::filesystem::is_directory(inner)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(inner)) {
      if (entry.path().extension() == ".wasm") paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Blob bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The wiring without what says where in the binary something stands.
Wiring placeless(Wiring wiring) {
  for (CoreModule& module : wiring.core_modules) module.offset = 0;
  for (Component& component : wiring.definitions.components) component.size = 0;
  return wiring;
}

Blob written_again(const Blob& input) {
  component::Fault fault;
  const component::Binary binary = component::parse_binary(input, {}, fault);
  EXPECT_TRUE(fault.ok());
  return component::write_component(binary, binary.root, input);
}

TEST(ComponentWriter, GivesGuestsTheirWiringAgain) {
  if (guests().empty()) GTEST_SKIP() << "GUESTS names no folder with components";
  for (const auto& path : guests()) {
    SCOPED_TRACE(path.filename().string());
    const Blob input = bytes_of(path);
    component::Fault fault;
    component::parse_binary(input, {}, fault);
    if (!fault.ok()) continue;  // nothing to write
    const Blob output = written_again(input);
    EXPECT_EQ(written_again(output), output);
    const auto before = read_component(input);
    const auto after = read_component(output);
    ASSERT_EQ(before.has_value(), after.has_value());
    if (before) {
      EXPECT_EQ(placeless(*before), placeless(*after));
    } else {
      EXPECT_EQ(before.error().message, after.error().message);
    }
  }
}

/// Boundary functions by role, each definition once: those of the instances of one body are equal.
std::size_t count(const Wiring& wiring, Role role) {
  return static_cast<std::size_t>(
      std::ranges::count_if(wiring.definitions.functions,
                            [&](const Function& function) { return function.role == role; }));
}

TEST(Instrument, GivesGuestsThatAreRead) {
  if (guests().empty()) GTEST_SKIP() << "GUESTS names no folder with components";
  std::size_t done = 0;
  for (const auto& path : guests()) {
    SCOPED_TRACE(path.filename().string());
    const Blob input = bytes_of(path);
    for (const unsigned form : {0u, 1u, 2u, 3u}) {
      const bool single_memory = (form & 1) != 0;
      InstrumentOptions options;
      options.single_memory = single_memory;
      options.lift = (form & 2) != 0;
      const auto result = instrument_component(input, options);
      if (!result) {
        EXPECT_EQ(result.error().verdict, Verdict::unsupported) << result.error().message;
        continue;
      }
      ++done;
      const auto wiring = read_component(result->binary);
      ASSERT_TRUE(wiring) << wiring.error().message << " at " << wiring.error().offset.value_or(0);
      EXPECT_EQ(result->wiring, *read_component(input));
      if (single_memory) {
        EXPECT_EQ(wiring->core_proposals, result->wiring.core_proposals);
      }
      // Each recorder lowers both functions of the sink [SINK-01], and lifts one of control
      // [SINK-08].
      EXPECT_EQ(count(*wiring, Role::import_) + count(*wiring, Role::export_) +
                    count(*wiring, Role::destructor) + count(*wiring, Role::builtin),
                count(result->wiring, Role::import_) + count(result->wiring, Role::export_) +
                    count(result->wiring, Role::destructor) + count(result->wiring, Role::builtin) +
                    3 * result->recorders);
    }
  }
  EXPECT_GT(done, 32u);
}

/// Each function that core code calls is served by a shim, and each that the host calls is one.
TEST(Instrument, LeavesNoFunctionUnwrapped) {
  if (guests().empty()) GTEST_SKIP() << "GUESTS names no folder with components";
  for (const auto& path : guests()) {
    SCOPED_TRACE(path.filename().string());
    const auto result = instrument_component(bytes_of(path));
    if (!result) continue;
    const auto wiring = read_component(result->binary);
    ASSERT_TRUE(wiring);
    for (const CoreInstance& instance : wiring->core_instances) {
      const CoreModule& module = wiring->core_modules[instance.core_module];
      const bool is_ours = std::ranges::any_of(module.imports, [](const CoreModule::Import& i) {
        return i.module == "r" && i.name == "memory";
      });
      for (const auto& import : instance.imports) {
        EXPECT_TRUE(import.function == none || is_ours) << import.module << ' ' << import.name;
      }
    }
    for (const Function& function : wiring->definitions.functions) {
      if (function.core_instance == none) continue;
      if (function.core_export == "flush") continue;  // the recorder's own, lifted as "drain"
      EXPECT_EQ(function.core_export, function.role == Role::realloc ? "f" : "enter")
          << "[INSTR-01] [SINK-14]";
    }
  }
}

TEST(Instrument, RefusesWhatIsInstrumented) {  // [INSTR-03]
  const auto once = instrument_component(build::component({}));
  ASSERT_TRUE(once) << once.error().message;
  const auto twice = instrument_component(once->binary);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().verdict, Verdict::invalid);
  EXPECT_EQ(twice.error().message,
            "expected a component that is not instrumented, found one that imports "
            "\"crossing:recorder/sink@0.1.0\": it records itself already");
}

TEST(Instrument, RefusesByName) {  // [INSTR-03]
  // (canon thread.index), (canon thread.suspend)
  const std::pair<Blob, std::string> cases[] = {
      {build::component({build::canons({build::raw({0x26})})}),
       "instrumenting does not support thread.index"},
      {build::component({build::canons({build::raw({0x29, 0})})}),
       "instrumenting does not support thread.suspend"},
  };
  for (const auto& [input, message] : cases) {
    const auto result = instrument_component(input);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().verdict, Verdict::unsupported);
    EXPECT_EQ(result.error().message, message);
  }
}

TEST(Instrument, GivesIdsOfEachInstanceATableOfItsOwn) {
  // A component with a built-in, instantiated twice.
  const Blob inner = build::component({build::canons({build::raw({0x24})})});
  const auto result = instrument_component(build::component(
      {build::nested(inner), build::instances({build::raw({0, 0, 0}), build::raw({0, 0, 0})})}));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->recorders, 3u);
  EXPECT_EQ(result->builtins, 1u);
  EXPECT_TRUE(read_component(result->binary));
}

}  // namespace
}  // namespace crossing
