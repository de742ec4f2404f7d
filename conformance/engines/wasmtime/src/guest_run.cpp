#include "guest_run.h"

#include <algorithm>
#include <iostream>

namespace crossing::engine {
namespace {

constexpr std::string_view run_interface = "wasi:cli/run@";

tl::unexpected<Error> refused(std::string message) {
  return tl::unexpected(Error{.verdict = Verdict::io, .message = std::move(message)});
}

Result<GuestEnding> run_command(WasmtimeComponent& component, const Wiring& wiring) {
  const auto found = std::ranges::find_if(wiring.exports, [](const ExportedFunction& function) {
    return function.name.instance_name.starts_with(run_interface) &&
           function.name.function_name == "run";
  });
  const auto function = found == wiring.exports.end()
                            ? std::nullopt
                            : component.find(found->name.instance_name, "run");
  if (!function) return refused("the component does not export wasi:cli/run: give --script");
  Value result(false);
  GuestEnding ending{.exports_called = 1};
  ending.failure = component.call(*function, {}, {Value::to_capi(&result), 1});
  ending.code = result.is_result() && result.get_result().is_ok() ? 0 : 1;
  return ending;
}

class ScriptRun {
 public:
  ScriptRun(WasmtimeComponent& component, const Wiring& wiring)
      : component_(component),
        wiring_(wiring),
        scope_{wiring.definitions.types, results_,
               [this](const std::string& instance, const std::string& resource, const Json& args) {
                 return make(instance, resource, args);
               }} {}

  GuestEnding run(const std::vector<ScriptCall>& script) {
    for (const ScriptCall& call : script) {
      Json line = call.label;
      const auto outcome = call.function.empty() ? drop(call, line) : make_call(call, line);
      if (!outcome) {
        line["refused"] = outcome.error().message;
      } else if (outcome->failure) {
        line["trap"] = outcome->failure->message;
      }
      std::cout << line.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
      if (outcome && outcome->failure) {
        ending_.failure = outcome->failure;
        ending_.crosses = outcome->crosses;
        break;
      }
      results_.push_back(outcome ? outcome->value : std::nullopt);
    }
    return ending_;
  }

 private:
  /// What came of a call that was made.
  struct Outcome {
    std::optional<Value> value;
    std::optional<Failure> failure;
    bool crosses = true;
  };

  Result<Value> make(const std::string& instance, const std::string& resource, const Json& args) {
    std::string message;
    auto* made = component_.make(instance, resource, args.dump(), message);
    if (made == nullptr) return refused(message);
    return Value(wasmtime::component::ResourceAny(made));
  }

  Result<Outcome> make_call(const ScriptCall& call, Json& line) {
    const auto found = std::ranges::find_if(wiring_.exports, [&](const ExportedFunction& function) {
      return function.name.instance_name == call.instance &&
             function.name.function_name == call.function;
    });
    const auto function = found == wiring_.exports.end()
                              ? std::nullopt
                              : component_.find(call.instance, call.function);
    if (!function) return refused("the component exports no such function");
    const Type& type = scope_.types.at(found->type);
    if (type.members.size() != call.args.size()) {
      return refused("expected " + std::to_string(type.members.size()) + " arguments, found " +
                     std::to_string(call.args.size()));
    }
    std::vector<Value> args;
    for (std::size_t i = 0; i < call.args.size(); ++i) {
      auto value = value_of(call.args[i], type.members[i].type, scope_);
      if (!value) return tl::unexpected(value.error());
      args.push_back(std::move(*value));
    }
    const bool crosses = found->function != none;
    ending_.exports_called += crosses ? 1 : 0;
    std::vector<Value> results(type.element == none ? 0 : 1, Value(false));
    if (auto failure = component_.call(*function, {Value::to_capi(args.data()), args.size()},
                                       {Value::to_capi(results.data()), results.size()})) {
      return Outcome{.failure = std::move(failure), .crosses = crosses};
    }
    if (results.empty()) {
      line["value"] = nullptr;
      return Outcome{};
    }
    show(results.front(), type.element, line);
    return Outcome{.value = std::move(results.front())};
  }

  /// The error of a top-level result is an outcome of its own.
  void show(const Value& value, std::uint32_t type, Json& line) const {
    const Json json = json_of(value, type, scope_.types);
    if (scope_.types.at(type).kind != TypeKind::result) {
      line["value"] = json;
    } else if (json.contains("$ok")) {
      line["value"] = json["$ok"];
    } else {
      line["error"] = json["$error"];
    }
  }

  Result<Outcome> drop(const ScriptCall& call, Json& line) {
    const auto value = result_of(call.target, scope_);
    if (!value) return tl::unexpected(value.error());
    if (!value->is_resource()) return refused("expected a resource to drop");
    auto failure = component_.drop(value->get_resource().capi());
    if (!failure) line["value"] = nullptr;
    return Outcome{.failure = std::move(failure), .crosses = false};
  }

  WasmtimeComponent& component_;
  const Wiring& wiring_;
  std::vector<std::optional<Value>> results_;
  ValueScope scope_;
  GuestEnding ending_;
};

}  // namespace

Result<GuestEnding> run_guest(WasmtimeComponent& component, const Wiring& wiring,
                              const std::vector<ScriptCall>* script) {
  if (auto failure = component.instantiate()) {
    return GuestEnding{.failure = std::move(failure)};
  }
  if (script == nullptr) return run_command(component, wiring);
  return ScriptRun(component, wiring).run(*script);
}

}  // namespace crossing::engine
