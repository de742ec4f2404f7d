// Traces that come in pieces, and blocks decoded by other threads: the items and the verdict of
// reading in order.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "io/bytes.h"
#include "read_ways.h"
#include "sample.h"

namespace crossing {
namespace {

using namespace crossing::testing;

/// Traces with every kind of frame, compressed and not.
std::vector<std::vector<std::uint8_t>> traces() {
  std::vector<std::vector<std::uint8_t>> all;
  for (const Codec codec : {Codec::none, Codec::zstd}) {
    MemorySink sink;
    auto writer =
        Writer::create(sink, sample_info(), {.codec = codec, .block_size = 700, .salt = 3}).value();
    for (const Definition& definition : sample_definitions()) must(writer.define(definition));
    const auto content = body_of(64);
    MemorySource source(content);
    writer.attach("component", source, content.size()).value();
    for (const OwnedEvent& event : sample_events(4, 260)) must(writer.append(event.view()));
    std::vector<std::uint8_t> count(8);
    store(count.data(), std::uint64_t{1000});
    must(writer.append({EventKind::gap, 0, 0, none, 1, count}));
    must(writer.append({EventKind::marker, 0, 0, 0, 0, {}}));
    must(writer.finish());
    all.push_back(sink.take());
  }
  return all;
}

std::string text_of(const Outcome& outcome) {
  return outcome.verdict.text() + ", " + std::to_string(outcome.given.items) + " items, " +
         std::to_string(outcome.given.events) + " events, hash " +
         std::to_string(outcome.given.hash);
}

/// In every way that there is; with threads, whose making takes longer than reading, now and then.
void expect_one_outcome(Bytes trace) {
  static std::minstd_rand random(1);
  const std::string expected = text_of(read_in_order(trace));
  EXPECT_EQ(text_of(read_pushed(trace, [] { return 1; })), expected);
  EXPECT_EQ(text_of(read_pushed(trace, [] { return 1 + random() % 200; })), expected);
  EXPECT_EQ(text_of(read_pushed(trace, [&] { return trace.size(); })), expected);
  if (random() % 8 == 0) {
    EXPECT_EQ(text_of(read_in_order(trace, {.threads = 2})), expected);
  }
}

TEST(PushReader, GivesTheSameOfEveryCutAndEveryChangedByte) {  // [VERDICT-01] [VERDICT-04]
  for (std::vector<std::uint8_t>& trace : traces()) {
    ASSERT_EQ(read_in_order(trace).verdict.verdict, Verdict::ok);
    for (std::size_t cut = 0; cut <= trace.size(); ++cut) {
      expect_one_outcome(Bytes(trace).first(cut));
      if (HasFailure()) FAIL() << "cut before " << cut;
    }
    for (std::uint8_t& byte : trace) {
      byte ^= 0x10;
      expect_one_outcome(trace);
      byte ^= 0x10;
      if (HasFailure()) FAIL() << "byte " << &byte - trace.data() << " changed";
    }
    trace.push_back(0);
    expect_one_outcome(trace);
  }
}

TEST(PushReader, GivesTheSameOfEveryVector) {
  const char* folder = std::getenv("CROSSING_VECTORS");
  if (folder == nullptr) GTEST_SKIP() << "CROSSING_VECTORS names no folder of traces";
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".xing") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<std::uint8_t> trace{std::istreambuf_iterator<char>(file), {}};
    expect_one_outcome(trace);
    if (HasFailure()) FAIL() << entry.path();
    ++count;
  }
  EXPECT_GT(count, 0u);
}

TEST(PushReader, TakesNoMoreThanOneItemNeeds) {
  const auto trace = traces()[0];
  PushReader reader;
  Bytes rest = trace;
  EXPECT_EQ(reader.info(), nullptr);
  EXPECT_TRUE(reader.definitions().types.empty());
  while (!rest.empty()) {
    const auto item = reader.push(rest);
    ASSERT_TRUE(item) << item.error().text();
    EXPECT_EQ(reader.offset(), trace.size() - rest.size());
    EXPECT_EQ(item->has_value(), !rest.empty());
    EXPECT_EQ(reader.ended(), rest.empty());
  }
  ASSERT_NE(reader.info(), nullptr);
  EXPECT_EQ(reader.info()->producer_name, "sample");
  EXPECT_EQ(reader.definitions().functions.size(), 3u);
  EXPECT_TRUE(reader.finish());
  // What comes after the end is a fault, and stays one.
  Bytes more(trace.data(), 1);
  EXPECT_EQ(reader.push(more).error().rule, "END-01");
  EXPECT_EQ(reader.finish().error().verdict, Verdict::corrupt);
}

