#include "model.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "crossing/text.h"
#include "value/cases.h"

namespace crossing::testing {
namespace {

using Json = nlohmann::json;

constexpr const char* encodings[] = {"utf8", "utf16", "latin1_utf16"};

Json value_json(const TypeList& types, std::uint32_t id, const Value& value) {
  const Type& type = types[id];
  Json parts = Json::array();
  switch (type.kind) {
    case TypeKind::bool_: return value.bits != 0;
    case TypeKind::s8:
    case TypeKind::s16:
    case TypeKind::s32:
    case TypeKind::s64: return static_cast<std::int64_t>(value.bits);
    case TypeKind::string_: return value.text;
    case TypeKind::record:
    case TypeKind::tuple:
      for (std::size_t i = 0; i < value.parts.size(); ++i) {
        parts.push_back(value_json(types, type.members[i].type, value.parts[i]));
      }
      return parts;
    case TypeKind::list:
    case TypeKind::fixed_length_list:
      for (const char byte : value.text) parts.push_back(static_cast<std::uint8_t>(byte));
      for (const Value& part : value.parts) parts.push_back(value_json(types, type.element, part));
      return parts;
    case TypeKind::map:
      for (std::size_t i = 0; i + 1 < value.parts.size(); i += 2) {
        parts.push_back({value_json(types, type.key, value.parts[i]),
                         value_json(types, type.element, value.parts[i + 1])});
      }
      return parts;
    case TypeKind::variant:
    case TypeKind::option:
    case TypeKind::result:
      parts.push_back(value.bits);
      for (const Value& payload : value.parts) {
        parts.push_back(value_json(types, values::case_payload(type, value.bits), payload));
      }
      return parts;
    default: return value.bits;
  }
}

Json request(const char* op, const ValueCase& one) {
  Json types = Json::array();
  for (const Type& type : one.types) types.push_back(Json::parse(canonical_json(type)));
  return {{"op", op},
          {"types", std::move(types)},
          {"type", one.type},
          {"pointer", one.pointer == IndexType::i64 ? "i64" : "i32"},
          {"encoding", encodings[static_cast<int>(one.encoding)]},
          {"address", one.address}};
}

std::string hex_of(Bytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::vector<std::uint8_t> bytes_of_hex(const std::string& digits) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

}  // namespace

std::string json_of(const TypeList& types, std::uint32_t type, const Value& value) {
  return value_json(types, type, value).dump();
}

Model::Model() {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (pipe(in.data()) != 0 || pipe(out.data()) != 0) throw std::runtime_error("no pipes");
  process_ = fork();
  if (process_ == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    for (const int end : {in[0], in[1], out[0], out[1]}) close(end);
    execl(CROSSING_PYTHON, CROSSING_PYTHON, CROSSING_VALUE_MODEL, nullptr);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  to_ = fdopen(in[1], "w");
  from_ = fdopen(out[0], "r");
}

Model::~Model() {
  std::fclose(to_);
  std::fclose(from_);
  waitpid(process_, nullptr, 0);
}

std::string Model::ask(const std::string& line) {
  std::fputs((line + "\n").c_str(), to_);
  std::fflush(to_);
  std::string answer;
  for (int c = std::fgetc(from_); c != '\n'; c = std::fgetc(from_)) {
    if (c == EOF) throw std::runtime_error("the model ended at " + line);
    answer += static_cast<char>(c);
  }
  return answer;
}

Lowered Model::lower(const ValueCase& one) {
  Json line = request("lower", one);
  line["source"] = encodings[static_cast<int>(one.source)];
  line["compact"] = one.source_is_compact;
  line["base"] = one.base;
  line["moves"] = one.moves;
  line["flat"] = one.flat;
  line["value"] = value_json(one.types, one.type, one.value);
  const Json answer = Json::parse(ask(line.dump()));
  Lowered lowered;
  lowered.flat = answer["flat"].get<std::vector<std::uint64_t>>();
  for (const Json& event : answer["events"]) {
    if (event.size() == 2) {
      lowered.events.push_back({.address = event[0], .bytes = bytes_of_hex(event[1])});
    } else {
      lowered.events.push_back({.is_realloc = true,
                                .address = event[4],
                                .old = event[0],
                                .old_size = event[1],
                                .alignment = event[2],
                                .new_size = event[3]});
    }
  }
  return lowered;
}

std::optional<std::string> Model::lift(const ValueCase& one, const std::vector<std::uint64_t>& flat,
                                       values::GuestBytes& memory) {
  Json line = request("lift", one);
  line["flat"] = one.flat ? Json(flat) : Json(nullptr);
  line["memory"] = Json::array();
  for (const auto& [address, bytes] : memory.ranges()) {
    line["memory"].push_back({address, hex_of(bytes)});
  }
  const Json answer = Json::parse(ask(line.dump()));
  if (!answer.contains("value")) return std::nullopt;
  return answer["value"].dump();
}

}  // namespace crossing::testing
