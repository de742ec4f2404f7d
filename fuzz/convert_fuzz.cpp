// Whatever the trace: converting it ends with a sentence, or with a whole trace of component values
// that has no more events.

#include "crossing/convert.h"
#include "expect.h"

using namespace crossing;
using crossing::fuzz::expect;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MemorySource abi(Bytes(data, size));
  MemorySink sink;
  const auto conversion = convert_to_values(abi, sink, {.codec = Codec::none, .salt = 1});
  if (!conversion) {
    expect(!conversion.error().message.empty(), "a sentence");
    return 0;
  }
  MemorySource values(sink.bytes());
  auto reader = Reader::open(values);
  expect(reader && reader->info().profile == Profile::values, "a trace of values");
  for (;;) {
    const auto item = reader->next();
    expect(item.has_value(), "a trace that is ok");
    if (std::holds_alternative<std::monostate>(*item)) break;
  }
  expect(reader->totals().event_count == conversion->events, "the events that were counted");
  return 0;
}
