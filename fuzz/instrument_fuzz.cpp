// Whatever the bytes: what the rewriter makes of a component that it takes is a component that the
// reader takes, and that it refuses to rewrite again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "crossing/instrument.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const int form : {0, 1, 2, 3}) {
    crossing::InstrumentOptions options;
    options.single_memory = (form & 1) != 0;
    options.lift = (form & 2) != 0;
    const auto done = crossing::instrument_component({data, size}, options);
    if (!done) return done.error().message.empty() ? (std::abort(), 0) : 0;
    if (!crossing::read_component(done->binary)) std::abort();
    if (crossing::instrument_component(done->binary)) std::abort();
  }
  return 0;
}
