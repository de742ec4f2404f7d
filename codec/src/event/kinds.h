#pragma once

/// The table of kinds of spec/events.md, row by row: what a subject is, what a body is, which
/// flags may stand.

#include <array>
#include <cstdint>
#include <string_view>

#include "crossing/event.h"

namespace crossing {

enum class SubjectRule : std::uint8_t {
  any,
  zero,
  none,
  instance,
  memory,
  guest_calls,
  host_calls,
  realloc,
  function_or_none,
  grow
};
enum class DetailRule : std::uint8_t { any, zero, call, grow, gap, marker };
enum class BodyRule : std::uint8_t {
  empty,
  any,
  params,
  results,
  state,
  trap,
  copy,
  grow,
  gap,
  hash,
  marker
};

struct alignas(32) KindRow {
  std::string_view name;
  SubjectRule subject = SubjectRule::any;
  DetailRule detail = DetailRule::any;
  BodyRule body = BodyRule::any;
  std::uint8_t flags = 0;  ///< those besides `framing_flags`
};

/// Rows by number; the name of a kind that is not known is empty.
extern const std::array<KindRow, 256> kind_rows;

inline const KindRow& kind_row(EventKind kind) {
  return kind_rows[static_cast<std::uint8_t>(kind)];
}

/// Whether an unknown kind may be passed over [EVENT-04].
constexpr bool is_informative(EventKind kind) { return static_cast<std::uint8_t>(kind) >= 128; }

}  // namespace crossing
