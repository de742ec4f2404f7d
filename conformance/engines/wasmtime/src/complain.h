#pragma once

#include <string>

#include "crossing/result.h"

namespace crossing::engine {

/// Says on standard error what is wrong; returns `code`.
int complain(const std::string& message, int code);

/// The same, with the error's place and rule; returns its exit code.
int complain(const Error& error);

}  // namespace crossing::engine
