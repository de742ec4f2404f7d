#include "values.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace crossing::engine {
namespace {

namespace component = wasmtime::component;

/// The kind that the C API gives to lists of fixed length; its header names none.
constexpr wasmtime_component_valkind_t fixed_length_list_kind = 23;
constexpr std::uint64_t most_repeated = std::uint64_t{1} << 26;

tl::unexpected<Error> wrong(const std::string& expected, const Json& found) {
  std::string text = found.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 80) text = text.substr(0, 77) + "...";
  return tl::unexpected(
      Error{.verdict = Verdict::io, .message = "expected " + expected + ", found " + text});
}

/// The member `$name` of an object, or null.
const Json* tagged(const Json& json, const char* name) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  return json.is_object() && found != json.end() ? &*found : nullptr;
}

template <class T>
Result<Value> integer(const Json& json) {
  if (json.is_number_unsigned()) {
    const auto number = json.get<std::uint64_t>();
    if (number <= static_cast<std::uint64_t>(std::numeric_limits<T>::max())) {
      return Value(static_cast<T>(number));
    }
  } else if (json.is_number_integer()) {
    const auto number = json.get<std::int64_t>();
    if (number >= static_cast<std::int64_t>(std::numeric_limits<T>::min()) && number < 0) {
      return Value(static_cast<T>(number));
    }
  }
  return wrong("an integer in range", json);
}

template <class T>
Result<Value> wide_integer(const Json& json) {
  const Json* text = tagged(json, "$i64");
  if (text != nullptr && text->is_string()) {
    const auto& digits = text->get_ref<const std::string&>();
    T number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc() && end == digits.data() + digits.size()) return Value(number);
  }
  return wrong("{\"$i64\": digits}", json);
}

Result<double> floating(const Json& json) {
  if (json.is_number()) return json.get<double>();
  if (const Json* special = tagged(json, "$float"); special != nullptr && special->is_string()) {
    const auto& name = special->get_ref<const std::string&>();
    if (name == "nan") return std::numeric_limits<double>::quiet_NaN();
    if (name == "inf") return std::numeric_limits<double>::infinity();
    if (name == "-inf") return -std::numeric_limits<double>::infinity();
    if (name == "-0") return -0.0;
  }
  return wrong("a number", json);
}

/// The one character of a text, which is UTF-8: the JSON reader saw to it.
Result<Value> character(const Json& json) {
  if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t length = text.empty()     ? 0
                               : byte(0) < 0x80 ? 1
                               : byte(0) < 0xe0 ? 2
                               : byte(0) < 0xf0 ? 3
                                                : 4;
    if (length == text.size() && length > 0) {
      static constexpr std::uint8_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
      std::uint32_t code = byte(0) & masks[length];
      for (std::size_t i = 1; i < length; ++i) code = code << 6 | (byte(i) & 0x3fu);
      return Value::char_(code);
    }
  }
  return wrong("a text of one character", json);
}

std::string utf8(std::uint32_t code) {
  std::string text;
  const auto put = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
  const auto tail = [&](int bits) {
    for (; bits >= 0; bits -= 6) put(0x80 | (code >> bits & 0x3f));
  };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    tail(6);
  } else {
    put(0xf0 | code >> 18);
    tail(12);
  }
  return text;
}

/// How often `{"$repeat": [v, n]}` repeats v; nothing if it is none.
Result<std::optional<std::pair<const Json*, std::uint64_t>>> repeated(const Json& json) {
  const Json* parts = tagged(json, "$repeat");
  if (parts == nullptr) return std::nullopt;
  if (!parts->is_array() || parts->size() != 2 || !(*parts)[1].is_number_unsigned() ||
      (*parts)[1].get<std::uint64_t>() > most_repeated) {
    return wrong("{\"$repeat\": [value, number]}", json);
  }
  return std::pair(&(*parts)[0], (*parts)[1].get<std::uint64_t>());
}

Result<Value> text(const Json& json) {
  const auto repeats = repeated(json);
  if (!repeats) return tl::unexpected(repeats.error());
  const Json& one = *repeats ? *(*repeats)->first : json;
  if (!one.is_string()) return wrong("a text", json);
  std::string all;
  for (std::uint64_t i = 0; i < (*repeats ? (*repeats)->second : 1); ++i) {
    all += one.get_ref<const std::string&>();
  }
  return Value::string(all);
}

Result<std::vector<Value>> bytes(const Json& json) {
  std::vector<Value> all;
  const auto& digits = json.get_ref<const std::string&>();
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    std::uint8_t byte = 0;
    const char* end = digits.data() + i + 2;
    if (std::from_chars(digits.data() + i, end, byte, 16).ptr != end) break;
    all.emplace_back(byte);
  }
  if (all.size() * 2 != digits.size()) return wrong("{\"$bytes\": hex digits}", json);
  return all;
}

