#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "command.h"
#include "crossing/replay.h"
#include "crossing/text.h"
#include "crossing/trace.h"
#include "digest.h"
#include "input.h"

namespace crossing::tools {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string trace;
  bool json = false;
};

struct Attachment {
  std::uint32_t id = 0;
  std::string name;
  std::uint64_t size = 0;
};

/// All that a trace says of itself, up to its end or its first fault.
struct Summary {
  std::pair<std::uint16_t, std::uint16_t> format;
  TraceInfo info;
  Definitions definitions;
  Totals totals;
  std::vector<Attachment> attachments;
  std::uint64_t gaps = 0;
  std::uint64_t bytes = 0;  // read
  std::optional<Error> fault;
};

Result<Summary> summarize(ByteSource& source) {
  auto reader = Reader::open(source, {.bulk = false});
  if (!reader) return tl::unexpected(reader.error());
  Summary summary;
  for (;;) {
    auto item = reader->next();
    if (!item) {
      summary.fault = item.error();
      break;
    }
    if (std::holds_alternative<std::monostate>(*item)) break;
    if (const auto* piece = std::get_if<AttachmentPiece>(&*item); piece && piece->offset == 0) {
      summary.attachments.push_back({piece->id, std::string(piece->name), piece->total_size});
    }
  }
  summary.format = reader->format_version();
  summary.info = reader->info();
  summary.definitions = reader->definitions();
  summary.totals = reader->totals();
  summary.gaps = summary.totals.kind_counts[static_cast<std::size_t>(EventKind::gap)];
  summary.bytes = reader->offset();
  return summary;
}

/// The names of enumerators are those of canonical JSON.
std::string json_member(const std::string& object, const char* member) {
  return nlohmann::json::parse(object).at(member).get<std::string>();
}

std::string kind_name(std::size_t kind) {
  const auto name = event_kind_name(static_cast<EventKind>(kind));
  return name.empty() ? "kind " + std::to_string(kind) : std::string(name);
}

double ratio(const Totals& totals) {
  return totals.stored_bytes == 0
             ? 1
             : static_cast<double>(totals.decoded_bytes) / static_cast<double>(totals.stored_bytes);
}

std::string_view state(const Summary& summary) {
  if (!summary.fault) return "complete";
  return summary.fault->verdict == Verdict::truncated ? "interrupted"
                                                      : verdict_name(summary.fault->verdict);
}

std::string to_json(const Summary& summary) {
  Json kinds = Json::object();
  for (std::size_t kind = 0; kind < summary.totals.kind_counts.size(); ++kind) {
    if (summary.totals.kind_counts[kind] != 0) {
      kinds[kind_name(kind)] = summary.totals.kind_counts[kind];
    }
  }
  Json components = Json::array();
  for (const Component& component : summary.definitions.components) {
    components.push_back(Json::parse(canonical_json(component)));
  }
  Json attachments = Json::array();
  for (const Attachment& attachment : summary.attachments) {
    attachments.push_back(
        {{"id", attachment.id}, {"name", attachment.name}, {"size", attachment.size}});
  }
  const Definitions& definitions = summary.definitions;
  const Totals& totals = summary.totals;
  const auto refusal = replay_refusal(summary.info, &totals);
  const Json json = {
      {"state", state(summary)},
      {"verdict", verdict_name(summary.fault ? summary.fault->verdict : Verdict::ok)},
      {"fault", summary.fault ? Json(summary.fault->text()) : Json()},
      {"format", fmt::format("{}.{}", summary.format.first, summary.format.second)},
      {"trace_info", Json::parse(canonical_json(summary.info))},
      {"components", std::move(components)},
      {"attachments", std::move(attachments)},
      {"definitions",
       {{"types", definitions.types.size()},
        {"components", definitions.components.size()},
        {"instances", definitions.instances.size()},
        {"memories", definitions.memories.size()},
        {"functions", definitions.functions.size()}}},
      {"events", totals.event_count},
      {"last_time", totals.last_time},
      {"kinds", std::move(kinds)},
      {"gaps", summary.gaps},
      {"replay_refusal", refusal ? Json(*refusal) : Json()},
      {"bytes", summary.bytes},
      {"frames", totals.frame_count},
      {"blocks", totals.block_count},
      {"payload_bytes", totals.payload_bytes},
      {"stored_bytes", totals.stored_bytes},
      {"decoded_bytes", totals.decoded_bytes}};
  return json.dump() + '\n';
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + printable(name, 80);
  return out;
}

