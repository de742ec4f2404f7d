// The body of an `events` frame: two bytes say how many of the rest are the bulk frame before it.
// A batch that is accepted can be walked, and uses up exactly what it has.

#include <algorithm>

#include "event/batch.h"
#include "event/event_check.h"
#include "expect.h"
#include "io/bytes.h"

using namespace crossing;
using crossing::fuzz::expect;

namespace {

const Scope scope = [] {
  Scope made(Profile::abi, Clock::per_event);
  made.definition_count = 9;
  for (int i = 0; i < 2; ++i) {
    made.add_instance();
    made.add_memory();
  }
  for (const FunctionScope& function : {FunctionScope{Role::import_, 4, 4},
                                        {Role::export_, 4, 4},
                                        {Role::realloc, 16, 4},
                                        {Role::builtin, 0, 4},
                                        {Role::destructor, 4, 0}}) {
    made.add_function(function);
  }
  return made;
}();

std::size_t walk(const Block& block) {
  std::size_t bytes = 0;
  std::uint64_t time = block.base_time();
  for (const EventView& event : block) {
    expect(event.time >= time, "times that do not go back");
    time = event.time;
    for (const std::uint8_t byte : event.body) bytes += 1 + byte / 256u;
  }
  return bytes;
}

}  // namespace

/// Most events are passed by tables; all have to be good by the words of the specification, too.
void look_again(const Block& block) {
  for (const EventView& event : block) {
    if (!event.first) continue;
    const EventStruct head{.kind = static_cast<std::uint8_t>(event.kind),
                           .flags = event.flags,
                           .subject = event.subject,
                           .detail = static_cast<std::uint32_t>(event.detail)};
    const EventCheck check(head, event.sequence, scope);
    expect(check.kind_and_flags() && check.subject() && check.detail(event.detail) &&
               check.body(event.body_size, event.body.data(), event.detail),
           "an event that EventCheck passes");
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Bytes input(data + 2, size - 2);
  const std::size_t bulk_size = std::min<std::size_t>(load<std::uint16_t>(data), input.size());
  const std::vector<std::uint8_t> bulk(input.begin(), input.begin() + static_cast<long>(bulk_size));
  const std::vector<std::uint8_t> body(input.begin() + static_cast<long>(bulk_size), input.end());

  BatchDecoder decoder;
  const auto block = decoder.decode(body, bulk, {}, scope, 0);
  if (block) {
    Totals totals;
    decoder.count(*block, totals);
    expect(walk(*block) == totals.payload_bytes, "all bodies");
    look_again(*block);
  }
  BatchDecoder without_bulk;
  const auto calls =
      without_bulk.decode(body, {}, static_cast<std::uint32_t>(bulk.size()), scope, 0);
  if (block) expect(calls.has_value(), "ok without bulk, too");
  if (calls) walk(*calls);
  if (!block && calls) expect(block.error().rule == "PAY-10", "a fault of a body in bulk");
  return 0;
}
