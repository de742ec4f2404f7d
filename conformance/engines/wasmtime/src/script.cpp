#include "script.h"

#include "crossing/io.h"

namespace crossing::engine {
namespace {

constexpr std::uint64_t largest_script = std::uint64_t{1} << 28;

tl::unexpected<Error> unusable(const std::string& message) {
  return tl::unexpected(Error{.verdict = Verdict::io, .message = message});
}

}  // namespace

Result<std::vector<ScriptCall>> read_script(const std::string& path) {
  const auto text = read_file(path, largest_script);
  if (!text) return tl::unexpected(text.error());
  const Json script = Json::parse(text->begin(), text->end(), nullptr, false);
  if (script.is_discarded()) return unusable(path + " is not JSON");
  if (!script.is_object() || !script.contains("calls") || !script["calls"].is_array()) {
    return unusable(path + " has no array \"calls\"");
  }
  std::vector<ScriptCall> calls;
  for (const Json& call : script["calls"]) {
    const std::string which = "call " + std::to_string(calls.size()) + " of " + path;
    if (!call.is_object()) return unusable(which + " is no object");
    ScriptCall found;
    const Json instance = call.value("instance", Json());
    if (const auto drop = call.find("drop"); drop != call.end() && drop->is_number_unsigned() &&
                                             drop->get<std::uint64_t>() < calls.size()) {
      found.label = {{"drop", *drop}};
      found.target = {{"$result", *drop}, {"path", call.value("path", Json::array())}};
    } else if (call.contains("function") && call["function"].is_string() &&
               (instance.is_null() || instance.is_string())) {
      found.label = {{"instance", instance}, {"function", call["function"]}};
      found.function = call["function"];
      if (instance.is_string()) found.instance = instance;
      const Json args = call.value("args", Json::array());
      if (!args.is_array()) return unusable(which + " has arguments that are no list");
      found.args.assign(args.begin(), args.end());
    } else {
      return unusable(which + " names neither a function nor an earlier result to drop");
    }
    calls.push_back(std::move(found));
  }
  return calls;
}

}  // namespace crossing::engine
