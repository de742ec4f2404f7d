// The replayer on any trace, with a guest that does what the trace says it did, and with one that
// leaves something out.

#include "crossing/replay.h"
#include "expect.h"
#include "fake_guest.h"

using namespace crossing;
using namespace crossing::testing;
using crossing::fuzz::expect;

namespace {

constexpr std::size_t most_bytes = 1 << 20;  // of bodies that the guest knows
constexpr std::size_t most_output = 1 << 20;

/// What a guest can know of a trace.
struct Script {
  std::vector<Definition> definitions;
  std::vector<OwnedEvent> events;
  Verdict verdict = Verdict::ok;
};

Script read_script(Bytes trace) {
  Script script;
  MemorySource source(trace);
  auto reader = Reader::open(source);
  std::size_t bytes = 0;
  while (reader) {
    auto item = reader->next();
    if (!item) script.verdict = item.error().verdict;
    if (!item || std::holds_alternative<std::monostate>(*item)) return script;
    if (const auto* definitions = std::get_if<NewDefinitions>(&*item)) {
      script.definitions.insert(script.definitions.end(), definitions->begin(), definitions->end());
    }
    if (const auto* block = std::get_if<Block>(&*item)) {
      for (const EventView& event : *block) {
        bytes += event.body.size() + sizeof event;
        if (bytes > most_bytes) break;
        if (event.first) {
          script.events.push_back(
              {event.kind, event.flags, event.time, event.subject, event.detail, {}});
        }
        auto& body = script.events.back().body;
        body.insert(body.end(), event.body.begin(), event.body.end());
      }
    }
  }
  script.verdict = reader.error().verdict;
  return script;
}

void replay(Bytes trace, const Script& script, const std::vector<OwnedEvent>& done, bool keep_going,
            std::optional<std::uint32_t> instance = {}) {
  Wiring wiring = sample_wiring(script.definitions);
  if (wiring.definitions.components.empty()) wiring.definitions.components.emplace_back();
  std::size_t output = 0;
  ReplayOptions options{.keep_going = keep_going, .instance = instance};
  options.output = [&](OutputStream, Bytes bytes) -> Result<void> {
    output += bytes.size();
    if (output > most_output)
      return tl::unexpected(Error{.verdict = Verdict::io, .message = "enough"});
    return {};
  };
  MemorySource source(trace);
  Replayer replayer(source, wiring, options);
  static std::vector<std::uint8_t> memory;  // of every guest: making it takes longer than a replay
  memory.assign(FakeGuest::memory_bytes, 0);
  FakeGuest guest(replayer, done, wiring, std::move(memory));
  const ReplayOutcome outcome = replayer.run(guest);
  memory = std::move(guest.memory);
  if (outcome.verdict == Verdict::ok) {
    expect(script.verdict == Verdict::ok, "only a trace that is ok to be replayed");
    expect(outcome.end.has_value() && !outcome.divergence, "an end where all was the same");
  } else {
    expect(!outcome.message.empty(), "a sentence");
  }
  expect((outcome.verdict == Verdict::diverged) == outcome.divergence.has_value() ||
             (keep_going && outcome.divergence),
         "a divergence where the verdict says so");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes trace(data, size);
  const Script script = read_script(trace);
  replay(trace, script, script.events, false);
  auto less = script.events;
  if (!less.empty()) less.erase(less.begin() + data[size - 1] % static_cast<long>(less.size()));
  replay(trace, script, less, true);
  if (size % 4 == 0) replay(trace, script, less, true, 0);
  return 0;
}
