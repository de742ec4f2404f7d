#pragma once

/// Generated code that walks the types of what the host lifts, and records the bytes that lie in
/// memory [LIFT-02] [INSTR-10]: one core module for each function type, what is lifted of it, and
/// how strings are encoded.

#include <cstdint>
#include <optional>
#include <vector>

#include "instrument/analysis.h"
#include "instrument/core_emit.h"

namespace crossing::instrument {

/// What of a function the host lifts.
struct Lifted {
  enum class Kind : std::uint8_t {
    values,    ///< of the types `types`, flat
    area,      ///< of the types `types`, as a tuple in memory at the address
    elements,  ///< of the type `types[0]`: address, and how many; one if `count` is not given
    string,    ///< address and length
  };
  Kind kind = Kind::values;
  std::vector<std::uint32_t> types;  ///< of the wiring
  StringEncoding encoding = StringEncoding::utf8;
  CoreSignature signature;  ///< without results; addresses are at `first` and behind
  std::uint32_t first = 0;
  bool is_counted = true;
};

/// What the host lifts when the guest calls `function`, or, of an export, when it returned; nothing
/// where no part of it lies in memory.
std::optional<Lifted> lifted_parameters(const Analysis& analysis, const Function& function);
std::optional<Lifted> lifted_results(const Analysis& analysis, const Function& function);

/// Imports the peek module "g", and `lift(address, size)` of the copier "c". Exports "lift", with
/// the signature in `lifted`.
std::vector<std::uint8_t> lift_module(const Analysis& analysis, const Lifted& lifted);

}  // namespace crossing::instrument
