// Real components, in the folder that the environment variable GUESTS names: what the reader says
// of them holds together, and cut or changed ones are refused or still hold together.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <tuple>

#include "crossing/check.h"
#include "crossing/component.h"

namespace crossing {
namespace {

std::vector<std::filesystem::path> guests() {
  std::vector<std::filesystem::path> paths;
  const char* folder = std::getenv("GUESTS");
  if (folder == nullptr || !std::filesystem::is_directory(folder)) return paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".wasm") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<std::uint8_t> bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void expect_id(std::uint32_t id, std::size_t count) { EXPECT_TRUE(id == none || id < count) << id; }

void expect_types_hold_together(const std::vector<Type>& types) {
  for (std::uint32_t id = 0; id < types.size(); ++id) {
    EXPECT_EQ(types[id].id, id);
    expect_id(types[id].element, id);  // [TYPE-02]
    expect_id(types[id].key, id);
    for (const Member& member : types[id].members) expect_id(member.type, id);
  }
}

void expect_functions_hold_together(const Wiring& wiring) {
  const Definitions& d = wiring.definitions;
  std::set<std::tuple<std::uint32_t, IndexSpace, std::uint32_t, Role>> keys;
  for (std::uint32_t id = 0; id < d.functions.size(); ++id) {
    const Function& f = d.functions[id];
    EXPECT_EQ(f.id, id);
    EXPECT_TRUE(keys.emplace(f.instance, f.index_space, f.index, f.role).second)
        << "[FUNC-01] " << id;
    EXPECT_LT(f.instance, d.instances.size());
    expect_id(f.type, d.types.size());
    expect_id(f.immediates.type, d.types.size());
    expect_id(f.options.memory, d.memories.size());
    for (const std::uint32_t option :
         {f.options.realloc, f.options.post_return, f.options.callback}) {
      expect_id(option, id);
    }
    const bool guest_calls = f.role == Role::import_ || f.role == Role::builtin;
    EXPECT_EQ(f.core_instance == none, guest_calls) << "[FUNC-04] " << id;
    if (!guest_calls) {
      ASSERT_LT(f.core_instance, wiring.core_instances.size());
      const CoreModule& module =
          wiring.core_modules.at(wiring.core_instances[f.core_instance].core_module);
      EXPECT_TRUE(std::ranges::any_of(module.exports, [&](const CoreModule::Export& exported) {
        return exported.name == f.core_export && exported.kind == CoreKind::func;
      })) << f.core_export;
    }
    if (f.result_area_param != none) {
      EXPECT_LT(f.result_area_param, f.core_params.size());
      EXPECT_GT(f.result_area_size, 0u);
    }
  }
}

void expect_core_holds_together(const Wiring& wiring) {
  for (std::uint32_t id = 0; id < wiring.core_instances.size(); ++id) {
    const CoreInstance& instance = wiring.core_instances[id];
    EXPECT_EQ(instance.id, id);
    const CoreModule& module = wiring.core_modules.at(instance.core_module);
    ASSERT_EQ(instance.imports.size(), module.imports.size());
    for (std::size_t i = 0; i < module.imports.size(); ++i) {
      const auto& import = instance.imports[i];
      EXPECT_EQ(import.module, module.imports[i].module);
      EXPECT_EQ(import.name, module.imports[i].name);
      EXPECT_NE(import.function == none, import.core_instance == none) << "exactly one [PLAN-04]";
      EXPECT_TRUE(import.core_instance == none || import.core_instance < id);
      expect_id(import.function, wiring.definitions.functions.size());
    }
  }
  EXPECT_EQ(wiring.initialization.size(),
            wiring.core_instances.size() + 2 * wiring.definitions.instances.size());
}

/// A trace that defines just what the component has breaks no rule of the component layer.
void expect_agrees_with_itself(const Wiring& wiring) {
  TraceInfo info;
  info.features = wiring.features;
  info.core_proposals = wiring.core_proposals;
  Checker checker(info, wiring.definitions, {.layers = {Layer::component}, .component = &wiring});
  checker.finish();
  for (const Finding& finding : checker.findings()) ADD_FAILURE() << finding.error().text();
}

void expect_holds_together(const Wiring& wiring) {
  expect_agrees_with_itself(wiring);
  expect_types_hold_together(wiring.definitions.types);
  expect_functions_hold_together(wiring);
  expect_core_holds_together(wiring);
}

TEST(Guests, HoldTogether) {
  if (guests().empty()) GTEST_SKIP() << "GUESTS names no folder with components";
  for (const auto& path : guests()) {
    SCOPED_TRACE(path.filename().string());
    const auto wiring = read_component(bytes_of(path));
    ASSERT_TRUE(wiring) << wiring.error().message << " at " << wiring.error().offset.value_or(0);
    expect_holds_together(*wiring);
  }
}

TEST(Guests, AreTruncatedWhereTheyAreCut) {
  for (const auto& path : guests()) {
    SCOPED_TRACE(path.filename().string());
    const auto bytes = bytes_of(path);
    const std::size_t step = std::max<std::size_t>(1, bytes.size() / 211);
    for (std::size_t size = 0; size < bytes.size(); size += step) {
      const auto wiring = read_component(Bytes(bytes).first(size));
      EXPECT_TRUE(wiring || wiring.error().verdict == Verdict::truncated) << size;
    }
  }
}

TEST(Guests, StillHoldTogetherWithAChangedByte) {
  for (const auto& path : guests()) {
    SCOPED_TRACE(path.filename().string());
    auto bytes = bytes_of(path);
    if (bytes.size() > 20'000) continue;
    for (std::size_t place = 8; place < bytes.size(); place += 3) {
      bytes[place] ^= 0x21;
      if (const auto wiring = read_component(bytes)) expect_holds_together(*wiring);
      bytes[place] ^= 0x21;
    }
  }
}

}  // namespace
}  // namespace crossing
