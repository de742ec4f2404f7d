#include <gtest/gtest.h>

#include <random>

#include "crossing/trace.h"
#include "frame/frame.h"
#include "io/bytes.h"
#include "sample.h"

namespace crossing {
namespace {

using namespace crossing::testing;

TEST(Trace, ReadsBackWhatWasWritten) {
  const auto events = sample_events();
  const ReadBack read = read_trace(write_trace(events));
  EXPECT_EQ(read.verdict.verdict, Verdict::ok) << read.verdict.text();
  EXPECT_TRUE(read.events == events);
  EXPECT_TRUE(read.definitions == sample_definitions());
  EXPECT_EQ(read.totals.event_count, events.size());
}

TEST(Trace, KeepsTimesDetailsAndBodiesOfEverySize) {  // [PAY-01] [PAY-02] [PAY-03] [EVENT-03]
  std::vector<OwnedEvent> events;
  std::uint64_t time = 0;
  for (const std::size_t size :
       {0u, 1u, 255u, 256u, 65535u, 65536u, 65537u, 131072u, 200000u, 700001u}) {
    for (const std::uint64_t step : {0ull, 65535ull, 65536ull, 1ull << 40}) {
      time += step;
      events.push_back({EventKind::lower, flag_snapshot, time, 0, step * 3, body_of(size)});
    }
  }
  for (const Codec codec : {Codec::none, Codec::zstd}) {
    const auto bytes = write_trace(events, {.codec = codec, .salt = 1}, Clock::per_event);
    const ReadBack read = read_trace(bytes);
    EXPECT_EQ(read.verdict.verdict, Verdict::ok) << read.verdict.text();
    EXPECT_TRUE(read.events == events);
    // Without bulk, everything but large bodies is there.
    const ReadBack calls = read_trace(bytes, {.bulk = false});
    EXPECT_EQ(calls.verdict.verdict, Verdict::ok) << calls.verdict.text();
    ASSERT_EQ(calls.events.size(), events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      EXPECT_EQ(calls.events[i].time, events[i].time);
      EXPECT_EQ(calls.events[i].detail, events[i].detail);
      if (events[i].body.size() < 256) {
        EXPECT_EQ(calls.events[i].body, events[i].body);
      }
    }
  }
}

TEST(Trace, NumbersGoOnAfterAGap) {  // [GAP-02]
  std::vector<OwnedEvent> events = sample_events();
  std::vector<std::uint8_t> count(8);
  store(count.data(), std::uint64_t{1000});
  events.insert(events.begin() + 2, {EventKind::gap, 0, 0, none, 1, count});
  const ReadBack read = read_trace(write_trace(events));
  EXPECT_EQ(read.verdict.verdict, Verdict::ok) << read.verdict.text();
  EXPECT_TRUE(read.events == events);
  EXPECT_EQ(read.totals.next_sequence, events.size() + 999);
  EXPECT_EQ(read.totals.block_count, 2u);
}

TEST(Trace, IndexesEveryInterval) {  // [INDEX-01] [SUM-01]
  std::vector<OwnedEvent> events;
  for (int i = 0; i < 5000; ++i) events.push_back({EventKind::lower, 0, 0, 0, 0, body_of(16)});
  const ReadBack read = read_trace(write_trace(events, {.block_size = 1, .salt = 5}));
  EXPECT_EQ(read.verdict.verdict, Verdict::ok) << read.verdict.text();
  EXPECT_EQ(read.totals.block_count, 5000u);
  EXPECT_EQ(read.events.size(), 5000u);
}

TEST(Trace, HoldsAttachments) {  // [STREAM-06]
  for (const std::size_t size : {0u, 1u, 262143u, 262144u, 262145u, 600000u}) {
    MemorySink sink;
    auto writer = Writer::create(sink, sample_info(), {.salt = 9}).value();
    const auto content = body_of(size);
    MemorySource source(content);
    EXPECT_EQ(writer.attach("component", source, size).value(), 0u);
    must(writer.finish());
    const ReadBack read = read_trace(sink.bytes());
    EXPECT_EQ(read.verdict.verdict, Verdict::ok) << read.verdict.text();
    EXPECT_EQ(read.attachments, content);
  }
}

TEST(Trace, RefusesWhatAReaderWouldRefuse) {
  MemorySink sink;
  auto writer = Writer::create(sink, sample_info(), {.salt = 9}).value();
  for (const Definition& definition : sample_definitions()) must(writer.define(definition));
  const auto refused = [&](const OwnedEvent& event, std::string_view rule, Verdict verdict) {
    auto result = writer.append(event.view());
    ASSERT_FALSE(result) << rule;
    EXPECT_EQ(result.error().rule, rule) << result.error().text();
    EXPECT_EQ(result.error().verdict, verdict);
  };
  using K = EventKind;
  refused({static_cast<K>(99), 0, 0, 0, 0, {}}, "EVENT-04", Verdict::unsupported);
  refused({K::lower, flag_hashed, 0, 0, 0, {}}, "EVENT-04", Verdict::invalid);
  refused({K::lift, flag_hashed | flag_omitted, 0, 0, 0, {}}, "PAY-07", Verdict::invalid);
  refused({K::lower, flag_wide, 0, 0, 0, {}}, "EVENT-04", Verdict::invalid);
  refused({K::lower, 0, 0, 1, 0, {}}, "EVENT-05", Verdict::invalid);
  refused({K::import_call, 0, 0, 1, 0, {0, 0, 0, 0}}, "IMPORT-01", Verdict::invalid);
  refused({K::export_call, 0, 0, 0, 0, {}}, "EXPORT-01", Verdict::invalid);
  refused({K::realloc_call, 0, 0, 1, 0, body_of(16)}, "REALLOC-01", Verdict::invalid);
  refused({K::import_call, 0, 0, 0, 0, {0}}, "PAY-09", Verdict::invalid);
  refused({K::instantiate, 0, 0, 0, 1, {}}, "PAY-10", Verdict::invalid);
  refused({K::lower, 0, 1, 0, 0, {}}, "EVENT-02", Verdict::invalid);
  refused({K::gap, 0, 0, none, 9, body_of(8)}, "GAP-01", Verdict::unsupported);
  refused({K::trap, 0, 0, none, 1, {3, 0, 0, 0, 0, 0, 0, 0}}, "PAY-10", Verdict::unsupported);
  refused({K::trap, 0, 0, none, 1, {0, 1, 0, 0, 0, 0, 0, 0}}, "PAY-10", Verdict::invalid);
  refused({K::marker, 0, 0, 0, 9, {1}}, "PAY-09", Verdict::invalid);
  EXPECT_TRUE(writer.append({static_cast<K>(200), 0, 0, 0, 0, {}}));
  EXPECT_TRUE(writer.finish());
  EXPECT_EQ(read_trace(sink.bytes()).verdict.verdict, Verdict::ok);
  EXPECT_FALSE(writer.finish());
}

TEST(Trace, JudgesDefinitions) {
  const auto refused = [](const Definition& definition, std::string_view rule) {
    MemorySink sink;
    auto writer = Writer::create(sink, sample_info(), {.salt = 9}).value();
    for (const Definition& good : sample_definitions()) must(writer.define(good));
    auto result = writer.define(definition);
    ASSERT_FALSE(result) << rule;
    EXPECT_EQ(result.error().rule, rule) << result.error().text();
  };
  refused(Type{.id = 3}, "DEF-01");
  refused(Type{.id = 0, .kind = TypeKind::u8}, "DEF-02");
  refused(Type{.id = 2, .kind = TypeKind::list, .name = "", .members = {}, .element = 2},
          "TYPE-02");
  refused(Type{.id = 2, .kind = TypeKind::list}, "TYPE-01");
  refused(Type{.id = 2, .kind = TypeKind::flags, .name = "", .members = {{"a", 0}}}, "TYPE-01");
  refused(Component{.id = 1}, "COMP-01");
  refused(Instance{.id = 1, .component = 1}, "DEF-04");
  refused(Memory{.id = 1, .shared = true}, "MEM-02");
  refused(Function{.id = 3, .role = Role::export_}, "FUNC-04");
  refused(Function{.id = 3, .role = Role::builtin}, "FUNC-07");
  refused(Function{.id = 3, .core_params = {}, .result_area_param = 0}, "FUNC-09");
}

TEST(Trace, EveryCutAndEveryChangedByteShows) {  // [VERDICT-01] [VERDICT-02]
  for (const Codec codec : {Codec::none, Codec::zstd}) {
    std::vector<std::uint8_t> bytes =
        write_trace(sample_events(3, 300), {.codec = codec, .salt = 3});
    ASSERT_EQ(read_trace(bytes).verdict.verdict, Verdict::ok);
    const std::size_t whole = read_trace(bytes).events.size();
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      const ReadBack read = read_trace(Bytes(bytes).first(cut));
      const Verdict expected = cut == 0 ? Verdict::not_a_trace : Verdict::truncated;
      ASSERT_EQ(read.verdict.verdict, expected) << "cut at " << cut << ": " << read.verdict.text();
      ASSERT_TRUE(read.events.empty() || read.events.size() == whole);
    }
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      const std::uint8_t original = bytes[at];
      for (const std::uint8_t changed :
           {std::uint8_t(original ^ 1), std::uint8_t(0), std::uint8_t(0xff)}) {
        if (changed == original) continue;
        bytes[at] = changed;
        const Error verdict = read_trace(bytes).verdict;
        const Verdict expected = at < 8 ? Verdict::not_a_trace : Verdict::corrupt;
        ASSERT_EQ(verdict.verdict, expected) << "changed at " << at << ": " << verdict.text();
      }
      bytes[at] = original;
    }
    bytes.push_back(0);
    EXPECT_EQ(read_trace(bytes).verdict.verdict, Verdict::corrupt);
  }
}

