#pragma once

/// The bytes of values [VALUE-01].

#include <vector>

#include "crossing/value.h"
#include "value/visitor.h"

namespace crossing::values {

/// Appends the bytes of the parts that it is told. One that cannot be told has no bytes.
class BinaryWriter : public ValueVisitor {
 public:
  explicit BinaryWriter(std::vector<std::uint8_t>& out) : out_(out) {}
  void scalar(const Type& type, std::uint64_t bits) override;
  void string(std::string_view text) override;
  void bytes(const Type& type, Bytes elements) override;
  void begin(const Type& type, std::uint64_t count) override;
  void begin_case(const Type& type, std::uint32_t index) override;
  void end(const Type&) override {}
  void unknown(const Type&, const Unknown&) override {}

 private:
  std::vector<std::uint8_t>& out_;
};

/// Tells the parts of the value at the beginning of `bytes`; gives the number of its bytes. After
/// an error what was told is to be forgotten.
Result<std::uint64_t> read_binary(const TypeList& types, std::uint32_t type, Bytes bytes,
                                  ValueVisitor& into, Budget& budget);

}  // namespace crossing::values
