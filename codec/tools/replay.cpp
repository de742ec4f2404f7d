#include "command.h"
#include "engine.h"
#include "input.h"
#include "plan_file.h"
#include "recorded.h"

namespace crossing::tools {
namespace {

struct Options {
  std::string engine = "jco";
  std::string trace;
  std::string component;
  std::string report;
  bool no_digest = false;
  bool allow_changed = false;
  bool keep_going = false;
  std::vector<std::string> engine_options;
};

/// The component's binary out of the trace.
Result<TemporaryFile> attached(const std::string& trace, const Component& component) {
  if (component.attachment == none) {
    return tl::unexpected(usage_error(
        trace + ": expected the component as second argument: it is not attached to the trace"));
  }
  auto source = open_input(trace);
  if (!source) return tl::unexpected(source.error());
  return extract_component(**source, component);
}

int replay(const Options& options) {
  const auto trace = NamedInput::open(options.trace);
  if (!trace) return fail(options.trace, trace.error());
  auto source = open_input(trace->path());
  if (!source) return fail(options.trace, source.error());
  const auto recorded = recorded_component(**source);
  source->reset();
  if (!recorded) return fail(options.trace, recorded.error());

  std::optional<TemporaryFile> extracted;
  std::string path = options.component;
  if (path.empty()) {
    auto file = attached(trace->path(), *recorded);
    if (!file) return fail(options.trace, file.error());
    extracted.emplace(std::move(*file));
    path = extracted->path();
  }
  const auto component = load_component(path);
  if (!component) return fail(path, component.error());
  if (const auto differs = mismatch(*recorded, component->digest);  // [REPLAY-05]
      differs && !options.allow_changed) {
    return fail(path, usage_error(path + ": " + *differs + "; --allow-changed replays it"));
  }
  const auto engine = find_engine(options.engine);
  if (!engine) return fail(options.engine, engine.error());
  const auto plan = write_plan(*component);
  if (!plan) return fail(path, plan.error());
  std::vector<std::string> arguments = {"replay", "--plan",  plan->path(), "--component",
                                        path,     "--trace", trace->path()};
  if (options.no_digest) arguments.emplace_back("--no-digest");
  if (options.allow_changed) arguments.emplace_back("--allow-changed");
  if (options.keep_going) arguments.emplace_back("--keep-going");
  if (!options.report.empty()) arguments.insert(arguments.end(), {"--report", options.report});
  arguments.insert(arguments.end(), options.engine_options.begin(), options.engine_options.end());
  const auto code = run_engine(*engine, arguments);
  return code ? *code : fail(options.engine, code.error());
}

}  // namespace

void add_replay(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("replay", "Run a recorded guest again, without its host");
  command->add_option("TRACE", options->trace, "Trace, or - for standard input")->required();
  command->add_option("COMPONENT", options->component,
                      "Component binary; may be left out when it is attached to the trace");
  command->add_option("--engine", options->engine, "Engine that runs the guest")
      ->capture_default_str();
  command->add_flag("--no-digest", options->no_digest,
                    "Compare no digests of the guest's memories");
  command->add_flag("--allow-changed", options->allow_changed,
                    "Replay a component that is not the recorded one, as far as it does the same");
  command->add_flag("--keep-going", options->keep_going,
                    "Go on after a difference of values, as far as there is a way");
  command->add_option("--report", options->report, "File for what was found (JSON)");
  command
      ->add_option("--engine-option", options->engine_options,
                   "An option of the engine's own, as it stands")
      ->allow_extra_args(false);
  command->footer(
      "What the guest wrote to standard output and error is written again. The exit code is that\n"
      "of the recorded run; 9 when the guest did something else than was recorded.\n"
      "\n"
      "Examples:\n"
      "  crossing replay run.xing app.wasm\n"
      "  crossing replay --allow-changed run.xing patched.wasm");
  command->callback([options, &action] { action = [options] { return replay(*options); }; });
}

}  // namespace crossing::tools
