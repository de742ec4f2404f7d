#pragma once

/// The layer of types in the `values` profile: whether each body holds the values that the function
/// has, in their one encoding [PAY-06] [VALUE-02].

#include <vector>

#include "check/findings.h"

namespace crossing::checking {

/// Fed with all events of a trace in order, and all pieces.
class ComponentValues {
 public:
  ComponentValues(const Definitions& definitions, Findings& findings)
      : definitions_(definitions), findings_(findings) {}

  void event(const EventView& event);

 private:
  void judge(const EventView& whole);

  const Definitions& definitions_;
  Findings& findings_;
  EventView first_;                 // of the event whose pieces come
  std::vector<std::uint8_t> body_;  // of several pieces, joined
};

}  // namespace crossing::checking
