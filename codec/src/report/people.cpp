#include <fmt/format.h>

#include "crossing/text.h"
#include "report/faults.h"

namespace crossing {
namespace {

using namespace reporting;

constexpr std::string_view red = "\x1b[1;31m";
constexpr std::string_view dim = "\x1b[2m";
constexpr std::string_view plain = "\x1b[0m";

/// "invalid at event 4: lower: expected …, found … [ORDER-06] (in host#f)"
std::string line_of(const CheckedTrace& trace, const Fault& fault, bool color) {
  const Error& error = fault.error;
  std::string text = printable(error.verdict == Verdict::io ? error.message : error.text());
  const std::string context = context_of(trace, fault);
  if (!context.empty()) text += " (" + printable(context) + ')';
  if (!color || error.verdict == Verdict::io) return text;
  const std::size_t rule =
      error.rule.empty() ? text.npos : text.rfind(fmt::format("[{}]", error.rule));
  if (rule != text.npos) text.insert(rule, dim).append(plain);
  const std::string_view verdict = verdict_name(error.verdict);
  if (text.starts_with(verdict)) text.insert(verdict.size(), plain).insert(0, red);
  return text;
}

}  // namespace

std::vector<std::string> check_lines(const CheckedTrace& trace, bool color) {
  const std::string title = printable(title_of(trace)) + ": ";
  std::vector<std::string> lines;
  const CheckReport& report = trace.report;
  const std::vector<Fault> faults = faults_of(trace);
  const auto add = [&](const Fault& fault) {
    // A sentence about files names them itself.
    const bool file = fault.error.verdict == Verdict::io;
    lines.push_back((file ? "" : title) + line_of(trace, fault, color));
  };
  for (const Fault& fault : faults) {
    if (fault.finding != nullptr) add(fault);
  }
  if (report.omitted_findings != 0) {
    lines.push_back(fmt::format("{}{} more", title, report.omitted_findings));
  }
  if (report.fault) add(faults.back());
  if (!report.undeclared_quirks.empty()) {
    lines.push_back(fmt::format(
        "{}undeclared quirks: a trace declares them as \"quirks\":[\"{}\"] in its trace info",
        title, fmt::join(report.undeclared_quirks, "\",\"")));
  }
  return lines;
}

}  // namespace crossing