/// Fails at the n-th write.
class FailingSink final : public ByteSink {
 public:
  explicit FailingSink(int good) : good_(good) {}
  Result<void> write(Bytes bytes) override {
    if (good_-- <= 0) {
      return tl::unexpected(
          Error{.verdict = Verdict::io, .message = "disk full", .offset = {}, .event = {}});
    }
    return kept_.write(bytes);
  }
  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return kept_.bytes(); }

 private:
  int good_;
  MemorySink kept_;
};

TEST(Trace, AFailingSinkLeavesWhatWasWritten) {  // [END-02]
  const auto events = sample_events(200, 40);
  for (int good = 0; good < 200; ++good) {
    FailingSink sink(good);
    Result<void> result;
    bool complete = false;
    if (auto writer = Writer::create(sink, sample_info(), {.block_size = 1024, .salt = 9})) {
      for (const Definition& definition : sample_definitions()) must(writer->define(definition));
      for (const OwnedEvent& event : events) {
        result = writer->append(event.view());
        if (!result) break;
      }
      if (result) result = writer->finish();
      if (result) {
        complete = true;
      } else {
        EXPECT_EQ(result.error().message, "disk full");
        EXPECT_EQ(writer->flush().error().message, "disk full");
      }
    }
    const ReadBack read = read_trace(sink.bytes());
    if (complete) {
      EXPECT_EQ(read.verdict.verdict, Verdict::ok);
      return;
    }
    const Verdict expected = sink.bytes().empty() ? Verdict::not_a_trace : Verdict::truncated;
    EXPECT_EQ(read.verdict.verdict, expected) << good;
    for (std::size_t i = 0; i < read.events.size(); ++i) ASSERT_TRUE(read.events[i] == events[i]);
  }
  FAIL() << "expected a sink of 200 writes to be enough";
}

