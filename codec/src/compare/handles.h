#pragma once

/// Which handle of one recording is which of the other [COMPARE-04].

#include <cstdint>
#include <map>
#include <utility>

#include "compare/meaning.h"

namespace crossing::comparing {

class Handles {
 public:
  /// Takes a handle at the same place of both recordings; false: they are not the same thing.
  bool same(const HandleUse& left, const HandleUse& right) {
    if (left_.size() + right_.size() > most) {  // what they are is learnt anew
      left_.clear();
      right_.clear();
    }
    std::uint64_t& mine = left_[{left.table, left.index}];
    std::uint64_t& other = right_[{right.table, right.index}];
    if (left.creates || right.creates || (mine == 0 && other == 0)) {
      mine = other = ++things_;
      return left.creates == right.creates;
    }
    return mine == other;
  }

 private:
  static constexpr std::size_t most = std::size_t{1} << 20;
  using Table = std::map<std::pair<HandleTable, std::uint64_t>, std::uint64_t>;
  Table left_;
  Table right_;
  std::uint64_t things_ = 0;
};

}  // namespace crossing::comparing
