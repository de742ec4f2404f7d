#pragma once

/// The definitions of a trace as they come, judged by spec/definitions.md.

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crossing/definitions.h"
#include "crossing/result.h"
#include "event/scope.h"

namespace crossing {

/// Judges what a trace says of itself [TRACE-01] … [TRACE-07].
Result<void> check_trace_info(const TraceInfo& info, std::uint64_t offset);

class DefinitionTable {
 public:
  explicit DefinitionTable(const TraceInfo& info);

  /// Takes a definition; true when it is new, false when it repeats an equal one [DEF-02].
  Result<bool> add(const Definition& definition, std::uint64_t offset);

  /// To be asked where a `definitions` frame ends: whether all function ids in options are
  /// defined [DEF-04].
  Result<void> frame_ends(std::uint64_t offset);

  [[nodiscard]] const Definitions& all() const { return all_; }
  [[nodiscard]] const Scope& scope() const { return scope_; }

 private:
  /// How deep a type nests, itself counted.
  [[nodiscard]] std::uint32_t depth_of(const Type& type) const;

  Definitions all_;
  Scope scope_;
  std::vector<std::uint32_t> type_depths_;
  std::set<std::array<std::uint32_t, 4>> keys_;  // of functions [FUNC-01]
  std::uint32_t highest_option_ = none;          // the largest function id that options named
};

}  // namespace crossing
