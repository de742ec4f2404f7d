#pragma once

/// What the handle of a wiring holds.

#include <vector>

#include "c/definitions.h"
#include "crossing/component.h"

struct crossing_wiring {
  explicit crossing_wiring(crossing::Wiring read);
  crossing_wiring(const crossing_wiring&) = delete;
  crossing_wiring& operator=(const crossing_wiring&) = delete;

  crossing::Wiring wiring;
  crossing_definitions definitions;
  std::vector<crossing_core_module> core_modules;
  std::vector<std::vector<crossing_core_import>> imports;  ///< by core instance
  std::vector<crossing_core_instance> core_instances;
};
