// Compiled to be looked at: see `check` beside it.

#include <array>

#include "crossing/recorder.h"

extern "C" {

int without_recorder(int x) { return 3 * x + 1; }

int with_null_recorder(int x) {
  crossing::NullRecorder recorder;
  const std::array<std::uint8_t, 8> body = {static_cast<std::uint8_t>(x)};
  recorder.import_call(7, body);
  recorder.realloc_call(8, body);
  recorder.realloc_result(8, body);
  recorder.lower(0, static_cast<std::uint64_t>(x), body);
  const int result = 3 * x + 1;
  recorder.import_result(7, body);
  recorder.trap(7, crossing::TrapCode::unreachable, {}, "");
  return result;
}

void append_known_size(crossing::Recorder& recorder, const std::array<std::uint8_t, 24>& body) {
  recorder.import_call(7, body);
}

void append_any_size(crossing::Recorder& recorder, const std::uint8_t* body, std::size_t size) {
  recorder.import_call(7, {body, size});
}

void append_lower(crossing::Recorder& recorder, std::uint64_t address, const std::uint8_t* body,
                  std::size_t size) {
  recorder.lower(0, address, {body, size});
}
}
