// Canonical JSON, spec/json.md.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>

#include "crossing/text.h"
#include "sample.h"

namespace crossing {
namespace {

using testing::OwnedEvent;
using testing::sample_events;
using testing::write_trace;

Bytes bytes_of(std::string_view text) {
  return Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

struct Written {
  std::string json;
  Result<void> result;
};

Written to_json(Bytes trace) {
  MemorySource source(trace);
  MemorySink sink;
  auto result = write_json(source, sink);
  return {std::string(sink.bytes().begin(), sink.bytes().end()), result};
}

struct Built {
  std::vector<std::uint8_t> trace;
  Result<void> result;
};

Built from_json(std::string_view json, WriterOptions options = {.salt = 1}) {
  MemorySource source(bytes_of(json));
  MemorySink sink;
  auto result = read_json(source, sink, options);
  return {sink.take(), result};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(CanonicalJson, EscapesAsRfc8785) {  // [JSON-05]
  TraceInfo info;
  info.producer_name = std::string("\"\\\b\t\n\f\r\x01\x1f\x7f/é\U0001f600") + '\0';
  const std::string json = canonical_json(info);
  EXPECT_TRUE(
      json.starts_with("{\"producer_name\":\"\\\"\\\\\\b\\t\\n\\f\\r\\u0001\\u001f\x7f/é"
                       "\U0001f600\\u0000\",\"producer_version\":\"\","))
      << json;
}

TEST(CanonicalJson, WritesEveryMemberInSchemaOrder) {  // [JSON-02] [JSON-03] [JSON-04] [JSON-07]
  EXPECT_EQ(canonical_json(Memory{.id = 3, .instance = 4, .export_name = "m"}),
            R"({"id":3,"instance":4,"core_memory":0,"core_instance":0,"export_name":"m",)"
            R"("index_type":"i32","page_size_log2":16,"shared":false})");
  EXPECT_EQ(canonical_json(Type{.id = 1, .kind = TypeKind::bool_, .members = {{"x", 0}}}),
            R"({"id":1,"kind":"bool","name":"","members":[{"name":"x","type":0}],)"
            R"("element":4294967295,"key":4294967295,"length":0,"is_async":false})");
  EXPECT_EQ(canonical_json(Component{.digest = {0, 0xab}, .size = 1ULL << 60}),
            R"({"id":0,"name":"","digest_algorithm":"sha256","digest":"00ab",)"
            R"("size":"1152921504606846976","attachment":4294967295})");
  EXPECT_EQ(canonical_json(Instance{.path = {1, 2}, .bindings = {{"a", Side::guest, 0, "b"}}}),
            R"({"id":0,"component":0,"path":[1,2],"bindings":[{"name":"a","side":"guest",)"
            R"("instance":0,"export_name":"b"}]})");
  const std::string function = canonical_json(
      Function{.role = Role::post_return, .names = {{"", "f"}}, .core_params = {CoreType::v128}});
  EXPECT_NE(function.find(R"("role":"post_return")"), std::string::npos);
  EXPECT_NE(function.find(R"("names":[{"instance_name":"","function_name":"f"}])"),
            std::string::npos);
  EXPECT_NE(function.find(R"("core_params":["v128"],"core_results":[])"), std::string::npos);
}

TEST(CanonicalJson, WritesEvents) {  // [JSON-08]
  auto events = sample_events(1);
  events.push_back({static_cast<EventKind>(200), 0, 0, 7, 8, {9}});
  const Written written = to_json(write_trace(events));
  ASSERT_TRUE(written.result);
  const auto lines = lines_of(written.json);
  EXPECT_TRUE(lines.front().starts_with("{\"trace_info\":{\"producer_name\":\"sample\""));
  EXPECT_EQ(lines[lines.size() - 6],
            R"({"event":{"sequence":"7","kind":"lower","flags":["snapshot"],"time":"0",)"
            R"("subject":0,"detail":"8","payload":"01080f161d"}})");
  EXPECT_EQ(lines.back(), R"({"event":{"sequence":"12","kind":200,"flags":[],"time":"0",)"
                          R"("subject":7,"detail":"8","payload":"09"}})");
}

TEST(CanonicalJson, RoundTripsByteForByte) {  // [JSON-09]
  for (const std::size_t lower : {0U, 255U, 256U, 65536U, 65537U, 300000U}) {
    for (const std::size_t block : {1024U, 262144U}) {
      const auto trace = write_trace(sample_events(20, lower), {.block_size = block, .salt = 5});
      const Written once = to_json(trace);
      ASSERT_TRUE(once.result);
      const Built built = from_json(once.json, {.codec = Codec::none, .salt = 6});
      ASSERT_TRUE(built.result) << built.result.error().text();
      const Written twice = to_json(built.trace);
      ASSERT_TRUE(twice.result);
      EXPECT_EQ(once.json, twice.json);
    }
  }
}

TEST(CanonicalJson, RoundTripsTimesWideDetailsAndGaps) {
  std::vector<OwnedEvent> events = {
      {EventKind::lift, flag_hashed, 5, 0, 1ULL << 40, testing::body_of(16)},
      {EventKind::lift, flag_omitted, 1ULL << 50, 0, 3, {}},
      {EventKind::gap, 0, 1ULL << 50, none, 1, {7, 0, 0, 0, 0, 0, 0, 0}},
      {EventKind::marker, 0, 1ULL << 51, 0, 0, {}}};
  const Written once = to_json(write_trace(events, {.salt = 1}, Clock::per_event));
  ASSERT_TRUE(once.result) << once.result.error().text();
  EXPECT_NE(once.json.find(R"({"event":{"sequence":"9","kind":"marker")"), std::string::npos)
      << once.json;
  const Built built = from_json(once.json);
  ASSERT_TRUE(built.result) << built.result.error().text();
  EXPECT_EQ(to_json(built.trace).json, once.json);
}

TEST(CanonicalJson, RoundTripsAttachments) {
  for (const std::size_t size : {0U, 1U, 262144U, 262145U, 700000U}) {
    MemorySink sink;
    auto writer = Writer::create(sink, testing::sample_info(), {.salt = 3}).value();
    for (const auto& definition : testing::sample_definitions()) {
      ASSERT_TRUE(writer.define(definition));
    }
    const auto bytes = testing::body_of(size);
    for (int i = 0; i < 2; ++i) {
      MemorySource source(bytes);
      ASSERT_TRUE(writer.attach("app \"é\".wasm", source, size));
    }
    ASSERT_TRUE(writer.finish());
    const Written once = to_json(sink.bytes());
    ASSERT_TRUE(once.result);
    const Built built = from_json(once.json);
    ASSERT_TRUE(built.result) << built.result.error().text();
    EXPECT_EQ(to_json(built.trace).json, once.json);
  }
}

TEST(CanonicalJson, KeepsTheOrderOfTheStream) {  // [JSON-01]
  MemorySink sink;
  auto writer = Writer::create(sink, testing::sample_info(), {.salt = 3}).value();
  const auto definitions = testing::sample_definitions();
  std::uint32_t next_type = 2;
  const auto attach = [&] {
    MemorySource source({});
    ASSERT_TRUE(writer.attach("empty", source, 0));
  };
  attach();
  for (const auto& definition : definitions) ASSERT_TRUE(writer.define(definition));
  attach();
  for (const auto& event : sample_events(1)) {
    ASSERT_TRUE(writer.append(event.view()));
    ASSERT_TRUE(writer.flush());
    ASSERT_TRUE(writer.define(Type{.id = next_type++, .kind = TypeKind::u8}));
    if (next_type % 3 == 0) attach();
  }
  ASSERT_TRUE(writer.finish());
  const Written once = to_json(sink.bytes());
  ASSERT_TRUE(once.result);
  const Built built = from_json(once.json);
  ASSERT_TRUE(built.result) << built.result.error().text();
  EXPECT_EQ(to_json(built.trace).json, once.json);
}

TEST(CanonicalJson, StopsBeforeTheFaultWithWholeLines) {  // [TESTEE-05]
  const auto trace = write_trace(sample_events(30, 100000), {.block_size = 4096, .salt = 5});
  const std::string whole = to_json(trace).json;
  for (std::size_t cut = 0; cut < trace.size(); cut += 997) {
    const Written written = to_json(Bytes(trace).first(cut));
    ASSERT_FALSE(written.result);
    ASSERT_TRUE(whole.starts_with(written.json));
    ASSERT_TRUE(written.json.empty() || written.json.back() == '\n') << cut;
  }
}

TEST(CanonicalJson, SaysWhenTheSinkFails) {
  class Full final : public ByteSink {
   public:
    Result<void> write(Bytes) override {
      return tl::unexpected(
          Error{.verdict = Verdict::io, .message = "full", .offset = {}, .event = {}});
    }
  } full;
  const auto trace = write_trace(sample_events());
  MemorySource source(trace);
  const auto written = write_json(source, full);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, "full");
}

/// One fault each, and the sentence that names it [JSON-09].
struct Refusal {
  const char* name;
  std::function<std::string(std::string)> change;
  const char* message;
};

class CanonicalJsonRefuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(CanonicalJsonRefuses, Line) {
  const std::string json = to_json(write_trace(sample_events(1))).json;
  const Built built = from_json(GetParam().change(json));
  ASSERT_FALSE(built.result);
  EXPECT_EQ(built.result.error().text(), GetParam().message);
  // What was written is no complete trace.
  EXPECT_NE(testing::read_trace(built.trace).verdict.verdict, Verdict::ok);
}

const Refusal refusals[] = {
    {"Empty", [](const std::string&) { return std::string(); },
     "invalid: line 1: expected \"trace_info\" [JSON-02]"},
    {"EmptyLine", [](const std::string& json) { return "\n" + json; },
     "invalid: line 1: expected JSON, found something else at byte 1 [JSON-01]"},
    {"NotJson", [](const std::string& json) { return replaced(json, "{\"trace", "{trace"); },
     "invalid: line 1: expected JSON, found something else at byte 4 [JSON-01]"},
    {"NoLineEnd", [](const std::string& json) { return json.substr(0, json.size() - 1); },
     "truncated: line 21: expected a line end, found the end of the input [JSON-01]"},
    {"NoTraceInfo", [](const std::string& json) { return json.substr(json.find('\n') + 1); },
     "invalid: line 1: expected \"trace_info\" [JSON-02]"},
    {"SecondTraceInfo",
     [](const std::string& json) { return json.substr(0, json.find('\n') + 1) + json; },
     "invalid: line 2: expected no second \"trace_info\" [JSON-02]"},
    {"Array", [](const std::string& json) { return json + "[]\n"; },
     "invalid: line 22: expected an object with one member [JSON-02]"},
    {"TwoRecords",
     [](const std::string& json) { return replaced(json, "{\"type\":", "{\"x\":0,\"type\":"); },
     "invalid: line 2: expected an object with one member [JSON-02]"},
    {"UnknownRecord",
     [](const std::string& json) { return replaced(json, "{\"type\":", "{\"tipe\":"); },
     "invalid: line 2: expected the name of a record, found \"tipe\" [JSON-02]"},
    {"MissingMember",
     [](const std::string& json) { return replaced(json, "\"uuid\":", "\"uid\":"); },
     "invalid: line 1: expected member \"uuid\", found none [JSON-09]"},
    {"MissingNestedMember",
     [](const std::string& json) { return replaced(json, "\"nan\":\"unspecified\",", ""); },
     "invalid: line 1: member \"determinism\": expected member \"nan\", found none [JSON-09]"},
    {"UnknownMember",
     [](const std::string& json) { return replaced(json, "\"shared\":", "\"x\":1,\"shared\":"); },
     "invalid: line 6: expected a known member, found \"x\" [JSON-09]"},
    {"MemberTwice",
     [](const std::string& json) { return replaced(json, "\"size\":", "\"name\":\"\",\"size\":"); },
     "invalid: line 4: expected each member once, found \"name\" twice [JSON-09]"},
    {"NumberForString",
     [](const std::string& json) {
       return replaced(json, "\"producer_name\":\"sample\"", "\"producer_name\":7");
     },
     "invalid: line 1: member \"producer_name\": expected a string, found 7 [JSON-09]"},
    {"StringForNumber",
     [](const std::string& json) { return replaced(json, "\"id\":0", "\"id\":\"0\""); },
     "invalid: line 2: member \"id\": expected an integer from 0 to 4294967295, found \"0\" "
     "[JSON-09]"},
    {"FractionForNumber",
     [](const std::string& json) { return replaced(json, "\"id\":0", "\"id\":0.0"); },
     "invalid: line 2: member \"id\": expected an integer from 0 to 4294967295, found 0.0 "
     "[JSON-09]"},
    {"TooLarge",
     [](const std::string& json) {
       return replaced(json, "\"page_size_log2\":16", "\"page_size_log2\":256");
     },
     "invalid: line 6: member \"page_size_log2\": expected an integer from 0 to 255, found 256 "
     "[JSON-09]"},
    {"NumberFor64Bits",
     [](const std::string& json) {
       return replaced(json, "\"clock_unit\":\"0\"", "\"clock_unit\":0");
     },
     "invalid: line 1: member \"clock_unit\": expected a string of decimal digits, found 0 "
     "[JSON-09]"},
    {"LeadingZero",
     [](const std::string& json) {
       return replaced(json, "\"clock_unit\":\"0\"", "\"clock_unit\":\"00\"");
     },
     "invalid: line 1: member \"clock_unit\": expected a string of decimal digits, found \"00\" "
     "[JSON-09]"},
    {"Over64Bits",
     [](const std::string& json) {
       return replaced(json, "\"clock_unit\":\"0\"", "\"clock_unit\":\"18446744073709551616\"");
     },
     "invalid: line 1: member \"clock_unit\": expected a string of decimal digits, found "
     "\"18446744073709551616\" [JSON-09]"},
    {"UpperCaseHex", [](const std::string& json) { return replaced(json, "\"000102", "\"0001AB"); },
     "invalid: line 1: member \"uuid\": expected lower-case hexadecimal digits, found \"AB\" "
     "[JSON-09]"},
    {"OddHex", [](const std::string& json) { return replaced(json, "\"000102", "\"00102"); },
     "invalid: line 1: member \"uuid\": expected an even number of lower-case hexadecimal digits, "
     "found \"00102030405060708090a0b0c0d0e0f\" [JSON-09]"},
    {"UnknownEnumerator",
     [](const std::string& json) { return replaced(json, "\"abi\"", "\"api\""); },
     "invalid: line 1: member \"profile\": expected one of \"abi\", \"values\", found \"api\" "
     "[JSON-09]"},
    {"NestedInArray",
     [](const std::string& json) {
       return replaced(json, "\"name\":\"x\",\"type\":0", "\"name\":\"x\",\"type\":null");
     },
     "invalid: line 3: member \"members[0].type\": expected an integer from 0 to 4294967295, found "
     "null [JSON-09]"},
    {"NestedEnumerator",
     [](const std::string& json) {
       return replaced(json, "\"core_params\":[\"i32\"]", "\"core_params\":[\"i31\"]");
     },
     "invalid: line 7: member \"core_params[0]\": expected one of \"i32\", \"i64\", \"f32\", "
     "\"f64\", \"v128\", \"funcref\", \"externref\", found \"i31\" [JSON-09]"},
    {"UnknownKind",
     [](const std::string& json) {
       return replaced(json, "\"kind\":\"lower\"", "\"kind\":\"raise\"");
     },
     "invalid: line 17: member \"kind\": expected the name of an event kind, or the number of an "
     "unknown informative one, found \"raise\" [JSON-09]"},
    {"NumberOfKnownKind",
     [](const std::string& json) { return replaced(json, "\"kind\":\"marker\"", "\"kind\":128"); },
     "invalid: line 21: member \"kind\": expected the name of an event kind, or the number of an "
     "unknown informative one, found 128 [JSON-09]"},
    {"NumberOfUnknownCriticalKind",
     [](const std::string& json) { return replaced(json, "\"kind\":\"marker\"", "\"kind\":99"); },
     "invalid: line 21: member \"kind\": expected the name of an event kind, or the number of an "
     "unknown informative one, found 99 [JSON-09]"},
    {"FlagsOutOfOrder",
     [](const std::string& json) {
       return replaced(json, "[\"snapshot\"]", "[\"snapshot\",\"redacted\"]");
     },
     "invalid: line 17: member \"flags[1]\": expected one of \"redacted\", \"hashed\", "
     "\"omitted\" and \"snapshot\", in this order, found \"redacted\" [JSON-09]"},
    {"WrongSequence",
     [](const std::string& json) {
       return replaced(json, "\"sequence\":\"3\"", "\"sequence\":\"4\"");
     },
     "invalid: line 13: member \"sequence\": expected \"3\", found \"4\" [EVENT-01]"},
    {"AttachmentOutOfPlace",
     [](const std::string& json) {
       return json +
              "{\"attachment\":{\"id\":0,\"name\":\"\",\"offset\":\"1\",\"total_size\":\"1\","
              "\"bytes\":\"00\"}}\n";
     },
     "invalid: line 22: expected the next piece of the open attachment, with its name and size, "
     "found 1 [STREAM-06]"},
    {"AttachmentCut",
     [](const std::string& json) {
       return json +
              "{\"attachment\":{\"id\":0,\"name\":\"\",\"offset\":\"0\",\"total_size\":\"2\","
              "\"bytes\":\"00\"}}\n";
     },
     "invalid: line 22: expected a piece of 2 bytes, found 1 [STREAM-06]"},
    {"AttachmentId",
     [](const std::string& json) {
       return json +
              "{\"attachment\":{\"id\":1,\"name\":\"\",\"offset\":\"0\",\"total_size\":\"1\","
              "\"bytes\":\"00\"}}\n";
     },
     "invalid: line 22: expected the id of the next attachment, found 1 [STREAM-06]"},
};

INSTANTIATE_TEST_SUITE_P(Each, CanonicalJsonRefuses, ::testing::ValuesIn(refusals),
                         [](const auto& test) { return test.param.name; });

TEST(CanonicalJson, PassesOnWhatTheWriterRefuses) {
  const std::string json = to_json(write_trace(sample_events(1))).json;
  const Built built =
      from_json(replaced(json, "\"digest\":\"07070707", "\"digest\":\"070707"));  // [COMP-01]
  ASSERT_FALSE(built.result);
  EXPECT_EQ(built.result.error().verdict, Verdict::invalid);
  EXPECT_TRUE(built.result.error().message.starts_with("line 4: ")) << built.result.error().text();
}

TEST(CanonicalJson, RefusesWhatIsNotCanonical) {  // [JSON-09]
  const std::string json = to_json(write_trace(sample_events(1))).json;
  const std::string moved =
      replaced(replaced(json, "\"profile\":\"abi\",", ""), "{\"producer_name\"",
               "{\"profile\":\"abi\",\"producer_name\"");
  const std::string spaced = replaced(json, "\"profile\":", "\"profile\": ");
  for (const std::string& other : {moved, spaced}) {
    const Built built = from_json(other);
    ASSERT_FALSE(built.result);
    EXPECT_EQ(built.result.error().verdict, Verdict::invalid);
  }
}

}  // namespace
}  // namespace crossing
