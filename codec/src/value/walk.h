#pragma once

/// Between `Value` and its parts.

#include <vector>

#include "crossing/value.h"
#include "value/visitor.h"

namespace crossing::values {

/// Tells the parts of a value, which is one of the type or `invalid`.
Result<void> walk(const TypeList& types, std::uint32_t type, const Value& value,
                  ValueVisitor& into);

/// Makes a `Value` of parts. A part that cannot be told makes it useless.
class ValueBuilder final : public ValueVisitor {
 public:
  void scalar(const Type&, std::uint64_t bits) override { add({.bits = bits}); }
  void string(std::string_view text) override { add({.text = std::string(text)}); }
  void bytes(const Type&, Bytes elements) override {
    add({.text = std::string(elements.begin(), elements.end())});
  }
  void begin(const Type&, std::uint64_t) override { open_.emplace_back(); }
  void begin_case(const Type&, std::uint32_t index) override { open_.push_back({.bits = index}); }
  void end(const Type&) override {
    Value value = std::move(open_.back());
    open_.pop_back();
    add(std::move(value));
  }
  void unknown(const Type&, const Unknown&) override {
    complete_ = false;
    add({});
  }

  /// Whether every part was told.
  [[nodiscard]] bool complete() const { return complete_; }
  Value take() { return std::move(value_); }

 private:
  void add(Value value) { open_.empty() ? value_ = std::move(value) : add_part(std::move(value)); }
  Value& add_part(Value value) { return open_.back().parts.emplace_back(std::move(value)); }

  std::vector<Value> open_;
  Value value_;
  bool complete_ = true;
};

}  // namespace crossing::values
