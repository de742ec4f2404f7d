#include "prepare.h"

#include <filesystem>

namespace crossing::engine {
namespace {

/// "A::B" and "A=B".
Result<std::vector<std::pair<std::string, std::string>>> pairs(
    const std::vector<std::string>& texts, const std::string& separator,
    const std::string& option) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const std::string& text : texts) {
    const std::size_t at = text.find(separator);
    if (at == 0 || at == std::string::npos) {
      return tl::unexpected(
          Error{.verdict = Verdict::io,
                .message = option + " " + text + ": expected A" + separator + "B"});
    }
    found.emplace_back(text.substr(0, at), text.substr(at + separator.size()));
  }
  return found;
}

}  // namespace

Result<Prepared> prepare(const GuestArguments& arguments) {
  Prepared prepared;
  auto dirs = pairs(arguments.dirs, "::", "--dir");
  if (!dirs) return tl::unexpected(dirs.error());
  auto env = pairs(arguments.env, "=", "--env");
  if (!env) return tl::unexpected(env.error());
  prepared.host = {std::move(*dirs), std::move(*env), {}, arguments.host};
  auto& args = prepared.host.args;
  args.push_back(std::filesystem::path(arguments.component).filename());
  args.insert(args.end(), arguments.arguments.begin(), arguments.arguments.end());
  if (!arguments.script.empty()) {
    auto calls = read_script(arguments.script);
    if (!calls) return tl::unexpected(calls.error());
    prepared.script = std::move(*calls);
  }
  return prepared;
}

}  // namespace crossing::engine
