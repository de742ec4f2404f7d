#pragma once

/// Types, numbers and the rest, off the bytes that a fuzzer makes.

#include <algorithm>
#include <cstdint>

#include "component/types.h"
#include "crossing/value.h"
#include "expect.h"
#include "trace/definition_table.h"

namespace crossing::fuzz {

class ValueInput {
 public:
  ValueInput(const std::uint8_t* data, std::size_t size) : rest_(data, size) { take_types(); }

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t first = rest_[0];
    rest_ = rest_.subspan(1);
    return first;
  }
  std::uint32_t word() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 32; shift += 8) value |= std::uint32_t{byte()} << shift;
    return value;
  }
  [[nodiscard]] Bytes rest() const { return rest_; }
  [[nodiscard]] std::string_view text() const {
    return {reinterpret_cast<const char*>(rest_.data()), rest_.size()};
  }
  /// A type that there is.
  std::uint32_t type() { return byte() % static_cast<std::uint32_t>(types.size()); }

  TypeList types;
  component::TypeTable table;

 private:
  /// Whatever the bytes say, of which the rules refuse what refers on, in a circle or to nothing.
  void take_types() {
    DefinitionTable judge{TraceInfo{}};
    for (int count = byte() % 64; count >= 0; --count) {
      Type type{.id = static_cast<std::uint32_t>(types.size()),
                .kind = static_cast<TypeKind>(byte() % 30)};
      for (int members = byte() % 16; members > 0; --members) {
        type.members.push_back({has_names(type.kind) ? "l" + std::to_string(members) : "", id()});
      }
      type.element = id();
      type.key = id();
      type.length = byte() % 8 == 0 ? word() : 0;
      if (!judge.add(type, 0)) continue;
      table.append(type);
      types.push_back(std::move(type));
    }
    if (types.empty()) {
      table.append({.kind = TypeKind::string_});
      types.push_back({.kind = TypeKind::string_});
    }
    for (const Type& type : types) {
      const component::Layout& layout = table.layout(type.id, IndexType::i64);
      expect(layout.size % layout.alignment == 0 && layout.size <= component::kMaxElementSize + 8,
             "a size that is bounded");
    }
  }
  static bool has_names(TypeKind kind) { return kind != TypeKind::tuple; }
  std::uint32_t id() {
    const std::uint8_t found = byte();
    return found < 128 ? found : none;
  }

  Bytes rest_;
};

}  // namespace crossing::fuzz
