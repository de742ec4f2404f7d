#pragma once

/// What the commands share: how they fail, and how they are added to the command line.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "crossing/component.h"
#include "crossing/result.h"

namespace crossing::tools {

/// What a command line asked for, run after all of it was understood. Returns the exit code.
using Action = std::function<int()>;

/// Each adds one command; when it is given, `action` becomes what it does.
void add_record(CLI::App& app, Action& action);
void add_replay(CLI::App& app, Action& action);
void add_describe(CLI::App& app, Action& action);
void add_info(CLI::App& app, Action& action);
void add_dump(CLI::App& app, Action& action);
void add_follow(CLI::App& app, Action& action);
void add_check(CLI::App& app, Action& action);
void add_diff(CLI::App& app, Action& action);
void add_recover(CLI::App& app, Action& action);
void add_verify(CLI::App& app, Action& action);
void add_encode(CLI::App& app, Action& action);
void add_convert(CLI::App& app, Action& action);
void add_instrument(CLI::App& app, Action& action);

inline constexpr int guest_error_exit = 1;
inline constexpr int usage_exit = 2;
inline constexpr std::uint64_t component_size_limit = std::uint64_t{1} << 30;
inline constexpr std::string_view format_version = "0.1";

/// Says on standard error, in one sentence, what is wrong with `path`; returns the exit code. Says
/// nothing when standard output was closed by who read it.
int fail(const std::string& path, const Error& error);

/// An error of usage or of files: `message` names the file.
Error usage_error(std::string message);

/// Adds the option --color; `when` becomes auto, always or never.
void add_color(CLI::App& command, std::string& when);

/// "1,234,567"
std::string grouped(std::uint64_t number);

/// "1 event", "12 events"
std::string counted(std::uint64_t number, std::string_view what);

/// "1.5 MiB"
std::string size_text(std::uint64_t bytes);

/// A component with its wiring.
struct LoadedComponent {
  std::string path;
  std::vector<std::uint8_t> digest;
  Wiring wiring;
};

/// Reads a component and its digest.
Result<LoadedComponent> load_component(const std::string& path);

/// A component's name where its binary has none: that of its file.
std::string stem(const std::string& path);

}  // namespace crossing::tools
