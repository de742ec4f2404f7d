#pragma once

/// Types of every kind, at most six deep, values of them, and ways to pass them.

#include <rapidcheck.h>

#include <cstdint>
#include <iosfwd>

#include "crossing/value.h"

namespace crossing::testing {

/// A value, and how it is passed.
struct ValueCase {
  TypeList types;
  std::uint32_t type = 0;
  Value value;
  IndexType pointer = IndexType::i32;
  StringEncoding encoding = StringEncoding::utf8;  ///< of the guest
  StringEncoding source = StringEncoding::utf8;    ///< of whom it comes from
  bool source_is_compact = true;
  bool flat = false;           ///< in core values, where it fits
  bool moves = false;          ///< every `realloc` gives another block
  std::uint64_t base = 0;      ///< where blocks begin
  std::uint64_t address = 0;   ///< where the value is stored, when it is not flat
  std::uint64_t mutation = 0;  ///< which bit of what was lowered is turned; 0: none
};

rc::Gen<ValueCase> any_case();
std::ostream& operator<<(std::ostream& out, const ValueCase& one);

}  // namespace crossing::testing
