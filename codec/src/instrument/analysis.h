#pragma once

/// What the rewriter knows of the component before it writes anything: its wiring, and which
/// definition in the binary became which instances and functions of it.

#include <map>
#include <tuple>
#include <vector>

#include "component/ast.h"
#include "component/cursor.h"
#include "component/types.h"
#include "crossing/instrument.h"

namespace crossing::instrument {

using component::Fault;

struct Analysis {
  component::Binary binary;
  Wiring wiring;
  std::vector<std::vector<std::uint32_t>> instances_of;  ///< by body: ids, ascending
  std::vector<std::uint32_t> body_of;                    ///< by instance
  /// By body: an instance of it records itself, for something crosses its boundary or that of a
  /// component inside. The root always does.
  std::vector<bool> records;
  std::vector<std::uint32_t> ordinal_of;  ///< by instance: among those that record, else none
  std::uint32_t recorders = 0;
  bool has_destructor = false;
  bool has_async_lift = false;
  component::TypeTable types;
  std::vector<std::uint32_t> type_ids;  ///< in `types`, by id in the wiring

  /// The function of an instance under its key [FUNC-01]; null if there is none.
  [[nodiscard]] const Function* function(std::uint32_t instance, Role role,
                                         std::uint32_t index) const;
  /// What the Canonical ABI makes of a type of the wiring.
  [[nodiscard]] const component::TypeInfo& type(std::uint32_t id) const {
    return types.info(type_ids[id]);
  }
  /// The instance that stands at `index` in the component instance index space of `instance`.
  [[nodiscard]] std::uint32_t child(std::uint32_t instance, std::uint32_t index) const;

  std::map<std::tuple<std::uint32_t, Role, std::uint32_t>, std::uint32_t> functions;
  std::map<std::vector<std::uint32_t>, std::uint32_t> instances_by_path;
};

/// Reads a component, and refuses by name what cannot be instrumented [INSTR-02] [INSTR-03].
bool analyze(Bytes component, const ComponentLimits& limits, Fault& fault, Analysis& out);

}  // namespace crossing::instrument
