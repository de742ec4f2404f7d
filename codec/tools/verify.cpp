#include <fmt/format.h>

#include "command.h"
#include "input.h"
#include "recorded.h"

namespace crossing::tools {
namespace {

struct Options {
  std::string trace;
  std::string component;
};

int verify(const Options& options) {
  auto trace = open_input(options.trace);
  if (!trace) return fail(options.trace, trace.error());
  const auto component = recorded_component(**trace);
  trace->reset();
  if (!component) return fail(options.trace, component.error());
  const auto digest = file_digest(options.component);
  if (!digest) return fail(options.component, digest.error());
  if (const auto differs = mismatch(*component, *digest)) {
    return fail(options.component,
                {.verdict = Verdict::diverged, .message = *differs, .offset = {}, .event = {}});
  }
  const auto printed = print(fmt::format("{}: the component of {}, sha256 {}\n", options.component,
                                         options.trace, hex_text(*digest)));
  return printed ? 0 : fail(options.trace, printed.error());
}

}  // namespace

void add_verify(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("verify", "Tell whether a component is the one that was recorded");
  command->add_option("TRACE", options->trace, "Trace, or - for standard input")->required();
  command->add_option("COMPONENT", options->component, "Component binary")->required();
  command->footer(
      "Compares SHA-256. Exits with 9 when it is another one.\n"
      "\n"
      "Examples:\n"
      "  crossing verify run.xing app.wasm");
  command->callback([options, &action] { action = [options] { return verify(*options); }; });
}

}  // namespace crossing::tools
