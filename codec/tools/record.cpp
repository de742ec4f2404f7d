#include <cstdio>
#include <filesystem>

#include "command.h"
#include "engine.h"
#include "output.h"
#include "plan_file.h"
#include "retention.h"
#include "rewritten.h"

namespace crossing::tools {
namespace {

struct Options {
  std::string engine = "jco";
  std::string component;
  std::string output;
  std::vector<std::string> dirs;
  std::vector<std::string> env;
  std::string script;
  std::string host;
  bool digest = false;
  bool lift = false;
  bool attach = false;
  bool instrumented = false;
  bool force = false;
  std::string keep = "always";
  std::string ring;
  std::vector<std::string> engine_options;
  std::vector<std::string> arguments;
};

/// Whether the trace of a run that ended with this exit code is to stay.
bool stays(const std::string& keep, int code) {
  if (keep == "always") return true;
  return code != 0 && (keep == "on-error" || code != guest_error_exit);
}

/// The component that records itself, for engines whose core modules have one memory.
Result<TemporaryFile> instrumented(const Options& options) {
  const auto component = read_file(options.component, component_size_limit);
  if (!component) return tl::unexpected(component.error());
  const auto made = rewritten(*component, {.single_memory = true, .lift = options.lift});
  if (!made) return tl::unexpected(made.error());
  auto file = TemporaryFile::create(".wasm");
  if (!file) return file;
  if (auto written = file->sink().write(*made); !written) {
    return tl::unexpected(written.error());
  }
  return file;
}

std::vector<std::string> engine_arguments(const Options& options, const std::string& plan,
                                          const std::string& output,
                                          const std::optional<TemporaryFile>& instrumented) {
  std::vector<std::string> arguments = {"record",          "--plan", plan,  "--component",
                                        options.component, "--out",  output};
  for (const auto& dir : options.dirs) arguments.insert(arguments.end(), {"--dir", dir});
  for (const auto& env : options.env) arguments.insert(arguments.end(), {"--env", env});
  if (!options.script.empty()) arguments.insert(arguments.end(), {"--script", options.script});
  if (!options.host.empty()) arguments.insert(arguments.end(), {"--host", options.host});
  if (instrumented) {
    arguments.insert(arguments.end(), {"--instrumented", instrumented->path()});
  }
  if (options.digest) arguments.emplace_back("--digest");
  if (options.lift) arguments.emplace_back("--lift");
  if (options.attach) arguments.emplace_back("--attach");
  if (options.force || !options.ring.empty()) arguments.emplace_back("--force");
  arguments.insert(arguments.end(), options.engine_options.begin(), options.engine_options.end());
  arguments.emplace_back("--");
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  return arguments;
}

int record(const Options& options) {
  const std::string output =
      options.output.empty() ? stem(options.component) + ".xing" : options.output;
  if (output == "-") {
    return fail(output, usage_error("--out: expected a file: standard output is the guest's"));
  }
  if (options.component == "-") {
    return fail(output, usage_error("COMPONENT: expected a file: standard input is the guest's"));
  }
  for (const std::string& dir : options.dirs) {
    const std::string host = dir.substr(0, dir.find("::"));
    std::error_code error;
    if (!std::filesystem::is_directory(host, error)) {
      return fail(host,
                  usage_error("--dir " + dir + ": expected a directory, found none at " + host));
    }
  }
  if (auto free = check_free(output, options.force); !free) return fail(output, free.error());
  const auto component = load_component(options.component);
  if (!component) return fail(options.component, component.error());
  const auto engine = find_engine(options.engine);
  if (!engine) return fail(options.engine, engine.error());
  const auto plan = write_plan(*component);
  if (!plan) return fail(options.component, plan.error());
  std::optional<TemporaryFile> rewritten;
  if (options.instrumented) {
    auto made = instrumented(options);
    if (!made) return fail(options.component, made.error());
    rewritten.emplace(std::move(*made));
  }
  std::unique_ptr<RingPipe> pipe;
  if (!options.ring.empty()) {
    const auto ring = parse_ring(options.ring);
    if (!ring) return fail(options.ring, ring.error());
    auto made = RingPipe::create(output, options.force, *ring);
    if (!made) return fail(output, made.error());
    pipe = std::move(*made);
  }
  const auto code = run_engine(
      *engine, engine_arguments(options, plan->path(), pipe ? pipe->pipe() : output, rewritten));
  if (!code) return fail(options.engine, code.error());
  if (!stays(options.keep, *code)) {
    std::remove(output.c_str());
    return *code;
  }
  if (pipe) {
    if (auto finished = pipe->finish(); !finished) return fail(output, finished.error());
  }
  return *code;
}

}  // namespace

void add_record(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("record", "Run a component and record it");
  command->add_option("COMPONENT", options->component, "Component binary")->required();
  command->add_option("ARGS", options->arguments, "The guest's arguments, after --");
  command->add_option("-o,--out", options->output, "Trace to write; default: COMPONENT.xing here");
  command->add_option("--engine", options->engine, "Engine that runs the guest")
      ->capture_default_str();
  command->add_option("--dir", options->dirs, "Directory for the guest: HOST::GUEST")
      ->allow_extra_args(false);
  command->add_option("--env", options->env, "Environment variable for the guest: NAME=VALUE")
      ->allow_extra_args(false);
  command->add_option("--script", options->script, "Which exports to call, with arguments (JSON)");
  command->add_option("--host", options->host, "Module with further host functions");
  command->add_flag("--digest", options->digest, "Record digests of the guest's memories");
  command->add_flag("--lift", options->lift, "Record also what the host reads of guest memory");
  command->add_flag("--attach", options->attach, "Put the component into the trace");
  command
      ->add_option("--engine-option", options->engine_options,
                   "An option of the engine's own, as it stands")
      ->allow_extra_args(false);
  command->add_flag("--instrumented", options->instrumented,
                    "Rewrite the component so that it records itself, and run that");
  command->add_option("--keep", options->keep, "When the trace stays: always, on-error or on-trap")
      ->check(CLI::IsMember({"always", "on-error", "on-trap"}))
      ->type_name("WHEN")
      ->capture_default_str();
  command->add_option("--ring", options->ring,
                      "Keep only the last blocks, for reading: 64MiB, 200blocks, 30s");
  command->add_flag("--force", options->force, "Replace an existing trace");
  command->footer(
      "Standard input, output and error are the guest's, and so is the exit code: 134 after a\n"
      "trap. Without --script the guest is a command, and is run as one.\n"
      "\n"
      "Examples:\n"
      "  crossing record --dir .::/ app.wasm -- --verbose input.txt\n"
      "  crossing record --keep on-error app.wasm\n"
      "  crossing record --script calls.json --host host.mjs -o lib.xing lib.wasm");
  command->callback([options, &action] { action = [options] { return record(*options); }; });
}

}  // namespace crossing::tools
