#include <flatbuffers/flatbuffers.h>

#include "crossing_generated.h"
#include "event/batch.h"

namespace crossing {

static_assert(sizeof(schema::Event) == sizeof(EventStruct));

/// Kept from block to block for its buffer.
struct BatchEncoder::Builder {
  flatbuffers::FlatBufferBuilder buffer;
};

BatchEncoder::BatchEncoder() : builder_(std::make_unique<Builder>()) {}
BatchEncoder::~BatchEncoder() = default;

Bytes BatchEncoder::encode(const BatchHead& head) {
  flatbuffers::FlatBufferBuilder& builder = builder_->buffer;
  builder.Clear();
  std::vector<schema::OpenCall> open_calls;
  open_calls.reserve(head.open_calls.size());
  for (const OpenCall& call : head.open_calls) {
    open_calls.emplace_back(call.event, call.thread, call.subject, call.call,
                            static_cast<std::uint8_t>(call.kind), std::uint8_t{0},
                            std::uint16_t{0});
  }
  const auto payloads = builder.CreateVector(payloads_.data(), payloads_.size());
  const auto events = builder.CreateVectorOfStructs(
      reinterpret_cast<const schema::Event*>(events_.data()), count());
  const auto calls = builder.CreateVectorOfStructs(open_calls);
  builder.Finish(schema::CreateEventBatch(
      builder, head.base_sequence, head.base_time, head.definitions, head.continued_size,
      static_cast<std::uint32_t>(bulk_.size()), calls, events, payloads));
  return {builder.GetBufferPointer(), builder.GetSize()};
}

void BatchEncoder::clear() {
  events_.clear();
  payloads_.clear();
  bulk_.clear();
  payload_bytes_ = 0;
}

}  // namespace crossing
