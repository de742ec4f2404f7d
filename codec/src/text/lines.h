#pragma once

/// The lines of canonical JSON that are not definitions [JSON-02] [JSON-08], as records.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crossing/event.h"
#include "json_text.h"
#include "members.h"

namespace crossing::text {

/// The flags of an event that are not framing.
struct FlagSet {
  std::uint8_t bits = 0;
};

struct EventLine {
  std::uint64_t sequence = 0;
  EventKind kind = EventKind::marker;
  FlagSet flags;
  std::uint64_t time = 0;
  std::uint32_t subject = 0;
  std::uint64_t detail = 0;
  std::vector<std::uint8_t> payload;
};

struct AttachmentLine {
  std::uint32_t id = 0;
  std::string name;
  std::uint64_t offset = 0;
  std::uint64_t total_size = 0;
  std::vector<std::uint8_t> bytes;
};

void for_each_member(Of<EventLine> auto& r, auto&& visit) {
  visit("sequence", r.sequence);
  visit("kind", r.kind);
  visit("flags", r.flags);
  visit("time", r.time);
  visit("subject", r.subject);
  visit("detail", r.detail);
  visit("payload", r.payload);
}

void for_each_member(Of<AttachmentLine> auto& r, auto&& visit) {
  visit("id", r.id);
  visit("name", r.name);
  visit("offset", r.offset);
  visit("total_size", r.total_size);
  visit("bytes", r.bytes);
}

/// In bit order [JSON-08].
inline constexpr std::pair<std::uint8_t, std::string_view> flag_names[] = {
    {flag_redacted, "redacted"},
    {flag_hashed, "hashed"},
    {flag_omitted, "omitted"},
    {flag_snapshot, "snapshot"}};

inline void append_json(std::string& out, FlagSet flags) {
  out += '[';
  bool first = true;
  for (const auto& [bit, name] : flag_names) {
    if ((flags.bits & bit) == 0) continue;
    if (!first) out += ',';
    first = false;
    append_json(out, name);
  }
  out += ']';
}

/// The name of a line with such a record.
constexpr std::string_view line_name(const TraceInfo*) { return "trace_info"; }
constexpr std::string_view line_name(const Type*) { return "type"; }
constexpr std::string_view line_name(const Component*) { return "component"; }
constexpr std::string_view line_name(const Instance*) { return "instance"; }
constexpr std::string_view line_name(const Memory*) { return "memory"; }
constexpr std::string_view line_name(const Function*) { return "function"; }
constexpr std::string_view line_name(const AttachmentLine*) { return "attachment"; }
constexpr std::string_view line_name(const EventLine*) { return "event"; }

}  // namespace crossing::text
