#pragma once

#include <string>
#include <vector>

namespace crossing::engine {

/// A guest and what it is given [TESTEE-02].
struct GuestArguments {
  std::string component;
  std::vector<std::string> dirs;
  std::vector<std::string> env;
  std::string script;
  std::string host;
  std::vector<std::string> arguments;
};

/// Options of `record`.
struct RecordArguments {
  GuestArguments guest;
  std::string plan;
  std::string out;
  std::string instrumented;
  bool digest = false;
  bool lift = false;
  bool attach = false;
  bool force = false;
};

/// Runs a component that records itself, and writes its trace; returns the exit code.
int record(const RecordArguments& arguments);

/// Runs a component as it is: what a recording must not differ from. Returns the exit code.
int run(const GuestArguments& arguments);

}  // namespace crossing::engine
