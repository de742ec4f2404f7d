// What was found of traces, as lines and as documents.

#include "crossing/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace crossing {
namespace {

using Json = nlohmann::json;

/// With a finding of everything a finding can have, and names that no document takes as they are.
CheckedTrace sample() {
  CheckedTrace trace{.name = "some folder/a&b.xing", .report = {}};
  CheckReport& report = trace.report;
  report.layers = {Layer::order, Layer::abi};
  Function function{.id = 0, .role = Role::import_, .names = {{"wasi:io/streams", "<read>\x1b"}}};
  report.definitions.functions = {function};
  report.findings.push_back({.layer = Layer::order,
                             .rule = "ORDER-06",
                             .event = 4,
                             .kind = EventKind::lower,
                             .law = {},
                             .quirk = {},
                             .expected = "an open lowering",
                             .found = "nothing"});
  report.findings.push_back({.layer = Layer::abi,
                             .rule = "ABI-01",
                             .event = 17,
                             .kind = EventKind::realloc_call,
                             .function = 0,
                             .law = Law::lower,
                             .quirk = "string_exact_size",
                             .expected = "a block of 3 bytes",
                             .found = "\xff\x01<&\">"});
  report.omitted_findings = 3;
  report.undeclared_quirks = {"handles_per_type", "string_exact_size"};
  report.fault = Error{.verdict = Verdict::truncated,
                       .message = "expected an end frame, found the end",
                       .offset = 64,
                       .event = {},
                       .rule = {}};
  trace.without_component = "it is not attached";
  return trace;
}

TEST(Report, HasLinesForPeople) {
  EXPECT_EQ(
      check_lines(sample()),
      (std::vector<std::string>{
          "some folder/a&b.xing: invalid at event 4: lower: expected an open lowering, found "
          "nothing [ORDER-06]",
          "some folder/a&b.xing: invalid at event 17: realloc_call: expected a block of 3 "
          "bytes, found \\xff\\u{1}<&\"> [ABI-01] (in import wasi:io/streams#<read>\\u{1b}; "
          "judged by what some lowering writes; quirk string_exact_size)",
          "some folder/a&b.xing: 3 more",
          "some folder/a&b.xing: truncated at offset 64: expected an end frame, found the end",
          "some folder/a&b.xing: undeclared quirks: a trace declares them as "
          "\"quirks\":[\"handles_per_type\",\"string_exact_size\"] in its trace info"}));
  EXPECT_TRUE(check_lines({.name = "ok", .report = {}}).empty());
  const auto colored = check_lines(sample(), true);
  EXPECT_EQ(colored[0],
            "some folder/a&b.xing: \x1b[1;31minvalid\x1b[0m at event 4: lower: expected an open "
            "lowering, found nothing \x1b[2m[ORDER-06]\x1b[0m");
}

TEST(Report, HasJson) {
  const std::string text = check_json(sample());
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const Json json = Json::parse(text);
  EXPECT_EQ(json.at("trace"), "some folder/a&b.xing");
  EXPECT_EQ(json.at("verdict"), "invalid");
  EXPECT_EQ(json.at("complete"), false);
  EXPECT_EQ(json.at("layers"), Json({"order", "abi"}));
  EXPECT_EQ(json.at("without_component"), "it is not attached");
  EXPECT_EQ(json.at("omitted"), 3);
  EXPECT_EQ(json.at("undeclared_quirks"), Json({"handles_per_type", "string_exact_size"}));
  ASSERT_EQ(json.at("faults").size(), 3U);
  const Json& finding = json.at("faults").at(1);
  EXPECT_EQ(finding.at("layer"), "abi");
  EXPECT_EQ(finding.at("rule"), "ABI-01");
  EXPECT_EQ(finding.at("event"), 17);
  EXPECT_EQ(finding.at("function"), 0);
  EXPECT_EQ(finding.at("function_name"), "import wasi:io/streams#<read>\x1b");
  EXPECT_EQ(finding.at("law"), "lower");
  EXPECT_EQ(finding.at("quirk"), "string_exact_size");
  EXPECT_EQ(finding.at("expected"), "a block of 3 bytes");
  EXPECT_EQ(json.at("faults").at(0).at("function"), nullptr);
  EXPECT_EQ(json.at("faults").at(0).at("law"), nullptr);
  const Json& fault = json.at("faults").at(2);
  EXPECT_EQ(fault.at("layer"), "container");
  EXPECT_EQ(fault.at("rule"), nullptr);
  EXPECT_EQ(fault.at("offset"), 64);
  EXPECT_EQ(fault.at("expected"), nullptr);
}

/// What the schema of SARIF 2.1.0 asks for of the members that are there.
TEST(Report, HasSarif) {
  CheckedTrace unread{.name = "/gone", .report = {}};
  unread.report.fault =
      Error{.verdict = Verdict::io, .message = "/gone: cannot open", .offset = {}, .event = {}};
  CheckedTrace piped = sample();
  piped.name = "-";
  CheckedTrace absolute = sample();
  absolute.name = "/tmp/caf\xc3\xa9:1.xing";
  const CheckedTrace traces[] = {sample(), unread, piped, absolute};
  const Json log = Json::parse(check_sarif(traces, "0.1.0"));
  EXPECT_EQ(log.at("version"), "2.1.0");
  EXPECT_TRUE(log.at("$schema").get<std::string>().ends_with("/sarif-schema-2.1.0.json"));
  ASSERT_EQ(log.at("runs").size(), 1U);
  const Json& run = log.at("runs").at(0);
  const Json& driver = run.at("tool").at("driver");
  EXPECT_EQ(driver.at("name"), "crossing");
  EXPECT_EQ(driver.at("version"), "0.1.0");
  std::set<std::string> rules;
  for (const Json& rule : driver.at("rules")) {
    EXPECT_TRUE(rules.insert(rule.at("id")).second) << rule;
    EXPECT_FALSE(rule.at("shortDescription").at("text").get<std::string>().empty());
  }
  for (const CheckRule& rule : check_rules()) EXPECT_TRUE(rules.contains(std::string(rule.id)));

  ASSERT_EQ(run.at("results").size(), 9U);
  for (const Json& result : run.at("results")) {
    EXPECT_TRUE(rules.contains(result.at("ruleId")));
    EXPECT_EQ(result.at("level"), "error");
    EXPECT_TRUE(result.at("message").at("text").is_string());
    ASSERT_EQ(result.at("locations").size(), 1U);
    EXPECT_TRUE(result.at("locations")[0].at("physicalLocation").contains("artifactLocation"));
  }
  const auto uri = [&](std::size_t result) {
    const Json& artifact =
        run.at("results")[result].at("locations")[0].at("physicalLocation").at("artifactLocation");
    return artifact.value("uri", "");
  };
  EXPECT_EQ(uri(0), "some%20folder/a%26b.xing");
  EXPECT_EQ(uri(3), "");
  EXPECT_EQ(uri(6), "file:///tmp/caf%C3%A9%3A1.xing");
  const Json& finding = run.at("results")[1];
  EXPECT_EQ(finding.at("ruleId"), "ABI-01");
  EXPECT_EQ(finding.at("properties").at("event"), 17);
  EXPECT_EQ(finding.at("properties").at("law"), "lower");
  EXPECT_EQ(finding.at("locations")[0].at("logicalLocations")[0].at("kind"), "function");
  const Json& fault = run.at("results")[2];
  EXPECT_EQ(fault.at("ruleId"), "VERDICT-01");
  EXPECT_EQ(fault.at("locations")[0].at("physicalLocation").at("region").at("byteOffset"), 64);

  ASSERT_EQ(run.at("invocations").size(), 1U);
  const Json& invocation = run.at("invocations")[0];
  EXPECT_EQ(invocation.at("executionSuccessful"), false);
  EXPECT_EQ(invocation.at("toolExecutionNotifications").size(), 7U);
  EXPECT_EQ(invocation.at("toolExecutionNotifications")[2].at("message").at("text"),
            "/gone: cannot open");
}

TEST(Report, HasJunit) {
  EXPECT_EQ(
      check_junit(std::vector{sample()}),
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"crossing check\" tests=\"4\" failures=\"3\" errors=\"0\" skipped=\"1\">\n"
      "  <testsuite name=\"some folder/a&amp;b.xing\" tests=\"4\" failures=\"3\" errors=\"0\" "
      "skipped=\"1\">\n"
      "    <testcase classname=\"some folder/a&amp;b.xing\" name=\"container\">\n"
      "      <failure message=\"expected an end frame, found the end\" type=\"truncated\">"
      "truncated at offset 64: expected an end frame, found the end\n"
      "</failure>\n"
      "    </testcase>\n"
      "    <testcase classname=\"some folder/a&amp;b.xing\" name=\"order\">\n"
      "      <failure message=\"lower: expected an open lowering, found nothing\" "
      "type=\"ORDER-06\">invalid at event 4: lower: expected an open lowering, found nothing "
      "[ORDER-06]\n"
      "</failure>\n"
      "    </testcase>\n"
      "    <testcase classname=\"some folder/a&amp;b.xing\" name=\"abi\">\n"
      "      <failure message=\"realloc_call: expected a block of 3 bytes, found "
      "\\xff\\u{1}&lt;&amp;&quot;&gt;\" type=\"ABI-01\">invalid at event 17: realloc_call: "
      "expected a "
      "block of 3 bytes, found \\xff\\u{1}&lt;&amp;&quot;&gt; [ABI-01] (in import "
      "wasi:io/streams#&lt;read&gt;\\u{1b}; judged by what some lowering writes; quirk "
      "string_exact_size)\n"
      "</failure>\n"
      "    </testcase>\n"
      "    <testcase classname=\"some folder/a&amp;b.xing\" name=\"component\">\n"
      "      <skipped message=\"it is not attached\"/>\n"
      "    </testcase>\n"
      "  </testsuite>\n"
      "</testsuites>\n");
}

TEST(Report, KnowsTheRulesOfTheSpecification) {
  EXPECT_EQ(rule_sentence("VERDICT-02"), "A changed byte of a stored trace MUST never give `ok`.");
  EXPECT_EQ(rule_sentence("TYPE-02"), "A type MUST refer only to types of smaller id.");
  EXPECT_EQ(rule_sentence("NONE-01"), "");
  for (const CheckRule& rule : check_rules()) EXPECT_NE(rule_sentence(rule.id), "") << rule.id;
}

}  // namespace
}  // namespace crossing
