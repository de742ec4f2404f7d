#pragma once

/// Components that record themselves, kept from one run to the next.

#include <vector>

#include "crossing/instrument.h"
#include "crossing/io.h"
#include "crossing/result.h"

namespace crossing::tools {

/// `component` as `instrument_component` rewrites it. It is kept under `crossing/instrumented` in
/// the user's cache folder (XDG_CACHE_HOME, or ~/.cache), by the component's digest, and made again
/// when this program is newer. A cache that cannot be read or written is no error.
Result<std::vector<std::uint8_t>> rewritten(Bytes component, const InstrumentOptions& how);

}  // namespace crossing::tools
