#pragma once

/// Component values, and their two encodings: bytes and text (spec/values.md).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crossing/definitions.h"
#include "crossing/io.h"
#include "crossing/limits.h"
#include "crossing/result.h"

namespace [[gnu::visibility("default")]] crossing {

/// A component value. What it holds follows from its type; members that its kind does not use are
/// 0 and empty.
///
/// | kind | holds |
/// |---|---|
/// | `bool_` | `bits`: 0 or 1 |
/// | integers | `bits`: signed ones sign-extended to 64 bits |
/// | `f32`, `f64`, `char_` | `bits`: as they are, the upper ones 0 |
/// | `flags` | `bits`: label i is bit i |
/// | `enum_` | `bits`: the label's index |
/// | handles, `error_context` | `bits`: what names the thing |
/// | `string_` | `text`: UTF-8 |
/// | `list` and `fixed_length_list` of `u8` | `text`: a byte for each element |
/// | other lists, `record`, `tuple` | `parts`: elements or fields in order |
/// | `map` | `parts`: keys and values in turn |
/// | `variant`, `option`, `result` | `bits`: the case; `parts`: its payload, if it has one |
/// | `func` | `parts`: its parameters |
struct Value {
  std::uint64_t bits = 0;
  std::string text;
  std::vector<Value> parts;
  bool operator==(const Value&) const = default;
};

/// Who is judged [ABI-01].
enum class Law : std::uint8_t {
  lift,   ///< the guest, which hands over whatever lifting accepts
  lower,  ///< the host, which hands over what some lowering writes
};

/// What a value may be before it is refused with `Verdict::limit` [VALUE-04].
struct ValueLimits {
  std::uint64_t parts = limits::value_parts;   ///< scalars, strings, lists of u8, what has parts
  std::uint64_t bytes = limits::payload_size;  ///< of strings and lists of u8
};

/// The flat type table that types refer to each other in [TYPE-02].
using TypeList = std::vector<Type>;

/// Decodes the bytes of a value [VALUE-01]; they have to end with it.
///
/// Errors, with the offset in `bytes`: `truncated`, `invalid`, `limit`.
Result<Value> decode_value(const TypeList& types, std::uint32_t type, Bytes bytes,
                           const ValueLimits& limits = {});

/// The bytes of a value [VALUE-01]. `invalid` where the value is none of the type.
Result<std::vector<std::uint8_t>> encode_value(const TypeList& types, std::uint32_t type,
                                               const Value& value);

/// Reads the text of a value in any form that [WAVE-01] allows.
///
/// Errors, with the offset in `text`: `invalid`, `limit`.
Result<Value> parse_wave(const TypeList& types, std::uint32_t type, std::string_view text,
                         const ValueLimits& limits = {});

/// The canonical text of a value [WAVE-02]. `invalid` where the value is none of the type.
Result<std::string> wave_text(const TypeList& types, std::uint32_t type, const Value& value);

}  // namespace crossing
