#pragma once

/// The component layer: whether a trace defines what the component's binary says
/// (spec/checker.md, "Against the component").

#include "check/findings.h"
#include "crossing/component.h"

namespace crossing::checking {

/// Holds the definitions of a trace against the wiring of its component, whose digest is compared
/// where the caller has filled it in. Time and memory grow with both, and not with their product.
void judge_component(const TraceInfo& info, const Definitions& trace, const Wiring& wiring,
                     Findings& findings);

}  // namespace crossing::checking
