#pragma once

/// The canonical text of values [WAVE-02].

#include <string>
#include <vector>

#include "value/visitor.h"

namespace crossing::values {

/// Whether a character is not shown as it is: controls, and what changes the direction or place of
/// others [WAVE-04] [SEC-06].
bool is_hidden(std::uint32_t code);

/// Appends a character of a text in quotes `quote`, escaped where it has to be [WAVE-04].
void append_escaped(std::string& out, std::uint32_t code, char quote);

/// A float with so many bits as its type has [WAVE-03].
std::string float_text(TypeKind kind, std::uint64_t bits);

/// Writes text; derived classes say where it goes, and may write some parts in another way.
class WaveWriter : public ValueVisitor {
 public:
  void scalar(const Type& type, std::uint64_t bits) override;
  void string(std::string_view text) override;
  void bytes(const Type& type, Bytes elements) override;
  void begin(const Type& type, std::uint64_t count) override;
  void begin_case(const Type& type, std::uint32_t index) override;
  void end(const Type& type) override;
  void unknown(const Type& type, const Unknown& what) override;

 protected:
  virtual void put(std::string_view text) = 0;
  /// What stands before a parameter of a function: nothing, unless this is told otherwise.
  virtual void put_parameter(const Member&) {}

  /// Separates the next part from the one before it. Each part begins with it.
  void begin_part();
  void put_label(std::string_view label);
  void put_scalar(const Type& type, std::uint64_t bits);

 private:
  struct Around {
    const Type* type;
    std::uint64_t parts;
  };
  std::vector<Around> around_;
};

}  // namespace crossing::values