TEST(Recover, WritesACompleteTraceOfWhatIsGood) {  // [REC-01] [REC-02] [REC-03]
  const auto events = sample_events(400, 300);
  const auto bytes = write_trace(events, {.block_size = 4096, .salt = 3});
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    auto damaged = bytes;
    const std::size_t at = 400 + random() % (bytes.size() - 400);
    const bool cut = round % 3 == 0;
    if (cut) {
      damaged.resize(at);
    } else {
      for (std::size_t i = at; i < std::min(at + 1 + random() % 3000, damaged.size()); ++i) {
        damaged[i] = static_cast<std::uint8_t>(random());
      }
    }
    MemorySource source(damaged);
    MemorySink sink;
    auto recovery = recover(source, sink);
    ASSERT_TRUE(recovery) << recovery.error().text();
    EXPECT_FALSE(recovery->whole);
    const ReadBack read = read_trace(sink.bytes());
    ASSERT_EQ(read.verdict.verdict, Verdict::ok) << read.verdict.text();
    // What is cut off has no numbers, but for an event whose first piece is there.
    if (cut) {
      EXPECT_LE(recovery->lost_events, 1u);
    }
    std::uint64_t kept = 0;
    std::size_t position = 0;
    for (const OwnedEvent& event : read.events) {
      if (event.kind == EventKind::gap) {
        const auto count = load<std::uint64_t>(event.body.data());
        // The tail, of unknown length.
        EXPECT_EQ(count == 0, recovery->tail_lost && &event == &read.events.back());
        position += count;
        continue;
      }
      ASSERT_TRUE(event == events.at(position)) << position;
      ++position;
      ++kept;
    }
    EXPECT_EQ(kept, recovery->events);
  }
}

