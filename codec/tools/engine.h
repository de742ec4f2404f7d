#pragma once

/// Engines are executables that speak spec/testee.md.

#include <string>
#include <vector>

#include "crossing/result.h"

namespace crossing::tools {

/// Path of `crossing-engine-NAME`: beside the command, in ../libexec/crossing, or on PATH. A name
/// with a slash is a path itself.
Result<std::string> find_engine(const std::string& name);

/// Runs an engine with the command's own standard streams and waits for it. Returns its exit code;
/// an engine that was killed by a signal is an error.
Result<int> run_engine(const std::string& path, const std::vector<std::string>& arguments);

}  // namespace crossing::tools
