#include <fmt/format.h>

#include "command.h"
#include "crossing/trace.h"
#include "input.h"
#include "output.h"

namespace crossing::tools {
namespace {

// The exit codes of `recover` alone [VERDICT-05].
constexpr int exit_nothing = 1;
constexpr int exit_losses = 3;

struct Options {
  std::string input;
  std::string output;
  bool force = false;
};

std::string losses(const Recovery& recovery) {
  std::string text;
  const auto add = [&](const std::string& loss) { text += (text.empty() ? "" : ", ") + loss; };
  if (recovery.lost_bytes != 0) {
    add(counted(recovery.lost_bytes, "byte") + " in " + counted(recovery.lost_ranges, "place"));
  }
  if (recovery.dropped_blocks != 0) {
    add(counted(recovery.dropped_blocks, "block") + " without what they refer to");
  }
  if (recovery.lost_events != 0) add(counted(recovery.lost_events, "event"));
  if (recovery.tail_lost) add("the end");
  return text.empty() ? "nothing that numbers tell of" : text;
}

int recover_trace(const Options& options) {
  auto input = NamedInput::open(options.input);
  if (!input) return fail(options.input, input.error());
  auto source = open_seekable(input->path());
  if (!source) return fail(options.input, source.error());
  auto output = OutputFile::create(options.output, options.force);
  if (!output) return fail(options.output, output.error());
  const auto recovery = recover(**source, output->sink());
  if (!recovery) {
    const int code = fail(options.input, recovery.error());
    return recovery.error().verdict == Verdict::io ? code : exit_nothing;
  }
  if (auto committed = output->commit(); !committed) {
    return fail(options.output, committed.error());
  }
  if (recovery->whole) {
    fmt::print(stderr, "{}: whole, {} in {}\n", options.input, counted(recovery->events, "event"),
               counted(recovery->blocks, "block"));
    return 0;
  }
  if (recovery->open_fault) {
    fmt::print(stderr, "{}: {}\n", open_path(options.input), recovery->open_fault->text());
  } else if (recovery->open_events != 0) {
    fmt::print(stderr, "{}: {} that were not in the trace\n", open_path(options.input),
               counted(recovery->open_events, "event"));
  }
  if (recovery->ring_events != 0) {
    fmt::print(stderr, "{}: its ring had let go of {}\n", options.input,
               counted(recovery->ring_events, "event"));
  }
  fmt::print(stderr, "{}: recovered {} in {}; lost {}\n", options.input,
             counted(recovery->events, "event"), counted(recovery->blocks, "block"),
             losses(*recovery));
  return exit_losses;
}

}  // namespace

void add_recover(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "recover", "Write a complete trace of what is good in an interrupted or damaged one");
  command->add_option("TRACE", options->input, "Trace, or - for standard input")->required();
  command->add_option("-o,--out", options->output, "Trace to write, or - for standard output")
      ->required();
  command->add_flag("--force", options->force, "Replace an existing file");
  command->footer(
      "Exits with 0 when the trace was whole, 3 when something was lost, 1 when there was nothing\n"
      "to recover. Where events are missing in between, the new trace has a gap. What a killed\n"
      "recorder left in TRACE.open is taken, too.\n"
      "\n"
      "Examples:\n"
      "  crossing recover broken.xing -o good.xing");
  command->callback([options, &action] { action = [options] { return recover_trace(*options); }; });
}

}  // namespace crossing::tools
