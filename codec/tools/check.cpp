#include "crossing/check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "command.h"
#include "crossing/report.h"
#include "crossing/text.h"
#include "input.h"
#include "recorded.h"

namespace crossing::tools {
namespace {

struct Options {
  std::vector<std::string> traces;
  std::vector<std::string> layers;
  std::string component;
  bool ignore_quirks = false;
  bool json = false;
  std::string format = "people";
  std::string color = "auto";
  std::size_t max_findings = CheckOptions{}.max_findings;
};

bool is_regular(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

/// The component that is attached to the trace; of another than was recorded only what it is. Null:
/// there is none that can be read, and `why`.
std::optional<Wiring> attached(const std::string& trace, std::string& why) {
  const auto none_of_it = [&](std::string reason) {
    why = std::move(reason);
    return std::nullopt;
  };
  auto source = open_input(trace);
  if (!source) return std::nullopt;  // which is said of the trace itself
  const auto recorded = recorded_component(**source);
  source->reset();
  if (!recorded) return none_of_it(recorded.error().message);
  if (recorded->attachment == none) {
    return none_of_it("it is not attached, and --component was not given");
  }
  auto again = open_input(trace);
  if (!again) return std::nullopt;
  const auto file = extract_attachment(**again, recorded->attachment);
  again->reset();
  if (!file) return none_of_it(file.error().message);
  const auto digest = file_digest(file->path());
  if (!digest) return none_of_it(digest.error().message);
  if (mismatch(*recorded, *digest)) {
    Wiring other;
    other.definitions.components = {{.digest = {digest->begin(), digest->end()},
                                     .size = std::filesystem::file_size(file->path())}};
    return other;
  }
  auto component = load_component(file->path());
  if (!component) return none_of_it("the attached one: " + component.error().text());
  return std::move(component->wiring);
}

CheckedTrace check_trace(const std::string& path, const Wiring* given, const Options& options) {
  CheckedTrace checked{.name = path, .report = {}};
  CheckOptions how{.accept_quirks = !options.ignore_quirks, .max_findings = options.max_findings};
  if (!options.layers.empty()) {
    how.layers = {};
    for (const Layer layer : all_layers) {
      if (std::ranges::count(options.layers, layer_name(layer)) != 0) how.layers.add(layer);
    }
  }
  std::optional<Wiring> own;
  if (given == nullptr && how.layers.has(Layer::component)) {
    // The attachment is needed before what stands in front of it is judged.
    if (is_regular(path)) {
      own = attached(path, checked.without_component);
      if (own) given = &*own;
    } else {
      checked.without_component = "the trace can be read once only, and --component was not given";
    }
  }
  how.component = given;
  auto source = open_input(path);
  if (source) {
    checked.report = check(**source, how);
  } else {
    checked.report.fault = source.error();
  }
  return checked;
}

std::string ok_line(const CheckedTrace& trace) {
  const CheckReport& report = trace.report;
  std::vector<std::string_view> layers;
  for (const Layer layer : all_layers) {
    if (report.layers.has(layer)) layers.push_back(layer_name(layer));
  }
  std::string line = fmt::format("{}: ok, {} in {}; layers: {}", printable(trace.name),
                                 counted(report.totals.event_count, "event"),
                                 counted(report.totals.block_count, "block"),
                                 layers.empty() ? "none" : fmt::to_string(fmt::join(layers, ", ")));
  if (!trace.without_component.empty()) {
    line += "; not component: " + printable(trace.without_component);
  }
  return line + '\n';
}

/// Says what was found of one trace. What is no property of the trace goes to standard error in
/// every format.
Result<void> say(const CheckedTrace& trace, const Options& options) {
  const auto first = trace.report.first();
  const bool unreadable = first && first->verdict == Verdict::io;
  const bool people = options.format == "people";
  if (people && !first) return print(ok_line(trace));
  if (people || unreadable) {
    for (const std::string& line : check_lines(trace, wants_color(options.color, STDERR_FILENO))) {
      fmt::print(stderr, "crossing: {}\n", line);
    }
    return {};
  }
  return options.format == "json" ? print(check_json(trace)) : Result<void>();
}

int check_traces(const Options& options) {
  std::optional<LoadedComponent> given;
  if (!options.component.empty()) {
    auto component = load_component(options.component);
    if (!component) {  // no fault of a trace
      fail(options.component, component.error());
      return static_cast<int>(Verdict::io);
    }
    given = std::move(*component);
  }
  const bool sarif = options.format == "sarif";
  const bool junit = options.format == "junit";
  int code = 0;
  std::vector<CheckedTrace> traces;  // of a document, which is one for all
  for (const std::string& path : options.traces) {
    CheckedTrace trace = check_trace(path, given ? &given->wiring : nullptr, options);
    if (auto said = say(trace, options); !said) return fail(path, said.error());
    const auto first = trace.report.first();
    if (code == 0 && first) code = static_cast<int>(first->verdict);
    if (sarif || junit) traces.push_back(std::move(trace));
  }
  if (!sarif && !junit) return code;
  const auto printed = print(sarif ? check_sarif(traces, CROSSING_VERSION) : check_junit(traces));
  return printed ? code : fail("-", printed.error());
}

}  // namespace

void add_check(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "check", "Judge traces: container, references, order of events, values, memory, handles");
  command->add_option("TRACE", options->traces, "Traces, or - for standard input")->required();
  std::vector<std::string> layers;
  for (const Layer layer : all_layers) layers.emplace_back(layer_name(layer));
  command
      ->add_option("--layer", options->layers,
                   "Layer to judge: order, types, abi, component; all of them by default")
      ->check(CLI::IsMember(layers))
      ->allow_extra_args(false);
  command->add_option("--component", options->component,
                      "Component binary that the traces are of; by default the attached one");
  command->add_flag("--ignore-quirks", options->ignore_quirks,
                    "Find also what the traces declare as quirks of their engine");
  auto* format = command
                     ->add_option("--format", options->format,
                                  "Form of the report: people, json, sarif, junit")
                     ->check(CLI::IsMember({"people", "json", "sarif", "junit"}));
  command->add_flag("--json", options->json, "The same as --format json: one object for each trace")
      ->excludes(format);
  command
      ->add_option("--max-findings", options->max_findings, "How many findings a trace has at most")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
      ->capture_default_str();
  add_color(*command, options->color);
  command->footer(
      "Each finding is a sentence with the id of the rule in the specification. The exit code is\n"
      "the verdict of the first trace that is not ok: that of its first fault.\n"
      "\n"
      "Examples:\n"
      "  crossing check run.xing\n"
      "  crossing check --component app.wasm --ignore-quirks run.xing\n"
      "  crossing check --layer order --json - < run.xing\n"
      "  crossing check --format sarif *.xing > findings.sarif");
  command->callback([options, &action] {
    if (options->json) options->format = "json";
    action = [options] { return check_traces(*options); };
  });
}

}  // namespace crossing::tools
