#pragma once

#include <algorithm>

#include "crossing/check.h"
#include "expect.h"

namespace crossing::fuzz {

/// Each finding is a sentence, and names a rule of the checker.
inline void expect_findings(const Checker& checker) {
  for (const Finding& finding : checker.findings()) {
    expect(!finding.expected.empty() && !finding.found.empty(), "a sentence");
    expect(std::any_of(check_rules().begin(), check_rules().end(),
                       [&](const CheckRule& rule) { return rule.id == finding.rule; }),
           "a rule of the checker");
  }
}

}  // namespace crossing::fuzz
