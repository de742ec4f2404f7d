#pragma once

/// Events to write, with all that they need around them.

#include <cstdint>
#include <string>
#include <vector>

#include "crossing/trace.h"

namespace crossing::bench {

struct Workload {
  std::string name;
  TraceInfo info;
  std::vector<Definition> definitions;
  std::vector<Event> events;  ///< bodies lie in `bodies`
  std::vector<std::uint8_t> bodies;
  int rounds = 1;  ///< how often the events are written
  [[nodiscard]] std::size_t event_count() const {
    return events.size() * static_cast<std::size_t>(rounds);
  }
};

/// Events with bodies of 24 bytes, `import_call` and `lower`, each call with a result of none:
/// counters, pointers and small sizes. Few enough to stay in a core's cache, so that what is
/// measured is not how fast they come from memory; more than two blocks of them, so that no block
/// repeats itself.
Workload calls_of_24_bytes();

/// The events of a trace, bodies in one piece, without their times, as often as makes a long run.
Workload load_trace(const std::string& path);

/// Takes what is written and keeps nothing.
class NullSink final : public ByteSink {
 public:
  Result<void> write(Bytes) override { return {}; }
};

/// What there is to decode in a frame.
struct StoredBody {
  bool compressed = false;
  std::vector<std::uint8_t> stored;
  std::vector<std::uint8_t> decoded;
};

/// The whole trace in memory, the bodies of its blocks, and those of its other frames, which a
/// reader has to decode too.
struct Written {
  std::vector<std::uint8_t> trace;
  std::vector<StoredBody> bodies;
  std::vector<StoredBody> others;
  std::uint64_t decoded_bytes = 0;
};
Written write_whole(const Workload& workload, const WriterOptions& options);

/// Defines and appends everything.
void write_into(ByteSink& sink, const Workload& workload, const WriterOptions& options);

}  // namespace crossing::bench
