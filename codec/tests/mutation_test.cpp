#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <sstream>

#include "read_ways.h"

// Every cut and every changed byte of every valid trace in the folder CROSSING_MUTATION, as
// conformance/runner/mutation-inputs.mjs makes it: NAME.xing, and NAME.expected with a line `offset
// cut-verdict change-verdict place` for each position that is to be tried, computed from the tables
// of the specification. `place` is the offset of the frame that the byte is in.

namespace crossing {
namespace {

using namespace crossing::testing;

struct Position {
  std::size_t at = 0;
  std::string cut;
  std::string changed;
  std::size_t frame = 0;
};

/// Reads in order, and in the other ways too, which have to give the same.
Outcome read(Bytes bytes, std::map<std::size_t, Given>* marks = nullptr) {
  static std::minstd_rand random(1);
  const Outcome outcome = read_in_order(bytes, {}, marks);
  if (random() % 8 == 0) {  // making a thread takes longer than reading
    EXPECT_EQ(read_in_order(bytes, {.threads = 1}), outcome) << outcome.verdict.text();
  }
  EXPECT_EQ(read_pushed(bytes, [] { return 1 + random() % 4096; }), outcome)
      << outcome.verdict.text();
  return outcome;
}

std::string_view name_of(const Outcome& outcome) { return verdict_name(outcome.verdict.verdict); }

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
    ASSERT_EQ(name_of(read(bytes, &marks)), "ok") << name;
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
      ASSERT_EQ(name_of(cut), p.cut)
          << name << " cut before " << p.at << ": " << cut.verdict.text();
      ASSERT_EQ(cut.given, given_at(p.at))
          << name << " cut before " << p.at << ": not every whole frame was read";
      const std::uint8_t original = bytes[p.at];
      for (const std::uint8_t value :
           {std::uint8_t(original ^ 1), std::uint8_t(0), std::uint8_t(0xff)}) {
        if (value == original) continue;
        bytes[p.at] = value;
        const Outcome changed = read(bytes);
        ++reads;
        ASSERT_EQ(name_of(changed), p.changed)
            << name << " with byte " << p.at << " " << int{value} << ", was " << int{original}
            << ": " << changed.verdict.text();
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
