// A whole trace, pushed in pieces and read in order: the same items and verdict.

#include "expect.h"
#include "read_ways.h"

using namespace crossing;
using crossing::fuzz::expect;
using namespace crossing::testing;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes trace(data, size);
  const Outcome expected = read_in_order(trace);
  std::minstd_rand random(static_cast<std::uint32_t>(size));
  expect(read_pushed(trace, [&] { return 1 + random() % 64; }) == expected,
         "the same from pieces as from the whole");
  return 0;
}
