#pragma once

/// What one lowering did to guest memory: the blocks that it asked for, and the bytes that it
/// wrote.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "check/string_sizes.h"
#include "crossing/definitions.h"
#include "crossing/io.h"
#include "value/guest_bytes.h"

namespace crossing::checking {

/// A call of the guest's `realloc`, and what it answered.
struct Realloc {
  std::uint64_t event = 0;
  std::uint64_t old = 0;
  std::uint64_t old_size = 0;
  std::uint64_t alignment = 0;
  std::uint64_t new_size = 0;
  std::optional<std::uint64_t> pointer;  // none: not in the trace
  std::vector<std::uint8_t> old_bytes;   // what is known of the beginning of the old block
  std::uint64_t old_extent = 0;          // how far exact writes went into it

  /// "realloc(0, 0, 1, 5)"
  [[nodiscard]] std::string text() const;
};

class Lowering {
 public:
  /// Forgets everything, and keeps the memory for the next one.
  void clear();

  /// The host may write here, beside blocks.
  void add_area(std::uint64_t address, std::uint64_t size);
  void begin_realloc(Realloc call) { reallocs_.push_back(std::move(call)); }
  /// How far exact writes went into the block that the call before moves.
  void set_old_extent(std::uint64_t extent) { reallocs_.back().old_extent = extent; }
  /// The call before returned; the bytes of a block that moved come along [ABI-15]. Gives how many
  /// bytes more are kept.
  std::uint64_t end_realloc(std::optional<std::uint64_t> pointer);

  /// Whether all bytes lie in areas and blocks [WRITE-01]. Where they do not, it may take time by
  /// the number of blocks.
  [[nodiscard]] bool may_write(std::uint64_t address, std::uint64_t size) const;
  /// `address` + size must not pass 2^64.
  void write(std::uint64_t address, Bytes bytes) { memory_.write(address, bytes); }

  [[nodiscard]] const std::vector<Realloc>& reallocs() const { return reallocs_; }
  [[nodiscard]] values::GuestBytes& memory() { return memory_; }

  bool is_redacted = false;  ///< some of what was written is not in the trace

 private:
  [[nodiscard]] bool has_place_in(std::uint64_t address, std::uint64_t size) const;
  void remove_block(std::uint64_t address, std::uint64_t size);

  std::vector<Realloc> reallocs_;
  std::multimap<std::uint64_t, std::uint64_t> places_;  // beginning to end
  std::uint64_t largest_ = 0;                           // size of one
  values::GuestBytes memory_;
};

/// Matches the blocks of a lowering with what values need, one after the other [REALLOC-02].
class BlockMatcher {
 public:
  explicit BlockMatcher(const std::vector<Realloc>& reallocs) : reallocs_(reallocs) {}

  /// What did not match.
  struct Mismatch {
    std::string_view rule;
    std::uint64_t event = 0;  // of the `realloc_call`, or none where one is missing
    bool has_event = false;
    // A string without bytes has no block, which a quirk explains; the others match all the same.
    bool is_empty_string = false;
    std::string expected;
    std::string found;
  };

  /// A list, or parameters: one block of `size` bytes.
  std::optional<Mismatch> block(std::uint64_t address, std::uint64_t size, std::uint32_t alignment);
  /// A string; `text` is its UTF-8.
  std::optional<Mismatch> string(std::uint64_t address, std::string_view text,
                                 StringEncoding encoding, bool wide);
  /// That no call is left.
  std::optional<Mismatch> end() const;

 private:
  [[nodiscard]] const Realloc* at(std::size_t index) const {
    return index < reallocs_.size() ? &reallocs_[index] : nullptr;
  }
  std::optional<Mismatch> moved(const SizeSequence& sequence, std::string_view text,
                                StringEncoding encoding, bool wide) const;
  std::optional<Mismatch> lies_at(std::uint64_t address, const Realloc& block) const;

  const std::vector<Realloc>& reallocs_;
  std::size_t next_ = 0;
  std::size_t empty_strings_ = 0;  // with a block that may be that of an empty list
};

}  // namespace crossing::checking
