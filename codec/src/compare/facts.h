#pragma once

/// What traces say of themselves, and which differences that declares.

#include <vector>

#include "crossing/compare.h"
#include "crossing/trace.h"

namespace crossing::comparing {

/// What differs between two trace infos; identity, producer and times do not count [COMPARE-07].
std::vector<Difference> facts(const TraceInfo& left, const TraceInfo& right);

/// Whether exactly one of them has a quirk.
bool only_one_has(std::string_view quirk, const TraceInfo& left, const TraceInfo& right);

}  // namespace crossing::comparing
