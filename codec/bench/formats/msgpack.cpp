#include <msgpack.hpp>

#include "blocks.h"

namespace crossing::bench {
namespace {

/// What msgpack's packer writes to.
struct Output {
  Blocks* blocks;
  void write(const char* bytes, std::size_t size) { blocks->put(bytes, size); }
};

struct Encoder {
  void operator()(const Event& event, std::uint64_t time_delta, Blocks& blocks) {
    Output output{&blocks};
    msgpack::packer<Output> packer(output);
    packer.pack_array(6);
    packer.pack_uint8(static_cast<std::uint8_t>(event.kind));
    packer.pack_uint8(event.flags);
    packer.pack_uint64(time_delta);
    packer.pack_uint32(event.subject);
    packer.pack_uint64(event.detail);
    packer.pack_bin(static_cast<std::uint32_t>(event.body.size()));
    packer.pack_bin_body(reinterpret_cast<const char*>(event.body.data()),
                         static_cast<std::uint32_t>(event.body.size()));
  }
};

}  // namespace

std::unique_ptr<Format> make_msgpack() { return std::make_unique<Stream<Encoder>>("MessagePack"); }

}  // namespace crossing::bench
