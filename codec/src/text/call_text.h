#pragma once

/// The values of a call as text: component values where the function has a component type and its
/// core signature is the plain flattening of it, else core values.

#include <string>
#include <vector>

#include "component/types.h"
#include "crossing/definitions.h"
#include "crossing/io.h"
#include "value/call.h"
#include "value/guest_memory.h"

namespace crossing::text {

class CallText {
 public:
  /// `definitions` may grow; `full`: nothing is shortened.
  CallText(const Definitions& definitions, Profile profile, bool full)
      : definitions_(definitions), profile_(profile), full_(full) {}

  /// Appends "name: value, …", without parentheses. `bytes` is the body of the event; what lies in
  /// guest memory is shown as far as `memory` knows it, null for not at all.
  void append_params(std::string& out, const Function& function, Bytes bytes,
                     values::GuestMemory* memory);

  /// Appends the result, "()" where there is none. `params` is the body of the call.
  void append_results(std::string& out, const Function& function, Bytes params, Bytes bytes,
                      values::GuestMemory* memory);

 private:
  class Writer;

  bool append_encoded(std::string& out, std::uint32_t type, Bytes bytes);
  [[nodiscard]] values::LiftOptions options(const Function& function,
                                            values::GuestMemory* memory) const;
  [[nodiscard]] values::Budget budget() const;

  const Definitions& definitions_;
  Profile profile_;
  bool full_;
  values::CallShapes shapes_{definitions_};
};

}  // namespace crossing::text
