#pragma once

/// The guest's memories among all of a store.

#include <functional>
#include <optional>
#include <vector>

#include "loaded.h"
#include "wasmtime_component.h"

namespace crossing::engine {

/// What lies in the memories of a store in which a component ran that records itself. Views: no
/// guest runs as long as they are used.
struct StoreMemories {
  std::vector<Bytes> recorders;             ///< [SINK-10]
  std::vector<std::optional<Bytes>> guest;  ///< by id; those that are not there are none
  std::vector<MemoryBlock> blocks;          ///< of open lowerings, ascending [SINK-13]
};

/// Nothing: memories are not seen. `loaded` is the component as it was: its memories are those that
/// are not the rewriter's, in the order in which core instances were made [SINK-13]. Where there
/// are others among them, none is taken for the guest's.
std::optional<StoreMemories> look(WasmtimeComponent& component, const Loaded& loaded);

}  // namespace crossing::engine
