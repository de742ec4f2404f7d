#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "command.h"
#include "crossing/compare.h"
#include "crossing/text.h"
#include "input.h"

namespace crossing::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr int differ_exit = 1;
constexpr std::size_t shown_size = 200;

struct Options {
  std::string left;
  std::string right;
  bool json = false;
  bool brief = false;
  std::size_t limit = 20;
};

Json event_json(const std::optional<std::uint64_t>& event) {
  return event ? Json(std::to_string(*event)) : Json();
}

std::string to_json(const Comparison& comparison) {
  Json differences = Json::array();
  for (const Difference& one : comparison.differences) {
    differences.push_back({{"kind", difference_name(one.kind)},
                           {"meaning", is_by_meaning(one.kind)},
                           {"where", one.where},
                           {"left_event", event_json(one.left_event)},
                           {"right_event", event_json(one.right_event)},
                           {"left", one.left},
                           {"right", one.right},
                           {"declared", one.declared.empty() ? Json() : Json(one.declared)}});
  }
  Json counts = Json::object();
  for (std::size_t i = 0; i < difference_kinds; ++i) {
    counts[std::string(difference_name(static_cast<DifferenceKind>(i)))] = comparison.found[i];
  }
  const Json json = {
      {"equal", comparison.equal()},           {"steps", comparison.steps},
      {"left_events", comparison.left_events}, {"right_events", comparison.right_events},
      {"counts", std::move(counts)},           {"declared", comparison.declared},
      {"differences", std::move(differences)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string shown(std::string_view text) {
  return text.empty() ? "nothing" : printable(text.substr(0, shown_size));
}

std::string place(const Difference& one) {
  const auto number = [](const std::optional<std::uint64_t>& event) {
    return event ? std::to_string(*event) : std::string("-");
  };
  if (!one.left_event && !one.right_event) return printable(one.where);
  return fmt::format("event {} | {}, {}", number(one.left_event), number(one.right_event),
                     printable(one.where));
}

/// Those of one sort, at most `limit` of each kind and declaration; how many that is.
std::uint64_t append_differences(std::string& out, const Comparison& comparison, bool by_meaning,
                                 std::size_t limit) {
  std::uint64_t shown_ones = 0;
  std::map<std::pair<DifferenceKind, std::string_view>, std::uint64_t> seen;
  for (const Difference& one : comparison.differences) {
    if (is_by_meaning(one.kind) != by_meaning) continue;
    if (seen[{one.kind, one.declared}]++ >= limit) continue;
    out += fmt::format("{}: {}{}\n< {}\n> {}\n", difference_name(one.kind), place(one),
                       one.declared.empty() ? "" : fmt::format(" (declared: {})", one.declared),
                       shown(one.left), shown(one.right));
    ++shown_ones;
  }
  return shown_ones;
}

std::string to_text(const Comparison& comparison, const Options& options) {
  std::string out;
  std::uint64_t shown_ones = append_differences(out, comparison, true, options.limit);
  shown_ones += append_differences(out, comparison, false, options.limit);
  std::uint64_t meaning = 0;
  std::uint64_t detail = 0;
  for (std::size_t i = 0; i < difference_kinds; ++i) {
    (is_by_meaning(static_cast<DifferenceKind>(i)) ? meaning : detail) += comparison.found[i];
  }
  if (meaning + detail > shown_ones) {
    out += fmt::format("{} more, not shown (--limit)\n", meaning + detail - shown_ones);
  }
  out += fmt::format("{}: {} by meaning, {} of the ABI, {} of them declared\n",
                     counted(comparison.steps, "step"), counted(meaning, "difference"), detail,
                     comparison.declared);
  return out;
}

int diff(const Options& options) {
  if (options.left == "-" && options.right == "-") {
    return fail("-", usage_error("expected two traces: standard input is one"));
  }
  auto left = open_input(options.left);
  if (!left) return fail(options.left, left.error());
  auto right = open_input(options.right);
  if (!right) return fail(options.right, right.error());
  const Comparison comparison = compare(**left, **right);
  left->reset();
  right->reset();
  // A trace that cannot be read at all has nothing to compare.
  if (comparison.left_fault && comparison.left_events == 0) {
    return fail(options.left, *comparison.left_fault);
  }
  if (comparison.right_fault && comparison.right_events == 0) {
    return fail(options.right, *comparison.right_fault);
  }
  if (!options.brief) {
    const auto printed = print(options.json ? to_json(comparison) : to_text(comparison, options));
    if (!printed) return fail("-", printed.error());
  }
  if (comparison.left_fault) return fail(options.left, *comparison.left_fault);
  if (comparison.right_fault) return fail(options.right, *comparison.right_fault);
  return comparison.equal() ? 0 : differ_exit;
}

}  // namespace

void add_diff(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("diff", "List what differs between two recordings of one run");
  command->add_option("LEFT", options->left, "Trace, or - for standard input")->required();
  command->add_option("RIGHT", options->right, "Trace, or - for standard input")->required();
  auto* json =
      command->add_flag("--json", options->json, "Print what was found as one JSON object");
  command->add_flag("--brief", options->brief, "Print nothing")->excludes(json);
  command
      ->add_option("--limit", options->limit,
                   "How many differences of each kind are printed (not of --json)")
      ->capture_default_str()
      ->check(CLI::Range(0, 256));
  command->footer(
      "By meaning first: calls, values, how the run ended. Then what the Canonical ABI leaves to "
      "an\n"
      "engine: realloc calls, addresses, handle indices, bytes beside the values. Exit codes: 0\n"
      "nothing differs but what the format's registry declares, 1 something does; a trace that\n"
      "cannot be read gives its verdict.\n"
      "\n"
      "Examples:\n"
      "  crossing diff a.xing b.xing\n"
      "  crossing diff --json a.xing b.xing");
  command->callback([options, &action] { action = [options] { return diff(*options); }; });
}

}  // namespace crossing::tools
