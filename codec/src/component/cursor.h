#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crossing/io.h"
#include "crossing/result.h"

namespace crossing::component {

/// The first fault of a reading. Later ones are consequences, and are dropped.
class Fault {
 public:
  [[nodiscard]] bool ok() const { return !error_; }
  /// Returns false, so that a caller can `return fault.raise(…)`.
  bool raise(Verdict verdict, std::uint64_t offset, std::string message);
  [[nodiscard]] const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

/// "0x2a"
std::string hex(std::uint64_t value);

/// Whether `bytes` is well-formed UTF-8: no surrogates, no overlong forms.
bool is_utf8(std::string_view bytes);

/// Reads a range of bytes front to back. Every read names the field it is for, so that the error
/// can. After a fault, reads return zero, counts are zero and `done()` is true: a parser looks at
/// the fault where it would otherwise go on, not after each read.
class Cursor {
 public:
  Cursor(Bytes input, std::uint32_t name_limit, Fault& fault)
      : input_(input), end_(input.size()), name_limit_(name_limit), fault_(&fault) {}

  [[nodiscard]] bool ok() const { return fault_->ok(); }
  [[nodiscard]] bool done() const { return !ok() || position_ == end_; }
  [[nodiscard]] std::uint64_t offset() const { return position_; }
  [[nodiscard]] std::size_t remaining() const { return end_ - position_; }

  std::uint8_t byte(std::string_view field);
  /// What was read since `offset()` was `start`.
  [[nodiscard]] Bytes since(std::uint64_t start) const {
    return input_.subspan(static_cast<std::size_t>(start),
                          position_ - static_cast<std::size_t>(start));
  }
  [[nodiscard]] std::uint8_t peek() const { return done() ? 0 : input_[position_]; }
  std::uint32_t u32(std::string_view field);
  std::uint64_t u64(std::string_view field);
  std::int64_t s33(std::string_view field);
  /// Length of a vector whose elements take at least `element_size` bytes each; at most what the
  /// remaining bytes can hold, so that it is safe to loop over and to reserve by.
  std::uint32_t count(std::string_view field, std::size_t element_size = 1);
  /// Length-prefixed UTF-8. The view is into the input.
  std::string_view name(std::string_view field);
  /// The next `size` bytes as a cursor of their own; what ends too early in there is `invalid`.
  Cursor part(std::uint32_t size, std::string_view field);
  void skip(std::uint64_t size, std::string_view field);
  /// Demands that the next byte is `value`.
  void literal(std::uint8_t value, std::string_view field);
  /// Demands that nothing is left.
  void finish(std::string_view what);

  bool fail(Verdict verdict, std::string message) {
    return fault_->raise(verdict, position_, std::move(message));
  }
  bool fail_at(std::uint64_t offset, Verdict verdict, std::string message) {
    return fault_->raise(verdict, offset, std::move(message));
  }
  /// "expected `what`, found 0x2a", for the byte at `offset`.
  bool unexpected(std::uint64_t offset, std::string_view what, std::uint64_t found);

 private:
  /// What it means that bytes are missing: at the end of the whole input it was cut off.
  [[nodiscard]] Verdict cut() const { return part_ ? Verdict::invalid : Verdict::truncated; }
  std::uint64_t leb(std::string_view field, unsigned bits);

  Bytes input_;
  std::size_t position_ = 0;
  std::size_t end_;
  std::uint32_t name_limit_;
  Fault* fault_;
  bool part_ = false;
};

}  // namespace crossing::component
