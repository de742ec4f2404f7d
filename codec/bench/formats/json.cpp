#include <fmt/compile.h>
#include <fmt/format.h>

#include "blocks.h"

namespace crossing::bench {
namespace {

/// JSON lines, by the fastest formatter at hand: no tree is built.
struct Encoder {
  void operator()(const Event& event, std::uint64_t time_delta, Blocks& blocks) {
    constexpr std::size_t rest = 160;  // all but the payload, at its longest
    auto* const from = reinterpret_cast<char*>(blocks.room(rest + 2 * event.body.size()));
    char* at = fmt::format_to(
        from,
        FMT_COMPILE(
            R"({{"kind":"{}","flags":{},"time_delta":"{}","subject":{},"detail":"{}","payload":")"),
        event_kind_name(event.kind), event.flags, time_delta, event.subject, event.detail);
    for (const std::uint8_t byte : event.body) {
      *at++ = "0123456789abcdef"[byte >> 4];
      *at++ = "0123456789abcdef"[byte & 15];
    }
    *at++ = '"';
    *at++ = '}';
    *at++ = '\n';
    blocks.take(static_cast<std::size_t>(at - from));
  }
};

}  // namespace

std::unique_ptr<Format> make_json() { return std::make_unique<Stream<Encoder>>("JSON lines"); }

}  // namespace crossing::bench
