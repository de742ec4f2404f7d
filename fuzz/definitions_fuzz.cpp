// The bodies that are not events; the first byte says which. What is decoded can be encoded, and is
// the same when decoded again.

#include "event/bodies.h"
#include "expect.h"
#include "trace/definition_table.h"

using namespace crossing;
using crossing::fuzz::expect;

namespace {

template <class Decode, class Encode>
void judge(const Body& body, Decode decode, Encode encode) {
  const auto value = decode(body, 0);
  if (!value) return expect(!value.error().message.empty(), "a sentence");
  const Body again = encode(*value);
  const auto same = decode(again, 0);
  expect(same.has_value() && *same == *value, "the same value from its encoding");
}

void judge_definitions(const Body& body) {
  judge(body, decode_definitions, encode_definitions);
  const auto definitions = decode_definitions(body, 0);
  if (!definitions) return;
  DefinitionTable table{TraceInfo{}};
  for (const Definition& definition : *definitions) {
    const auto added = table.add(definition, 0);
    if (added) expect(*table.add(definition, 0) == false, "a repetition to be one");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Body body(data + 1, data + size);
  switch (data[0] % 5) {
    case 0: judge_definitions(body); break;
    case 1: judge(body, decode_trace_info, encode_trace_info); break;
    case 2: judge(body, decode_index, encode_index); break;
    case 3: judge(body, decode_summary, encode_summary); break;
    case 4:
      if (const auto piece = decode_attachment(body, 0)) encode_attachment(*piece);
      break;
  }
  return 0;
}
