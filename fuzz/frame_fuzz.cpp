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
  const auto pool = std::make_shared<BufferPool>(1);
  FrameReader reader(source, pool);
  BodyDecoder decoder;
  for (;;) {
    const auto frame = reader.next();
    if (const auto& preamble = reader.preamble()) {
      expect(std::ranges::equal(encode_preamble(*preamble), trace.first(preamble_size)),
             "that preamble");
    }
    if (!frame) return expect(!frame.error().message.empty(), "a sentence");
    if (!*frame) return expect(reader.offset() == trace.size(), "the end");
    const FrameHeader& header = (*frame)->header;
    const std::uint64_t salt = reader.preamble()->salt;
    const auto at = trace.subspan((*frame)->offset, header_size);
    expect(std::ranges::equal(encode_header(header, salt), at), "that header");
    const auto body = decoder.decode(**frame, salt, *pool, true);
    if (!body) return expect(body.error().offset.has_value(), "a place");
    if (is_known(header.kind)) {
      expect(body->bytes.size() == header.decoded_size, "decoded_size bytes");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read({data, size});
  read(seal({data, size}));
  return 0;
}
