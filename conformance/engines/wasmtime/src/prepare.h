#pragma once

#include <optional>
#include <vector>

#include "record.h"
#include "script.h"
#include "wasmtime_component.h"

namespace crossing::engine {

/// A guest's arguments, understood.
struct Prepared {
  HostSettings host;
  std::optional<std::vector<ScriptCall>> script;
};

Result<Prepared> prepare(const GuestArguments& arguments);

}  // namespace crossing::engine
