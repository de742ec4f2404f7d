// Whatever the bytes, with right checks or not: what is read as a preamble, header or body is what
// would be written.

#include <algorithm>

#include "expect.h"
#include "frame/frame.h"
#include "frames.h"

using namespace crossing;
using namespace crossing::fuzz;

namespace {

void read(Bytes trace) {
  MemorySource source(trace);
  FrameReader reader(source);
  const auto preamble = reader.read_preamble();
  if (!preamble) return expect(!preamble.error().message.empty(), "a sentence");
  expect(std::ranges::equal(encode_preamble(*preamble), trace.first(preamble_size)),
         "that preamble");
  std::vector<std::uint8_t> decoded;
  for (;;) {
    const auto header = reader.next();
    if (!header) return expect(!header.error().message.empty(), "a sentence");
    if (!*header) return expect(reader.offset() == trace.size(), "the end");
    const auto at = trace.subspan(reader.header_offset(), header_size);
    expect(std::ranges::equal(encode_header(**header, preamble->salt), at), "that header");
    const auto body = reader.body(&decoded);
    if (!body) return expect(body.error().offset.has_value(), "a place");
    if (is_known((*header)->kind)) {
      expect(body->size() == (*header)->decoded_size, "decoded_size bytes");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read({data, size});
  read(seal({data, size}));
  return 0;
}
