#pragma once

/// Traces taken apart and put together with every hash right, so that a fuzzer gets past XXH3.

#include <cstdint>
#include <vector>

#include "frame/frame.h"

namespace crossing::fuzz {

struct Frame {
  FrameHeader header;
  std::vector<std::uint8_t> body;  ///< decompressed
};

/// The good frames of a trace, up to the first that is not; none without a preamble.
std::vector<Frame> split(Bytes trace);

/// A trace with the salt 0 of these frames: sizes, hashes and sequence as they have to be, all else
/// as the headers say.
std::vector<std::uint8_t> join(const std::vector<Frame>& frames);

/// `trace` with right checks in its preamble and in every frame that its sizes lead to.
std::vector<std::uint8_t> seal(Bytes trace);

}  // namespace crossing::fuzz
