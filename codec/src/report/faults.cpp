#include "report/faults.h"

#include "event/enumerators.h"

namespace crossing::reporting {

std::vector<Fault> faults_of(const CheckedTrace& trace) {
  std::vector<Fault> faults;
  for (const Finding& finding : trace.report.findings)
    faults.push_back({finding.error(), &finding});
  if (trace.report.fault) faults.push_back({*trace.report.fault, nullptr});
  return faults;
}

Verdict verdict_of(const CheckedTrace& trace) {
  const std::optional<Error> first = trace.report.first();
  return first ? first->verdict : Verdict::ok;
}

std::string_view title_of(const CheckedTrace& trace) {
  return trace.name == "-" ? std::string_view("standard input") : trace.name;
}

std::string function_name(const Definitions& definitions, std::uint32_t id) {
  if (id >= definitions.functions.size()) return "";
  const Function& function = definitions.functions[id];
  std::string text(function.role == Role::builtin ? std::string_view(function.builtin)
                                                  : enumerator_name(function.role));
  if (!function.names.empty()) {
    const Name& name = function.names.front();
    text += ' ' + name.instance_name + (name.instance_name.empty() ? "" : "#") + name.function_name;
  } else if (!function.core_export.empty()) {
    text += ' ' + function.core_export;
  }
  return text;
}

std::string context_of(const CheckedTrace& trace, const Fault& fault) {
  std::string text;
  if (fault.finding == nullptr) return text;
  const auto add = [&](std::string_view what, std::string_view value) {
    if (!value.empty()) text.append(text.empty() ? "" : "; ").append(what).append(value);
  };
  add("in ", function_name(trace.report.definitions, fault.finding->function));
  if (fault.finding->law) {
    add("judged by ",
        *fault.finding->law == Law::lower ? "what some lowering writes" : "what lifting accepts");
  }
  add("quirk ", fault.finding->quirk);
  return text;
}

std::string_view law_name(const std::optional<Law>& law) {
  if (!law) return "";
  return *law == Law::lift ? "lift" : "lower";
}

}  // namespace crossing::reporting
