#include "command.h"
#include "crossing/text.h"
#include "input.h"
#include "output.h"

namespace crossing::tools {
namespace {

struct Options {
  std::string json;
  std::string output;
  bool force = false;
  bool plain = false;
  WriterOptions writer;
};

int encode(const Options& options) {
  auto json = open_input(options.json);
  if (!json) return fail(options.json, json.error());
  auto output = OutputFile::create(options.output, options.force);
  if (!output) return fail(options.output, output.error());
  WriterOptions writer = options.writer;
  if (options.plain) writer.codec = Codec::none;
  const auto written = read_json(**json, output->sink(), writer);
  json->reset();
  if (!written) return fail(options.json, written.error());
  const auto committed = output->commit();
  return committed ? 0 : fail(options.output, committed.error());
}

}  // namespace

void add_encode(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("encode", "Make a trace from canonical JSON");
  command->add_option("JSON", options->json, "Canonical JSON, or - for standard input")->required();
  command->add_option("-o,--out", options->output, "Trace to write, or - for standard output")
      ->required();
  command->add_flag("--force", options->force, "Replace an existing file");
  command->add_flag("--uncompressed", options->plain, "Store bodies as they are");
  command->add_option("--level", options->writer.level, "Level of zstd, -7 to 19")
      ->check(CLI::Range(-7, 19));
  command->footer(
      "The other way round of \"dump --json\".\n"
      "\n"
      "Examples:\n"
      "  crossing dump --json run.xing | sed s/secret/public/g | crossing encode - -o new.xing");
  command->callback([options, &action] { action = [options] { return encode(*options); }; });
}

}  // namespace crossing::tools
