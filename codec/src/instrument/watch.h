#pragma once

/// The generated core modules of a component whose calls go on after they returned: what knows
/// where the host may write while the guest does something else [RECORD-07].
///
/// Names of imports as in modules.h, and "h" is the hub.

#include <cstdint>
#include <vector>

#include "instrument/ids.h"

namespace crossing::instrument {

/// One for a recorder. A memory of the guest has an ordinal, in the order of registration, and
/// three functions in the hub's table (watcher_module). Exports "table", and
/// - `register()`: the next ordinal's functions are there;
/// - `save()`: saves the blocks that are outstanding, in every memory;
/// - `watch(key, ordinal, address, size)`: the area is outstanding from here on;
/// - `unwatch(key)`: those areas are no more;
/// - `changed()`: saves the blocks, and every area whose bytes are not those of the last look.
std::vector<std::uint8_t> hub_module(std::uint32_t memories);

/// What the hub calls for one memory. Imports "a", "c" and the peek module "g".
std::vector<std::uint8_t> watcher_module(std::uint32_t ordinal);

/// The key of an outstanding result of a subtask, or of the buffer of a read, is twice its handle;
/// and for a read this more.
inline constexpr std::uint32_t reads = 1;

}  // namespace crossing::instrument
