#include "command.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "crossing/text.h"
#include "digest.h"
#include "output.h"

namespace crossing::tools {
int fail(const std::string& path, const Error& error) {
  const int code = static_cast<int>(error.verdict);
  if (standard_output_closed()) return code;
  const std::string place = path == "-" ? "standard input" : path;
  const std::string sentence =
      error.verdict == Verdict::io ? error.message : place + ": " + error.text();
  fmt::print(stderr, "crossing: {}\n", printable(sentence));
  return code;
}

Error usage_error(std::string message) {
  return {.verdict = Verdict::io, .message = std::move(message), .offset = {}, .event = {}};
}

void add_color(CLI::App& command, std::string& when) {
  command.add_option("--color", when, "When to colour: auto, always, never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3;) digits.insert(i -= 3, 1, ',');
  return digits;
}

std::string counted(std::uint64_t number, std::string_view what) {
  return fmt::format("{} {}{}", grouped(number), what, number == 1 ? "" : "s");
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return counted(bytes, "byte");
  constexpr std::string_view units[] = {"KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(units); ++unit) value /= 1024;
  return fmt::format("{:.1f} {}", value, units[unit]);
}

std::string stem(const std::string& path) { return std::filesystem::path(path).stem().string(); }

Result<LoadedComponent> load_component(const std::string& path) {
  auto binary = read_file(path, component_size_limit);
  if (!binary) return tl::unexpected(binary.error());
  auto wiring = read_component(*binary);
  if (!wiring) return tl::unexpected(wiring.error());
  const Digest digest = sha256(*binary);
  LoadedComponent component{
      .path = path, .digest = {digest.begin(), digest.end()}, .wiring = std::move(*wiring)};
  Component& entry = component.wiring.definitions.components.at(0);
  entry.digest = component.digest;
  if (entry.name.empty()) entry.name = stem(path);
  return component;
}

}  // namespace crossing::tools
