#pragma once

/// What a dump calls functions, instances and handles.

#include <cstdint>
#include <string>

#include "crossing/definitions.h"
#include "crossing/event.h"

namespace crossing::text {

/// No title is longer than so many bytes for each name in it.
inline constexpr std::size_t title_width = 120;

/// "import wasi:io/streams@0.2.3 [method]input-stream.read"
std::string function_text(const Definitions& definitions, std::uint32_t id);

/// "instantiate 1 name/0"
std::string instance_text(const Definitions& definitions, std::uint32_t id);

/// "#3 of instance 0", of an event whose detail is a handle.
std::string handle_text(const EventView& event);

/// " ·7"; nothing for the call id 0.
std::string call_id_text(std::uint64_t id);

/// Null where there is no such function.
inline const Function* find_function(const Definitions& definitions, std::uint32_t id) {
  return id < definitions.functions.size() ? &definitions.functions[id] : nullptr;
}

}  // namespace crossing::text
