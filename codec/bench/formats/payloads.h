#pragma once

/// What is written: events with payloads of one size, or those of a trace.

#include <cstddef>
#include <string>

#include "workload.h"

namespace crossing::bench {

/// `lift`s of `size` bytes: counters, pointers, flags and small numbers, as flat values and records
/// have them. Few enough to stay in a core's cache, and written again until they are many.
Workload events_of(std::size_t size);

/// The events of a trace, without their times: no format here reads a clock.
Workload events_of_trace(const std::string& path);

}  // namespace crossing::bench
