#include "session/replay_values.h"

#include "io/bytes.h"
#include "io/fault.h"

namespace crossing {
namespace {

std::string joined(const Name& name) {
  return name.instance_name.empty() ? name.function_name
                                    : name.instance_name + "#" + name.function_name;
}

std::string_view role_text(Role role) {
  switch (role) {
    case Role::destructor: return "destructor ";
    case Role::callback: return "callback ";
    case Role::post_return: return "post_return ";
    case Role::realloc: return "realloc ";
    case Role::core_import: return "core_import ";
    case Role::core_export: return "core_export ";
    case Role::import_:
    case Role::export_:
    case Role::builtin: break;
  }
  return "";
}

}  // namespace

std::optional<std::uint64_t> core_integer(const std::vector<CoreType>& signature, Bytes payload,
                                          std::size_t index) {
  if (index >= signature.size() || payload.size() != core_size(signature)) return std::nullopt;
  std::size_t offset = 0;
  for (std::size_t i = 0; i < index; ++i) offset += core_size(signature[i]);
  if (signature[index] == CoreType::i32) return load<std::uint32_t>(&payload[offset]);
  if (signature[index] == CoreType::i64) return load<std::uint64_t>(&payload[offset]);
  return std::nullopt;
}

std::string core_text(const std::vector<CoreType>& signature, Bytes payload) {
  if (payload.size() != core_size(signature)) {
    return std::to_string(payload.size()) + " bytes";
  }
  std::string text = "(";
  const std::uint8_t* at = payload.data();
  for (const CoreType type : signature) {
    if (at != payload.data()) text += ", ";
    switch (type) {
      case CoreType::i32: text += std::to_string(load<std::int32_t>(at)); break;
      case CoreType::i64: text += std::to_string(load<std::int64_t>(at)); break;
      case CoreType::f32: text += hex(load<std::uint32_t>(at), 8) + " f32"; break;
      case CoreType::f64: text += hex(load<std::uint64_t>(at), 16) + " f64"; break;
      case CoreType::v128:
        text += hex(load<std::uint64_t>(at + 8), 16) + hex(load<std::uint64_t>(at), 16).substr(2) +
                " v128";
        break;
      case CoreType::funcref:
      case CoreType::externref: break;
    }
    at += core_size(type);
  }
  return text + ")";
}

std::string function_title(const Function& function) {
  if (function.role == Role::builtin) {
    return function.names.empty() ? function.builtin
                                  : function.builtin + " (" + joined(function.names[0]) + ")";
  }
  return std::string(role_text(function.role)) +
         (function.names.empty() ? function.core_export : joined(function.names[0]));
}

}  // namespace crossing
