#pragma once

/// The component types of one reading, in one flat table. Structurally equal types have one id,
/// resources one each. What the Canonical ABI makes of a type is computed once, when it enters
/// the table, from what was computed for the types it refers to: nothing here recurses.

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "crossing/definitions.h"

namespace crossing::component {

inline constexpr std::size_t kMaxFlatParams = 16;
inline constexpr std::size_t kMaxFlatAsyncParams = 4;
inline constexpr std::size_t kMaxFlatResults = 1;

/// The bound of the Component Model on the size of a value type, taken with 64-bit pointers.
inline constexpr std::uint64_t kMaxElementSize = std::uint64_t{1} << 28;

constexpr std::uint64_t align_to(std::uint64_t place, std::uint32_t alignment) {
  return (place + alignment - 1) / alignment * alignment;
}

/// Bytes of the smallest unsigned integer that can count `cases`.
constexpr std::uint32_t discriminant_size(std::size_t cases) {
  return cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
}

/// Up to 16 core types; `overflow` says that there are more, whose types no longer matter.
class Flat {
 public:
  void push(CoreType type);
  void append(const Flat& other);
  /// As `flatten_variant` does with the next case.
  void join(const Flat& other);
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool overflow() const { return overflow_; }
  [[nodiscard]] bool fits(std::size_t limit) const { return !overflow_ && size_ <= limit; }
  [[nodiscard]] std::vector<CoreType> list() const {
    return {types_.begin(), types_.begin() + size_};
  }
  bool operator==(const Flat&) const = default;

 private:
  std::array<CoreType, kMaxFlatParams> types_{};
  std::uint8_t size_ = 0;
  bool overflow_ = false;
};

/// A value type, or the parameters of a function as a tuple, in memory and flattened, for one width
/// of pointers.
struct Layout {
  std::uint64_t size = 0;
  std::uint32_t alignment = 1;
  std::uint32_t payload_offset = 0;  // of a variant
  Flat flat;
};

struct TypeInfo {
  std::array<Layout, 2> layout;  // by IndexType
  std::uint32_t depth = 1;       // of the types that refer to one another
  bool has_borrow = false;       // transitively
  bool has_resource = false;
  bool has_pointer = false;  // a string or a list, whose bytes lie elsewhere in memory
  bool has_string = false;   // in the value, or of a function in its parameters
  // Alignments of the lists and maps in it, of a function in its parameters, each as its bit, by
  // IndexType.
  std::array<std::uint8_t, 2> list_alignments{};
};

class TypeTable {
 public:
  /// The id of a type equal to `type` in everything but id and name; a new one unless there is one.
  /// Members that refer to types are ids of this table. Not for resources.
  std::uint32_t intern(Type type);
  /// A resource type unlike every other.
  std::uint32_t add_resource();
  /// The next type of a trace, whose ids are those of this table then. `type` refers to types that
  /// are there already [TYPE-02].
  void append(Type type) { add(std::move(type)); }
  /// Gives a type a name for people, if it has none.
  void suggest_name(std::uint32_t id, std::string_view name);

  [[nodiscard]] bool has(std::uint32_t id) const { return id < types_.size(); }
  [[nodiscard]] const Type& operator[](std::uint32_t id) const { return types_[id]; }
  [[nodiscard]] const TypeInfo& info(std::uint32_t id) const { return infos_[id]; }
  [[nodiscard]] const Layout& layout(std::uint32_t id, IndexType pointer) const {
    return infos_[id].layout[static_cast<std::size_t>(pointer)];
  }
  [[nodiscard]] std::size_t size() const { return types_.size(); }

 private:
  std::uint32_t add(Type type);
  [[nodiscard]] TypeInfo measure(const Type& type) const;
  void measure_pointer(const Type& type, IndexType pointer, Layout& layout) const;
  void record_params(const Type& func, IndexType pointer, Layout& layout) const;

  std::deque<Type> types_;
  std::deque<TypeInfo> infos_;
  std::unordered_map<std::string, std::uint32_t> by_structure_;
};

}  // namespace crossing::component