TEST(PushReader, AllocatesByTheBytesThatCame) {  // [VERDICT-04]
  const auto trace = traces()[0];
  PushReader reader;
  Bytes start = Bytes(trace).first(preamble_size);
  ASSERT_TRUE(reader.push(start));
  const auto header =
      encode_header({.kind = 1, .stored_size = 1 << 24, .decoded_size = 1 << 24}, 3);
  Bytes bytes = header;
  ASSERT_TRUE(reader.push(bytes));
  const auto verdict = reader.finish();
  ASSERT_FALSE(verdict);
  EXPECT_EQ(
      verdict.error().text(),
      "truncated at offset 64: expected 16777216 bytes of body and padding at offset 64, found "
      "0 [FRAME-10]");
}

/// A source that gives what it has by read only, a little at a time.
class SlowSource final : public ByteSource {
 public:
  explicit SlowSource(Bytes bytes) : bytes_(bytes) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    const std::size_t count = std::min({into.size(), bytes_.size(), std::size_t{100}});
    std::copy_n(bytes_.begin(), count, into.begin());
    bytes_ = bytes_.subspan(count);
    return count;
  }

 private:
  Bytes bytes_;
};

TEST(Block, LivesAsLongAsSomebodyHoldsIt) {
  for (const auto& trace : traces()) {
    for (const unsigned threads : {0u, 2u}) {
      std::vector<Block> kept;
      Given at_once;
      {
        SlowSource source(trace);
        auto reader = Reader::open(source, {.threads = threads}).value();
        for (;;) {
          const Item item = reader.next().value();
          if (std::holds_alternative<std::monostate>(item)) break;
          const auto* block = std::get_if<Block>(&item);
          if (block == nullptr) continue;
          at_once.add(item);
          kept.push_back(*block);
        }
      }
      ASSERT_GE(kept.size(), 4u);
      // The reader and its source are gone; another thread looks at all of it and lets go.
      Given later;
      std::thread([&later, blocks = std::move(kept)] {
        for (const Block& block : blocks) later.add(Item(block));
      }).join();
      EXPECT_EQ(later, at_once);
    }
  }
}

TEST(Block, LeavesItsMemoryToTheNext) {
  const auto pool = std::make_shared<BufferPool>(1);
  auto first = pool->take();
  const std::uint8_t* place = first->grow(1000).data();
  auto second = pool->take();
  EXPECT_NE(second->grow(1000).data(), place) << "the first is still held";
  first.reset();
  first = pool->take();
  EXPECT_EQ(first->grow(1000).data(), place);
  const std::weak_ptr<BufferPool> gone = pool;
  EXPECT_EQ(gone.use_count(), 3) << "one of the test, one of each buffer";
}

/// Fails at one of its calls.
class FailingSource final : public ByteSource {
 public:
  FailingSource(Bytes bytes, int fails_at) : source_(bytes), left_(fails_at) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    if (left_-- == 0) {
      return tl::unexpected(
          Error{.verdict = Verdict::io, .message = "broken", .offset = {}, .event = {}});
    }
    return source_.read(into);
  }

 private:
  SlowSource source_;
  int left_;
};

TEST(Reader, GivesWhatStandsBeforeAFailureOfTheSource) {
  const auto trace = traces()[1];
  for (int call = 0;; ++call) {
    FailingSource in_order(trace, call);
    const Outcome expected = read_in_order(in_order);
    FailingSource ahead(trace, call);
    const Outcome found = read_in_order(ahead, {.threads = 2});
    ASSERT_EQ(text_of(found), text_of(expected)) << call;
    if (expected.verdict.verdict == Verdict::ok) break;
    ASSERT_EQ(expected.verdict.message, "broken");
  }
}

}  // namespace
}  // namespace crossing
