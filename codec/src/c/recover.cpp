#include "c/events.h"
#include "c/io.h"

using namespace crossing;
using namespace crossing::c;

crossing_verdict crossing_recover(crossing_source* source, crossing_sink* sink,
                                  crossing_recovery* recovery, crossing_error* error) {
  return guarded(error, [&]() -> Result<void> {
    SeekableSource* const seekable = source->source->seekable();
    if (seekable == nullptr) {
      return usage("expected a source that can be read at any place, found one in order only");
    }
    const auto found = recover(*seekable, *sink->sink);
    if (!found) return tl::unexpected(found.error());
    crossing_recovery known = {};
    known.whole = found->whole;
    known.tail_lost = found->tail_lost;
    if (found->fault) known.fault = report(error, *found->fault);
    known.blocks = found->blocks;
    known.dropped_blocks = found->dropped_blocks;
    known.events = found->events;
    known.lost_bytes = found->lost_bytes;
    known.lost_events = found->lost_events;
    known.lost_ranges = found->lost_ranges;
    write_sized(recovery, known);
    return {};
  });
}
