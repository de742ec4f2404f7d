// Comparing any trace with itself finds nothing; with a prefix of its bytes it ends, has no more
// steps than events, and gives each trace's own verdict.

#include "crossing/compare.h"

#include <algorithm>

#include "expect.h"

using namespace crossing;
using crossing::fuzz::expect;

namespace {

Comparison compared(Bytes left, Bytes right) {
  CompareOptions options;
  options.lowering_bytes = 1 << 20;
  options.value_parts = 1 << 14;
  options.window = 8;
  MemorySource a(left);
  MemorySource b(right);
  return compare(a, b, options);
}

std::uint64_t all(const Comparison& comparison) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : comparison.found) sum += count;
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes trace(data, size);
  const Comparison same = compared(trace, trace);
  expect(all(same) == 0, "no difference to itself");
  expect(same.left_fault == same.right_fault, "one verdict");
  expect(same.equal() != same.left_fault.has_value(), "equal when it is whole");

  const Bytes prefix = trace.first(size - size / 4);
  const Comparison cut = compared(trace, prefix);
  expect(cut.steps <= std::min(cut.left_events, cut.right_events), "steps of both");
  expect(cut.declared <= all(cut) && cut.differences.size() <= all(cut), "differences counted");
  if (cut.left_fault) expect(same.left_fault.has_value(), "a fault of the trace alone");
  return 0;
}
