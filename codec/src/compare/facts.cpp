#include "compare/facts.h"

#include <algorithm>
#include <array>

namespace crossing::comparing {
namespace {

std::string list_text(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (text.size() > 400) return text + " …";
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

template <std::size_t N>
std::string enumerator(const std::array<std::string_view, N>& names, auto value) {
  const auto index = static_cast<std::size_t>(value);
  return std::string(index < N ? names[index] : "?");
}

constexpr std::array<std::string_view, 5> recorded_by = {"engine", "hook", "instrumented",
                                                         "converted", "synthetic"};
constexpr std::array<std::string_view, 3> nan_modes = {"unspecified", "canonical", "engine"};
constexpr std::array<std::string_view, 3> relaxed = {"absent", "deterministic", "engine"};
constexpr std::array<std::string_view, 4> interruptions = {"never", "fuel", "epoch", "other"};

}  // namespace

bool only_one_has(std::string_view quirk, const TraceInfo& left, const TraceInfo& right) {
  const auto has = [&](const TraceInfo& info) {
    return std::find(info.quirks.begin(), info.quirks.end(), quirk) != info.quirks.end();
  };
  return has(left) != has(right);
}

std::vector<Difference> facts(const TraceInfo& left, const TraceInfo& right) {
  std::vector<Difference> found;
  const auto fact = [&](std::string_view name, std::string_view declared, std::string a,
                        std::string b) {
    if (a == b) return;
    found.push_back({.kind = DifferenceKind::fact,
                     .where = std::string(name),
                     .left = std::move(a),
                     .right = std::move(b),
                     .declared = declared});
  };
  const auto yes = [](bool value) { return std::string(value ? "true" : "false"); };
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  constexpr std::string_view own = "trace_info";
  fact("recorded_by", own, enumerator(recorded_by, left.recorded_by),
       enumerator(recorded_by, right.recorded_by));
  fact("quirks", own, list_text(left.quirks), list_text(right.quirks));
  const Determinism& a = left.determinism;
  const Determinism& b = right.determinism;
  fact("nan", own, enumerator(nan_modes, a.nan), enumerator(nan_modes, b.nan));
  fact("relaxed_simd", own, enumerator(relaxed, a.relaxed_simd),
       enumerator(relaxed, b.relaxed_simd));
  fact("memory_limit", own, number(a.memory_limit), number(b.memory_limit));
  fact("table_limit", own, number(a.table_limit), number(b.table_limit));
  fact("stack_limit", own, number(a.stack_limit), number(b.stack_limit));
  fact("interruption", own, enumerator(interruptions, a.interruption),
       enumerator(interruptions, b.interruption));
  // These follow from the component, or say what a trace is good for.
  fact("features", "", list_text(left.features), list_text(right.features));
  fact("core_proposals", "", list_text(left.core_proposals), list_text(right.core_proposals));
  fact("replayable", "", yes(left.replayable), yes(right.replayable));
  fact("core_complete", "", yes(left.core_complete), yes(right.core_complete));
  fact("needs_stacks", "", yes(left.needs_stacks), yes(right.needs_stacks));
  return found;
}

}  // namespace crossing::comparing
