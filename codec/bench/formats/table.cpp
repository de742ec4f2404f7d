#include "blocks.h"
#include "events_generated.h"

namespace crossing::bench {
namespace {

struct Encoder {
  flatbuffers::FlatBufferBuilder builder{4096};

  void operator()(const Event& event, std::uint64_t time_delta, Blocks& blocks) {
    builder.Clear();
    const auto payload = builder.CreateVector(event.body.data(), event.body.size());
    builder.FinishSizePrefixed(CreateEventTable(builder, static_cast<std::uint8_t>(event.kind),
                                                event.flags, time_delta, event.subject,
                                                event.detail, payload));
    blocks.put(builder.GetBufferPointer(), builder.GetSize());
  }
};

}  // namespace

std::unique_ptr<Format> make_table() {
  return std::make_unique<Stream<Encoder>>("FlatBuffers tables");
}

}  // namespace crossing::bench
