#pragma once

/// The numbers of spec/limits.md, by name [LIMIT-01].

#include <cstdint>

namespace crossing::limits {

inline constexpr std::uint32_t frame_decoded_size = 16777216;
inline constexpr std::uint32_t piece_size = 65536;
inline constexpr std::uint64_t payload_size = 268435456;
inline constexpr std::uint32_t bulk_threshold = 256;
inline constexpr std::uint32_t attachment_piece_size = 262144;
inline constexpr std::uint64_t attachment_size = 4294967296;
inline constexpr std::uint32_t attachments = 1024;
inline constexpr std::uint32_t definitions = 65536;
inline constexpr std::uint64_t definition_bytes = 16777216;
inline constexpr std::uint32_t body_tables = 1048576;
inline constexpr std::uint32_t body_text = 16777216;
inline constexpr std::uint32_t string_size = 65536;
inline constexpr std::uint32_t open_calls = 1024;
inline constexpr std::uint32_t index_interval = 4096;
inline constexpr std::uint32_t type_depth = 64;
inline constexpr std::uint32_t core_signature = 64;
inline constexpr std::uint32_t value_parts = 4194304;
inline constexpr std::uint32_t live_handles = 1048576;

}  // namespace crossing::limits
