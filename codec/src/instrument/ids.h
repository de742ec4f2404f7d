#pragma once

/// Ids of the plan in generated code. Code is generated once for a component; where that has
/// several instances, each has other ids, in a row of a table in the recorder's memory.

#include <cstdint>
#include <optional>
#include <vector>

#include "instrument/core_emit.h"

namespace crossing::instrument {

/// An id: by instance of the component, in the order of `Ids`'s ordinals.
using Slot = std::uint32_t;

class Ids {
 public:
  /// `ordinals`: which of all recorders, in the order in which they open, this component's
  /// instances have. `instances`: their ids in the plan; slot 0 [SINK-03].
  Ids(std::vector<std::uint32_t> ordinals, const std::vector<std::uint32_t>& instances)
      : ordinals_(std::move(ordinals)) {
    slot(instances);
  }

  Slot slot(const std::vector<std::uint32_t>& values);
  [[nodiscard]] bool is_constant() const { return ordinals_.size() == 1; }
  /// The id, where it is the same wherever the code runs.
  [[nodiscard]] std::optional<std::uint32_t> constant(Slot slot) const {
    return is_constant() ? std::optional(slots_[slot][0]) : std::nullopt;
  }
  /// Appends code that leaves the id on the stack. Memory 0 is the recorder's.
  void push(Code& code, Slot slot) const;
  /// The rows of the table, an ordinal before each; empty where ids are constants.
  [[nodiscard]] std::vector<std::uint8_t> rows() const;
  [[nodiscard]] std::uint32_t row_count() const {
    return static_cast<std::uint32_t>(ordinals_.size());
  }
  [[nodiscard]] std::uint32_t row_size() const {
    return static_cast<std::uint32_t>(4 + 4 * slots_.size());
  }

 private:
  std::vector<std::uint32_t> ordinals_;
  std::vector<std::vector<std::uint32_t>> slots_;
};

}  // namespace crossing::instrument
