#pragma once

/// Core values of a payload [PAY-05], for people and for addresses.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crossing/definitions.h"
#include "crossing/io.h"
#include "event/scope.h"

namespace crossing {

/// Bytes of the values of a signature in a payload.
inline std::size_t core_size(const std::vector<CoreType>& signature) {
  std::size_t sum = 0;
  for (const CoreType type : signature) sum += core_size(type);
  return sum;
}

/// Value `index` of a payload, as unsigned; none where there is no such i32 or i64.
std::optional<std::uint64_t> core_integer(const std::vector<CoreType>& signature, Bytes payload,
                                          std::size_t index);

/// "(42, 0x7fc00000 f32)": integers signed, floats as their bits.
std::string core_text(const std::vector<CoreType>& signature, Bytes payload);

/// "export a:b/c#f", "resource.drop (a:b/c#r)": what a person calls a function.
std::string function_title(const Function& function);

}  // namespace crossing
