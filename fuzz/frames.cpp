#include "frames.h"

#include <zstd.h>

#include <algorithm>

#include "io/bytes.h"

namespace crossing::fuzz {
namespace {

void append(std::vector<std::uint8_t>& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace

std::vector<Frame> split(Bytes trace) {
  std::vector<Frame> frames;
  MemorySource source(trace);
  const auto pool = std::make_shared<BufferPool>(1);
  FrameReader reader(source, pool);
  BodyDecoder decoder;
  for (;;) {
    const auto frame = reader.next();
    if (!frame || !*frame) return frames;
    const auto body = decoder.decode(**frame, reader.preamble()->salt, *pool, true);
    if (!body) return frames;
    frames.push_back({(*frame)->header, {body->bytes.begin(), body->bytes.end()}});
  }
}

std::vector<std::uint8_t> join(const std::vector<Frame>& frames) {
  std::vector<std::uint8_t> trace;
  append(trace, encode_preamble({}));
  for (std::size_t i = 0; i < frames.size(); ++i) {
    FrameHeader header = frames[i].header;
    std::vector<std::uint8_t> stored = frames[i].body;
    header.decoded_size = static_cast<std::uint32_t>(stored.size());
    if (header.codec == static_cast<std::uint8_t>(Codec::zstd)) {
      static ZSTD_CCtx* const context = ZSTD_createCCtx();  // larger than all that it compresses
      std::vector<std::uint8_t> smaller(ZSTD_compressBound(stored.size()));
      smaller.resize(ZSTD_compressCCtx(context, smaller.data(), smaller.size(), stored.data(),
                                       stored.size(), 1));
      if (smaller.size() < stored.size()) {
        stored = std::move(smaller);
      } else {
        header.codec = static_cast<std::uint8_t>(Codec::none);
      }
    }
    header.stored_size = static_cast<std::uint32_t>(stored.size());
    header.body_hash = hash_bytes(stored, 0);
    header.sequence = static_cast<std::uint32_t>(i);
    append(trace, encode_header(header, 0));
    append(trace, stored);
    trace.resize(align8(trace.size()));
  }
  return trace;
}

std::vector<std::uint8_t> seal(Bytes bytes) {
  std::vector<std::uint8_t> trace(bytes.begin(), bytes.end());
  if (trace.size() < preamble_size) return trace;
  store(&trace[24], hash_bytes(Bytes(trace).first(24), 0));
  const auto salt = load<std::uint64_t>(&trace[16]);
  for (std::size_t at = preamble_size; at <= trace.size() - std::min(trace.size(), header_size);) {
    const std::uint64_t size = load<std::uint32_t>(&trace[at + 8]);
    const Bytes rest = Bytes(trace).subspan(at + header_size);
    if (size <= rest.size()) store(&trace[at + 16], hash_bytes(rest.first(size), salt));
    const std::uint64_t check = hash_bytes(Bytes(trace).subspan(at, 28), salt);
    store(&trace[at + 28], static_cast<std::uint32_t>(check));
    if (align8(size) > rest.size()) break;
    at += header_size + align8(size);
  }
  return trace;
}

}  // namespace crossing::fuzz
