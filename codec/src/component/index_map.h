#pragma once

/// Where the definitions of a component went when it was written again with others among them.

#include <array>
#include <cstdint>
#include <vector>

#include "ast.h"
#include "cursor.h"

namespace crossing::component {

/// The index spaces of a component; there are no values.
enum class Space : std::uint8_t {
  core_func,
  core_table,
  core_memory,
  core_global,
  core_tag,
  core_type,
  core_module,
  core_instance,
  func,
  type,
  component,
  instance
};

Space space_of(CoreSort sort);
Space space_of(Sort sort, CoreSort core);

/// For each index space of one component: from indices of what was read to indices of what is
/// written.
class IndexMap {
 public:
  explicit IndexMap(const IndexMap* parent) : parent_(parent) {}

  /// The next definition of what was read is the next one of what is written.
  void define(Space space) { redirect(space, add(space)); }
  /// A definition of what is written that was not read; its index.
  std::uint32_t add(Space space) { return next_[at(space)]++; }
  /// The next definition of what was read is that one of what is written.
  void redirect(Space space, std::uint32_t index) { map_[at(space)].push_back(index); }
  /// Where `index` is now; none if nothing was read that has it.
  [[nodiscard]] std::uint32_t operator()(Space space, std::uint32_t index) const {
    return index < size(space) ? map_[at(space)][index] : none;
  }
  /// How many definitions were read.
  [[nodiscard]] std::uint32_t size(Space space) const {
    return static_cast<std::uint32_t>(map_[at(space)].size());
  }
  /// Of the component around, null at the root.
  [[nodiscard]] const IndexMap* parent() const { return parent_; }

 private:
  static std::size_t at(Space space) { return static_cast<std::size_t>(space); }

  const IndexMap* parent_;
  std::array<std::vector<std::uint32_t>, 12> map_;
  std::array<std::uint32_t, 12> next_{};
};

/// `item` with its indices as `map` has them. The bodies of component and instance types are
/// copied to `pool`. Core modules and components are left as they are. An index out of range, which
/// the reader leaves in components and types that nothing uses, is a fault.
Item remap(const Item& item, const IndexMap& map, const std::vector<Body>& bodies,
           std::vector<Body>& pool, Fault& fault);

/// Enters what `item` defines, as far as it is a definition that was read and is written.
void define(const Item& item, IndexMap& map);

}  // namespace crossing::component
