#include <fmt/format.h>

#include "report/faults.h"
#include "text/printable.h"

namespace crossing {
namespace {

using namespace reporting;

/// For an attribute or text of XML 1.0: what it does not allow was escaped before, as for a
/// terminal.
std::string xml(std::string_view value) {
  std::string safe;
  text::append_printable(safe, value, value.size(), false);
  std::string out;
  for (const char character : safe) {
    switch (character) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += character;
    }
  }
  return out;
}

/// Of one layer: a case of its suite.
class Case {
 public:
  Case(const CheckedTrace& trace, std::string_view layer) : trace_(trace), layer_(layer) {
    for (const Fault& fault : faults_of(trace)) {
      if (fault.layer() == layer) faults_.push_back(fault);
    }
    for (const Layer one : all_layers) {
      if (layer_name(one) == layer) {
        const std::uint64_t found = trace.report.layer_findings[static_cast<std::size_t>(one)];
        if (found > faults_.size()) omitted_ = found - faults_.size();
      }
    }
  }

  [[nodiscard]] bool failed() const { return (!faults_.empty() || omitted_ != 0) && !erred(); }
  /// The trace could not be read: no property of it.
  [[nodiscard]] bool erred() const {
    return !faults_.empty() && faults_.front().error.verdict == Verdict::io;
  }

  [[nodiscard]] std::string text(bool skipped) const {
    std::string out =
        fmt::format(R"(    <testcase classname="{}" name="{}")", xml(title_of(trace_)), layer_);
    if (skipped) {
      return out + fmt::format(">\n      <skipped message=\"{}\"/>\n    </testcase>\n",
                               xml(trace_.without_component));
    }
    if (faults_.empty() && omitted_ == 0) return out + "/>\n";
    if (faults_.empty()) {
      return out + fmt::format(
                       ">\n      <failure message=\"{} findings, not shown\"/>\n"
                       "    </testcase>\n",
                       omitted_);
    }
    const Error& first = faults_.front().error;
    const std::string_view element = erred() ? "error" : "failure";
    out += fmt::format(">\n      <{} message=\"{}\" type=\"{}\">", element, xml(first.message),
                       xml(first.rule.empty() ? verdict_name(first.verdict) : first.rule));
    for (const Fault& fault : faults_) {
      const std::string context = context_of(trace_, fault);
      out += xml(fault.error.text() + (context.empty() ? "" : " (" + context + ")")) + '\n';
    }
    if (omitted_ != 0) out += fmt::format("{} more\n", omitted_);
    return out + fmt::format("</{}>\n    </testcase>\n", element);
  }

 private:
  const CheckedTrace& trace_;
  std::string_view layer_;
  std::vector<Fault> faults_;
  std::uint64_t omitted_ = 0;  // of this layer, which the report has not
};

struct Counts {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;

  void add(const Counts& other) {
    tests += other.tests;
    failures += other.failures;
    errors += other.errors;
    skipped += other.skipped;
  }
  [[nodiscard]] std::string text() const {
    return fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}")", tests, failures,
                       errors, skipped);
  }
};

std::string suite(const CheckedTrace& trace, Counts& all) {
  Counts counts;
  std::string cases;
  const auto add = [&](std::string_view layer, bool skipped) {
    const Case one(trace, layer);
    counts.add({1, one.failed() ? 1U : 0U, one.erred() ? 1U : 0U, skipped ? 1U : 0U});
    cases += one.text(skipped);
  };
  add("container", false);
  for (const Layer layer : all_layers) {
    const bool judged = trace.report.layers.has(layer);
    if (judged) add(layer_name(layer), false);
    if (!judged && layer == Layer::component && !trace.without_component.empty()) {
      add(layer_name(layer), true);
    }
  }
  all.add(counts);
  return fmt::format("  <testsuite name=\"{}\" {}>\n", xml(title_of(trace)), counts.text()) +
         cases + "  </testsuite>\n";
}

}  // namespace

std::string check_junit(std::span<const CheckedTrace> traces) {
  Counts all;
  std::string suites;
  for (const CheckedTrace& trace : traces) suites += suite(trace, all);
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
         fmt::format("<testsuites name=\"crossing check\" {}>\n", all.text()) + suites +
         "</testsuites>\n";
}

}  // namespace crossing