Result<std::vector<Value>> elements(const Json& json, std::uint32_t type, const ValueScope& scope) {
  if (const Json* hex = tagged(json, "$bytes"); hex != nullptr && hex->is_string()) {
    if (scope.types.at(type).kind == TypeKind::u8) return bytes(*hex);
  }
  const auto repeats = repeated(json);
  if (!repeats) return tl::unexpected(repeats.error());
  std::vector<Value> all;
  if (*repeats) {
    auto one = value_of(*(*repeats)->first, type, scope);
    if (!one) return tl::unexpected(one.error());
    all.assign((*repeats)->second, *one);
    return all;
  }
  if (!json.is_array()) return wrong("a list", json);
  for (const Json& item : json) {
    auto value = value_of(item, type, scope);
    if (!value) return tl::unexpected(value.error());
    all.push_back(std::move(*value));
  }
  return all;
}

/// A payload that a case may have: of type none there is none.
Result<std::optional<Value>> payload(const Json* json, std::uint32_t type,
                                     const ValueScope& scope) {
  if (type == none) {
    if (json != nullptr && !json->is_null()) return wrong("no payload", *json);
    return std::nullopt;
  }
  auto value = value_of(json == nullptr ? Json() : *json, type, scope);
  if (!value) return tl::unexpected(value.error());
  return std::optional(std::move(*value));
}

Result<Value> record(const Json& json, const Type& type, const ValueScope& scope) {
  if (!json.is_object() || json.size() != type.members.size()) return wrong("a record", json);
  std::vector<std::pair<std::string_view, Value>> fields;
  for (const Member& member : type.members) {
    const Json* field = tagged(json, member.name.c_str());
    if (field == nullptr) return wrong("a record with " + member.name, json);
    auto value = value_of(*field, member.type, scope);
    if (!value) return value;
    fields.emplace_back(member.name, std::move(*value));
  }
  return Value(component::Record(std::move(fields)));
}

Result<Value> tuple(const Json& json, const Type& type, const ValueScope& scope) {
  if (!json.is_array() || json.size() != type.members.size()) {
    return wrong("a tuple of " + std::to_string(type.members.size()), json);
  }
  std::vector<Value> values;
  for (std::size_t i = 0; i < json.size(); ++i) {
    auto value = value_of(json[i], type.members[i].type, scope);
    if (!value) return value;
    values.push_back(std::move(*value));
  }
  return Value(component::Tuple(std::move(values)));
}

Result<Value> variant(const Json& json, const Type& type, const ValueScope& scope) {
  const Json* label = tagged(json, "$case");
  for (const Member& member : type.members) {
    if (label == nullptr || *label != member.name) continue;
    auto value = payload(tagged(json, "value"), member.type, scope);
    if (!value) return tl::unexpected(value.error());
    return Value(component::Variant(member.name, std::move(*value)));
  }
  return wrong("{\"$case\": a case of the variant}", json);
}

Result<Value> flags(const Json& json, const Type& type) {
  const Json* labels = tagged(json, "$flags");
  if (labels == nullptr || !labels->is_array()) return wrong("{\"$flags\": [label, ...]}", json);
  std::vector<component::Flag> set;
  for (const Json& label : *labels) {
    bool known = false;
    for (const Member& member : type.members) known = known || label == member.name;
    if (!known) return wrong("a label of the flags", label);
    set.emplace_back(label.get_ref<const std::string&>());
  }
  return Value(component::Flags(std::move(set)));
}

Result<Value> option(const Json& json, const Type& type, const ValueScope& scope) {
  const Json* label = tagged(json, "$case");
  const Json* some = tagged(json, "$some");
  if (label != nullptr && *label == "some") some = tagged(json, "value");
  if (some == nullptr && tagged(json, "$none") == nullptr &&
      !(label != nullptr && *label == "none")) {
    return wrong("{\"$some\": value} or {\"$none\": true}", json);
  }
  if (some == nullptr) return Value(component::WitOption(std::nullopt));
  auto value = value_of(*some, type.element, scope);
  if (!value) return value;
  return Value(component::WitOption(std::move(*value)));
}

Result<Value> result(const Json& json, const Type& type, const ValueScope& scope) {
  const Json* ok = tagged(json, "$ok");
  const Json* error = tagged(json, "$error");
  if (ok == nullptr && error == nullptr) return wrong("{\"$ok\": …} or {\"$error\": …}", json);
  auto value = ok != nullptr ? payload(ok, type.element, scope) : payload(error, type.key, scope);
  if (!value) return tl::unexpected(value.error());
  return Value(ok != nullptr ? component::WitResult::ok(std::move(*value))
                             : component::WitResult::err(std::move(*value)));
}