class Lines {
 public:
  void add(std::string_view label, const std::string& value) {
    fmt::format_to(std::back_inserter(text_), "{:<12} {}\n", label, value);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string declared(const Summary& summary) {
  std::string out;
  if (summary.info.core_complete) out += ", core-complete";
  if (summary.info.needs_stacks) out += ", needs stacks";
  const auto refusal = replay_refusal(summary.info, &summary.totals);
  return refusal ? out + ", not replayable: " + *refusal : ", replayable" + out;
}

std::string clock_text(const TraceInfo& info, const Totals& totals) {
  if (info.clock == Clock::none) return "none";
  const double seconds =
      static_cast<double>(totals.last_time) * static_cast<double>(info.clock_unit) / 1e9;
  return fmt::format("{}, unit {} ns, {:.6f} s in all", json_member(canonical_json(info), "clock"),
                     info.clock_unit, seconds);
}

std::string to_text(const Summary& summary) {
  Lines lines;
  const TraceInfo& info = summary.info;
  const Totals& totals = summary.totals;
  const std::string info_json = canonical_json(info);
  lines.add("state", std::string(state(summary)) + (summary.gaps != 0 ? ", with gaps" : ""));
  lines.add("format", fmt::format("{}.{}", summary.format.first, summary.format.second));
  lines.add("producer", printable(info.producer_name, 200) + ' ' +
                            printable(info.producer_version, 200) + " (" +
                            json_member(info_json, "recorded_by") + ')');
  lines.add("uuid", hex_text(info.uuid));
  lines.add("profile", json_member(info_json, "profile") + declared(summary));
  for (const Component& component : summary.definitions.components) {
    lines.add("component", fmt::format("{}, {}{}", printable(component.name, 200),
                                       counted(component.size, "byte"),
                                       component.attachment == none ? "" : ", attached"));
    lines.add("", "sha256 " + hex_text(component.digest));
  }
  for (const Attachment& attachment : summary.attachments) {
    lines.add("attachment", fmt::format("{} {}, {}", attachment.id, printable(attachment.name, 200),
                                        counted(attachment.size, "byte")));
  }
  if (!info.features.empty()) lines.add("features", joined(info.features));
  if (!info.quirks.empty()) lines.add("quirks", joined(info.quirks));
  if (!info.core_proposals.empty()) lines.add("proposals", joined(info.core_proposals));
  lines.add("clock", clock_text(info, totals));
  const Definitions& definitions = summary.definitions;
  lines.add("defines",
            fmt::format("{}, {}, {}, {}", counted(definitions.functions.size(), "function"),
                        counted(definitions.types.size(), "type"),
                        counted(definitions.instances.size(), "instance"),
                        definitions.memories.size() == 1
                            ? std::string("1 memory")
                            : grouped(definitions.memories.size()) + " memories"));
  lines.add("size", fmt::format("{} in {}, {}", counted(summary.bytes, "byte"),
                                counted(totals.frame_count, "frame"),
                                counted(totals.block_count, "block")));
  lines.add("payload", fmt::format("{}; blocks {} stored, {} decoded, ratio {:.2f}",
                                   size_text(totals.payload_bytes), size_text(totals.stored_bytes),
                                   size_text(totals.decoded_bytes), ratio(totals)));
  lines.add("events", grouped(totals.event_count));
  for (std::size_t kind = 0; kind < totals.kind_counts.size(); ++kind) {
    if (totals.kind_counts[kind] == 0) continue;
    lines.add("", fmt::format("{:>12} {}", grouped(totals.kind_counts[kind]), kind_name(kind)));
  }
  return lines.text();
}

int info(const Options& options) {
  auto source = open_input(options.trace);
  if (!source) return fail(options.trace, source.error());
  auto summary = summarize(**source);
  source->reset();
  if (!summary) return fail(options.trace, summary.error());
  const auto printed = print(options.json ? to_json(*summary) : to_text(*summary));
  if (!printed) return fail(options.trace, printed.error());
  return summary->fault ? fail(options.trace, *summary->fault) : 0;
}

}  // namespace

void add_info(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("info", "Say what a trace holds: components, counts, sizes, state");
  command->add_option("TRACE", options->trace, "Trace, or - for standard input")->required();
  command->add_flag("--json", options->json, "Print one JSON object");
  command->footer(
      "What stands before a fault is told, then the fault; the exit code is its verdict.\n"
      "\n"
      "Examples:\n"
      "  crossing info run.xing\n"
      "  crossing info --json run.xing | jq .components");
  command->callback([options, &action] { action = [options] { return info(*options); }; });
}

}  // namespace crossing::tools
