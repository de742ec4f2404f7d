#pragma once

#include "command.h"
#include "output.h"

namespace crossing::tools {

/// The plan of a component, in a file for an engine [TESTEE-06].
Result<TemporaryFile> write_plan(const LoadedComponent& component);

}  // namespace crossing::tools
