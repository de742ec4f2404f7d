#include "trap_code.h"

#include <algorithm>
#include <string_view>

#include "complain.h"

namespace crossing::engine {
namespace {

constexpr int trapped_exit = 134;

/// What Wasmtime's canonical ABI says where it has no code for it.
bool is_canonical_abi(std::string_view message) {
  static constexpr std::string_view parts[] = {"out of bounds", "unaligned", "not aligned",
                                               "utf-8",         "utf-16",    "utf16",
                                               "discriminant",  "`char`",    "converted to char",
                                               "handle index",  "resource",  "borrow handle",
                                               "pointer",       "realloc"};
  return std::ranges::any_of(parts, [message](std::string_view part) {
    return message.find(part) != std::string_view::npos;
  });
}

}  // namespace

Trap trap_of(const Failure& failure, const Assembler::Call* innermost) {
  Trap trap{.message = failure.message};
  if (failure.exit_status) {
    trap.code = TrapCode::exit;
    trap.origin = TrapOrigin::host;
    trap.status = *failure.exit_status;
    return trap;
  }
  const bool in_core =
      innermost != nullptr &&
      (innermost->kind == EventKind::instantiate || innermost->kind == EventKind::realloc_call ||
       (innermost->kind == EventKind::export_call && innermost->entered));
  trap.code = failure.code ? code_of(*failure.code) : TrapCode::unknown;
  trap.origin = TrapOrigin::engine;
  if (failure.code == WASMTIME_TRAP_CODE_CANNOT_LEAVE_COMPONENT) {
    trap.code = TrapCode::cannot_leave;
  } else if (trap.code == TrapCode::unknown) {
    if (failure.code || (!in_core && is_canonical_abi(failure.message))) {
      trap.code = TrapCode::canonical_abi;
    } else if (!in_core) {
      trap.code = TrapCode::host_error;
      trap.origin = TrapOrigin::host;
    }
  } else if (in_core && trap.code != TrapCode::stack_overflow) {
    trap.origin = TrapOrigin::guest;
  }
  return trap;
}

int complain(const Trap& trap) {
  return complain("the guest trapped (" + std::string(trap_code_name(trap.code)) + ")" +
                      (trap.message.empty() ? "" : ": " + trap.message),
                  trapped_exit);
}

}  // namespace crossing::engine
