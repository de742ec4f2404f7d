#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "crossing/text.h"
#include "frame/frame.h"
#include "sample.h"

// The examples of spec/: blocks `hex NAME at=OFFSET` (0 where left out) are the parts of one trace,
// whose canonical JSON is the block `jsonl example`.

namespace crossing {
namespace {

struct Part {
  std::string where;
  std::size_t at = 0;
  std::vector<std::uint8_t> bytes;
};

struct Examples {
  std::vector<Part> parts;
  std::string json;
};

std::vector<std::uint8_t> hex_bytes(const std::string& text) {
  std::string digits;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line = line.substr(0, line.find('#'));
    std::copy_if(line.begin(), line.end(), std::back_inserter(digits),
                 [](char c) { return c != ' '; });
  }
  std::vector<std::uint8_t> bytes;
  EXPECT_EQ(digits.size() % 2, 0u);
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

Examples read_examples() {
  Examples examples;
  for (const auto& page :
       std::filesystem::directory_iterator(std::filesystem::path(CROSSING_SOURCE_DIR) / "spec")) {
    if (page.path().extension() != ".md") continue;
    std::ifstream file(page.path());
    int number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      const bool hex = line.starts_with("```hex");
      const bool json = line == "```jsonl example";
      if (!hex && !json) continue;
      const std::string where = page.path().filename().string() + ":" + std::to_string(number);
      std::string info = line;
      std::string text;
      while (std::getline(file, line) && line != "```") text += line + '\n', ++number;
      ++number;
      if (json) {
        EXPECT_TRUE(examples.json.empty()) << where;
        examples.json = text;
        continue;
      }
      const std::size_t at = info.find(" at=0x");
      const std::size_t offset =
          at == std::string::npos ? 0 : std::stoul(info.substr(at + 6), nullptr, 16);
      examples.parts.push_back({where, offset, hex_bytes(text)});
    }
  }
  std::sort(examples.parts.begin(), examples.parts.end(),
            [](const Part& a, const Part& b) { return a.at < b.at; });
  return examples;
}

TEST(SpecExamples, TogetherAreOneTrace) {  // [PRE-01] [FRAME-12] [JSON-01]
  const Examples examples = read_examples();
  ASSERT_GE(examples.parts.size(), 7u);
  std::vector<std::uint8_t> trace;
  for (const Part& part : examples.parts) {
    ASSERT_EQ(part.at, trace.size()) << part.where;
    trace.insert(trace.end(), part.bytes.begin(), part.bytes.end());
  }
  MemorySource source(trace);
  MemorySink json;
  const auto written = write_json(source, json);
  ASSERT_TRUE(written) << written.error().text();
  EXPECT_EQ(std::string(json.bytes().begin(), json.bytes().end()), examples.json);
}

TEST(SpecExamples, EachIsAPreambleOrAFrame) {  // [PRE-02] [FRAME-02] [FRAME-08]
  const Examples examples = read_examples();
  ASSERT_FALSE(examples.parts.empty());
  const auto preamble = decode_preamble(examples.parts[0].bytes);
  ASSERT_TRUE(preamble) << preamble.error().text();
  EXPECT_EQ(examples.parts[0].bytes.size(), preamble_size);
  for (std::size_t i = 1; i < examples.parts.size(); ++i) {
    const Part& part = examples.parts[i];
    ASSERT_GE(part.bytes.size(), header_size) << part.where;
    const auto header = decode_header(std::span(part.bytes).first<header_size>(), preamble->salt,
                                      part.at, static_cast<std::uint32_t>(i - 1));
    ASSERT_TRUE(header) << part.where << ": " << header.error().text();
    ASSERT_EQ(part.bytes.size(), header_size + header->padded_size()) << part.where;
    BodyDecoder decoder;
    const auto pool = std::make_shared<BufferPool>(1);
    const Frame frame{*header, part.at, Bytes(part.bytes).subspan(header_size), nullptr};
    const auto body = decoder.decode(frame, preamble->salt, *pool, true);
    EXPECT_TRUE(body) << part.where << ": " << body.error().text();
  }
}

TEST(SpecExamples, AreWhatTheWriterMakes) {
  const Examples examples = read_examples();
  MemorySource json(
      Bytes(reinterpret_cast<const std::uint8_t*>(examples.json.data()), examples.json.size()));
  MemorySink trace;
  const auto made = read_json(json, trace, {.codec = Codec::none});
  ASSERT_TRUE(made) << made.error().text();
  MemorySource source(trace.bytes());
  MemorySink again;
  ASSERT_TRUE(write_json(source, again));
  EXPECT_EQ(std::string(again.bytes().begin(), again.bytes().end()), examples.json);
}

}  // namespace
}  // namespace crossing
