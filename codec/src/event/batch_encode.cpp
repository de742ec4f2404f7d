#include <flatbuffers/flatbuffers.h>

#include "crossing_generated.h"
#include "event/batch.h"

namespace crossing {

static_assert(sizeof(schema::Event) == sizeof(EventStruct));

struct BatchBuilder::Buffer {
  flatbuffers::FlatBufferBuilder builder;
  std::size_t capacity = 0;
  std::vector<schema::OpenCall> open_calls;
};

BatchBuilder::BatchBuilder() : buffer_(std::make_unique<Buffer>()) {}
BatchBuilder::BatchBuilder(BatchBuilder&&) noexcept = default;
BatchBuilder& BatchBuilder::operator=(BatchBuilder&&) noexcept = default;
BatchBuilder::~BatchBuilder() = default;

Bytes BatchBuilder::build(const BatchHead& head, Bytes events, Bytes payloads,
                          std::size_t bulk_size) {
  flatbuffers::FlatBufferBuilder& builder = buffer_->builder;
  // What tables, lengths and alignment add is less than 256 bytes. Grown by itself, a builder would
  // hold two buffers for a while, together of three times the size.
  const std::size_t needed =
      events.size() + payloads.size() + head.open_calls.size() * sizeof(schema::OpenCall) + 256;
  if (needed > buffer_->capacity) {
    builder = flatbuffers::FlatBufferBuilder(needed);
    buffer_->capacity = needed;
  }
  builder.Clear();
  buffer_->open_calls.clear();
  for (const OpenCall& call : head.open_calls) {
    buffer_->open_calls.emplace_back(call.event, call.thread, call.subject, call.call,
                                     static_cast<std::uint8_t>(call.kind), std::uint8_t{0},
                                     std::uint16_t{0});
  }
  const auto payload_vector = builder.CreateVector(payloads.data(), payloads.size());
  const auto event_vector = builder.CreateVectorOfStructs(
      reinterpret_cast<const schema::Event*>(events.data()), events.size() / sizeof(EventStruct));
  const auto calls = builder.CreateVectorOfStructs(buffer_->open_calls);
  builder.Finish(schema::CreateEventBatch(
      builder, head.base_sequence, head.base_time, head.definitions, head.continued_size,
      static_cast<std::uint32_t>(bulk_size), calls, event_vector, payload_vector));
  return {builder.GetBufferPointer(), builder.GetSize()};
}

}  // namespace crossing
