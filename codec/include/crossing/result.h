#pragma once

/// Errors as values. Nothing in this library throws on bad input, prints, exits or aborts.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace [[gnu::visibility("default")]] crossing {

/// What an input is. A trace has exactly one verdict, that of its first fault in file order
/// [VERDICT-01]; the values are the exit codes of every command [VERDICT-05].
enum class Verdict : std::uint8_t {
  ok = 0,
  io = 2,           ///< not a property of the input: it could not be read or written
  not_a_trace = 3,  ///< the first bytes are not the magic
  truncated = 4,    ///< ends too early; what stands before is good
  corrupt = 5,      ///< bytes are not what was written
  unsupported = 6,  ///< well formed, but of a version, kind or feature that is not known here
  limit = 7,        ///< larger than a limit of spec/limits.md
  invalid = 8,      ///< as written, and against a rule of the format
  diverged = 9,     ///< replay: the guest did something else than was recorded
};

/// The verdict's name in the spec, in JSON and in messages: "not-a-trace".
constexpr std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok: return "ok";
    case Verdict::io: return "io";
    case Verdict::not_a_trace: return "not-a-trace";
    case Verdict::truncated: return "truncated";
    case Verdict::corrupt: return "corrupt";
    case Verdict::unsupported: return "unsupported";
    case Verdict::limit: return "limit";
    case Verdict::invalid: return "invalid";
    case Verdict::diverged: return "diverged";
  }
  return "invalid";
}

/// One fault: what it is, where, and a sentence that names what was expected and what was found.
struct Error {
  Verdict verdict = Verdict::invalid;
  std::string message;                  ///< a sentence for people, without the place
  std::optional<std::uint64_t> offset;  ///< byte offset in the input
  std::optional<std::uint64_t> event;   ///< event number
  std::string_view rule = {};           ///< id of the spec's rule, static storage; empty: none

  bool operator==(const Error&) const = default;

  /// "corrupt at offset 64: expected …, found … [FRAME-04]"
  [[nodiscard]] std::string text() const;
};

template <class T>
using Result = tl::expected<T, Error>;

}  // namespace crossing
