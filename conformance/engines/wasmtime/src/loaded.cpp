#include "loaded.h"

#include <nlohmann/json.hpp>

#include "digest.h"

namespace crossing::engine {
namespace {

tl::unexpected<Error> refused(std::string message) {
  return tl::unexpected(Error{.verdict = Verdict::io, .message = std::move(message)});
}

/// [PLAN-01]
struct Planned {
  std::string name;
  std::string digest;
};

/// The component that a plan is of.
Result<Planned> planned_component(const std::string& path) {
  const auto text = read_file(path, largest_input);
  if (!text) return tl::unexpected(text.error());
  const auto plan = nlohmann::json::parse(text->begin(), text->end(), nullptr, false);
  const auto unusable = [](std::string_view why) {
    return refused("the plan cannot be used: " + std::string(why));
  };
  if (plan.is_discarded() || !plan.is_object()) return unusable("it is not JSON");
  if (plan.value("plan", nlohmann::json()) != 1) return unusable("\"plan\" is not 1");
  const auto component = plan.value("component", nlohmann::json());
  const auto is_text = [&component](const char* member) {
    return component.is_object() && component.contains(member) && component[member].is_string();
  };
  if (!is_text("name") || !is_text("digest")) return unusable("it names no component");
  return Planned{component["name"], component["digest"]};
}

}  // namespace

Result<Loaded> load(const std::string& plan_path, const std::string& component_path) {
  const auto planned = planned_component(plan_path);
  if (!planned) return tl::unexpected(planned.error());
  auto binary = read_file(component_path, largest_input);
  if (!binary) return tl::unexpected(binary.error());
  const auto digest = tools::sha256(*binary);
  if (tools::hex_text(digest) != planned->digest) {
    return refused("the plan is that of another component: its digest is " + planned->digest +
                   ", that of " + component_path + " is " + tools::hex_text(digest));
  }
  auto wiring = read_component(*binary);
  if (!wiring) return tl::unexpected(wiring.error());
  Component& component = wiring->definitions.components.at(0);
  component.name = planned->name;
  component.digest.assign(digest.begin(), digest.end());
  return Loaded{std::move(*binary), std::move(*wiring)};
}

}  // namespace crossing::engine
