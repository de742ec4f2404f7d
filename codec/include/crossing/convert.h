#pragma once

/// From a trace of core values and guest memory to one of component values.

#include <cstdint>

#include "crossing/io.h"
#include "crossing/trace.h"

namespace [[gnu::visibility("default")]] crossing {

/// What `convert_to_values` wrote.
struct Conversion {
  std::uint64_t events = 0;
  std::uint64_t omitted = 0;  ///< checks whose values are not in the `abi` trace [PROF-06]
  std::uint64_t things = 0;   ///< that handles name [VALUE-05]
};

/// Makes a trace of the profile `values` of a complete one of the profile `abi` [PROF-05]. The
/// guest is not needed. Memory is bounded by the calls that are open and the handles that live.
///
/// Errors: the verdict of `abi`, if it is not `ok`; `invalid` at an event that no engine makes by
/// the Canonical ABI; `unsupported` for a trace of another profile or with a gap, for asynchronous
/// calls, and where the host gave a value that the trace does not hold; `limit`. After an error the
/// new trace has no end frame.
Result<Conversion> convert_to_values(ByteSource& abi, ByteSink& values, WriterOptions options = {});

}  // namespace crossing
