#pragma once

/// Whether types of a trace are those of a binary [COMPONENT-07].

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "crossing/definitions.h"

namespace crossing::checking {

/// Compares types of two tables by structure: names of members count, names of types that are no
/// resources do not [TYPE-04], and a resource is always the same one.
class TypeMatch {
 public:
  TypeMatch(const std::vector<Type>& trace, const std::vector<Type>& binary)
      : trace_(trace), binary_(binary) {}

  /// Takes two resources for one, where neither was taken for another before.
  bool same_resource(std::uint32_t trace, std::uint32_t binary);

  /// Whether they are the same type, or both none. Where not, `expected` and `found` say what the
  /// first difference is.
  bool same(std::uint32_t trace, std::uint32_t binary);

  [[nodiscard]] const std::string& expected() const { return expected_; }
  [[nodiscard]] const std::string& found() const { return found_; }

 private:
  bool compare(std::uint32_t trace, std::uint32_t binary);
  bool compare_types(const Type& trace, const Type& binary);
  bool differ(std::string_view what, std::string_view expected, std::string_view found);

  const std::vector<Type>& trace_;
  const std::vector<Type>& binary_;
  std::unordered_map<std::uint64_t, bool> compared_;  // pairs of ids
  std::unordered_map<std::uint32_t, std::uint32_t> of_binary_;
  std::unordered_map<std::uint32_t, std::uint32_t> of_trace_;
  std::string expected_;
  std::string found_;
};

}  // namespace crossing::checking
