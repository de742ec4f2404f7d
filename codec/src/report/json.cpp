#include <nlohmann/json.hpp>

#include "report/faults.h"

namespace crossing {
namespace {

using namespace reporting;
using Json = nlohmann::ordered_json;

Json or_null(std::string_view text) { return text.empty() ? Json() : Json(text); }

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json to_json(const CheckedTrace& trace, const Fault& fault) {
  const Error& error = fault.error;
  Json json = {{"verdict", verdict_name(error.verdict)},
               {"layer", fault.layer()},
               {"rule", or_null(error.rule)},
               {"offset", or_null(error.offset)},
               {"event", or_null(error.event)},
               {"message", error.message}};
  const Finding* finding = fault.finding;
  const bool called = finding != nullptr && finding->function != none;
  json["function"] = called ? Json(finding->function) : Json();
  json["function_name"] =
      called ? or_null(function_name(trace.report.definitions, finding->function)) : Json();
  json["law"] = finding == nullptr ? Json() : or_null(law_name(finding->law));
  json["quirk"] = finding == nullptr ? Json() : or_null(finding->quirk);
  json["expected"] = finding == nullptr ? Json() : Json(finding->expected);
  json["found"] = finding == nullptr ? Json() : Json(finding->found);
  return json;
}

}  // namespace

std::string check_json(const CheckedTrace& trace) {
  const CheckReport& report = trace.report;
  Json layers = Json::array();
  for (const Layer layer : all_layers) {
    if (report.layers.has(layer)) layers.push_back(layer_name(layer));
  }
  Json faults = Json::array();
  for (const Fault& fault : faults_of(trace)) faults.push_back(to_json(trace, fault));
  const Json json = {{"trace", trace.name},
                     {"verdict", verdict_name(verdict_of(trace))},
                     {"complete", !report.fault.has_value()},
                     {"events", report.totals.event_count},
                     {"blocks", report.totals.block_count},
                     {"layers", std::move(layers)},
                     {"without_component", or_null(trace.without_component)},
                     {"omitted", report.omitted_findings},
                     {"undeclared_quirks", report.undeclared_quirks},
                     {"faults", std::move(faults)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace crossing
