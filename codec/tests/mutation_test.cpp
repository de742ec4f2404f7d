#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <sstream>

#include "sample.h"

// Every cut and every changed byte of every valid trace in the folder CROSSING_MUTATION, as
// conformance/runner/mutation-inputs.mjs makes it: NAME.xing, and NAME.expected with a line `offset
// cut-verdict change-verdict place` for each position that is to be tried, computed from the tables
// of the specification. `place` is the offset of the frame that the byte is in.

namespace crossing {
namespace {

struct Position {
  std::size_t at = 0;
  std::string cut;
  std::string changed;
  std::size_t frame = 0;
};

/// How much a reader gave: frames are whole or not there.
struct Given {
  std::size_t items = 0;
  std::uint64_t events = 0;
  bool operator==(const Given&) const = default;
};

struct Outcome {
  std::string verdict = "ok";
  std::string text;
  Given given;
};

/// `marks`, if given: what was given when the reader had come to an offset.
Outcome read(Bytes bytes, std::map<std::size_t, Given>* marks = nullptr) {
  Outcome outcome;
  const auto ends = [&](const Error& error) {
    outcome.verdict = verdict_name(error.verdict);
    outcome.text = error.text();
    return outcome;
  };
  MemorySource source(bytes);
  auto reader = Reader::open(source);
  if (!reader) return ends(reader.error());
  ++outcome.given.items;
  for (;;) {
    if (marks != nullptr)
      marks->insert_or_assign(static_cast<std::size_t>(reader->offset()), outcome.given);
    auto item = reader->next();
    if (!item) return ends(item.error());
    if (std::holds_alternative<std::monostate>(*item)) return outcome;
    ++outcome.given.items;
    if (const auto* block = std::get_if<Block>(&*item)) {
      for (const EventView& event : *block) outcome.given.events += event.last ? 1 : 0;
    }
  }
}

std::vector<std::uint8_t> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(Mutation, EveryCutAndEveryChangedByteHasTheVerdictOfTheTables) {  // [VERDICT-01] [VERDICT-02]
                                                                       // [VERDICT-04] [REC-01]
  const char* folder = std::getenv("CROSSING_MUTATION");
  if (folder == nullptr) GTEST_SKIP() << "CROSSING_MUTATION names no folder of traces";
  std::size_t traces = 0;
  std::size_t positions = 0;
  std::size_t reads = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".xing") continue;
    const std::string name = entry.path().filename().string();
    std::vector<std::uint8_t> bytes = read_file(entry.path());
    std::map<std::size_t, Given> marks;
    ASSERT_EQ(read(bytes, &marks).verdict, "ok") << name;
    const auto given_at = [&](std::size_t offset) {
      const auto after = marks.upper_bound(offset);
      return after == marks.begin() ? Given{} : std::prev(after)->second;
    };
    ++traces;
    std::ifstream expected(std::filesystem::path(entry.path()).replace_extension(".expected"));
    ASSERT_TRUE(expected) << name;
    for (Position p; expected >> p.at >> p.cut >> p.changed >> p.frame;) {
      ++positions;
      const Outcome cut = read(Bytes(bytes).first(p.at));
      ++reads;
      ASSERT_EQ(cut.verdict, p.cut) << name << " cut before " << p.at << ": " << cut.text;
      ASSERT_EQ(cut.given, given_at(p.at))
          << name << " cut before " << p.at << ": not every whole frame was read";
      const std::uint8_t original = bytes[p.at];
      for (const std::uint8_t value :
           {std::uint8_t(original ^ 1), std::uint8_t(0), std::uint8_t(0xff)}) {
        if (value == original) continue;
        bytes[p.at] = value;
        const Outcome changed = read(bytes);
        ++reads;
        ASSERT_EQ(changed.verdict, p.changed) << name << " with byte " << p.at << " " << int{value}
                                              << ", was " << int{original} << ": " << changed.text;
        ASSERT_EQ(changed.given, given_at(p.frame))
            << name << " with byte " << p.at << " changed: not every whole frame was read";
      }
      bytes[p.at] = original;
    }
  }
  ASSERT_GT(positions, 0u);
  std::cout << traces << " traces, " << positions << " positions, " << reads
            << " damaged traces read\n";
}

}  // namespace
}  // namespace crossing
