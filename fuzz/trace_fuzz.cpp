// A whole trace. All that reads it says the same, and what is recovered from it is complete.

#include "crossing/check.h"
#include "crossing/text.h"
#include "crossing/trace.h"
#include "expect.h"

using namespace crossing;
using crossing::fuzz::expect;

namespace {

/// The verdict of reading to the end.
Error judge(Bytes trace, ReaderOptions options) {
  MemorySource source(trace);
  auto reader = Reader::open(source, options);
  if (!reader) return reader.error();
  for (;;) {
    const auto item = reader->next();
    if (!item) return item.error();
    if (std::holds_alternative<std::monostate>(*item)) {
      return {.verdict = Verdict::ok, .message = {}, .offset = {}, .event = {}};
    }
  }
}

void expect_same(const Error& verdict, const Result<void>& found, const char* what) {
  expect(verdict == (found ? Error{.verdict = Verdict::ok, .message = {}, .offset = {}, .event = {}}
                           : found.error()),
         what);
}

/// The canonical JSON of a trace that reads as `verdict`.
std::vector<std::uint8_t> json_of(Bytes trace, const Error& verdict) {
  MemorySource source(trace);
  MemorySink json;
  expect_same(verdict, write_json(source, json), "the reader's verdict from write_json");
  return json.take();
}

/// A trace that is `ok` and its canonical JSON say the same.
void expect_round_trip(Bytes trace) {
  const Error ok = judge(trace, {});
  expect(ok.verdict == Verdict::ok, ("ok of what was recovered, found " + ok.text()).c_str());
  const auto json = json_of(trace, ok);
  MemorySource source(json);
  MemorySink again;
  expect(read_json(source, again).has_value(), "a trace from its JSON");
  expect(json_of(again.bytes(), ok) == json, "the same JSON from that trace");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes trace(data, size);
  const Error verdict = judge(trace, {});
  const Error calls = judge(trace, {.bulk = false});
  expect(calls == verdict || verdict.rule == "FRAME-11" || verdict.rule == "PAY-10",
         "the same verdict without bulk, but for faults inside bulk bodies");
  json_of(trace, verdict);

  MemorySource checked(trace);
  const CheckReport report = check(checked);
  expect(report.fault.has_value() == (verdict.verdict != Verdict::ok), "the same fault from check");
  MemorySource dumped(trace);
  MemorySink text;
  expect_same(verdict, dump_text(dumped, text), "the reader's verdict from dump_text");

  MemorySource source(trace);
  MemorySink whole;
  const auto recovery = recover(source, whole);
  if (verdict.verdict == Verdict::ok) {
    expect(recovery && recovery->whole, "a whole trace to be called whole");
    expect(json_of(whole.bytes(), verdict) == json_of(trace, verdict), "all of it recovered");
  }
  if (recovery) expect_round_trip(whole.bytes());
  return 0;
}
