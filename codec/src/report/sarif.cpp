#include <nlohmann/json.hpp>
#include <set>

#include "report/faults.h"

namespace crossing {
namespace {

using namespace reporting;
using Json = nlohmann::ordered_json;

constexpr std::string_view schema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

/// A reference to a file [RFC 3986]: relative paths stay relative.
std::string uri_of(std::string_view path) {
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char character : path) {
    const auto byte = static_cast<unsigned char>(character);
    const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    const bool digit = byte >= '0' && byte <= '9';
    if (letter || digit || std::string_view("-._~/").find(character) != std::string_view::npos) {
      uri += character;
    } else {
      uri += '%';
      uri += "0123456789ABCDEF"[byte >> 4];
      uri += "0123456789ABCDEF"[byte & 15];
    }
  }
  return uri;
}

Json message(std::string text) { return {{"text", std::move(text)}}; }

/// What a fault is filed under. One that breaks no rule of its own is the verdict's [VERDICT-01].
std::string_view rule_of(const Fault& fault) {
  return fault.error.rule.empty() ? std::string_view("VERDICT-01") : fault.error.rule;
}

Json location_of(const CheckedTrace& trace, const Fault& fault) {
  Json artifact = trace.name == "-" ? Json{{"description", message("standard input")}}
                                    : Json{{"uri", uri_of(trace.name)}};
  Json physical = {{"artifactLocation", std::move(artifact)}};
  if (fault.error.offset) physical["region"] = {{"byteOffset", *fault.error.offset}};
  Json location = {{"physicalLocation", std::move(physical)}};
  if (fault.finding == nullptr) return location;
  const std::string name = function_name(trace.report.definitions, fault.finding->function);
  if (!name.empty()) {
    location["logicalLocations"] =
        Json::array({{{"fullyQualifiedName", name}, {"kind", "function"}}});
  }
  return location;
}

Json result_of(const CheckedTrace& trace, const Fault& fault) {
  std::string text = fault.error.message;
  if (const std::string context = context_of(trace, fault); !context.empty()) {
    text += " (" + context + ')';
  }
  Json properties = {{"verdict", verdict_name(fault.error.verdict)}, {"layer", fault.layer()}};
  if (fault.error.event) properties["event"] = *fault.error.event;
  if (fault.finding != nullptr) {
    if (fault.finding->law) properties["law"] = law_name(fault.finding->law);
    if (!fault.finding->quirk.empty()) properties["quirk"] = fault.finding->quirk;
  }
  return {{"ruleId", rule_of(fault)},
          {"level", "error"},
          {"message", message(std::move(text))},
          {"locations", Json::array({location_of(trace, fault)})},
          {"properties", std::move(properties)}};
}

Json notification(std::string_view level, std::string text) {
  return {{"level", level}, {"message", message(std::move(text))}};
}

Json rule_json(std::string_view id) {
  Json rule = {{"id", id}};
  if (const auto sentence = rule_sentence(id); !sentence.empty()) {
    rule["shortDescription"] = message(std::string(sentence));
  }
  return rule;
}

}  // namespace

std::string check_sarif(std::span<const CheckedTrace> traces, std::string_view crossing_version) {
  std::set<std::string_view> ids;
  for (const CheckRule& rule : check_rules()) ids.insert(rule.id);
  Json results = Json::array();
  Json notifications = Json::array();
  bool successful = true;
  for (const CheckedTrace& trace : traces) {
    for (const Fault& fault : faults_of(trace)) {
      if (fault.error.verdict == Verdict::io) {  // no property of the trace
        successful = false;
        notifications.push_back(notification("error", fault.error.message));
        continue;
      }
      ids.insert(rule_of(fault));
      results.push_back(result_of(trace, fault));
    }
    const std::string title = std::string(title_of(trace)) + ": ";
    if (const std::uint64_t omitted = trace.report.omitted_findings; omitted != 0) {
      notifications.push_back(notification("warning", title + std::to_string(omitted) + " more"));
    }
    if (!trace.without_component.empty()) {
      notifications.push_back(
          notification("note", title + "without the layer component: " + trace.without_component));
    }
  }
  Json rules = Json::array();
  for (const std::string_view id : ids) rules.push_back(rule_json(id));
  const Json run = {
      {"tool",
       {{"driver",
         {{"name", "crossing"}, {"version", crossing_version}, {"rules", std::move(rules)}}}}},
      {"invocations", Json::array({{{"executionSuccessful", successful},
                                    {"toolExecutionNotifications", std::move(notifications)}}})},
      {"results", std::move(results)}};
  const Json log = {{"$schema", schema}, {"version", "2.1.0"}, {"runs", Json::array({run})}};
  return log.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace crossing
