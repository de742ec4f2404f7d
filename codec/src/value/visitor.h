#pragma once

/// A component value as a row of parts, each with its type. Whoever reads values (from guest
/// memory, bytes, text or a `Value`) tells their parts to a visitor; whoever makes something of
/// values is one.

#include <cstdint>
#include <string_view>

#include "crossing/definitions.h"
#include "crossing/io.h"

namespace crossing::values {

/// A part that cannot be told.
struct Unknown {
  bool broken = false;        ///< it breaks a rule; else its bytes are not in the trace
  bool has_place = false;     ///< of a string, list or map the place is known all the same
  std::uint64_t address = 0;  ///< of its bytes, also of what is no string, list or map
  std::uint64_t length = 0;   ///< in code units, tag taken off, or elements
};

/// Parts come depth first, in order. Types and texts live as long as the call.
class ValueVisitor {
 public:
  virtual ~ValueVisitor() = default;
  /// A bool, number, char, flags, enum or handle, as the `bits` of a `Value`.
  virtual void scalar(const Type& type, std::uint64_t bits) = 0;
  /// A string; well-formed UTF-8.
  virtual void string(std::string_view text) = 0;
  /// All elements of a list or fixed-length list of u8.
  virtual void bytes(const Type& type, Bytes elements) = 0;
  /// A record, tuple, list, map or the parameters of a function: `count` parts follow, of a map
  /// twice as many, then `end`.
  virtual void begin(const Type& type, std::uint64_t count) = 0;
  /// A case of a variant, option or result: its payload follows, if it has one, then `end`.
  virtual void begin_case(const Type& type, std::uint32_t index) = 0;
  virtual void end(const Type& type) = 0;
  virtual void unknown(const Type& type, const Unknown& what) = 0;
};

/// What values may still take; counts down.
struct Budget {
  std::uint64_t parts = 0;
  std::uint64_t bytes = 0;
  bool is_spent = false;  ///< more was asked for than there was

  /// Takes one part of so many bytes; false: it is spent, and stays so.
  bool spend(std::uint64_t size = 0) {
    is_spent = is_spent || parts == 0 || size > bytes;
    if (is_spent) return false;
    --parts;
    bytes -= size;
    return true;
  }
};

}  // namespace crossing::values
