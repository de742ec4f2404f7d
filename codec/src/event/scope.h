#pragma once

/// What the definitions so far say about the ids that events name.

#include <cstdint>
#include <vector>

#include "crossing/definitions.h"

namespace crossing {

struct FunctionScope {
  Role role = Role::import_;
  std::uint32_t params_size = 0;   ///< bytes of the flat parameters
  std::uint32_t results_size = 0;  ///< bytes of the flat results
};

struct Scope {
  Profile profile = Profile::abi;
  Clock clock = Clock::none;
  std::uint32_t definition_count = 0;
  std::uint32_t instances = 0;
  std::uint32_t memories = 0;
  std::vector<FunctionScope> functions;
};

/// Whether the guest calls functions of this role, or the host [FUNC-02].
constexpr bool guest_calls(Role role) {
  return role == Role::import_ || role == Role::builtin || role == Role::core_import;
}

/// Bytes of one core value [PAY-05].
constexpr std::uint32_t core_size(CoreType type) {
  switch (type) {
    case CoreType::i32:
    case CoreType::f32: return 4;
    case CoreType::i64:
    case CoreType::f64: return 8;
    case CoreType::v128: return 16;
    case CoreType::funcref:
    case CoreType::externref: break;
  }
  return 0;
}

}  // namespace crossing
