#pragma once

/// The model of conformance/values, which lowers and lifts in another process.

#include <sys/types.h>

#include <cstdint>
#include <cstdio>
#include <optional>
#include <vector>

#include "generate.h"
#include "value/guest_bytes.h"

namespace crossing::testing {

/// What a host did while it lowered: bytes at an address, or a `realloc`.
struct LowerEvent {
  bool is_realloc = false;
  std::uint64_t address = 0;  ///< of the bytes, or the answer
  std::vector<std::uint8_t> bytes;
  std::uint64_t old = 0;
  std::uint64_t old_size = 0;
  std::uint64_t alignment = 0;
  std::uint64_t new_size = 0;
  bool operator==(const LowerEvent&) const = default;
};

struct Lowered {
  std::vector<std::uint64_t> flat;
  std::vector<LowerEvent> events;
};

class Model {
 public:
  Model();
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  Lowered lower(const ValueCase& one);
  /// The value as JSON text, comparable with `json_of`; none where the model traps.
  std::optional<std::string> lift(const ValueCase& one, const std::vector<std::uint64_t>& flat,
                                  values::GuestBytes& memory);

 private:
  std::string ask(const std::string& line);

  pid_t process_ = -1;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

/// A value in the model's JSON.
std::string json_of(const TypeList& types, std::uint32_t type, const Value& value);

}  // namespace crossing::testing
