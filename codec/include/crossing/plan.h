#pragma once

/// A component's wiring as text: the plan, for programs, and an outline, for people.

#include <string>

#include "crossing/component.h"

namespace [[gnu::visibility("default")]] crossing {

/// The plan of spec/plan.md as one JSON object, one element of a list per line. The caller has
/// filled in `definitions.components[0].digest`.
std::string plan_json(const Wiring& wiring);

/// An outline: imports and exports with their types, the functions at the boundary, core modules
/// and what they are bound to. Names that are unsafe on a terminal are escaped. Its form may
/// change.
std::string describe_text(const Wiring& wiring);

/// A component type as WIT writes it, by name where it has one: "result<list<u8>, error-code>".
/// `types` is a table in which `id` and all that it refers to lie, or "?" stands for what does not.
std::string wit_type(const std::vector<Type>& types, std::uint32_t id);

}  // namespace crossing
