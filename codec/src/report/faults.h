#pragma once

/// What all reports say of a fault, in the same words.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crossing/report.h"

namespace crossing::reporting {

/// A finding of a layer, or the reader's verdict.
struct Fault {
  Error error;
  const Finding* finding = nullptr;  // null: the reader's

  [[nodiscard]] std::string_view layer() const {
    return finding == nullptr ? "container" : layer_name(finding->layer);
  }
};

/// Findings, then the reader's verdict. They point into the trace.
std::vector<Fault> faults_of(const CheckedTrace& trace);

/// The verdict of a trace [VERDICT-01].
Verdict verdict_of(const CheckedTrace& trace);

/// "standard input" of "-".
std::string_view title_of(const CheckedTrace& trace);

/// "wasi:io/streams@0.2.3#[method]input-stream.read", as the trace says it; empty for none.
std::string function_name(const Definitions& definitions, std::uint32_t function);

/// "in host#f; judged by what some lowering writes; quirk string_exact_size": what the sentence of
/// a finding leaves out. Empty where there is nothing.
std::string context_of(const CheckedTrace& trace, const Fault& fault);

/// "lift", "lower" or empty.
std::string_view law_name(const std::optional<Law>& law);

}  // namespace crossing::reporting
