#include "guest_memories.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "pieces.h"

namespace crossing::engine {
namespace {

// [SINK-13]
constexpr std::uint8_t areas_magic[8] = {0x89, 'X', 'A', 'R', 'E', 0x0d, 0x0a, 0x1a};
constexpr std::size_t memory_at = 12, end_at = 16, first_block = 32;

std::uint32_t word(Bytes bytes, std::size_t at) {
  std::uint32_t value = 0;
  if (at + sizeof value <= bytes.size()) std::memcpy(&value, &bytes[at], sizeof value);
  return value;
}

/// Whether the rewriter made it.
bool is_ours(Bytes memory) {
  return memory.size() >= 8 && memory[0] == areas_magic[0] && memory[1] == areas_magic[1] &&
         std::memcmp(&memory[5], &areas_magic[5], 3) == 0;
}

bool begins_with(Bytes memory, const std::uint8_t (&magic)[8]) {
  return memory.size() >= sizeof magic && std::memcmp(memory.data(), magic, sizeof magic) == 0;
}

/// The sections of a core module that was read before: it is valid.
class Module {
 public:
  explicit Module(Bytes bytes) {
    bytes = bytes.subspan(8);
    while (!bytes.empty()) {
      const std::uint8_t id = bytes[0];
      bytes = bytes.subspan(1);
      const std::size_t size = number(bytes);
      sections_.emplace(id, bytes.first(size));
      bytes = bytes.subspan(size);
    }
  }

  /// How many memories it defines.
  [[nodiscard]] std::uint32_t memories() const {
    const auto section = sections_.find(5);
    if (section == sections_.end()) return 0;
    Bytes bytes = section->second;
    return number(bytes);
  }

  /// The index of the memory that it exports under this name.
  [[nodiscard]] std::optional<std::uint32_t> exported_memory(std::string_view name) const {
    const auto section = sections_.find(7);
    if (section == sections_.end()) return std::nullopt;
    Bytes bytes = section->second;
    for (std::uint32_t left = number(bytes); left > 0; --left) {
      const std::uint32_t size = number(bytes);
      const bool is_it =
          name == std::string_view(reinterpret_cast<const char*>(bytes.data()), size);
      const bool is_memory = bytes[size] == 2;
      bytes = bytes.subspan(size + 1);
      const std::uint32_t index = number(bytes);
      if (is_it && is_memory) return index;
    }
    return std::nullopt;
  }

 private:
  static std::uint32_t number(Bytes& bytes) {
    std::uint32_t value = 0;
    std::size_t at = 0;
    for (unsigned shift = 0;; shift += 7) {
      value |= (bytes[at] & 0x7fU) << shift;
      if ((bytes[at++] & 0x80U) == 0) break;
    }
    bytes = bytes.subspan(at);
    return value;
  }

  std::map<std::uint8_t, Bytes> sections_;
};

/// The place of each memory of the guest, by id, among all that its core instances define, in the
/// order in which those are made; and how many those are.
std::pair<std::vector<std::size_t>, std::size_t> places(const Loaded& loaded) {
  const Wiring& wiring = loaded.wiring;
  std::vector<std::size_t> place_of(wiring.definitions.memories.size(), 0);
  std::size_t next = 0;
  for (const InitializationStep& step : wiring.initialization) {
    if (step.kind != InitializationStep::Kind::core_instance) continue;
    const CoreModule& found = wiring.core_modules[wiring.core_instances[step.id].core_module];
    const Module module(
        Bytes(loaded.binary)
            .subspan(static_cast<std::size_t>(found.offset), static_cast<std::size_t>(found.size)));
    const auto imported = static_cast<std::size_t>(std::ranges::count(
        found.imports, CoreKind::memory, [](const CoreModule::Import& i) { return i.kind; }));
    for (const Memory& memory : wiring.definitions.memories) {
      if (memory.core_instance != step.id) continue;
      place_of[memory.id] =
          next + module.exported_memory(memory.export_name).value_or(0) - imported;
    }
    next += module.memories();
  }
  return {place_of, next};
}

void add_blocks(Bytes areas, StoreMemories& seen) {
  const std::uint32_t memory = word(areas, memory_at);
  if (memory >= seen.guest.size() || !seen.guest[memory]) return;
  const Bytes bytes = *seen.guest[memory];
  for (std::size_t at = first_block; at < word(areas, end_at) && at + 8 <= areas.size(); at += 8) {
    // The guest may have given what is not in its memory.
    const std::size_t start = std::min<std::size_t>(word(areas, at), bytes.size());
    const std::size_t end = std::min<std::size_t>(word(areas, at + 4), bytes.size());
    if (start >= end) continue;
    seen.blocks.push_back(
        {memory, static_cast<std::uint32_t>(start), bytes.subspan(start, end - start)});
  }
}

}  // namespace

std::optional<StoreMemories> look(WasmtimeComponent& component, const Loaded& loaded) {
  StoreMemories seen;
  std::vector<Bytes> areas;
  std::vector<Bytes> others;
  const bool is_seen = component.memories([&](Bytes memory) {
    if (!is_ours(memory)) {
      others.push_back(memory);
    } else if (begins_with(memory, areas_magic)) {
      areas.push_back(memory);
    } else {
      seen.recorders.push_back(memory);
    }
  });
  if (!is_seen) return std::nullopt;
  const auto [place_of, count] = places(loaded);
  seen.guest.resize(place_of.size());
  for (std::size_t id = 0; id < place_of.size(); ++id) {
    if (others.size() <= count && place_of[id] < others.size())
      seen.guest[id] = others[place_of[id]];
  }
  for (const Bytes memory : areas) add_blocks(memory, seen);
  return seen;
}

}  // namespace crossing::engine
