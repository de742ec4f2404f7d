/// The `crossing` command.

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string_view>
#include <vector>

#include "command.h"
#include "crossing/text.h"
#include "output.h"

namespace crossing::tools {
namespace {

constexpr const char* description =
    "Records, reads and replays what crosses the boundary between a WebAssembly component and its "
    "host.";

constexpr const char* footer =
    "Exit codes: 0 ok, 1 the guest's own error exit, 2 usage or input and output failed,\n"
    "3 not-a-trace, 4 truncated, 5 corrupt, 6 unsupported, 7 limit, 8 invalid, 9 diverged,\n"
    "134 the guest trapped. \"recover\": 0 whole, 3 with losses, 1 nothing to recover.\n"
    "\n"
    "Examples:\n"
    "  crossing record -o run.xing --dir .::/ app.wasm -- --verbose\n"
    "  crossing info run.xing\n"
    "  crossing replay run.xing app.wasm";

/// The command that a usage error is about, for its hint.
std::string hint(const CLI::App& app) {
  std::string command = "crossing";
  for (const CLI::App* sub : app.get_subcommands()) command += ' ' + sub->get_name();
  return command + " --help";
}

/// How many characters have to be put in, left out, replaced or swapped with the next one.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::vector<std::size_t>> rows(from.size() + 1,
                                             std::vector<std::size_t>(to.size() + 1));
  for (std::size_t i = 0; i <= from.size(); ++i) {
    for (std::size_t j = 0; j <= to.size(); ++j) {
      if (i == 0 || j == 0) {
        rows[i][j] = i + j;
        continue;
      }
      const std::size_t replaced = rows[i - 1][j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
      }
    }
  }
  return rows.back().back();
}

/// "unknown command 'chekc': did you mean 'check'?"
std::string unknown_command(const CLI::App& app, std::string_view name) {
  std::string message = fmt::format("unknown command '{}'", name);
  std::size_t nearest = 3;  // more is no slip of the hand
  std::string_view meant;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    const std::size_t apart = distance(name.substr(0, 20), command->get_name());
    if (command->get_group().empty() || apart >= std::min(nearest, name.size())) continue;
    nearest = apart;
    meant = command->get_name();
  }
  if (!meant.empty()) message += fmt::format(": did you mean '{}'?", meant);
  return message;
}

int run(int argc, char** argv) {
  CLI::App app(description, "crossing");
  app.footer(footer);
  app.require_subcommand(1);
  app.set_version_flag("--version", fmt::format("crossing {} (trace format {}, draft)",
                                                CROSSING_VERSION, format_version));
  app.set_help_flag("-h,--help", "Print this and exit");
  app.failure_message(CLI::FailureMessage::simple);

  Action action;
  add_record(app, action);
  add_replay(app, action);
  add_describe(app, action);
  add_info(app, action);
  add_dump(app, action);
  add_follow(app, action);
  add_check(app, action);
  add_diff(app, action);
  add_recover(app, action);
  add_verify(app, action);
  add_encode(app, action);
  add_convert(app, action);
  add_instrument(app, action);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // help and version
    std::string text;
    if (dynamic_cast<const CLI::CallForHelp*>(&success) != nullptr) {
      text = app.help();
    } else {
      text = std::string(success.what()) + '\n';
    }
    const auto printed = print(text);
    return printed ? 0 : fail("-", printed.error());
  } catch (const CLI::ParseError& error) {
    const bool unknown = app.get_subcommands().empty() && argc > 1 && argv[1][0] != '-';
    const std::string message = unknown ? unknown_command(app, argv[1]) : error.what();
    fmt::print(stderr, "crossing: {} (see {})\n", printable(message), hint(app));
    return usage_exit;
  }
  return action();
}

}  // namespace
}  // namespace crossing::tools

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of the write
  try {
    return crossing::tools::run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("crossing: out of memory\n", stderr);
  } catch (const std::exception& error) {
    fmt::print(stderr, "crossing: {}\n", crossing::printable(error.what()));
  }
  return crossing::tools::usage_exit;
}
