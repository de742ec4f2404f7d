#pragma once

/// Files that keep only the last blocks of a trace [spec/open.md].

#include <cstdint>
#include <memory>
#include <string>

#include "crossing/io.h"

namespace [[gnu::visibility("default")]] crossing {

/// What stays of a trace [RING-01]; the last block always does.
struct Ring {
  std::uint64_t bytes = 0;   ///< of stored blocks; 0: no bound
  std::uint64_t blocks = 0;  ///< 0: no bound
  double seconds = 0;        ///< blocks written longer ago go; 0: no bound
  [[nodiscard]] bool bounded() const { return bytes != 0 || blocks != 0 || seconds != 0; }
};

/// A new file for the bytes of a trace, in any pieces, whoever writes them. What is in it is an
/// interrupted trace with a hole, which `recover` reads, until `complete`.
class RingFile final : public ByteSink {
 public:
  /// The file system has to be one that gives back the room of holes; `io` at the first block that
  /// goes where it is not.
  static Result<std::unique_ptr<RingFile>> create(const std::string& path, IfExists if_exists,
                                                  const Ring& ring);
  ~RingFile() override;
  /// `corrupt` where the bytes are not those of a trace.
  Result<void> write(Bytes bytes) override;
  /// Makes what stayed a complete trace, in its place. Without an end of what was written, the
  /// `gap` at its end says so [REC-03].
  Result<void> complete();

 private:
  class Impl;
  explicit RingFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace crossing
