#pragma once

/// The recorder's memory, spec/instrument.md "The recorder's memory" [SINK-10]. Everything that the
/// recorder knows lies in it, so that a dump of it holds what has not left yet.

#include <cstdint>

namespace crossing::instrument::layout {

inline constexpr std::uint8_t magic[8] = {0x89, 'X', 'R', 'E', 'C', 0x0d, 0x0a, 0x1a};
inline constexpr std::uint32_t version = 1;

// The header, at address 0.
inline constexpr std::uint32_t version_at = 8;
inline constexpr std::uint32_t instance_at = 12;  // of the plan
/// Two addresses in the last segment: past its events, and past its payloads.
inline constexpr std::uint32_t cursor_at = 16;
inline constexpr std::uint32_t lowering_at =
    24;                                      // 1 + the export whose arguments are lowered, or 0
inline constexpr std::uint32_t row_at = 28;  // address of this instance's ids
inline constexpr std::uint32_t row_count_at = 32;
inline constexpr std::uint32_t row_size_at = 36;
inline constexpr std::uint32_t depth_at = 40;      // calls of the guest that are open
inline constexpr std::uint32_t resolving_at = 44;  // 1 + the import whose call resolves, or 0
inline constexpr std::uint32_t rows = 64;

// Segments, one after the other. In each: its header, events, payloads, bulk. The sizes of events
// and payloads are there when another segment follows; those of the last are where the cursor is.
inline constexpr std::uint32_t first_segment = 0x10000;
inline constexpr std::uint32_t segment_size = 0x40000;
inline constexpr std::uint32_t events_size_at = 0;
inline constexpr std::uint32_t payloads_size_at = 4;
inline constexpr std::uint32_t bulk_size_at = 8;
inline constexpr std::uint32_t events = 64;
inline constexpr std::uint32_t payloads = 0x10000;
inline constexpr std::uint32_t bulk = 0x20000;
inline constexpr std::uint32_t bulk_capacity = segment_size - bulk;

// The memory of outstanding blocks, one for each memory of the guest.
namespace areas {
inline constexpr std::uint8_t magic[8] = {0x89, 'X', 'A', 'R', 'E', 0x0d, 0x0a, 0x1a};
inline constexpr std::uint32_t version_at = 8;
inline constexpr std::uint32_t memory_at = 12;  // id, of the plan
inline constexpr std::uint32_t end_at = 16;     // address past the last entry
inline constexpr std::uint32_t entries = 32;    // in each: start, end
}  // namespace areas

inline constexpr std::uint32_t page = 0x10000;
inline constexpr std::uint32_t page_log2 = 16;
inline constexpr std::uint32_t event_size = 16;
/// A piece leaves, where it may, once it has no more room than this for events or for payloads, or
/// this much bulk [SINK-06]. A call of the guest takes less room.
inline constexpr std::uint32_t spare_room = 1024;
inline constexpr std::uint32_t enough_bulk = 0x10000;

}  // namespace crossing::instrument::layout
