#pragma once

/// What the checker says of a value that was lowered.

#include <string>
#include <vector>

#include "generate.h"
#include "model.h"

namespace crossing::testing {

/// Judges a trace of one call to which the host lowered the value: an export with it as its
/// parameter where it is flat, else an import whose result is stored. Empty: nothing was found;
/// also where no call passes the value so.
std::string check_lowered(const ValueCase& one, const std::vector<std::uint64_t>& flat,
                          const std::vector<LowerEvent>& events);

}  // namespace crossing::testing
