// Whatever the bytes: read_component returns, and what it returns refers only to what is there,
// and agrees with itself.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "crossing/check.h"
#include "crossing/component.h"
#include "crossing/plan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto wiring = crossing::read_component({data, size});
  if (!wiring) return wiring.error().message.empty() ? (std::abort(), 0) : 0;
  for (const auto& function : wiring->definitions.functions) {
    if (function.type != crossing::none && function.type >= wiring->definitions.types.size())
      std::abort();
  }
  if (crossing::plan_json(*wiring).empty() || crossing::describe_text(*wiring).empty())
    std::abort();
  // A trace of it that defines just that breaks no rule.
  crossing::TraceInfo info;
  info.features = wiring->features;
  info.core_proposals = wiring->core_proposals;
  crossing::Checker checker(info, wiring->definitions,
                            {.layers = {crossing::Layer::component}, .component = &*wiring});
  checker.finish();
  if (!checker.findings().empty()) std::abort();
  return 0;
}
