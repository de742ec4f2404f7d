#pragma once

/// Component values as JSON, in the notation of scripts (conformance/guests/README.md, "Values").

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>
#include <wasmtime/component/val.hh>

#include "crossing/definitions.h"
#include "crossing/result.h"

namespace crossing::engine {

using Json = nlohmann::ordered_json;
using Value = wasmtime::component::Val;

/// What a value of a script may refer to.
struct ValueScope {
  const std::vector<Type>& types;
  /// What earlier calls returned; none for a call without result.
  const std::vector<std::optional<Value>>& results;
  /// A resource of the host, by its constructor: `$new`.
  std::function<Result<Value>(const std::string& instance, const std::string& resource,
                              const Json& args)>
      make;
};

/// The value of a type that `json` says.
Result<Value> value_of(const Json& json, std::uint32_t type, const ValueScope& scope);

/// `{"$result": K, "path": […]}`: the value of an earlier call, or a part of it.
Result<Value> result_of(const Json& json, const ValueScope& scope);

/// The other way round. A resource is `{"$resource": its type's name}`.
Json json_of(const Value& value, std::uint32_t type, const std::vector<Type>& types);

}  // namespace crossing::engine
