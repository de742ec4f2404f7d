#pragma once

/// Where the component values of a call are: in its core values, or in memory.

#include <vector>

#include "component/flatten.h"
#include "component/types.h"
#include "crossing/definitions.h"
#include "value/flat_values.h"
#include "value/lift.h"

namespace crossing::values {

/// How a boundary function passes component values. Found once for each function.
struct CallShape {
  std::uint32_t params = none;  ///< their type: the function's; of `task.return` that of the result
  std::uint32_t result = none;
  bool has_type = false;  ///< both are known, and so is `flat`
  bool is_typed = false;  ///< and the core signature is that of `flat`; else core values are all
  component::FlatFunction flat;

  /// The result of a call is not in the core results, but at an address in its core parameters.
  [[nodiscard]] bool has_result_area() const { return is_typed && flat.result_area_param != none; }
};

/// The shape of a function, typed where it is an import or export with a component type or a
/// `task.return`, and its core signature is the one that the Canonical ABI gives it [ABI-07].
CallShape call_shape(const component::TypeTable& types, const Definitions& definitions,
                     const Function& function);

/// The shapes of a trace's functions, found as they are asked for.
class CallShapes {
 public:
  /// `definitions` may grow.
  explicit CallShapes(const Definitions& definitions) : definitions_(definitions) {}

  /// The shape of a function of the definitions. Its types and all before are in `types()` then.
  const CallShape& of(std::uint32_t function);
  [[nodiscard]] const component::TypeTable& types() const { return types_; }

 private:
  const Definitions& definitions_;
  component::TypeTable types_;
  std::vector<CallShape> shapes_;
};

/// The index type of the memory in a function's options; i32 if there is none.
IndexType pointer_of(const Definitions& definitions, const Function& function);

/// Lifts the parameters of a call, as one value of type `params`; nothing where that is none. Every
/// core value is marked as what it is.
void lift_params(const CallShape& shape, Lifter& lifter, FlatValues& params);

/// Lifts the result of a call that is done, if it has one. `params` are those of the call.
void lift_result(const CallShape& shape, Lifter& lifter, FlatValues& params, FlatValues& results);

}  // namespace crossing::values
