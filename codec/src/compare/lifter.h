#pragma once

/// Component values out of flat values and guest memory, as what they mean [COMPARE-03].

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compare/guest_bytes.h"
#include "compare/meaning.h"
#include "compare/type_view.h"

namespace crossing::comparing {

/// What a core value was taken for; `unused` is what nothing took.
enum class Slot : char { unused, value, pointer, handle };

/// Core values of a call, each as its bits, taken in order.
class FlatValues {
 public:
  FlatValues() = default;
  /// Takes no values when `bytes` are not those of the signature.
  FlatValues(const std::vector<CoreType>& signature, Bytes bytes);

  [[nodiscard]] std::size_t size() const { return bits_.size(); }
  [[nodiscard]] std::uint64_t operator[](std::size_t index) const { return bits_[index]; }
  [[nodiscard]] const std::vector<Slot>& slots() const { return slots_; }
  [[nodiscard]] std::size_t position() const { return next_; }
  /// The next value; 0 past the end.
  std::uint64_t next(Slot as);
  /// Goes to value `position`; those in between stay unused.
  void go_to(std::size_t position) { next_ = position; }
  void mark(std::size_t index, Slot as) { slots_[index] = as; }

 private:
  std::vector<std::uint64_t> bits_;
  std::vector<Slot> slots_;
  std::size_t next_ = 0;
};

/// Resources that an instance defines itself, by (instance, type).
using OwnResources = std::set<std::pair<std::uint32_t, std::uint32_t>>;

struct LiftContext {
  const TypeView& types;
  const OwnResources& own;
  std::uint32_t instance = 0;
  IndexType pointer = IndexType::i32;
  StringEncoding encoding = StringEncoding::utf8;
  bool to_guest = false;         ///< else the guest gives the values away
  GuestBytes* memory = nullptr;  ///< null: nothing of it is known
};

class Lifter {
 public:
  /// All outlive the lifter; `budget` counts down with the parts of values, and stops it at 0.
  Lifter(const LiftContext& context, Meaning& into, std::uint64_t& budget)
      : context_(context), into_(into), budget_(budget) {}

  void from_flat(std::uint32_t type, FlatValues& values);
  void from_memory(std::uint32_t type, std::uint64_t address);
  /// Parameters of a function type, as the tuple that they are in memory.
  void params_from_memory(const Type& func, std::uint64_t address);

 private:
  class FlatPlace;
  class MemoryPlace;

  void value(std::uint32_t type, auto& place);
  void value_at(std::uint32_t type, auto& place);
  void scalar(const Type& type, std::uint64_t bits);
  void handle(const Type& type, std::uint64_t index);
  void string(std::uint64_t address, std::uint64_t length);
  void list(std::uint32_t element, std::uint64_t address, std::uint64_t length);
  void map(const Type& type, std::uint64_t address, std::uint64_t length);
  void variant(const Type& type, auto& place);
  void unknown(std::uint64_t length);
  bool spend();

  const LiftContext& context_;
  Meaning& into_;
  std::uint64_t& budget_;
};

}  // namespace crossing::comparing
