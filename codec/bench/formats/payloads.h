#pragma once

/// What is written: events with payloads of one size, or those of a trace.

#include <cstddef>
#include <string>

#include "workload.h"

namespace crossing::bench {

/// `lift`s of `size` bytes: counters, pointers, flags and small numbers, as flat values and records
/// have them. Few enough to stay in a core's cache, and written again until they are many.
Workload events_of(std::size_t size);

/// The events of a trace, without their times: no format here reads a clock. `bulk` false: without
/// those of 256 bytes and more, which are what files and streams hold and the same in every format.
Workload events_of_trace(const std::string& path, bool bulk);

/// Bytes of structs and bodies of the events, once.
std::size_t bytes_of(const Workload& workload);

}  // namespace crossing::bench
