#include "compare/facts.h"

#include <algorithm>

#include "event/enumerators.h"

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

}  // namespace

bool only_one_has(std::string_view quirk, const TraceInfo& left, const TraceInfo& right) {
  const auto has = [&](const TraceInfo& info) {
    return std::find(info.quirks.begin(), info.quirks.end(), quirk) != info.quirks.end();
  };
  return has(left) != has(right);
}

std::vector<Difference> facts(const TraceInfo& left, const TraceInfo& right) {
  std::vector<Difference> found;
  const auto fact = [&](std::string_view where, std::string_view declared, std::string a,
                        std::string b) {
    if (a == b) return;
    found.push_back({.kind = DifferenceKind::fact,
                     .where = std::string(where),
                     .left = std::move(a),
                     .right = std::move(b),
                     .declared = declared});
  };
  const auto yes = [](bool value) { return std::string(value ? "true" : "false"); };
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  const auto name = [](auto value) { return std::string(enumerator_name(value)); };
  constexpr std::string_view own = "trace_info";
  fact("recorded_by", own, name(left.recorded_by), name(right.recorded_by));
  fact("quirks", own, list_text(left.quirks), list_text(right.quirks));
  const Determinism& a = left.determinism;
  const Determinism& b = right.determinism;
  fact("nan", own, name(a.nan), name(b.nan));
  fact("relaxed_simd", own, name(a.relaxed_simd), name(b.relaxed_simd));
  fact("memory_limit", own, number(a.memory_limit), number(b.memory_limit));
  fact("table_limit", own, number(a.table_limit), number(b.table_limit));
  fact("stack_limit", own, number(a.stack_limit), number(b.stack_limit));
  fact("interruption", own, name(a.interruption), name(b.interruption));
  // These follow from the component, or say what a trace is good for.
  fact("features", "", list_text(left.features), list_text(right.features));
  fact("core_proposals", "", list_text(left.core_proposals), list_text(right.core_proposals));
  fact("replayable", "", yes(left.replayable), yes(right.replayable));
  fact("core_complete", "", yes(left.core_complete), yes(right.core_complete));
  fact("needs_stacks", "", yes(left.needs_stacks), yes(right.needs_stacks));
  return found;
}

}  // namespace crossing::comparing
