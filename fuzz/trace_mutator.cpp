// Mutates traces frame by frame, so that what comes out has right sizes and hashes most of the
// time.

#include <cstring>
#include <random>

#include "frames.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using crossing::fuzz::Frame;

constexpr std::size_t room = 256;  // by which one step may lengthen a body

void mutate(std::vector<Frame>& frames, std::minstd_rand& random) {
  const auto pick = [&] { return static_cast<long>(random() % frames.size()); };
  Frame& frame = frames[static_cast<std::size_t>(pick())];
  switch (random() % 12) {
    case 0: frames.erase(frames.begin() + pick()); return;
    case 1: frames.insert(frames.begin() + pick(), Frame(frame)); return;
    case 2: std::swap(frames[static_cast<std::size_t>(pick())], frame); return;
    case 3: frame.header.codec ^= 1; return;
    case 4: frame.header.kind = static_cast<std::uint8_t>(random()); return;
    case 5: frame.header.flags ^= 1; return;
    default: break;
  }
  const std::size_t size = frame.body.size();
  frame.body.resize(size + room);
  frame.body.resize(LLVMFuzzerMutate(frame.body.data(), size, frame.body.size()));
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  std::minstd_rand random(seed);
  auto frames = crossing::fuzz::split({data, size});
  if (frames.empty() || random() % 16 == 0) return LLVMFuzzerMutate(data, size, max_size);
  mutate(frames, random);
  const auto trace = crossing::fuzz::join(frames);
  if (trace.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, trace.data(), trace.size());
  return trace.size();
}
