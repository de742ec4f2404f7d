#include <google/protobuf/io/coded_stream.h>

#include "blocks.h"
#include "events.pb.h"

namespace crossing::bench {
namespace {

struct Encoder {
  EventMessage message;

  void operator()(const Event& event, std::uint64_t time_delta, Blocks& blocks) {
    using google::protobuf::io::CodedOutputStream;
    message.set_kind(static_cast<std::uint32_t>(event.kind));
    message.set_flags(event.flags);
    message.set_time_delta(time_delta);
    message.set_subject(event.subject);
    message.set_detail(event.detail);
    message.set_payload(event.body.data(), event.body.size());
    const std::size_t size = message.ByteSizeLong();
    std::uint8_t* const from = blocks.room(size + 5);
    std::uint8_t* at =
        CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(size), from);
    at = message.SerializeWithCachedSizesToArray(at);
    blocks.take(static_cast<std::size_t>(at - from));
  }
};

}  // namespace

std::unique_ptr<Format> make_message() { return std::make_unique<Stream<Encoder>>("protobuf"); }

}  // namespace crossing::bench
