#pragma once

/// The types of a trace with their layouts, by the trace's ids.

#include <vector>

#include "component/types.h"
#include "crossing/trace.h"

namespace crossing::comparing {

class TypeView {
 public:
  /// Takes the types among new definitions; those of a trace come in the order of their ids, each
  /// after what it refers to [TYPE-02].
  void define(NewDefinitions definitions);

  [[nodiscard]] bool has(std::uint32_t id) const { return id < types_.size(); }
  [[nodiscard]] const Type& operator[](std::uint32_t id) const { return types_[id]; }
  [[nodiscard]] const component::Layout& layout(std::uint32_t id, IndexType pointer) const {
    return table_.layout(own_[id], pointer);
  }

 private:
  std::vector<Type> types_;
  std::vector<std::uint32_t> own_;  // ids of the table
  component::TypeTable table_;
};

}  // namespace crossing::comparing
