#pragma once

/// Core values of a call as text, named and typed by the function's component type where the core
/// signature is the plain flattening of it, else by core type alone.

#include <string>

#include "crossing/definitions.h"
#include "crossing/io.h"

namespace crossing::text {

/// Appends "name: value, …", without parentheses. `bytes` are those of `core_params` [PAY-05].
void append_params(std::string& out, const Definitions& definitions, const Function& function,
                   Bytes bytes);

/// Appends the results, "()" where there are none.
void append_results(std::string& out, const Definitions& definitions, const Function& function,
                    Bytes bytes);

}  // namespace crossing::text
