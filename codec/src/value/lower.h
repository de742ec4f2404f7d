#pragma once

/// `store` and `lower_flat` of the Canonical ABI: core values and guest memory out of component
/// values, as a host does it that follows the specification step by step.

#include <cstdint>
#include <vector>

#include "component/types.h"
#include "crossing/value.h"

namespace crossing::values {

/// The guest whose memory is written.
class LowerTarget {
 public:
  virtual ~LowerTarget() = default;
  /// Calls the guest's `realloc`.
  virtual std::uint64_t realloc(std::uint64_t old, std::uint64_t old_size, std::uint32_t alignment,
                                std::uint64_t new_size) = 0;
  virtual void write(std::uint64_t address, Bytes bytes) = 0;
};

struct LowerOptions {
  const component::TypeTable& types;
  IndexType pointer = IndexType::i32;
  StringEncoding encoding = StringEncoding::utf8;  ///< of the guest
  /// Of whom the strings come from: which blocks are asked for follows from it.
  StringEncoding source = StringEncoding::utf8;
  /// What a latin1+utf16 source has in Latin-1 where it can.
  bool source_is_compact = true;
};

class Lowerer {
 public:
  Lowerer(const LowerOptions& options, LowerTarget& target) : options_(options), target_(target) {}

  /// Appends the core values of a value of the type, each as its bits. A value that is none of the
  /// type, or more than a string or list may be, is `invalid`, and so is an address from the guest
  /// that is not aligned.
  Result<void> lower_flat(std::uint32_t type, const Value& value, std::vector<std::uint64_t>& flat);
  /// Writes a value where the guest wants it.
  Result<void> store(std::uint32_t type, const Value& value, std::uint64_t address);

 private:
  struct Range {
    std::uint64_t address = 0;
    std::uint64_t length = 0;  ///< with the tag
  };

  void flat_value(std::uint32_t type, const Value& value, std::vector<std::uint64_t>& flat);
  void stored(std::uint32_t type, const Value& value, std::uint64_t address);
  Range pointed(const Type& type, const Value& value);
  Range list(const Type& type, const Value& value);
  void elements(const Type& type, const Value& value, std::uint64_t address, std::uint64_t size);
  Range string(const std::string& text);
  Range copied(Bytes bytes, std::uint32_t unit, std::uint32_t alignment);
  Range to_utf8(const std::string& text, std::uint64_t units, std::uint64_t worst);
  Range to_utf16(const std::string& text);
  Range to_compact(const std::string& text, std::uint64_t units);
  Range from_compact_utf16(const std::string& text);
  std::uint64_t block(std::uint64_t old, std::uint64_t old_size, std::uint32_t alignment,
                      std::uint64_t new_size);
  void write_number(std::uint64_t address, std::uint64_t bits, std::uint32_t size);
  Result<void> outcome(auto&& lower);
  const Value& part(const Value& value, std::size_t index);
  [[nodiscard]] std::uint64_t tag() const { return std::uint64_t{1} << (8 * pointer_size() - 1); }
  [[nodiscard]] std::uint32_t pointer_size() const {
    return options_.pointer == IndexType::i64 ? 8 : 4;
  }

  const LowerOptions& options_;
  LowerTarget& target_;
  const char* fault_ = nullptr;
};

}  // namespace crossing::values
