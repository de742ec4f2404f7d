// Whatever the bytes: what is decoded has just these bytes, and a text that gives it back.

#include "value_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace crossing;
  fuzz::ValueInput input(data, size);
  const std::uint32_t type = input.type();
  const ValueLimits few{.parts = 5000, .bytes = 1 << 16};
  const auto value = decode_value(input.types, type, input.rest(), few);
  if (!value) {
    fuzz::expect(!value.error().message.empty(), "a sentence");
    return 0;
  }
  const auto bytes = encode_value(input.types, type, *value);
  fuzz::expect(
      bytes && std::equal(bytes->begin(), bytes->end(), input.rest().begin(), input.rest().end()),
      "the same bytes");
  const auto text = wave_text(input.types, type, *value);
  const auto again = parse_wave(input.types, type, text.value(), few);
  fuzz::expect(again && *again == *value, "the same value from its text");
  return 0;
}
