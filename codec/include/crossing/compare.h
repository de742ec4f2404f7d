#pragma once

/// What differs between two recordings of one run (spec/compare.md): by meaning first, then in what
/// the Canonical ABI leaves to an engine.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crossing/io.h"
#include "crossing/limits.h"
#include "crossing/result.h"

namespace [[gnu::visibility("default")]] crossing {

/// What a difference is about [COMPARE-06]. The first five are by meaning.
enum class DifferenceKind : std::uint8_t {
  component,  ///< the recordings are not of one component
  missing,    ///< a step stands in one recording alone
  apart,      ///< from here on the recordings have nothing in common
  values,     ///< the values of a call, or how it ended
  end,        ///< one recording has a gap, or stops before its end
  realloc,    ///< which blocks the host asked for
  address,    ///< where the guest put them, or where a value points to
  handle,     ///< the index of a handle
  bits,       ///< bits of a value that mean nothing
  bytes,      ///< what was written, or saved, beside the values
  digest,     ///< what a guest memory holds
  fact        ///< what the traces say of themselves
};
inline constexpr std::size_t difference_kinds = 12;

/// The kind's name in the spec and in JSON.
std::string_view difference_name(DifferenceKind kind);

/// Whether a difference of this kind changes what happened.
constexpr bool is_by_meaning(DifferenceKind kind) { return kind <= DifferenceKind::end; }

/// One difference. Texts are of bounded length, UTF-8 where the trace's are, and not fit for a
/// terminal as they stand.
struct Difference {
  DifferenceKind kind = DifferenceKind::values;
  std::string where;                         ///< function or other thing, and what of it
  std::optional<std::uint64_t> left_event;   ///< number of the event in the left trace
  std::optional<std::uint64_t> right_event;  ///< and in the right one
  std::string left;                          ///< what is there; empty: nothing
  std::string right;
  std::string_view declared = {};  ///< name of the entry of registry.md that declares it, or empty
  bool operator==(const Difference&) const = default;
};

struct CompareOptions {
  std::size_t differences = 256;  ///< how many of each kind are kept; all are counted
  std::size_t window = 64;        ///< steps that are looked ahead for the next common one
  /// Of guest memory kept for open calls; each write counts 64 more.
  std::uint64_t lowering_bytes = limits::payload_size;
  /// Parts of the values of one step; a handle counts for 256.
  std::uint64_t value_parts = limits::value_parts;
};

/// What `compare` found.
struct Comparison {
  std::optional<Error> left_fault;   ///< the left trace's verdict, where it is not `ok`
  std::optional<Error> right_fault;  ///< and the right one's
  std::uint64_t left_events = 0;
  std::uint64_t right_events = 0;
  std::uint64_t steps = 0;                  ///< that both have
  std::vector<Difference> differences;      ///< by meaning first, in order of their places
  std::uint64_t found[difference_kinds]{};  ///< how many of each kind there are
  std::uint64_t declared = 0;               ///< how many of them the registry declares

  /// Nothing differs but what is declared.
  [[nodiscard]] bool equal() const;
};

/// Reads both traces once, side by side. What is kept is one block of each, the definitions, the
/// bytes of calls that are open and `window` steps. A trace that is not `ok` is compared up to its
/// fault; of traces of different profiles the right one is `unsupported` [COMPARE-08].
Comparison compare(ByteSource& left, ByteSource& right, const CompareOptions& options = {});

}  // namespace crossing
