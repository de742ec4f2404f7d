#include <flatbuffers/flatbuffers.h>

#include "crossing/limits.h"
#include "crossing_generated.h"
#include "event/batch.h"

namespace crossing {

static_assert(sizeof(schema::Event) == sizeof(EventStruct));

void BatchEncoder::append(EventStruct event, Bytes prefixes, Bytes body) {
  event.payload_size = static_cast<std::uint32_t>(body.size());
  events_.push_back(event);
  payload_bytes_ += body.size();
  payloads_.insert(payloads_.end(), prefixes.begin(), prefixes.end());
  auto& arena = event.payload_size >= limits::bulk_threshold ? bulk_ : payloads_;  // [EVENT-03]
  arena.insert(arena.end(), body.begin(), body.end());
}

Bytes BatchEncoder::encode(const BatchHead& head) {
  flatbuffers::FlatBufferBuilder builder(size() + 1024);
  std::vector<schema::OpenCall> open_calls;
  open_calls.reserve(head.open_calls.size());
  for (const OpenCall& call : head.open_calls) {
    open_calls.emplace_back(call.event, call.thread, call.subject, call.call,
                            static_cast<std::uint8_t>(call.kind), std::uint8_t{0},
                            std::uint16_t{0});
  }
  const auto payloads = builder.CreateVector(payloads_);
  const auto events = builder.CreateVectorOfStructs(
      reinterpret_cast<const schema::Event*>(events_.data()), events_.size());
  const auto calls = builder.CreateVectorOfStructs(open_calls);
  builder.Finish(schema::CreateEventBatch(builder, head.base_sequence, head.base_time,
                                          head.definitions, head.continued_size,
                                          static_cast<std::uint32_t>(bulk_.size()), calls, events,
                                          payloads));
  encoded_.assign(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  return encoded_;
}

void BatchEncoder::clear() {
  events_.clear();
  payloads_.clear();
  bulk_.clear();
  payload_bytes_ = 0;
}

}  // namespace crossing
