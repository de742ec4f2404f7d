// A good interrupted trace beside an open file whose shape and slots the input gives: a reader and
// `recover` find the same events in it, and what is recovered is a whole trace.

#include <algorithm>

#include "expect.h"
#include "sample.h"
#include "trace/open_file.h"
#include "with_open_file.h"

using namespace crossing;
using crossing::fuzz::expect;

namespace {

constexpr std::size_t slot_input = 1024;  // bytes for each slot, of which the rest is zero

std::vector<std::uint8_t> open_file(Bytes input) {
  const auto byte = [&](std::size_t at) {
    return std::uint32_t{at < input.size() ? input[at] : std::uint8_t{0}};
  };
  const OpenFileHead head{.salt = 0,
                          .slot_count = 1 + byte(0) % 3,
                          .shape = {.event_capacity = byte(1) % 32,
                                    .payload_capacity = byte(2) * 2,
                                    .bulk_capacity = byte(3) * 4}};
  std::vector<std::uint8_t> file(head.file_size());
  store_head(head, file.data());
  input = input.subspan(std::min<std::size_t>(input.size(), 4));
  for (std::uint32_t i = 0; i < head.slot_count; ++i) {
    const Bytes slot = input.first(std::min({input.size(), slot_input, head.shape.slot_size()}));
    std::copy(slot.begin(), slot.end(), file.data() + head.slot_at(i));
    input = input.subspan(slot.size());
  }
  return file;
}

/// Events up to the end or the first fault, gaps not counted.
std::uint64_t count_events(ByteSource& source, bool whole) {
  auto reader = Reader::open(source);
  expect(reader.has_value(), "a trace");
  std::uint64_t count = 0;
  for (;;) {
    const auto item = reader->next();
    expect(item.has_value() || !whole, "what was recovered is whole");
    if (!item || std::holds_alternative<std::monostate>(*item)) return count;
    const auto* block = std::get_if<Block>(&*item);
    if (block == nullptr) continue;
    for (const EventView& event : *block) count += event.kind == EventKind::gap ? 0 : 1;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::uint8_t> trace = testing::interrupted_trace();
  const std::vector<std::uint8_t> open = open_file({data, size});
  testing::WithOpenFile source(trace, open);
  MemorySink sink;
  expect(recover(source, sink).has_value(), "a good trace is recovered");
  MemorySource whole(sink.bytes());
  const std::uint64_t recovered = count_events(whole, true);
  expect(source.seek(0).has_value(), "a seek");
  count_events(source, false);
  MemorySource alone(trace);
  expect(recovered >= count_events(alone, false), "nothing is lost that was in the trace");
  return 0;
}
