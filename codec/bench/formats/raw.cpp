// The floor: a struct and a copy of the body.

#include "blocks.h"

namespace crossing::bench {
namespace {

struct Encoder {
  void operator()(const Event& event, std::uint64_t time_delta, Blocks& blocks) {
    struct {
      std::uint32_t subject, size;
      std::uint64_t detail, time_delta;
      std::uint32_t kind, flags;
    } const head = {event.subject, static_cast<std::uint32_t>(event.body.size()), event.detail,
                    time_delta,    static_cast<std::uint32_t>(event.kind),        event.flags};
    std::uint8_t* const at = blocks.room(sizeof head + event.body.size());
    std::memcpy(at, &head, sizeof head);
    if (!event.body.empty()) std::memcpy(at + sizeof head, event.body.data(), event.body.size());
    blocks.take(sizeof head + event.body.size());
  }
};

}  // namespace

std::unique_ptr<Format> make_raw() {
  return std::make_unique<Stream<Encoder>>("raw structs, memcpy");
}

}  // namespace crossing::bench
