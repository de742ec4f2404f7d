#include "crossing/check.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "command.h"
#include "input.h"

namespace crossing::tools {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string trace;
  bool json = false;
};

Json to_json(const Error& error) {
  return {{"verdict", verdict_name(error.verdict)},
          {"rule", error.rule.empty() ? Json() : Json(error.rule)},
          {"offset", error.offset ? Json(*error.offset) : Json()},
          {"event", error.event ? Json(*error.event) : Json()},
          {"message", error.message}};
}

std::string report_json(const CheckReport& report) {
  Json faults = Json::array();
  for (const Finding& finding : report.findings) faults.push_back(to_json(finding.error()));
  if (report.fault) faults.push_back(to_json(*report.fault));
  const std::optional<Error> first = report.first();
  const Json json = {{"verdict", verdict_name(first ? first->verdict : Verdict::ok)},
                     {"complete", !report.fault.has_value()},
                     {"events", report.totals.event_count},
                     {"blocks", report.totals.block_count},
                     {"omitted", report.omitted_findings},
                     {"faults", std::move(faults)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

int check_trace(const Options& options) {
  auto trace = open_input(options.trace);
  if (!trace) return fail(options.trace, trace.error());
  const CheckReport report = check(**trace);
  trace->reset();
  const std::optional<Error> first = report.first();
  if (options.json && (!first || first->verdict != Verdict::io)) {
    const auto printed = print(report_json(report));
    if (!printed) return fail(options.trace, printed.error());
    return static_cast<int>(first ? first->verdict : Verdict::ok);
  }
  if (!first) {
    const auto printed = print(fmt::format("{}: ok, {} in {}\n", options.trace,
                                           counted(report.totals.event_count, "event"),
                                           counted(report.totals.block_count, "block")));
    return printed ? 0 : fail(options.trace, printed.error());
  }
  for (const Finding& finding : report.findings) fail(options.trace, finding.error());
  if (report.omitted_findings != 0) {
    fmt::print(stderr, "crossing: {}: {} more\n", options.trace,
               counted(report.omitted_findings, "finding"));
  }
  if (report.fault) fail(options.trace, *report.fault);
  return static_cast<int>(first->verdict);
}

}  // namespace

void add_check(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("check", "Judge a trace: container, references, order of events");
  command->add_option("TRACE", options->trace, "Trace, or - for standard input")->required();
  command->add_flag("--json", options->json, "Print what was found as one JSON object");
  command->footer(
      "Each finding is a sentence with the id of the rule in the specification. The exit code is\n"
      "the trace's verdict: that of its first fault.\n"
      "\n"
      "Examples:\n"
      "  crossing check run.xing\n"
      "  crossing check --json - < run.xing");
  command->callback([options, &action] { action = [options] { return check_trace(*options); }; });
}

}  // namespace crossing::tools
