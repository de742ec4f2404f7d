#pragma once

/// Scripts: which exports to call, with which arguments, as JSON (conformance/guests/README.md).

#include <string>
#include <vector>

#include "values.h"

namespace crossing::engine {

struct ScriptCall {
  std::string instance;  ///< empty: the component's own function
  std::string function;  ///< empty: `target` is dropped
  std::vector<Json> args;
  Json target;  ///< what is dropped: {"$result": K, "path": […]}
  Json label;   ///< what its line of output begins with
};

Result<std::vector<ScriptCall>> read_script(const std::string& path);

}  // namespace crossing::engine
