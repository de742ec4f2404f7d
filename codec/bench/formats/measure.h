#pragma once

/// Times, and what an outside tool counts.

#include <string>
#include <vector>

#include "format.h"

namespace crossing::bench {

/// What one format makes of one workload.
struct Figures {
  std::string format;
  std::string workload;
  double ns = 0;          ///< an event, medians of 9
  double ns_zstd = 0;     ///< the same and compressed; 0: not measured
  double bytes = 0;       ///< an event, of those that are there once
  double bytes_zstd = 0;  ///< the same and compressed
};

/// Measures all formats in turn, nine times over, so that what else the machine does meets them
/// all. CPU time of this thread.
std::vector<Figures> measure(const std::vector<std::unique_ptr<Format>>& formats,
                             const Workload& workload);

}  // namespace crossing::bench