Result<Value> map(const Json& json, const Type& type, const ValueScope& scope) {
  const Json* pairs = tagged(json, "$map");
  if (pairs == nullptr || !pairs->is_array()) return wrong("{\"$map\": [[key, value], ...]}", json);
  std::vector<std::pair<Value, Value>> entries;
  for (const Json& pair : *pairs) {
    if (!pair.is_array() || pair.size() != 2) return wrong("[key, value]", pair);
    auto key = value_of(pair[0], type.key, scope);
    if (!key) return key;
    auto value = value_of(pair[1], type.element, scope);
    if (!value) return value;
    entries.emplace_back(std::move(*key), std::move(*value));
  }
  return Value(component::Map(std::move(entries)));
}

Result<Value> fixed_length_list(const Json& json, const Type& type, const ValueScope& scope) {
  auto all = elements(json, type.element, scope);
  if (!all) return tl::unexpected(all.error());
  if (all->size() != type.length) {
    return wrong("a list of " + std::to_string(type.length), json);
  }
  Value list = component::List(std::move(*all));
  wasmtime_component_val_t raw = *list.capi();
  raw.kind = fixed_length_list_kind;
  Value::to_capi(&list)->kind = WASMTIME_COMPONENT_BOOL;  // what it held is the other's
  return Value(std::move(raw));
}

Result<Value> resource(const Json& json, const ValueScope& scope) {
  if (tagged(json, "$result") != nullptr) return result_of(json, scope);
  const Json* parts = tagged(json, "$new");
  if (parts != nullptr && parts->is_array() && parts->size() == 3 && (*parts)[0].is_string() &&
      (*parts)[1].is_string()) {
    return scope.make((*parts)[0], (*parts)[1], (*parts)[2]);
  }
  return wrong("{\"$result\": call} or {\"$new\": [instance, resource, [args]]}", json);
}

Json json_of_float(double number) {
  if (std::isnan(number)) return {{"$float", "nan"}};
  if (std::isinf(number)) return {{"$float", number > 0 ? "inf" : "-inf"}};
  if (number == 0 && std::signbit(number)) return {{"$float", "-0"}};
  return number;
}

Json json_of_payload(const Value* value, std::uint32_t type, const std::vector<Type>& types) {
  return value == nullptr || type == none ? Json() : json_of(*value, type, types);
}

/// What an option or result holds; null: nothing.
const Value* payload_of(const Value* value) {
  while (value != nullptr && (value->is_option() || value->is_result())) {
    value = value->is_option() ? value->get_option().value() : value->get_result().payload();
  }
  return value;
}

}  // namespace

Result<Value> result_of(const Json& json, const ValueScope& scope) {
  const Json* number = tagged(json, "$result");
  if (number == nullptr || !number->is_number_unsigned() ||
      number->get<std::uint64_t>() >= scope.results.size() ||
      !scope.results[number->get<std::size_t>()]) {
    return wrong("a call that returned something", json);
  }
  const Value* value = payload_of(&*scope.results[number->get<std::size_t>()]);
  if (const Json* path = tagged(json, "path"); path != nullptr) {
    for (const Json& step : *path) {
      const Value* part = nullptr;
      if (value == nullptr) break;
      const auto nth = [&](const auto& list) {
        if (step.is_number_unsigned() && step.get<std::size_t>() < list.size()) {
          part = list.begin() + step.get<std::size_t>();
        }
      };
      if (value->is_list()) {
        nth(value->get_list());
      } else if (value->is_tuple()) {
        nth(value->get_tuple());
      } else if (value->is_record()) {
        for (const auto& field : value->get_record()) {
          if (step == field.name()) part = &field.value();
        }
      }
      if (part == nullptr) return wrong("a path into the result", json);
      value = payload_of(part);
    }
  }
  if (value == nullptr) return wrong("a call that returned something", json);
  return *value;
}

