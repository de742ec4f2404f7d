#include "event/event_check.h"
#include "event/flags.h"

#include "crossing/limits.h"
#include "crossing_generated.h"
#include "event/utf8.h"
#include "io/bytes.h"

namespace crossing {
namespace {

std::string named(Role role) { return "role number " + std::to_string(static_cast<int>(role)); }

/// Bytes of the flat values of a function; none in a profile that has no such width.
std::optional<std::uint32_t> flat_size(const Scope& scope, std::uint32_t function, bool params) {
  if (scope.profile != Profile::abi) return std::nullopt;
  const FunctionScope& entry = scope.functions[function];
  return params ? entry.params_size : entry.results_size;
}

}  // namespace

Result<void> EventCheck::kind_and_flags() const {
  if (row_.name.empty() && !is_informative(kind_)) {
    return bad(Verdict::unsupported, "EVENT-04", expected_found("a known kind", event_.kind));
  }
  if ((event_.flags & 0x80) != 0) {
    return bad(Verdict::unsupported, "EVENT-04",
               expected_found("flags of the bits 0 to 6", hex(event_.flags, 2)));
  }
  if (row_.name.empty()) return {};
  const int own = event_.flags & ~framing_flags;
  if ((own & ~row_.flags) != 0) {
    return bad(
        Verdict::invalid, "EVENT-04",
        "expected flags that " + std::string(row_.name) + " allows, found " + hex(event_.flags, 2));
  }
  const int exclusive = own & replaced_flags;
  if ((exclusive & (exclusive - 1)) != 0) {
    return bad(
        Verdict::invalid, "PAY-07",
        "expected at most one of redacted, hashed and omitted, found " + hex(event_.flags, 2));
  }
  return {};
}

Result<void> EventCheck::subject() const {
  switch (row_.subject) {
    case SubjectRule::any: return {};
    case SubjectRule::zero: return equal("subject", event_.subject, 0);
    case SubjectRule::none: return equal("subject", event_.subject, none);
    case SubjectRule::instance: return defined("instance", scope_.instances);
    case SubjectRule::memory: return defined("memory", scope_.memories);
    case SubjectRule::grow:
      return event_.detail == 0 ? defined("memory", scope_.memories) : Result<void>{};
    case SubjectRule::function_or_none:
      return event_.subject == none ? Result<void>{} : defined("function", scope_.functions.size());
    case SubjectRule::guest_calls:
    case SubjectRule::host_calls:
    case SubjectRule::realloc: break;
  }
  if (auto known = defined("function", scope_.functions.size()); !known) return known;
  const Role role = scope_.functions[event_.subject].role;
  if (row_.subject == SubjectRule::realloc) {
    return role == Role::realloc ? Result<void>{}
                                 : bad(Verdict::invalid, "REALLOC-01",
                                       "expected a function of role realloc, found " + named(role));
  }
  if (row_.subject == SubjectRule::guest_calls && !guest_calls(role)) {
    return bad(Verdict::invalid, "IMPORT-01",
               "expected a function that the guest calls, found " + named(role));
  }
  if (row_.subject == SubjectRule::host_calls && (guest_calls(role) || role == Role::realloc)) {
    return bad(Verdict::invalid, "EXPORT-01",
               "expected a function that the host calls, found " + named(role));
  }
  return {};
}

Result<void> EventCheck::detail(std::uint64_t value) const {
  switch (row_.detail) {
    case DetailRule::any: return {};
    case DetailRule::zero: return equal("detail", value, 0);
    case DetailRule::call:
      return value <= 0xffffffff
                 ? Result<void>{}
                 : bad(Verdict::invalid, "CALL-01", expected_found("a call id of 32 bits", value));
    case DetailRule::grow:
      return value <= 1 ? Result<void>{}
                        : bad(Verdict::invalid, "GROW-01",
                              expected_found("detail 0 (memory) or 1 (table)", value));
    case DetailRule::gap:
      return value <= static_cast<std::uint64_t>(GapReason::damaged)
                 ? Result<void>{}
                 : bad(Verdict::unsupported, "GAP-01", expected_found("a known reason", value));
    case DetailRule::marker:
      return value <= limits::string_size
                 ? Result<void>{}
                 : bad(Verdict::limit, "MARKER-01",
                       expected_found("a namespace of at most 65536 bytes", value));
  }
  return {};
}

Result<void> EventCheck::body(std::uint64_t body_size, const std::uint8_t* body,
                              std::uint64_t detail) const {
  if ((event_.flags & flag_omitted) != 0) return size_is(body_size, 0);
  if ((event_.flags & (flag_redacted | flag_hashed)) != 0) return size_is(body_size, 16);
  switch (row_.body) {
    case BodyRule::any: return {};
    case BodyRule::empty: return size_is(body_size, 0);
    case BodyRule::state: {
      if (auto sized = size_is(body_size, 4); !sized) return sized;
      const auto state = load<std::uint32_t>(body);
      return state >= 2 && state <= 4
                 ? Result<void>{}
                 : bad(Verdict::invalid, "TASK-01", expected_found("a state of 2 to 4", state));
    }
    case BodyRule::params:
    case BodyRule::results: {
      const auto width = flat_size(scope_, event_.subject, row_.body == BodyRule::params);
      return width ? size_is(body_size, *width) : Result<void>{};
    }
    case BodyRule::grow:
    case BodyRule::hash: return size_is(body_size, 16);
    case BodyRule::gap: return size_is(body_size, 8);
    case BodyRule::marker: {
      if (auto sized = size_at_least(body_size, detail); !sized) return sized;
      if (body == nullptr || is_utf8({body, static_cast<std::size_t>(detail)})) return {};
      return bad(Verdict::invalid, "MARKER-01", "expected a namespace in UTF-8, found other bytes");
    }
    case BodyRule::trap: {
      if (auto sized = size_at_least(body_size, sizeof(schema::TrapPayload)); !sized) return sized;
      if (body_size > limits::piece_size) {
        return bad(Verdict::limit, "TRAP-01",
                   expected_found("a trap's body of at most 65536 bytes", body_size));
      }
      if (body == nullptr) return {};
      const auto payload = load<schema::TrapPayload>(body);
      if (payload.origin() > 2) {
        return bad(Verdict::unsupported, "PAY-10",
                   expected_found("a trap origin of 0 to 2", payload.origin()));
      }
      if (!is_utf8(Bytes(body, body_size).subspan(sizeof payload))) {
        return bad(Verdict::invalid, "TRAP-01", "expected a message in UTF-8, found other bytes");
      }
      return padding(payload.padding0() | payload.padding1());
    }
    case BodyRule::copy: {
      if (auto sized = size_is(body_size, sizeof(schema::CopyPayload)); !sized) return sized;
      const auto payload = load<schema::CopyPayload>(body);
      if (payload.direction() > 1 || payload.result() > 2) {
        return bad(Verdict::unsupported, "PAY-10",
                   "expected a known direction and result, found " +
                       std::to_string(payload.direction()) + " and " +
                       std::to_string(payload.result()));
      }
      if (payload.is_future() > 1) {
        return bad(Verdict::invalid, "PAY-10",
                   expected_found("is_future 0 or 1", payload.is_future()));
      }
      return padding(payload.padding0());
    }
  }
  return {};
}

Result<void> EventCheck::equal(const char* what, std::uint64_t found,
                               std::uint64_t expected) const {
  if (found == expected) return {};
  return bad(Verdict::invalid, "PAY-10",
             "expected " + std::string(what) + ' ' + std::to_string(expected) + ", found " +
                 std::to_string(found));
}

Result<void> EventCheck::defined(const char* what, std::size_t count) const {
  if (event_.subject < count) return {};
  return bad(Verdict::invalid, "EVENT-05",
             "expected " + std::string(what) + " below " + std::to_string(count) + ", found " +
                 std::to_string(event_.subject));
}

Result<void> EventCheck::size_is(std::uint64_t found, std::uint64_t expected) const {
  if (found == expected) return {};
  return bad(Verdict::invalid, "PAY-09",
             "expected a body of " + std::to_string(expected) + " bytes in " +
                 std::string(row_.name) + ", found " + std::to_string(found));
}

Result<void> EventCheck::size_at_least(std::uint64_t found, std::uint64_t expected) const {
  if (found >= expected) return {};
  return bad(Verdict::invalid, "PAY-09",
             "expected a body of at least " + std::to_string(expected) + " bytes in " +
                 std::string(row_.name) + ", found " + std::to_string(found));
}

Result<void> EventCheck::padding(unsigned bits) const {
  if (bits == 0) return {};
  return bad(Verdict::invalid, "PAY-10",
             "expected zero padding in the payload, found " + hex(bits, 4));
}

}  // namespace crossing
