#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace crossing::engine {

/// Options of `replay` [TESTEE-03].
struct ReplayArguments {
  std::string plan;
  std::string component;
  std::string trace;
  std::string report;
  bool digest = false;  ///< nothing beyond what is done anyway
  bool no_digest = false;
  bool allow_changed = false;
  bool keep_going = false;
  std::optional<std::uint32_t> instance;  ///< replayed alone [REPLAY-11]
  bool time = false;
};

/// Replays a trace with no host at all; returns the exit code.
int replay(const ReplayArguments& arguments);

}  // namespace crossing::engine
