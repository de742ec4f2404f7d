#include "crossing/convert.h"

#include <fmt/format.h>

#include "command.h"
#include "input.h"
#include "output.h"

namespace crossing::tools {
namespace {

struct Options {
  std::string trace;
  std::string output;
  std::string profile;
  bool force = false;
};

int convert(const Options& options) {
  auto trace = open_input(options.trace);
  if (!trace) return fail(options.trace, trace.error());
  auto output = OutputFile::create(options.output, options.force);
  if (!output) return fail(options.output, output.error());
  const auto conversion = convert_to_values(**trace, output->sink());
  trace->reset();
  if (!conversion) return fail(options.trace, conversion.error());
  if (auto committed = output->commit(); !committed) {
    return fail(options.output, committed.error());
  }
  if (conversion->omitted != 0) {
    fmt::print(stderr,
               "{}: {} of what the guest gave are omitted: the trace has not what the host read "
               "(record it with --lift)\n",
               options.trace, counted(conversion->omitted, "value"));
  }
  return 0;
}

}  // namespace

void add_convert(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("convert", "Turn core values and guest memory into component values");
  command->add_option("TRACE", options->trace, "Trace of the profile abi, or -")->required();
  command->add_option("-o,--out", options->output, "Trace to write, or - for standard output")
      ->required();
  command->add_option("--profile", options->profile, "Profile of the new trace: values")
      ->required()
      ->check(CLI::IsMember({"values"}));
  command->add_flag("--force", options->force, "Replace an existing file");
  command->footer(
      "Needs the trace alone, not the component. Handles become numbers that name the same thing "
      "in\n"
      "all of the new trace.\n"
      "\n"
      "Examples:\n"
      "  crossing record --lift -o run.xing app.wasm\n"
      "  crossing convert --profile values run.xing -o values.xing");
  command->callback([options, &action] { action = [options] { return convert(*options); }; });
}

}  // namespace crossing::tools
