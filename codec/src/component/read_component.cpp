#include "crossing/component.h"

#include "evaluator.h"
#include "parse.h"

namespace crossing {

Result<Wiring> read_component(Bytes binary, const ComponentLimits& limits) {
  component::Fault fault;
  const component::Binary parsed = component::parse_binary(binary, limits, fault);
  Wiring wiring;
  if (fault.ok()) {
    component::Evaluator evaluator(parsed, limits, fault);
    if (evaluator.run() && evaluator.finish(binary.size(), wiring)) return wiring;
  }
  return tl::unexpected(fault.error());
}

}  // namespace crossing
