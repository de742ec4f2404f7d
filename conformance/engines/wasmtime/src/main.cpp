// crossing-engine-wasmtime: replays traces on Wasmtime's core API (spec/testee.md).

#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "replay.h"
#include "wasmtime_guest.h"

using namespace crossing::engine;

namespace {

/// [TESTEE-01]
int describe() {
  const nlohmann::ordered_json description = {
      {"name", "wasmtime"},
      {"version", CROSSING_VERSION},
      {"format", "0.1"},
      {"capabilities", {"describe", "replay"}},
      {"engine", {{"name", "wasmtime"}, {"version", wasmtime_version()}}}};
  std::cout << description.dump() << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Replays traces on Wasmtime, by core modules alone", "crossing-engine-wasmtime");
  app.require_subcommand(1);
  app.add_subcommand("describe", "Say what this is, in JSON");
  ReplayArguments arguments;
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
  command->add_flag("--time", arguments.time, "Say how long it took, on standard error");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : complain(error.what(), 2);
  }
  return command->parsed() ? replay(arguments) : describe();
}
