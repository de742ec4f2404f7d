#pragma once

#include <string>
#include <vector>

#include "crossing/component.h"

namespace crossing::engine {

/// A component and its wiring, which is that of the plan: the plan's digest says so.
struct Loaded {
  std::vector<std::uint8_t> binary;
  Wiring wiring;  ///< with the digest
};

Result<Loaded> load(const std::string& plan_path, const std::string& component_path);

inline constexpr std::uint64_t largest_input = std::uint64_t{1} << 32;

}  // namespace crossing::engine
