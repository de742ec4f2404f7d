#pragma once

/// The core values of a call [PAY-05], taken one by one as component values need them.

#include <cstdint>
#include <vector>

#include "crossing/definitions.h"
#include "crossing/io.h"

namespace crossing::values {

/// What a core value was taken for; `unused` is what nothing took.
enum class Slot : char { unused, value, pointer, handle };

class FlatValues {
 public:
  FlatValues() = default;
  /// Has no values when `bytes` are not those of the signature. Of a v128 the lower half is taken.
  FlatValues(const std::vector<CoreType>& signature, Bytes bytes) { assign(signature, bytes); }
  /// The same, in the memory that it has.
  void assign(const std::vector<CoreType>& signature, Bytes bytes);

  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] std::uint64_t operator[](std::size_t index) const { return values_[index].bits; }
  [[nodiscard]] CoreType type(std::size_t index) const { return values_[index].type; }
  [[nodiscard]] Slot slot(std::size_t index) const { return values_[index].slot; }

  /// The number of the next value.
  [[nodiscard]] std::size_t position() const { return next_; }
  /// Its bits; 0 past the end.
  std::uint64_t next(Slot as);
  /// Goes to value `position`; those in between stay unused.
  void go_to(std::size_t position) { next_ = position; }
  void mark(std::size_t index, Slot as) { values_[index].slot = as; }

 private:
  struct Core {
    std::uint64_t bits = 0;
    CoreType type = CoreType::i32;
    Slot slot = Slot::unused;
  };
  std::vector<Core> values_;
  std::size_t next_ = 0;
};

}  // namespace crossing::values
