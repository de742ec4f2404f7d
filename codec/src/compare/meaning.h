#pragma once

/// What values say, in a form that compares: a hash of all of it, its beginning for people, and the
/// handles in it, whose indices say nothing [COMPARE-04].

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crossing/io.h"

namespace crossing::comparing {

/// Where an index counts: one component instance's table for one kind of thing.
struct HandleTable {
  enum class Kind : std::uint8_t { resource, representation, waitable, set, error_context };
  std::uint32_t instance = 0;
  std::uint32_t type = 0;  ///< the resource, or 0
  Kind kind = Kind::resource;
  auto operator<=>(const HandleTable&) const = default;  // NOLINT(modernize-use-nullptr)
};

/// A handle, or a representation, that passed.
struct HandleUse {
  HandleTable table;
  std::uint64_t index = 0;
  bool creates = false;  ///< here it came to be
};

class Meaning {
 public:
  /// Appends text that counts.
  void add(std::string_view text);
  /// Appends bytes that count; people see the first of them.
  void add_bytes(Bytes bytes);
  void add_handle(const HandleUse& use) { handles_.push_back(use); }

  /// Ends it; nothing may be added after that.
  void finish();

  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// The beginning, cut with "…".
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::vector<HandleUse>& handles() const { return handles_; }
  /// The same, handles apart.
  [[nodiscard]] bool says_the_same(const Meaning& other) const {
    return size_ == other.size_ && hash_ == other.hash_ && handles_.size() == other.handles_.size();
  }

 private:
  void mix(const void* data, std::size_t size);
  void show(std::string_view text);
  void fold();

  std::string text_;
  bool cut_ = false;
  std::vector<std::uint8_t> pending_;
  std::uint64_t size_ = 0;
  std::uint64_t hash_ = 0;
  std::vector<HandleUse> handles_;
};

}  // namespace crossing::comparing
