#pragma once

#include <cstdio>
#include <cstdlib>

namespace crossing::fuzz {

/// Ends the process where something that must hold does not.
inline void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "expected: %s\n", what);
  std::abort();
}

}  // namespace crossing::fuzz
