// Whatever the bytes: read_component returns, and what it returns refers only to what is there.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

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
  return 0;
}
