#include <nlohmann/json.hpp>

#include "command.h"
#include "crossing/plan.h"
#include "output.h"

namespace crossing::tools {
namespace {

struct Options {
  std::string component;
  bool json = false;
  bool plan = false;
};

/// What this implementation can do, for who runs testees [TESTEE-01].
std::string testee() {
  const nlohmann::ordered_json json = {{"name", "crossing"},
                                       {"version", CROSSING_VERSION},
                                       {"format", format_version},
                                       {"capabilities", {"describe", "decode", "encode"}},
                                       {"engine", nullptr}};
  return json.dump() + '\n';
}

int describe(const Options& options) {
  std::string text;
  if (options.component.empty()) {
    text = testee();
  } else {
    const auto component = load_component(options.component);
    if (!component) return fail(options.component, component.error());
    text = options.json || options.plan ? plan_json(component->wiring)
                                        : describe_text(component->wiring);
  }
  if (!text.ends_with('\n')) text += '\n';
  const auto printed = print(text);
  return printed ? 0 : fail(options.component, printed.error());
}

}  // namespace

void add_describe(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("describe", "Say how a component is wired and what crosses its boundary");
  command->add_option("COMPONENT", options->component,
                      "Component binary, or - for standard input; without it, this command "
                      "describes itself as a testee");
  command->add_flag("--plan", options->plan, "Print the plan that engines are given");
  command->add_flag("--json", options->json, "The same: the plan holds all that there is to say");
  command->footer(
      "Examples:\n"
      "  crossing describe app.wasm\n"
      "  crossing describe --plan app.wasm > plan.json");
  command->callback([options, &action] { action = [options] { return describe(*options); }; });
}

}  // namespace crossing::tools
