#include "event/kinds.h"

namespace crossing {
namespace {

using S = SubjectRule;
using D = DetailRule;
using B = BodyRule;

constexpr std::uint8_t redacted = flag_redacted;
constexpr std::uint8_t omitted = flag_omitted;

constexpr std::array<KindRow, 25> critical_rows = {{
    {},
    {"instantiate", S::instance, D::zero, B::empty, 0},
    {"instantiate_end", S::instance, D::zero, B::empty, 0},
    {"export_call", S::host_calls, D::call, B::empty, 0},
    {"export_enter", S::host_calls, D::call, B::params, redacted},
    {"export_result", S::host_calls, D::call, B::results, redacted | omitted},
    {"import_call", S::guest_calls, D::call, B::params, redacted | omitted},
    {"import_result", S::guest_calls, D::call, B::results, redacted},
    {"lift", S::memory, D::any, B::any, flag_hashed | redacted | omitted},
    {"realloc_call", S::realloc, D::zero, B::params, 0},
    {"realloc_result", S::realloc, D::zero, B::results, omitted},
    {"lower", S::memory, D::any, B::any, flag_snapshot | redacted},
    {"trap", S::function_or_none, D::any, B::trap, 0},
    {"task_start", S::guest_calls, D::call, B::empty, 0},
    {"task_resolve", S::guest_calls, D::call, B::state, 0},
    {"task_resolve_end", S::guest_calls, D::call, B::empty, 0},
    {"task_cancel", S::host_calls, D::call, B::empty, 0},
    {"copy", S::instance, D::any, B::copy, 0},
    {"copy_end", S::instance, D::any, B::empty, 0},
    {"end_dropped", S::instance, D::any, B::empty, 0},
    {"thread_switch", S::any, D::call, B::empty, 0},
    {"thread_start", S::any, D::call, B::empty, 0},
    {"grow", S::grow, D::grow, B::grow, 0},
    {"gap", S::none, D::gap, B::gap, 0},
    {"digest", S::memory, D::zero, B::hash, 0},
}};
constexpr KindRow marker_row = {"marker", S::zero, D::marker, B::marker, 0};

constexpr std::array<KindRow, 256> all_rows() {
  std::array<KindRow, 256> rows = {};
  for (std::size_t i = 0; i < critical_rows.size(); ++i) rows[i] = critical_rows[i];
  rows[static_cast<std::size_t>(EventKind::marker)] = marker_row;
  return rows;
}

}  // namespace

constinit const std::array<KindRow, 256> kind_rows = all_rows();

std::string_view event_kind_name(EventKind kind) { return kind_row(kind).name; }

std::string_view trap_code_name(TrapCode code) {
  constexpr std::array<std::string_view, 18> names = {"unknown",
                                                      "unreachable",
                                                      "memory_out_of_bounds",
                                                      "table_out_of_bounds",
                                                      "indirect_call_to_null",
                                                      "bad_signature",
                                                      "integer_overflow",
                                                      "integer_division_by_zero",
                                                      "bad_conversion_to_integer",
                                                      "stack_overflow",
                                                      "out_of_memory",
                                                      "interrupt",
                                                      "null_reference",
                                                      "uncaught_exception",
                                                      "host_error",
                                                      "canonical_abi",
                                                      "exit",
                                                      "cannot_leave"};
  const auto number = static_cast<std::size_t>(code);
  return number < names.size() ? names[number] : std::string_view{};
}

std::string_view gap_reason_name(GapReason reason) {
  constexpr std::array<std::string_view, 5> names = {"lost", "dropped", "ring", "aborted",
                                                     "damaged"};
  const auto number = static_cast<std::size_t>(reason);
  return number < names.size() ? names[number] : std::string_view{};
}

}  // namespace crossing
