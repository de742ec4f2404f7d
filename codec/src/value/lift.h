#pragma once

/// `load` and `lift_flat` of the Canonical ABI: component values out of core values and guest
/// memory, and whether they are as the rules of spec/values.md say.

#include <cstdint>
#include <string>
#include <string_view>

#include "component/types.h"
#include "crossing/value.h"
#include "value/flat_values.h"
#include "value/guest_memory.h"
#include "value/visitor.h"

namespace crossing::values {

/// A rule that a value breaks.
struct Breach {
  std::string_view rule;       ///< its id
  bool traps = false;          ///< lifting the value would trap: it means nothing
  bool out_of_bounds = false;  ///< of a place that is not inside the memory
  bool in_memory = false;      ///< else in a core value
  std::uint64_t address = 0;   ///< or the number of the core value
  std::string expected;
  std::string found;
};

class BreachSink {
 public:
  virtual ~BreachSink() = default;
  virtual void take(Breach breach) = 0;
};

/// Who wants to know where strings and lists lie.
class PlaceSink {
 public:
  virtual ~PlaceSink() = default;
  /// Elements of a list or map, of so many bytes; told before what lies behind them.
  virtual void list(std::uint64_t address, std::uint64_t size, std::uint32_t alignment) = 0;
  /// A string; `text` is its UTF-8, `wide` says that it is stored as UTF-16.
  virtual void string(std::uint64_t address, std::string_view text, bool wide) = 0;
};

/// All that is referred to outlives the lifter.
struct LiftOptions {
  const component::TypeTable& types;
  IndexType pointer = IndexType::i32;
  StringEncoding encoding = StringEncoding::utf8;
  Law law = Law::lift;
  bool canonical_nans = false;     ///< by the trace's determinism settings [TRACE-06]
  std::uint64_t memory_size = 0;   ///< 0: not known, then all that addresses reach
  GuestMemory* memory = nullptr;   ///< null: nothing of it is known
  BreachSink* breaches = nullptr;  ///< null: nobody wants to know
  PlaceSink* places = nullptr;     ///< null: nobody wants to know
};

/// Tells the parts of values to a visitor. Stack and time are bounded by `limits::type_depth` and
/// the budget; when that is spent, no further parts come, though all that began ends.
///
/// A type is one of values, or that of a function: then the value is that of its parameters.
class Lifter {
 public:
  Lifter(const LiftOptions& options, ValueVisitor& into, Budget& budget)
      : options_(options), into_(into), budget_(budget) {}

  /// The value that begins at the next of the core values; the next is then the one behind it.
  void lift_flat(std::uint32_t type, FlatValues& values);
  /// The value at an address, which is judged as that of a place for it [ABI-06].
  void load(std::uint32_t type, std::uint64_t address);

 private:
  class FlatPlace;
  class MemoryPlace;

  void value(std::uint32_t type, auto& place);
  void parts(const Type& type, std::uint64_t count, auto&& type_of, auto& place);
  void scalar(const Type& type, std::uint64_t bits, const auto& place);
  void variant(const Type& type, const component::Layout& layout, auto& place);
  void pointed(const Type& type, auto& place);
  void string(const Type& type, std::uint64_t address, std::uint64_t units, const auto& place);
  void list(const Type& type, std::uint64_t address, std::uint64_t count, const auto& place);
  void elements(const Type& type, std::uint64_t address, std::uint64_t count,
                std::uint64_t element_size);
  bool reachable(std::string_view rule, std::string_view what, std::uint64_t address,
                 std::uint64_t size, std::uint32_t alignment, const auto& place);
  void judge_integer(const Type& type, std::uint64_t bits, std::uint64_t value, const auto& place);
  void breach(std::string_view rule, bool traps, const auto& place, std::string_view expected,
              std::string_view found);
  void breach(std::string_view rule, bool traps, const auto& place, std::string_view expected,
              std::uint64_t found) {
    if (options_.breaches != nullptr) breach(rule, traps, place, expected, std::to_string(found));
  }
  [[nodiscard]] const component::Layout& layout(std::uint32_t type) const {
    return options_.types.layout(type, options_.pointer);
  }

  const LiftOptions& options_;
  ValueVisitor& into_;
  Budget& budget_;
};

}  // namespace crossing::values