TEST(Recover, SaysWhatItDroppedWithItsDefinitions) {  // [REC-03] [REC-04]
  const auto events = sample_events(400, 300);
  auto bytes = write_trace(events, {.block_size = 4096, .salt = 3});
  std::size_t offset = preamble_size;
  std::uint64_t blocks = 0;
  for (std::uint32_t sequence = 0; offset < bytes.size(); ++sequence) {
    const auto header =
        decode_header(std::span(bytes).subspan(offset).first<header_size>(), 3, offset, sequence)
            .value();
    if (header.is(FrameKind::definitions)) bytes[offset + header_size] ^= 1;
    if (header.is(FrameKind::events)) ++blocks;
    offset += header_size + header.padded_size();
  }
  MemorySource source(bytes);
  MemorySink sink;
  const Recovery recovery = recover(source, sink).value();
  EXPECT_EQ(recovery.events, 0u);
  EXPECT_EQ(recovery.blocks, 0u);
  EXPECT_EQ(recovery.dropped_blocks, blocks);
  EXPECT_EQ(recovery.lost_events, events.size());
  EXPECT_FALSE(recovery.tail_lost);
  const ReadBack read = read_trace(sink.bytes());
  ASSERT_EQ(read.verdict.verdict, Verdict::ok) << read.verdict.text();
  ASSERT_EQ(read.events.size(), 1u);
  EXPECT_EQ(read.events[0].kind, EventKind::gap);
  EXPECT_EQ(load<std::uint64_t>(read.events[0].body.data()), events.size());
}

TEST(Recover, SaysThatAWholeTraceIsWhole) {
  const auto events = sample_events(10, 70000);
  const auto bytes = write_trace(events);
  MemorySource source(bytes);
  MemorySink sink;
  auto recovery = recover(source, sink);
  ASSERT_TRUE(recovery);
  EXPECT_TRUE(recovery->whole);
  EXPECT_EQ(recovery->lost_bytes, 0u);
  EXPECT_TRUE(read_trace(sink.bytes()).events == events);
}

TEST(Recover, HasNothingWithoutPreamble) {
  const std::vector<std::uint8_t> nothing = {1, 2, 3};
  MemorySource source(nothing);
  MemorySink sink;
  auto recovery = recover(source, sink);
  ASSERT_FALSE(recovery);
  EXPECT_EQ(recovery.error().verdict, Verdict::not_a_trace);
  EXPECT_TRUE(sink.bytes().empty());
}

}  // namespace
}  // namespace crossing
