#pragma once

/// SHA-256, the identity of components [COMP-01].

#include <array>
#include <memory>
#include <string>

#include "crossing/io.h"

namespace crossing::tools {

using Digest = std::array<std::uint8_t, 32>;

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(Bytes bytes);
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest sha256(Bytes bytes);

/// Lower-case hexadecimal digits.
std::string hex_text(Bytes bytes);

}  // namespace crossing::tools
