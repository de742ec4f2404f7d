// Whatever the text: what is read has a canonical text, and bytes, that give it back.

#include "value_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace crossing;
  fuzz::ValueInput input(data, size);
  const std::uint32_t type = input.type();
  const ValueLimits few{.parts = 5000, .bytes = 1 << 16};
  const auto value = parse_wave(input.types, type, input.text(), few);
  if (!value) {
    fuzz::expect(!value.error().message.empty(), "a sentence");
    return 0;
  }
  const std::string text = wave_text(input.types, type, *value).value();
  const auto again = parse_wave(input.types, type, text, few);
  fuzz::expect(again && *again == *value, "the same value from its canonical text");
  const auto bytes = encode_value(input.types, type, *value);
  fuzz::expect(bytes && decode_value(input.types, type, *bytes, few) == value,
               "and from its bytes");
  return 0;
}
