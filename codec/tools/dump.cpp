#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "command.h"
#include "crossing/text.h"
#include "input.h"

namespace crossing::tools {
namespace {

struct Options {
  std::string trace;
  bool json = false;
  std::string color = "auto";
  DumpOptions dump;
};

int dump(const Options& options) {
  if (options.dump.from > options.dump.to) {
    return fail(options.trace,
                usage_error(fmt::format("expected --from no greater than --to, found {} and {}",
                                        options.dump.from, options.dump.to)));
  }
  auto trace = open_input(options.trace);
  if (!trace) return fail(options.trace, trace.error());
  DumpOptions dump = options.dump;
  dump.color = wants_color(options.color, STDOUT_FILENO);
  const auto dumped = options.json ? write_json(**trace, standard_output())
                                   : dump_text(**trace, standard_output(), dump);
  trace->reset();
  return dumped ? 0 : fail(options.trace, dumped.error());
}

}  // namespace

void add_dump(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("dump", "Print the events of a trace, nested by call");
  command->add_option("TRACE", options->trace, "Trace, or - for standard input")->required();
  auto* json = command->add_flag("--json", options->json, "Canonical JSON, all of it, lossless");
  command->add_option("--from", options->dump.from, "Number of the first event to print")
      ->excludes(json);
  command->add_option("--to", options->dump.to, "Number of the last event to print")
      ->excludes(json);
  command->add_flag("--full", options->dump.full, "Bytes in full, not shortened")->excludes(json);
  add_color(*command, options->color);
  command->footer(
      "A call whose result follows at once is one line. ~ marks bytes that a recorder saved\n"
      "(\"snapshot\"), of which some may not have been written by the host.\n"
      "\n"
      "--from finds its event by the index of a file: what stands before is neither read nor "
      "judged.\n"
      "\n"
      "Examples:\n"
      "  crossing dump run.xing | less\n"
      "  crossing dump --from 1000 --to 1100 --full run.xing\n"
      "  crossing dump --json run.xing > run.jsonl");
  command->callback([options, &action] { action = [options] { return dump(*options); }; });

  // What testees are asked for [TESTEE-01].
  auto decode = std::make_shared<Options>();
  decode->json = true;
  CLI::App* testee = app.add_subcommand("decode", "The same as dump --json")->group("");
  testee->add_option("TRACE", decode->trace, "Trace, or - for standard input")->required();
  testee->callback([decode, &action] { action = [decode] { return dump(*decode); }; });
}

}  // namespace crossing::tools
