#pragma once

/// Which thing a handle is, for as long as it lives [VALUE-05].

#include <cstdint>
#include <map>
#include <tuple>

#include "crossing/definitions.h"

namespace crossing::converting {

/// Things are numbered from 1 as they come to be.
class ThingNames {
 public:
  /// The thing whose handle passes to the guest of an instance (`to_guest`) or from it.
  std::uint32_t passes(std::uint32_t instance, const Type& type, std::uint32_t index,
                       bool to_guest);

  /// What a built-in that the guest called does to handles. `param` is its first core parameter,
  /// `result` its result, 0 where there is none.
  void builtin(const Function& function, std::uint64_t param, std::uint64_t result);
  /// The thing that is destroyed; a new one where its representation is not known.
  std::uint32_t destroyed(std::uint32_t instance, std::uint32_t resource,
                          std::uint32_t representation);

  /// How many there were.
  [[nodiscard]] std::uint32_t count() const { return count_; }
  /// How many handles are known.
  [[nodiscard]] std::size_t live() const { return handles_.size() + representations_.size(); }

 private:
  /// An instance's table: that of a resource type, or of the things that are none.
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
  using Names = std::map<Key, std::uint32_t>;

  std::uint32_t known(Names& names, const Key& key);

  Names handles_;
  Names representations_;  // of resources that the instance itself defines
  std::uint32_t count_ = 0;
};

}  // namespace crossing::converting
