#include "rewritten.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "digest.h"
#include "output.h"

namespace crossing::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_component = std::uint64_t{1} << 32;

/// Where it would lie; nothing where there is no folder for it.
std::optional<fs::path> place(Bytes component, const InstrumentOptions& how) {
  const char* base = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  fs::path folder;
  if (base != nullptr && base[0] == '/') {
    folder = base;
  } else if (home != nullptr && home[0] == '/') {
    folder = fs::path(home) / ".cache";
  } else {
    return std::nullopt;
  }
  folder = folder / "crossing" / "instrumented" / CROSSING_VERSION;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return std::nullopt;
  return folder / (hex_text(sha256(component)) + (how.single_memory ? ".single" : "") +
                   (how.lift ? ".lift" : "") + ".wasm");
}

bool is_current(const fs::path& path) {
  std::error_code error;
  const auto made = fs::last_write_time(path, error);
  if (error) return false;
  const auto program = fs::last_write_time("/proc/self/exe", error);
  return !error && made > program;
}

}  // namespace

Result<std::vector<std::uint8_t>> rewritten(Bytes component, const InstrumentOptions& how) {
  const auto path = place(component, how);
  if (path && is_current(*path)) {
    if (auto kept = read_file(path->string(), largest_component)) return kept;
  }
  auto made = instrument_component(component, how);
  if (!made) return tl::unexpected(made.error());
  if (path) {
    auto file = OutputFile::create(path->string(), true);
    if (file && file->sink().write(made->binary)) static_cast<void>(file->commit());
  }
  return std::move(made->binary);
}

}  // namespace crossing::tools
