// crossing-engine-wasmtime: records components on Wasmtime, and replays traces on its core half
// alone (spec/testee.md).

#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "complain.h"
#include "record.h"
#include "replay.h"
#include "wasmtime_handles.h"

using namespace crossing::engine;

namespace {

/// [TESTEE-01]
int describe() {
  const nlohmann::ordered_json description = {
      {"name", "wasmtime"},
      {"version", CROSSING_VERSION},
      {"format", "0.1"},
      {"capabilities", {"describe", "record", "replay"}},
      {"engine", {{"name", "wasmtime"}, {"version", wasmtime_version()}}}};
  std::cout << description.dump() << '\n';
  return 0;
}

void add_guest(CLI::App* command, GuestArguments& arguments) {
  command->add_option("--component", arguments.component, "Component binary")->required();
  command->add_option("--dir", arguments.dirs, "Directory for the guest: HOST::GUEST")
      ->allow_extra_args(false);
  command->add_option("--env", arguments.env, "Environment variable for the guest: NAME=VALUE")
      ->allow_extra_args(false);
  command->add_option("--script", arguments.script, "Which exports to call, with arguments (JSON)");
  command->add_option("--host", arguments.host,
                      "Shared library that defines further host functions");
  command->add_option("ARGS", arguments.arguments, "The guest's arguments, after --");
}

CLI::App* add_record(CLI::App& app, RecordArguments& arguments) {
  CLI::App* command = app.add_subcommand("record", "Run a component and record it");
  command->add_option("--plan", arguments.plan, "Wiring of the component")->required();
  add_guest(command, arguments.guest);
  command->add_option("--out", arguments.out, "Trace to write")->required();
  command->add_option("--instrumented", arguments.instrumented,
                      "What runs: the component, rewritten; default: rewritten now");
  command->add_flag("--digest", arguments.digest, "Record digests of the guest's memories");
  command->add_flag("--lift", arguments.lift, "Record also what the host reads of guest memory");
  command->add_flag("--attach", arguments.attach, "Put the component into the trace");
  command->add_flag("--force", arguments.force, "Replace an existing trace");
  return command;
}

CLI::App* add_replay(CLI::App& app, ReplayArguments& arguments) {
  CLI::App* command = app.add_subcommand("replay", "Run a recorded guest again, without its host");
  command->add_option("--plan", arguments.plan, "Wiring of the component")->required();
  command->add_option("--component", arguments.component, "Component binary")->required();
  command->add_option("--trace", arguments.trace, "Trace")->required();
  command->add_option("--report", arguments.report, "File for what was found (JSON)");
  command->add_flag("--no-digest", arguments.no_digest, "Do not compare digests");
  command->add_flag("--digest", arguments.digest, "Compare digests, as is done anyway");
  command->add_flag("--allow-changed", arguments.allow_changed,
                    "Replay a component that is not the recorded one");
  command->add_flag("--keep-going", arguments.keep_going,
                    "Go on after a difference of values, as far as there is a way");
  command->add_option("--instance", arguments.instance,
                      "Replay one component instance alone, by its number in the plan");
  command->add_flag("--time", arguments.time,
                    "Say how much processor time it took, on standard error");
  return command;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Records components on Wasmtime, and replays them by core modules alone",
               "crossing-engine-wasmtime");
  app.require_subcommand(1);
  app.add_subcommand("describe", "Say what this is, in JSON");
  RecordArguments to_record;
  ReplayArguments to_replay;
  GuestArguments to_run;
  const CLI::App* record_command = add_record(app, to_record);
  const CLI::App* replay_command = add_replay(app, to_replay);
  CLI::App* run_command = app.add_subcommand("run", "Run a component, and record nothing");
  add_guest(run_command, to_run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : complain(error.what(), 2);
  }
  if (record_command->parsed()) return record(to_record);
  if (run_command->parsed()) return run(to_run);
  return replay_command->parsed() ? replay(to_replay) : describe();
}
