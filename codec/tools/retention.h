#pragma once

/// `record --ring`: a file that keeps the end of a run.

#include <string>

#include "crossing/ring.h"

namespace crossing::tools {

/// "64MiB", "200blocks", "30s" [RING-01].
Result<Ring> parse_ring(const std::string& text);

/// A pipe with a name, into which an engine writes a trace of which a file keeps the end.
class RingPipe {
 public:
  /// Creates the file at `path`; it takes what comes through the pipe until `finish`.
  static Result<std::unique_ptr<RingPipe>> create(const std::string& path, bool force,
                                                  const Ring& ring);
  virtual ~RingPipe() = default;
  /// Where the engine has to write to.
  [[nodiscard]] virtual const std::string& pipe() const = 0;
  /// The engine has ended: takes what is left and completes the file.
  virtual Result<void> finish() = 0;
};

}  // namespace crossing::tools
