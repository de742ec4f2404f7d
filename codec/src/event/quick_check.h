#pragma once

/// The checks of one event for the hot paths: without words, and only for the kinds of which most
/// traces are made.

#include "event/batch.h"
#include "event/kinds.h"
#include "event/scope.h"

namespace crossing {

/// Whether an event in one piece, with neither prefixes nor flags but `snapshot`, passes all of
/// EventCheck. False says nothing: EventCheck is to be asked.
[[gnu::always_inline]] inline bool surely_good(const EventStruct& event, const Scope& scope) {
  const KindRow& row = kind_row(static_cast<EventKind>(event.kind));
  if ((event.flags & ~(row.flags & flag_snapshot)) != 0) return false;
  switch (row.subject) {
    case SubjectRule::memory: return event.subject < scope.memories && row.body == BodyRule::any;
    case SubjectRule::guest_calls:
    case SubjectRule::host_calls:
    case SubjectRule::realloc: break;
    default: return false;
  }
  if (event.subject >= scope.functions.size()) return false;
  const FunctionScope& callee = scope.functions[event.subject];
  const SubjectRule caller = guest_calls(callee.role)       ? SubjectRule::guest_calls
                             : callee.role == Role::realloc ? SubjectRule::realloc
                                                            : SubjectRule::host_calls;
  if (caller != row.subject) return false;
  if (row.detail != DetailRule::call && event.detail != 0) return false;
  switch (row.body) {
    case BodyRule::empty: return event.payload_size == 0;
    case BodyRule::params:
      return event.payload_size == callee.params_size || scope.profile != Profile::abi;
    case BodyRule::results:
      return event.payload_size == callee.results_size || scope.profile != Profile::abi;
    default: return false;
  }
}

}  // namespace crossing
