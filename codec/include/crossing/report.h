#pragma once

/// What `check` found of traces, as lines for people and as documents for programs. Target
/// crossing::text.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crossing/check.h"

namespace [[gnu::visibility("default")]] crossing {

/// A trace that was checked.
struct CheckedTrace {
  std::string name;  ///< its path, or - for standard input
  CheckReport report;
  /// Why the component layer was asked for and not judged, for people; else empty.
  std::string without_component = {};
};

/// A line for each finding and fault, for a terminal: what the trace says is escaped [SEC-06]. Then
/// one of the quirks that would explain findings. None where the trace is ok. `color`: with ANSI
/// colours.
std::vector<std::string> check_lines(const CheckedTrace& trace, bool color = false);

/// One JSON object, on one line that ends in a line feed.
std::string check_json(const CheckedTrace& trace);

/// A log of SARIF 2.1.0, with one run.
std::string check_sarif(std::span<const CheckedTrace> traces, std::string_view crossing_version);

/// JUnit's XML: a suite for each trace, in it a case for the container and for each layer.
std::string check_junit(std::span<const CheckedTrace> traces);

/// The first sentence of a rule of the specification; empty where there is no such rule.
std::string_view rule_sentence(std::string_view id);

}  // namespace crossing
