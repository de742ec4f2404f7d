#include <fmt/format.h>

#include "command.h"
#include "crossing/instrument.h"
#include "output.h"

namespace crossing::tools {
namespace {

struct Options {
  std::string component;
  std::string out;
  bool single_memory = false;
  bool lift = false;
  bool force = false;
  bool quiet = false;
};

/// What was wrapped, on standard error.
void say(const Instrumented& done, std::size_t from) {
  fmt::print(
      stderr,
      "instrumented {} imports, {} built-ins, {} exports, {} callbacks, {} reallocs, {} "
      "post-returns "
      "and {} destructors in {}; {} to {}\n",
      done.imports, done.builtins, done.exports, done.callbacks, done.reallocs, done.post_returns,
      done.destructors,
      done.recorders == 1 ? std::string("1 instance") : fmt::format("{} instances", done.recorders),
      size_text(from), size_text(done.binary.size()));
}

Result<void> instrument(const Options& options) {
  if (auto free = check_free(options.out, options.force); !free) return free;
  const auto component = read_file(options.component, component_size_limit);
  if (!component) return tl::unexpected(component.error());
  InstrumentOptions how;
  how.single_memory = options.single_memory;
  how.lift = options.lift;
  const auto done = instrument_component(*component, how);
  if (!done) return tl::unexpected(done.error());
  auto file = OutputFile::create(options.out, options.force);
  if (!file) return tl::unexpected(file.error());
  if (auto written = file->sink().write(done->binary); !written) return written;
  if (auto committed = file->commit(); !committed) return committed;
  if (!options.quiet) say(*done, component->size());
  return {};
}

}  // namespace

void add_instrument(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "instrument", "Rewrite a component so that it records itself on any engine");
  command->add_option("COMPONENT", options->component, "Component binary, or - for standard input")
      ->required();
  command->add_option("-o,--out", options->out, "The instrumented component, or -")->required();
  command->add_flag("--single-memory", options->single_memory,
                    "For engines whose core modules have one memory: copy load by load");
  command->add_flag("--lift", options->lift,
                    "Record also what the host reads of guest memory: strings, lists, records");
  command->add_flag("--force", options->force, "Overwrite an existing file");
  command->add_flag("-q,--quiet", options->quiet, "Do not say what was instrumented");
  command->footer(
      "The host gives crossing:recorder/sink@0.1.0, spec/instrument.md. The plan of a recording is "
      "that\nof COMPONENT.\n"
      "\n"
      "Example:\n"
      "  crossing instrument app.wasm -o app.rec.wasm");
  command->callback([options, &action] {
    action = [options] {
      const auto done = instrument(*options);
      return done ? 0 : fail(options->component, done.error());
    };
  });
}

}  // namespace crossing::tools
