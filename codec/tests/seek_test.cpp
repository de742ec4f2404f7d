// Going to an event or a time: with a summary, without one, in what is damaged.

#include <gtest/gtest.h>

#include <algorithm>

#include "event/bodies.h"
#include "io/bytes.h"
#include "read_ways.h"
#include "sample.h"

namespace crossing {
namespace {

using namespace crossing::testing;

struct Known {
  std::uint64_t sequence = 0;
  std::uint64_t time = 0;
  std::uint64_t hash = 0;
  std::size_t functions = 0;  // defined before its block
};

/// The events that can be read from where the reader is, and the verdict.
std::pair<std::vector<Known>, Error> rest_of(Reader& reader) {
  std::vector<Known> events;
  for (;;) {
    auto item = reader.next();
    if (!item) return {std::move(events), item.error()};
    if (std::holds_alternative<std::monostate>(*item))
      return {std::move(events), Outcome{}.verdict};
    const auto* block = std::get_if<Block>(&*item);
    if (block == nullptr) continue;
    for (const EventView& event : *block) {
      Given given;
      given.add(event);
      events.push_back(
          {event.sequence, event.time, given.hash, reader.definitions().functions.size()});
    }
  }
}

/// A trace of `count` events, a block each where `block_size` is 1, with times, gaps, bodies of all
/// sizes, attachments, and functions that are defined late.
std::vector<std::uint8_t> long_trace(std::uint64_t count, WriterOptions options) {
  MemorySink sink;
  auto writer = Writer::create(sink, sample_info(Clock::per_event), options).value();
  for (const Definition& definition : sample_definitions()) must(writer.define(definition));
  std::uint64_t time = 0;
  std::uint32_t functions = 3;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i % 7 == 0) time += 1 + i % 11 * 100;
    const std::size_t size = i % 501 == 0 ? 70'000 : i % 50 == 0 ? 300 : i % 9;
    must(writer.append(
        {.kind = EventKind::lower, .time = time, .detail = i, .body = body_of(size)}));
    if (i % 1500 == 700) {
      std::vector<std::uint8_t> lost(8);
      store(lost.data(), i % 3000);
      must(writer.append(
          {.kind = EventKind::gap, .time = time, .subject = none, .detail = 1, .body = lost}));
    }
    if (i % 2000 == 1000) {
      Function late{
          .id = functions, .instance = 0, .role = Role::import_, .index = 100 + functions};
      ++functions;
      must(writer.define(late));
    }
    if (i % 2500 == 1200) {
      const auto content = body_of(600'000);
      MemorySource source(content);
      writer.attach("some", source, content.size()).value();
    }
  }
  must(writer.finish());
  return sink.take();
}

/// Seeks to every `step`th number, and compares with what reading in order gave.
void expect_seeks(Bytes trace, std::uint64_t step, ReaderOptions options = {}) {
  MemorySource in_order(trace);
  auto first = Reader::open(in_order).value();
  const auto [expected, verdict] = rest_of(first);
  ASSERT_FALSE(expected.empty());

  MemorySource source(trace);
  auto reader = Reader::open(source, options).value();
  std::minstd_rand random(7);
  const std::uint64_t end = expected.back().sequence + 3;
  for (std::uint64_t wanted = 0; wanted <= end; wanted += 1 + random() % step) {
    // Mostly forwards, now and then back.
    const std::uint64_t number = random() % 3 == 0 ? random() % (end + 1) : wanted;
    ASSERT_TRUE(reader.seek(number)) << number;
    const auto [found, at_end] = rest_of(reader);
    EXPECT_EQ(at_end.text(), verdict.text()) << number;
    const auto from = std::find_if(expected.begin(), expected.end(),
                                   [&](const Known& event) { return event.sequence >= number; });
    const auto there = std::find_if(found.begin(), found.end(),
                                    [&](const Known& event) { return event.sequence >= number; });
    ASSERT_EQ(found.end() - there, expected.end() - from) << number;
    if (there == found.end()) {
      EXPECT_TRUE(found.empty()) << number;
      continue;
    }
    EXPECT_EQ(there->sequence, from->sequence);
    EXPECT_EQ(there->time, from->time);
    EXPECT_EQ(there->hash, from->hash) << number;
    EXPECT_GE(there->functions, from->functions) << number;
    EXPECT_EQ(found.back().hash, expected.back().hash);

    const std::uint64_t time = from->time;
    ASSERT_TRUE(reader.seek_time(time)) << time;
    const auto by_time = rest_of(reader).first;
    const auto first_then = std::find_if(expected.begin(), expected.end(),
                                         [&](const Known& event) { return event.time >= time; });
    const auto then = std::find_if(by_time.begin(), by_time.end(),
                                   [&](const Known& event) { return event.time >= time; });
    ASSERT_NE(then, by_time.end());
    EXPECT_EQ(then->sequence, first_then->sequence) << "at time " << time;
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Seek, FindsEveryEventOfACompleteTrace) {  // [SUM-01] [INDEX-01]
  for (const Codec codec : {Codec::none, Codec::zstd}) {
    expect_seeks(long_trace(13'000, {.codec = codec, .block_size = 1, .salt = 1}), 900);
    expect_seeks(long_trace(5'000, {.codec = codec, .block_size = 4096, .salt = 1}), 200);
  }
  expect_seeks(long_trace(3'000, {.block_size = 4096, .salt = 1}), 500, {.threads = 2});
  expect_seeks(long_trace(3'000, {.block_size = 4096, .salt = 1}), 500, {.bulk = true});
}

TEST(Seek, FindsEveryEventOfAnInterruptedTrace) {  // [REC-01]
  const auto trace = long_trace(13'000, {.block_size = 1, .salt = 1});
  for (const std::size_t left : {std::size_t{1}, std::size_t{3}, std::size_t{9}}) {
    expect_seeks(Bytes(trace).first(trace.size() * left / 10), 1200);
  }
  const auto few = write_trace(sample_events(50), {.block_size = 64, .salt = 1});
  for (std::size_t cut = few.size() / 4; cut < few.size(); cut += 57) {
    expect_seeks(Bytes(few).first(cut), 10);
  }
}

TEST(Seek, GoesToTheEndWhereThereAreNoEvents) {
  const auto trace = write_trace({});
  MemorySource source(trace);
  auto reader = Reader::open(source).value();
  for (const std::uint64_t number : {std::uint64_t{0}, UINT64_MAX}) {
    ASSERT_TRUE(reader.seek(number));
    const auto [events, verdict] = rest_of(reader);
    EXPECT_TRUE(events.empty());
    EXPECT_EQ(verdict.verdict, Verdict::ok) << verdict.text();
    EXPECT_EQ(reader.definitions().functions.size(), 3u);
    ASSERT_TRUE(reader.seek_time(number));
    EXPECT_EQ(rest_of(reader).second.verdict, Verdict::ok);
  }
}

TEST(Seek, GoesPastWhatIsDamaged) {
  auto trace = write_trace(sample_events(500), {.block_size = 256, .salt = 1});
  const auto whole = read_trace(trace);
  trace[trace.size() / 3] ^= 1;
  MemorySource source(trace);
  auto reader = Reader::open(source).value();
  EXPECT_EQ(rest_of(reader).second.verdict, Verdict::corrupt);
  EXPECT_FALSE(reader.next()) << "an error stays";
  ASSERT_TRUE(reader.seek(whole.totals.event_count - 10));
  const auto [events, verdict] = rest_of(reader);
  EXPECT_EQ(verdict.verdict, Verdict::ok) << verdict.text();
  EXPECT_GE(events.size(), 10u);
  ASSERT_TRUE(reader.seek(0));
  EXPECT_EQ(rest_of(reader).second.verdict, Verdict::corrupt);
}

TEST(Seek, SaysThatAPipeCannot) {
  class Pipe final : public ByteSource {
   public:
    explicit Pipe(Bytes bytes) : source_(bytes) {}
    Result<std::size_t> read(std::span<std::uint8_t> into) override { return source_.read(into); }

   private:
    MemorySource source_;
  };
  const auto trace = write_trace(sample_events());
  Pipe pipe(trace);
  auto reader = Reader::open(pipe).value();
  const auto sought = reader.seek(3);
  ASSERT_FALSE(sought);
  EXPECT_EQ(sought.error().verdict, Verdict::io);
  EXPECT_EQ(sought.error().message,
            "expected an input in which one can seek, found one that is read once, such as a pipe");
  EXPECT_EQ(rest_of(reader).first.size(), sample_events().size()) << "and reading goes on";
}

TEST(Seek, NeedsFewBlocksAndIndexFrames) {
  // Twelve index frames and a tail; events that take ever more bytes.
  MemorySink sink;
  auto writer = Writer::create(sink, sample_info(), {.block_size = 1, .salt = 1}).value();
  for (const Definition& definition : sample_definitions()) must(writer.define(definition));
  constexpr std::uint64_t count = 12 * 4096 + 100;
  for (std::uint64_t i = 0; i < count; ++i) {
    must(writer.append({.kind = EventKind::lower, .body = body_of(i * i / 8'000'000)}));
  }
  must(writer.finish());
  for (std::uint64_t number = 0; number < count; number += 997) {
    MemorySource source(sink.bytes());
    auto reader = Reader::open(source).value();
    ASSERT_TRUE(reader.seek(number));
    const Item item = reader.next().value();
    EXPECT_EQ(std::get<Block>(item).base_sequence(), number);
    EXPECT_EQ(reader.counts().blocks, 1u);
    EXPECT_LE(reader.counts().indexes, 5u) << number;  // 2 + log2(12)
  }
}

/// `trace`, not compressed, with the body of the first frame of a kind changed, hash and all.
template <class Change>
std::vector<std::uint8_t> changed(std::vector<std::uint8_t> trace, FrameKind kind, Change change) {
  const auto salt = load<std::uint64_t>(&trace[16]);
  for (std::size_t at = preamble_size; at < trace.size();) {
    FrameHeader header =
        decode_header(Bytes(trace).subspan(at).first<header_size>(), salt, at, std::nullopt)
            .value();
    if (header.is(kind)) {
      change(std::span(trace).subspan(at + header_size, header.stored_size));
      header.body_hash =
          hash_bytes(Bytes(trace).subspan(at + header_size, header.stored_size), salt);
      const auto bytes = encode_header(header, salt);
      std::copy(bytes.begin(), bytes.end(), trace.begin() + static_cast<std::ptrdiff_t>(at));
      return trace;
    }
    at += header_size + header.padded_size();
  }
  throw std::runtime_error("expected a frame of that kind");
}

TEST(Seek, SeesAnIndexThatLies) {  // [INDEX-03]
  const auto good =
      write_trace(sample_events(50), {.codec = Codec::none, .block_size = 64, .salt = 1});
  // The entries follow each other, 32 bytes each: offset, base_sequence, base_time, event_count.
  MemorySource scan(good);
  auto in_order = Reader::open(scan).value();
  std::uint64_t first_block = 0;
  for (;;) {
    first_block = in_order.offset();
    if (std::holds_alternative<Block>(in_order.next().value())) break;
  }
  for (const std::uint64_t wrong : {first_block + 8, std::uint64_t{1} << 40, std::uint64_t{8}}) {
    const auto lying = changed(good, FrameKind::index, [&](std::span<std::uint8_t> body) {
      for (std::size_t at = 0; at + 8 <= body.size(); at += 4) {
        if (load<std::uint64_t>(&body[at]) == first_block) {
          store(&body[at], wrong);
          return;
        }
      }
    });
    MemorySource source(lying);
    auto reader = Reader::open(source).value();
    const auto sought = reader.seek(0);
    ASSERT_FALSE(sought) << wrong;
    EXPECT_EQ(sought.error().rule, "INDEX-03") << sought.error().text();
    EXPECT_EQ(reader.next().error(), sought.error()) << "the same from then on";
  }
  const auto lying = changed(good, FrameKind::index, [&](std::span<std::uint8_t> body) {
    for (std::size_t at = 0; at + 24 <= body.size(); at += 4) {
      if (load<std::uint64_t>(&body[at]) != first_block) continue;
      store(&body[at + 16], std::uint64_t{0});
      store(&body[at + 24], load<std::uint32_t>(&body[at + 24]) + 1);  // event_count
      return;
    }
  });
  MemorySource source(lying);
  auto reader = Reader::open(source).value();
  ASSERT_TRUE(reader.seek(0));
  const auto item = reader.next();
  ASSERT_FALSE(item);
  EXPECT_EQ(item.error().rule, "INDEX-03") << item.error().text();
}

}  // namespace
}  // namespace crossing
