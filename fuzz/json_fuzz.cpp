// Canonical JSON, or what is taken for it. A trace made from it is `ok`, and its JSON is canonical.

#include "crossing/text.h"
#include "expect.h"

using namespace crossing;
using crossing::fuzz::expect;

namespace {

std::vector<std::uint8_t> json_of(Bytes trace) {
  MemorySource source(trace);
  MemorySink json;
  expect(write_json(source, json).has_value(), "an ok trace");
  return json.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MemorySource source(Bytes(data, size));
  MemorySink trace;
  const auto read = read_json(source, trace);
  if (!read) {
    expect(!read.error().message.empty(), "a sentence");
    return 0;
  }
  const auto json = json_of(trace.bytes());
  MemorySource canonical(json);
  MemorySink again;
  expect(read_json(canonical, again).has_value(), "canonical JSON to be read");
  expect(json_of(again.bytes()) == json, "the same JSON");
  return 0;
}