Result<Value> value_of(const Json& json, std::uint32_t id, const ValueScope& scope) {
  const Type& type = scope.types.at(id);
  switch (type.kind) {
    case TypeKind::bool_:
      return json.is_boolean() ? Result<Value>(Value(json.get<bool>())) : wrong("a bool", json);
    case TypeKind::s8: return integer<std::int8_t>(json);
    case TypeKind::u8: return integer<std::uint8_t>(json);
    case TypeKind::s16: return integer<std::int16_t>(json);
    case TypeKind::u16: return integer<std::uint16_t>(json);
    case TypeKind::s32: return integer<std::int32_t>(json);
    case TypeKind::u32: return integer<std::uint32_t>(json);
    case TypeKind::s64: return wide_integer<std::int64_t>(json);
    case TypeKind::u64: return wide_integer<std::uint64_t>(json);
    case TypeKind::f32:
      return floating(json).map([](double number) { return Value(static_cast<float>(number)); });
    case TypeKind::f64: return floating(json).map([](double number) { return Value(number); });
    case TypeKind::char_: return character(json);
    case TypeKind::string_: return text(json);
    case TypeKind::record: return record(json, type, scope);
    case TypeKind::tuple: return tuple(json, type, scope);
    case TypeKind::variant: return variant(json, type, scope);
    case TypeKind::flags: return flags(json, type);
    case TypeKind::enum_:
      return json.is_string() ? Result<Value>(Value::enum_(json.get_ref<const std::string&>()))
                              : wrong("a label of the enum", json);
    case TypeKind::list:
      return elements(json, type.element, scope).map([](std::vector<Value> all) {
        return Value(component::List(std::move(all)));
      });
    case TypeKind::option: return option(json, type, scope);
    case TypeKind::result: return result(json, type, scope);
    case TypeKind::map: return map(json, type, scope);
    case TypeKind::own:
    case TypeKind::borrow: return resource(json, scope);
    case TypeKind::fixed_length_list: return fixed_length_list(json, type, scope);
    case TypeKind::error_context:
    case TypeKind::stream:
    case TypeKind::future:
    case TypeKind::resource:
    case TypeKind::func: break;
  }
  return wrong("a type of which Wasmtime's C API has values", json);
}

Json json_of(const Value& value, std::uint32_t id, const std::vector<Type>& types) {
  const Type& type = types.at(id);
  const auto each = [&](const auto& list, const auto& type_of) {
    Json all = Json::array();
    std::size_t i = 0;
    for (const Value& item : list) all.push_back(json_of(item, type_of(i++), types));
    return all;
  };
  if (value.is_bool()) return value.get_bool();
  if (value.is_s8()) return value.get_s8();
  if (value.is_u8()) return value.get_u8();
  if (value.is_s16()) return value.get_s16();
  if (value.is_u16()) return value.get_u16();
  if (value.is_s32()) return value.get_s32();
  if (value.is_u32()) return value.get_u32();
  if (value.is_s64()) return {{"$i64", std::to_string(value.get_s64())}};
  if (value.is_u64()) return {{"$i64", std::to_string(value.get_u64())}};
  if (value.is_f32()) return json_of_float(static_cast<double>(value.get_f32()));
  if (value.is_f64()) return json_of_float(value.get_f64());
  if (value.capi()->kind == WASMTIME_COMPONENT_CHAR) return utf8(value.capi()->of.character);
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_enum()) return std::string(value.get_enum());
  if (value.is_list() || value.capi()->kind == fixed_length_list_kind) {
    return each(*component::List::from_capi(&value.capi()->of.list),
                [&](std::size_t) { return type.element; });
  }
  if (value.is_tuple()) {
    return each(value.get_tuple(), [&](std::size_t i) { return type.members.at(i).type; });
  }
  if (value.is_record()) {
    Json object = Json::object();
    std::size_t i = 0;
    for (const auto& field : value.get_record()) {
      object[std::string(field.name())] = json_of(field.value(), type.members.at(i++).type, types);
    }
    return object;
  }
  if (value.is_variant()) {
    const auto& variant = value.get_variant();
    Json object = {{"$case", std::string(variant.discriminant())}};
    for (const Member& member : type.members) {
      if (member.name != variant.discriminant() || member.type == none) continue;
      object["value"] = json_of_payload(variant.value(), member.type, types);
    }
    return object;
  }
  if (value.is_flags()) {
    Json labels = Json::array();
    for (const auto& flag : value.get_flags()) labels.push_back(std::string(flag.name()));
    return {{"$flags", labels}};
  }
  if (value.is_option()) {
    const Value* some = value.get_option().value();
    if (types.at(type.element).kind == TypeKind::option) {  // as the variant that it is
      if (some == nullptr) return {{"$case", "none"}};
      return {{"$case", "some"}, {"value", json_of(*some, type.element, types)}};
    }
    if (some == nullptr) return {{"$none", true}};
    return {{"$some", json_of(*some, type.element, types)}};
  }
  if (value.is_result()) {
    const auto& result = value.get_result();
    return {{result.is_ok() ? "$ok" : "$error",
             json_of_payload(result.payload(), result.is_ok() ? type.element : type.key, types)}};
  }
  if (value.is_map()) {
    Json pairs = Json::array();
    for (const auto& entry : value.get_map()) {
      pairs.push_back(Json::array(
          {json_of(entry.key(), type.key, types), json_of(entry.value(), type.element, types)}));
    }
    return {{"$map", pairs}};
  }
  return {{"$resource", type.element < types.size() ? types[type.element].name : ""}};
}

}  // namespace crossing::engine
