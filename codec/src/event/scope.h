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

/// The table of kinds once more, for the hot paths: what the second half of an event's struct
/// (detail, payload_size) has to be, by subject and kind. Of the kinds below 16, events without
/// flags, and bodies of less than 64 KiB; there is no entry for what the struct alone cannot tell.
class QuickTable {
 public:
  static constexpr std::size_t kinds = 16;

  /// The bits of `mask` have to be those of `expected`.
  struct Entry {
    std::uint64_t expected = UINT64_MAX;  // no event has so large a body
    std::uint64_t mask = UINT64_MAX;
  };

  /// `kind` below `kinds`, any `subject`.
  [[nodiscard]] const Entry& entry(std::size_t kind, std::uint32_t subject) const {
    return entries_[std::size_t{subject < subjects_ ? subject : subjects_} * kinds + kind];
  }

  void add_instance(std::uint32_t id);
  void add_memory(std::uint32_t id);
  void add_function(std::uint32_t id, const FunctionScope& function, Profile profile);

 private:
  Entry* row(std::uint32_t subject);

  // A row of `kinds` for each subject, and one for all others.
  std::vector<Entry> entries_ = std::vector<Entry>(kinds);
  std::uint32_t subjects_ = 0;
};

/// Grows as definitions come; ids count from zero.
class Scope {
 public:
  Scope() = default;
  Scope(Profile of_profile, Clock of_clock) : profile(of_profile), clock(of_clock) {}

  void add_instance() { quick.add_instance(instances++); }
  void add_memory() { quick.add_memory(memories++); }
  void add_function(const FunctionScope& function) {
    quick.add_function(static_cast<std::uint32_t>(functions.size()), function, profile);
    functions.push_back(function);
  }

  Profile profile = Profile::abi;
  Clock clock = Clock::none;
  std::uint32_t definition_count = 0;
  std::uint32_t instances = 0;
  std::uint32_t memories = 0;
  std::vector<FunctionScope> functions;
  QuickTable quick;
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
