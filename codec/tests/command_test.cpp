// The `crossing` command, run as a process: what it prints, its exit codes, and bad input.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "crossing/replay.h"
#include "recording.h"
#include "sample.h"

namespace crossing {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

class Command : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "crossing-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    events_ = testing::sample_events(20);
    const auto good = testing::write_trace(events_);
    put("good.xing", good);
    put("cut.xing", Bytes(good).first(good.size() - 40));
    auto corrupt = good;
    corrupt[good.size() / 2] ^= 1;
    put("corrupt.xing", corrupt);
    auto disorder = events_;
    disorder.insert(disorder.begin() + 4, {EventKind::lower, 0, 0, 0, 8, {1}});
    put("disorder.xing", testing::write_trace(disorder));
    put("empty", {});
    put("text", as_bytes("this is not a trace, nor a component\n"));
    put("module.wasm", as_bytes(std::string("\0asm\1\0\0\0", 8)));
    put("app.wasm", as_bytes(std::string("\0asm\x0d\0\1\0", 8)));
    fs::create_directory(directory_ / "folder");
  }
  void TearDown() override { fs::remove_all(directory_); }

  static Bytes as_bytes(std::string_view text) {
    return Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  }
  void put(const std::string& name, Bytes bytes) {
    std::ofstream file(directory_ / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  [[nodiscard]] std::string get(const std::string& name) const {
    std::ifstream file(directory_ / name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  [[nodiscard]] bool exists(const std::string& name) const { return fs::exists(directory_ / name); }

  /// Runs a line of shell in the test's directory; `crossing` is the command.
  Outcome shell(const std::string& line) {
    const std::string path = std::string(CROSSING_BINARY_DIR) +
                             "/codec/tools:" + directory_.string() + ":" + std::getenv("PATH");
    const std::string script = "cd '" + directory_.string() + "' && export TMPDIR=. PATH='" + path +
                               "' && exec >.out 2>.err && " + line;
    const int status = std::system(("bash -c \"" + script + "\"").c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, get(".out"), get(".err")};
  }
  Outcome run(const std::string& arguments) { return shell("crossing " + arguments); }

  /// Expects failure with one sentence and no file left behind.
  void refused(const std::string& arguments, int code, const std::string& sentence) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, code) << arguments << "\n" << outcome.err;
    EXPECT_TRUE(outcome.err.starts_with("crossing: " + sentence)) << arguments << "\n"
                                                                  << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_FALSE(exists("out.xing")) << arguments;
    for (const auto& entry : fs::directory_iterator(directory_)) {
      const std::string name = entry.path().filename().string();
      EXPECT_FALSE(name.starts_with("out.xing.")) << arguments;
      EXPECT_TRUE(!name.starts_with("crossing-") || name == "crossing-engine-fake") << arguments;
    }
  }

  void put_engine(const std::string& script) {
    put("crossing-engine-fake", as_bytes("#!/bin/sh\n" + script));
    fs::permissions(directory_ / "crossing-engine-fake", fs::perms::owner_all);
  }

  /// A trace without events and definitions.
  static std::vector<std::uint8_t> empty_trace(const TraceInfo& info) {
    MemorySink sink;
    testing::must(Writer::create(sink, info, {.salt = 1}).value().finish());
    return sink.take();
  }

  /// The trace of app.wasm that is in it; not `good`: with something else in its place.
  std::vector<std::uint8_t> attached_trace(bool good) {
    const std::string digest =
        nlohmann::json::parse(run("describe --plan app.wasm").out).at("component").at("digest");
    std::string binary = get("app.wasm");
    Component component{.name = "app", .size = binary.size(), .attachment = 0};
    for (std::size_t i = 0; i < 64; i += 2) {
      component.digest.push_back(
          static_cast<std::uint8_t>(std::stoi(digest.substr(i, 2), nullptr, 16)));
    }
    if (!good) binary[7] = 1;
    MemorySink sink;
    auto writer = Writer::create(sink, testing::sample_info(), {.salt = 1}).value();
    testing::must(writer.define(component));
    MemorySource source(as_bytes(binary));
    EXPECT_TRUE(writer.attach("app.wasm", source, binary.size()));
    testing::must(writer.finish());
    return sink.take();
  }

  fs::path directory_;
  std::vector<testing::OwnedEvent> events_;
};

TEST_F(Command, SaysItsVersionAndHelp) {
  const Outcome version = run("--version");
  EXPECT_EQ(version.code, 0);
  EXPECT_NE(version.out.find("trace format 0.1"), std::string::npos);
  for (const char* command : {"record", "replay", "describe", "info", "dump", "follow", "check",
                              "diff", "recover", "verify", "encode", "convert"}) {
    const Outcome help = run(std::string(command) + " --help");
    EXPECT_EQ(help.code, 0);
    EXPECT_NE(help.out.find("Examples:"), std::string::npos) << command;
    EXPECT_EQ(help.err, "");
  }
}

/// What --help tells of is also in the manual and in each shell's completion.
TEST_F(Command, IsDocumentedAndCompletedAsItsHelpSays) {
  const std::string source = CROSSING_SOURCE_DIR;
  const auto text_of = [&](const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(source + "/codec/" + name).rdbuf();
    EXPECT_FALSE(text.str().empty()) << name;
    return text.str();
  };
  std::string manual = text_of("man/crossing.1");
  manual.erase(std::remove(manual.begin(), manual.end(), '\\'), manual.end());
  const std::string bash = text_of("tools/completion/crossing.bash");
  const std::string zsh = text_of("tools/completion/_crossing");
  const std::string fish = text_of("tools/completion/crossing.fish");
  const std::string commands = run("--help").out;
  for (const char* command : {"record", "replay", "describe", "info", "dump", "follow", "check",
                              "diff", "recover", "verify", "encode", "convert"}) {
    EXPECT_NE(commands.find(command), std::string::npos);
    EXPECT_NE(bash.find(command), std::string::npos);
    EXPECT_NE(zsh.find(std::string("'") + command + ":"), std::string::npos);
    EXPECT_NE(fish.find(std::string("-a ") + command + " "), std::string::npos);
    std::string help = run(std::string(command) + " --help").out;
    help.resize(help.find("Examples:"));
    for (std::size_t at = help.find("--"); at != std::string::npos; at = help.find("--", at)) {
      at += 2;
      const std::size_t end = help.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at);
      const std::string name = help.substr(at, end - at);
      if (name.empty() || name == "help") continue;
      EXPECT_NE(manual.find("--" + name), std::string::npos) << command << " " << name;
      EXPECT_NE(bash.find("--" + name), std::string::npos) << command << " " << name;
      EXPECT_TRUE(zsh.find("--" + name) != std::string::npos) << command << " " << name;
      EXPECT_NE(fish.find("-l " + name), std::string::npos) << command << " " << name;
    }
  }
}

TEST_F(Command, RefusesWrongUsage) {
  refused("", 2, "A subcommand is required");
  refused("dance", 2, "unknown command 'dance' (see crossing --help)");
  refused("chekc good.xing", 2, "unknown command 'chekc': did you mean 'check'?");
  refused("xyz", 2, "unknown command 'xyz' (see");
  refused("info", 2, "TRACE is required (see crossing info --help)");
  refused("dump --nonsense good.xing", 2, "");
  refused("dump --json --full good.xing", 2, "");
  refused("dump --from x good.xing", 2, "");
  refused("dump --from 9 --to 3 good.xing", 2,
          "expected --from no greater than --to, found 9 and 3");
  EXPECT_EQ(run("dump --from 3 --to 3 good.xing").code, 0);
  refused("check", 2, "TRACE is required");
  refused("check --layer nothing good.xing", 2,
          "--layer: nothing not in {order,types,abi,component}");
  refused("check --format xml good.xing", 2, "--format: xml not in {people,json,sarif,junit}");
  refused("check --json --format json good.xing", 2, "");
  refused("recover good.xing", 2, "--out is required");
}

TEST_F(Command, JudgesBadTraces) {
  const std::pair<const char*, std::pair<int, const char*>> inputs[] = {
      {"missing", {2, "missing: cannot open: No such file or directory"}},
      {"folder", {2, "folder: cannot read: Is a directory"}},
      {"empty", {3, "empty: not-a-trace at offset 0: "}},
      {"text", {3, "text: not-a-trace at offset 0: "}},
      {"app.wasm", {3, "app.wasm: not-a-trace at offset 0: "}},
  };
  for (const auto& [input, expected] : inputs) {
    const auto& [code, sentence] = expected;
    const std::string name = input;
    for (const std::string command :
         {"info ", "info --json ", "dump ", "dump --json ", "check ", "decode "}) {
      refused(command + name, code, sentence);
    }
    refused("verify " + name + " app.wasm", code, sentence);
    refused("replay " + name + " app.wasm", code, sentence);
    refused("recover " + name + " -o out.xing", code == 2 ? 2 : 1, sentence);
  }
  for (const std::string command : {"info ", "dump ", "dump --json ", "check "}) {
    refused(command + "cut.xing", 4, "cut.xing: truncated at offset ");
    refused(command + "corrupt.xing", 5, "corrupt.xing: corrupt at offset ");
  }
  refused("dump - < cut.xing", 4, "standard input: truncated at offset ");
  refused("check disorder.xing", 8,
          "disorder.xing: invalid at event 4: lower: expected an open "
          "lowering, found export_call of function 1 (event 2) "
          "[ORDER-06]");
}

TEST_F(Command, FollowsATraceThatGrows) {
  // Written in three pieces; what is whole is printed before the next piece comes.
  const auto whole = testing::write_trace(events_, {.block_size = 256, .salt = 1});
  const std::size_t cut = whole.size() / 2;
  put("good.xing", whole);
  put("growing", Bytes(whole).first(cut));
  put("middle", Bytes(whole).subspan(cut, 300));
  put("end", Bytes(whole).subspan(cut + 300));
  put("pieces",
      as_bytes("crossing follow --json growing > lines & follower=$!\n"
               "for i in $(seq 200); do grep -q import_call lines && break; sleep 0.05; done\n"
               "grep -q import_call lines || exit 99\n"
               "cat middle >> growing; sleep 0.1; cat end >> growing\n"
               "wait $follower\n"));
  const Outcome followed = shell("bash ./pieces && crossing dump --json good.xing | cmp - lines");
  EXPECT_EQ(followed.code, 0) << followed.err << followed.out;

  const std::string dumped = run("dump good.xing").out;
  EXPECT_EQ(run("follow good.xing").out, dumped);
  EXPECT_EQ(shell("cat good.xing | crossing follow -").out, dumped);
}

TEST_F(Command, EndsFollowingWithTheVerdictOfWhatCame) {
  const Outcome late = run("follow --timeout 0.2 cut.xing");
  EXPECT_EQ(late.code, 4);
  EXPECT_TRUE(late.err.starts_with("crossing: cut.xing: truncated at offset ")) << late.err;
  EXPECT_EQ(late.out, run("dump cut.xing").out);
  refused("follow - < text", 3, "standard input: not-a-trace at offset 0: ");
  refused("follow - < /dev/null", 3, "standard input: not-a-trace at offset 0: ");
  refused("follow corrupt.xing", 5, "corrupt.xing: corrupt at offset ");
  refused("follow missing", 2, "missing: cannot open: No such file or directory");
  refused("follow folder", 2, "folder: cannot read: Is a directory");
  put("interrupt", as_bytes("crossing follow cut.xing & follower=$!\n"
                            "sleep 0.3; kill -INT $follower; wait $follower\n"));
  const Outcome stopped = shell("bash ./interrupt");
  EXPECT_EQ(stopped.code, 130) << stopped.err;
  EXPECT_EQ(stopped.out, run("dump cut.xing").out);
}

TEST_F(Command, JudgesBadComponents) {
  for (const std::string command : {"describe ", "describe --plan ", "record -o out.xing ",
                                    "replay --allow-changed good.xing "}) {
    refused(command + "missing", 2, "missing: cannot open: No such file or directory");
    refused(command + "folder", 2, "folder: cannot read: Is a directory");
    refused(command + "empty", 4, "empty: truncated");
    refused(command + "text", 8, "text: invalid");
    refused(command + "module.wasm", 8, "module.wasm: invalid");
    refused(command + "good.xing", 8, "good.xing: invalid");
  }
  refused("verify good.xing missing", 2, "missing: cannot open: No such file or directory");
  refused("verify good.xing app.wasm", 9,
          "app.wasm: diverged: expected the recorded component, sha256 0707");
  refused("replay good.xing app.wasm", 2, "app.wasm: expected the recorded component, sha256 0707");
  refused("replay good.xing", 2, "good.xing: expected the component as second argument");
}

TEST_F(Command, WritesNothingOver) {
  put("kept.xing", as_bytes("precious"));
  ASSERT_EQ(shell("crossing dump --json good.xing > good.jsonl").code, 0);
  put_engine("exit 0");
  for (const std::string command :
       {"recover cut.xing -o kept.xing", "encode good.jsonl -o kept.xing",
        "convert --profile values good.xing -o kept.xing",
        "record --engine fake -o kept.xing app.wasm"}) {
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.code, 2) << command;
    EXPECT_EQ(outcome.err, "crossing: kept.xing: exists already, and --force was not given\n");
    EXPECT_EQ(get("kept.xing"), "precious");
  }
  // A failure leaves what was there, even with --force.
  EXPECT_EQ(run("recover --force text -o kept.xing").code, 1);
  EXPECT_EQ(run("encode --force text -o kept.xing").code, 8);
  EXPECT_EQ(get("kept.xing"), "precious");
  EXPECT_EQ(run("encode --force good.jsonl -o kept.xing").code, 0);
  EXPECT_EQ(run("check kept.xing").code, 0);
  struct stat status {};
  ASSERT_EQ(::stat((directory_ / "kept.xing").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);  // [SEC-03]
}

TEST_F(Command, SaysWhenItCannotWrite) {
  ASSERT_EQ(shell("crossing dump --json good.xing > good.jsonl").code, 0);
  for (const std::string command :
       {"info good.xing", "dump good.xing", "dump --json good.xing", "check good.xing",
        "check --json good.xing", "describe app.wasm", "--help", "--version",
        "recover cut.xing -o -", "encode good.jsonl -o -"}) {
    const Outcome outcome = run(command + " > /dev/full");
    EXPECT_EQ(outcome.code, 2) << command;
    EXPECT_EQ(outcome.err, "crossing: standard output: cannot write: No space left on device\n")
        << command;
  }
  for (const std::string command : {"recover cut.xing -o ", "encode good.jsonl -o "}) {
    refused(command + "/dev/full", 2, "/dev/full: cannot write: No space left on device");
    refused(command + "folder", 2, "folder: cannot write: Is a directory");
    refused(command + "missing/out.xing", 2,
            "missing/out.xing: cannot create: No such file or directory");
    refused(command + "/proc/out.xing", 2, "/proc/out.xing: cannot create: ");
  }
}

TEST_F(Command, EndsQuietlyOnAClosedPipe) {
  std::vector<testing::OwnedEvent> many = testing::sample_events(20000);
  put("many.xing", testing::write_trace(many));
  for (const std::string command : {"dump many.xing", "dump --json many.xing"}) {
    const Outcome outcome =
        shell("crossing " + command + " | head -n 1 > /dev/null; exit \\${PIPESTATUS[0]}");
    EXPECT_EQ(outcome.code, 2) << command;
    EXPECT_EQ(outcome.err, "") << command;
  }
}

TEST_F(Command, TakesStandardInputAndOutput) {
  const Outcome json = shell("crossing dump --json - < good.xing");
  EXPECT_EQ(json.code, 0);
  EXPECT_EQ(json.out, run("dump --json good.xing").out);
  const Outcome again = shell(
      "crossing dump --json good.xing | crossing encode - -o - | crossing recover - -o - | "
      "crossing dump --json -");
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.out, json.out);
}

TEST_F(Command, InformsInJson) {
  const Outcome outcome = run("info --json good.xing");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json.at("state"), "complete");
  EXPECT_EQ(json.at("events"), events_.size());
  EXPECT_EQ(json.at("kinds").at("lower"), 20);
  EXPECT_EQ(json.at("trace_info").at("producer_name"), "sample");
  EXPECT_EQ(json.at("components").at(0).at("size"), "8");
  EXPECT_EQ(json.at("bytes"), fs::file_size(directory_ / "good.xing"));
  EXPECT_EQ(nlohmann::json::parse(run("info --json cut.xing").out).at("state"), "interrupted");
  EXPECT_EQ(json.at("replay_refusal"), nullptr);
  const Outcome text = run("info good.xing");
  EXPECT_NE(text.out.find("profile      abi, replayable, core-complete\n"), std::string::npos);
  EXPECT_NE(text.out.find("component    sample, 8 bytes\n             sha256 0707"),
            std::string::npos)
      << text.out;
}

/// `info` says that a trace cannot be replayed where `replay` says so, in the same words.
TEST_F(Command, InformsWhatReplayRefuses) {  // [REPLAY-04]
  const auto profile = [&](const std::string& trace) {
    const std::string out = run("info " + trace).out;
    const std::size_t at = out.find("profile      ") + 13;
    return out.substr(at, out.find('\n', at) - at);
  };
  TraceInfo converted = testing::sample_info();
  converted.profile = Profile::values;
  converted.core_complete = false;
  put("values.xing", empty_trace(converted));
  EXPECT_EQ(profile("values.xing"),
            "values, not replayable: the trace has the profile values; this replayer follows abi");
  EXPECT_EQ(*replay_refusal(converted),
            "the trace has the profile values; this replayer follows abi");
  auto with_gap = testing::sample_events(0);
  with_gap.push_back({EventKind::gap, 0, 0, none, 3, std::vector<std::uint8_t>(8)});
  put("gap.xing", testing::write_trace(with_gap));
  EXPECT_EQ(
      profile("gap.xing"),
      "abi, core-complete, not replayable: the trace has a gap: it can be replayed up to there");
  put("nothing.xing", empty_trace(testing::sample_info()));
  EXPECT_EQ(profile("nothing.xing"), "abi, core-complete, not replayable: the trace has no events");
  const auto json = nlohmann::json::parse(run("info --json gap.xing").out);
  EXPECT_EQ(json.at("replay_refusal"), "the trace has a gap: it can be replayed up to there");
}

TEST_F(Command, ChecksInJson) {
  const Outcome outcome = run("check --json disorder.xing");
  EXPECT_EQ(outcome.code, 8);
  EXPECT_EQ(outcome.err, "");
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json.at("verdict"), "invalid");
  EXPECT_EQ(json.at("complete"), true);
  EXPECT_EQ(json.at("faults").at(0).at("rule"), "ORDER-06");
  EXPECT_EQ(json.at("faults").at(0).at("event"), 4);
  EXPECT_EQ(nlohmann::json::parse(run("check --json good.xing").out).at("verdict"), "ok");
  EXPECT_EQ(json.at("trace"), "disorder.xing");
  EXPECT_EQ(json.at("layers"), nlohmann::json({"order", "types", "abi"}));
  EXPECT_EQ(json.at("without_component"), "it is not attached, and --component was not given");
  // An object on a line for each trace; the exit code is that of the first that is not ok.
  const Outcome several = run("check --format json --layer order good.xing cut.xing disorder.xing");
  EXPECT_EQ(several.code, 4);
  std::istringstream lines(several.out);
  std::vector<std::string> verdicts;
  for (std::string line; std::getline(lines, line);) {
    verdicts.push_back(nlohmann::json::parse(line).at("verdict"));
  }
  EXPECT_EQ(verdicts, (std::vector<std::string>{"ok", "truncated", "invalid"}));
}

TEST_F(Command, ChecksForPeople) {
  EXPECT_EQ(run("check --layer order --layer types good.xing").out,
            "good.xing: ok, 107 events in 1 block; layers: order, types\n");
  EXPECT_EQ(run("check --layer order - < good.xing").out,
            "-: ok, 107 events in 1 block; layers: order\n");
  EXPECT_EQ(run("check good.xing").out,
            "good.xing: ok, 107 events in 1 block; layers: order, types, abi; not component: it is "
            "not attached, and --component was not given\n");
  const Outcome several = run("check --layer order good.xing disorder.xing missing cut.xing");
  EXPECT_EQ(several.code, 8);
  EXPECT_NE(several.err.find("crossing: disorder.xing: invalid at event 4: "), several.err.npos);
  EXPECT_NE(several.err.find("crossing: missing: cannot open: "), several.err.npos);
  EXPECT_NE(several.err.find("crossing: cut.xing: truncated at offset "), several.err.npos);
  EXPECT_NE(run("check --color always disorder.xing").err.find("\x1b[1;31minvalid\x1b[0m"),
            std::string::npos);
  auto twice = events_;
  twice.insert(twice.begin() + 4, 2, {EventKind::lower, 0, 0, 0, 8, {1}});
  put("twice.xing", testing::write_trace(twice));
  const Outcome bounded = run("check --max-findings 1 twice.xing");
  EXPECT_NE(bounded.err.find("crossing: twice.xing: 1 more\n"), std::string::npos) << bounded.err;
}

TEST_F(Command, ChecksAgainstTheComponent) {  // [COMPONENT-01]
  const Outcome other = run("check --component app.wasm good.xing");
  EXPECT_EQ(other.code, 8);
  EXPECT_TRUE(
      other.err.starts_with("crossing: good.xing: invalid: expected the component with sha256 "))
      << other.err;
  EXPECT_NE(other.err.find("8 bytes, found one with sha256 0707"), std::string::npos);
  refused("check --component text good.xing", 2, "text: invalid");
  refused("check --component missing good.xing", 2, "missing: cannot open: ");
  put("app.xing", attached_trace(true));
  put("forged.xing", attached_trace(false));
  EXPECT_NE(run("check app.xing").out.find("; layers: order, types, abi, component\n"),
            std::string::npos);
  const Outcome forged = run("check forged.xing");
  EXPECT_EQ(forged.code, 8);
  EXPECT_NE(forged.err.find("[COMPONENT-01]"), std::string::npos) << forged.err;
}

TEST_F(Command, ChecksForEditorsAndBuilds) {
  const std::string traces = " --layer order good.xing 'odd <&\\\" name.xing' cut.xing missing";
  put("odd <&\" name.xing", as_bytes(get("disorder.xing")));
  const Outcome sarif = run("check --format sarif" + traces);
  EXPECT_EQ(sarif.code, 8) << sarif.err;
  const auto log = nlohmann::json::parse(sarif.out);
  EXPECT_EQ(log.at("version"), "2.1.0");
  EXPECT_EQ(log.at("runs").at(0).at("results").size(), 2U);
  EXPECT_EQ(log.at("runs").at(0).at("invocations").at(0).at("executionSuccessful"), false);
  // An XML parser takes it.
  put("parse.py",
      as_bytes("import sys, xml.etree.ElementTree as tree\n"
               "root = tree.parse(sys.stdin).getroot()\n"
               "print(root.get('tests'), root.get('failures'), root.get('errors'))\n"
               "for suite in root:\n"
               "  print(suite.tag, suite.get('name'))\n"
               "  for case in suite:\n"
               "    print(case.get('name'), [(e.tag, e.get('type')) for e in case])\n"));
  const Outcome junit = shell("crossing check --format junit" + traces +
                              " > junit.xml; python3 parse.py < junit.xml");
  EXPECT_EQ(junit.out,
            "7 2 1\n"
            "testsuite good.xing\ncontainer []\norder []\n"
            "testsuite odd <&\" name.xing\ncontainer []\norder [('failure', 'ORDER-06')]\n"
            "testsuite cut.xing\ncontainer [('failure', 'FRAME-01')]\norder []\n"
            "testsuite missing\ncontainer [('error', 'io')]\n")
      << junit.err;
}

TEST_F(Command, ComparesTraces) {
  const Outcome same = run("diff good.xing good.xing");
  EXPECT_EQ(same.code, 0);
  EXPECT_EQ(same.out, "44 steps: 0 differences by meaning, 0 of the ABI, 0 of them declared\n");
  auto changed = events_;
  changed[changed.size() - 3].body[0] ^= 1;  // the result of the export
  put("changed.xing", testing::write_trace(changed));
  const Outcome differs = run("diff good.xing changed.xing");
  EXPECT_EQ(differs.code, 1);
  EXPECT_EQ(differs.out,
            "values: event 104 | 104, run, result\n< 4\n> 5\n"
            "44 steps: 1 difference by meaning, 0 of the ABI, 0 of them declared\n");
  EXPECT_EQ(differs.err, "");
  EXPECT_EQ(run("diff --limit 0 good.xing changed.xing").out,
            "1 more, not shown (--limit)\n"
            "44 steps: 1 difference by meaning, 0 of the ABI, 0 of them declared\n");
  const Outcome brief = run("diff --brief good.xing - < changed.xing");
  EXPECT_EQ(brief.code, 1);
  EXPECT_EQ(brief.out, "");
  const auto json = nlohmann::json::parse(run("diff --json good.xing changed.xing").out);
  EXPECT_EQ(json.at("equal"), false);
  EXPECT_EQ(json.at("counts").at("values"), 1);
  EXPECT_EQ(json.at("differences").at(0).at("left_event"), "104");
  refused("diff - -", 2, "expected two traces: standard input is one");
  refused("diff missing good.xing", 2, "missing: cannot open: No such file or directory");
  refused("diff good.xing text", 3, "text: not-a-trace at offset 0: ");
  TraceInfo values = testing::sample_info();  // [COMPARE-08]
  values.profile = Profile::values;
  put("values.xing", empty_trace(values));
  refused(
      "diff good.xing values.xing", 6,
      "values.xing: unsupported: expected a trace of the profile abi, as the one it is compared "
      "with, found values [COMPARE-08]");
  const Outcome cut = run("diff good.xing cut.xing");  // as far as it goes
  EXPECT_EQ(cut.code, 4);
  EXPECT_NE(cut.out.find("44 steps: 0 differences"), std::string::npos) << cut.out;
  EXPECT_TRUE(cut.err.starts_with("crossing: cut.xing: truncated at offset ")) << cut.err;
}

TEST_F(Command, Recovers) {
  const Outcome whole = run("recover good.xing -o whole.xing");
  EXPECT_EQ(whole.code, 0);
  EXPECT_EQ(whole.err, "good.xing: whole, 107 events in 1 block\n");
  EXPECT_EQ(run("dump --json whole.xing").out, run("dump --json good.xing").out);
  const Outcome cut = run("recover cut.xing -o found.xing");
  EXPECT_EQ(cut.code, 3) << cut.err;
  EXPECT_TRUE(cut.err.starts_with("cut.xing: recovered 107 events in 1 block; lost "));
  EXPECT_EQ(run("check found.xing").code, 0);
}

TEST_F(Command, RecoversWhatAKilledRecorderLeft) {  // [OPEN-01] [OPEN-06]
  {
    auto recorder =
        Recorder::create_file({.path = (directory_ / "run.xing").string()}, recording::info())
            .value();
    ASSERT_TRUE(recorder->define(recording::definitions()));
    for (std::uint64_t n = 0; n < 7; ++n) recording::append(*recorder, recording::numbered(n, 9));
    const Outcome outcome = run("recover run.xing -o whole.xing");
    EXPECT_EQ(outcome.code, 3);
    EXPECT_NE(outcome.err.find("run.xing.open: 7 events that were not in the trace"),
              std::string::npos)
        << outcome.err;
    ASSERT_TRUE(recorder->finish());
  }
  EXPECT_EQ(run("info whole.xing").code, 0);
  put("run.xing.open", as_bytes("not one"));
  put("run.xing", as_bytes(get("cut.xing")));
  const Outcome outcome = run("recover run.xing -o other.xing");
  EXPECT_EQ(outcome.code, 3);
  EXPECT_NE(outcome.err.find("run.xing.open: truncated at offset 7"), std::string::npos)
      << outcome.err;
}

TEST_F(Command, KeepsWhatItIsToldToKeep) {
  const auto left = [&](const std::string& options, int code) {
    fs::remove(directory_ / "out.xing");
    put_engine("while [ \"$1\" != --out ]; do shift; done; cat good.xing > \"$2\"; exit " +
               std::to_string(code));
    const Outcome outcome = run("record --engine fake " + options + " -o out.xing app.wasm");
    EXPECT_EQ(outcome.code, code) << outcome.err;
    return exists("out.xing");
  };
  EXPECT_TRUE(left("", 0));
  EXPECT_TRUE(left("--keep always", 0));
  EXPECT_FALSE(left("--keep on-error", 0));
  EXPECT_TRUE(left("--keep on-error", 1));
  EXPECT_TRUE(left("--keep on-error", 134));
  EXPECT_FALSE(left("--keep on-trap", 0));
  EXPECT_FALSE(left("--keep on-trap", 1));
  EXPECT_TRUE(left("--keep on-trap", 134));
  EXPECT_FALSE(left("--keep on-error --ring 64MiB", 0));
  EXPECT_TRUE(left("--keep on-error --ring 64MiB", 134));
  EXPECT_EQ(get("out.xing"), get("good.xing"));  // all of it fits
  EXPECT_EQ(run("record --engine fake --keep sometimes -o out.xing app.wasm").code, 2);
  for (const char* ring : {"64", "MiB", "0MiB", "-1MiB", "1TiB", "99999999999999GiB", "1.5s"}) {
    EXPECT_EQ(
        run("record --engine fake --force -o out.xing app.wasm --ring " + std::string(ring)).code,
        2)
        << ring;
  }
}

TEST_F(Command, KeepsTheEndOfARun) {  // [RING-01] [RING-02]
  {
    auto sink = create_sink((directory_ / "long.xing").string(), IfExists::refuse).value();
    auto recorder = Recorder::create(*sink, recording::info(),
                                     {.frames = {.codec = Codec::none, .block_size = 4096}})
                        .value();
    ASSERT_TRUE(recorder->define(recording::definitions()));
    for (std::uint64_t n = 0; n < 5000; ++n) {
      recording::append(*recorder, recording::numbered(n, 3000));
    }
    ASSERT_TRUE(recorder->finish());
  }
  for (const char* ring : {"64KiB", "9blocks"}) {
    put_engine("while [ \"$1\" != --out ]; do shift; done; cat long.xing > \"$2\"; exit 134");
    ASSERT_EQ(
        run("record --engine fake --force --ring " + std::string(ring) + " -o out.xing app.wasm")
            .code,
        134);
    const auto bytes = get("out.xing");
    const auto held = recording::read(as_bytes(bytes));
    ASSERT_FALSE(held.error) << held.error->text();
    ASSERT_EQ(held.gaps.size(), 1);
    EXPECT_EQ(held.gaps[0].first, GapReason::ring);
    EXPECT_EQ(held.numbers.back(), 4999);
    EXPECT_LT(held.events.size(), 3000);
    // An engine that is killed leaves the end of what it wrote.
    put_engine(
        "while [ \"$1\" != --out ]; do shift; done; head -c 200000 long.xing > \"$2\"; "
        "exit 134");
    ASSERT_EQ(
        run("record --engine fake --force --ring " + std::string(ring) + " -o out.xing app.wasm")
            .code,
        134);
    const auto cut = get("out.xing");
    const auto rest = recording::read(as_bytes(cut));
    ASSERT_FALSE(rest.error) << rest.error->text();
    ASSERT_EQ(rest.gaps.size(), 2);
    EXPECT_EQ(rest.gaps[0].first, GapReason::ring);
    EXPECT_EQ(rest.gaps[1].first, GapReason::damaged);
  }
  put_engine("exit 7");  // before it opens anything
  EXPECT_EQ(run("record --engine fake --force --ring 1MiB -o out.xing app.wasm").code, 7);
}

TEST_F(Command, CallsTheEngineToRecord) {
  put_engine("cp \"$3\" plan.json; for a in \"$@\"; do echo \"<$a>\"; done; exit 134");
  const Outcome outcome =
      run("record --engine fake --dir .::b --dir folder::d --env K=V --script s.json --host h.mjs "
          "--digest --attach --engine-option=--slow app.wasm -- -x --force");
  EXPECT_EQ(outcome.code, 134) << outcome.err;
  const std::size_t component = outcome.out.find("<--component>");
  ASSERT_NE(component, std::string::npos);
  EXPECT_TRUE(outcome.out.starts_with("<record>\n<--plan>\n<./crossing-"));
  EXPECT_EQ(
      outcome.out.substr(component),
      "<--component>\n<app.wasm>\n<--out>\n<app.xing>\n<--dir>\n<.::b>\n<--dir>\n<folder::d>\n"
      "<--env>\n<K=V>\n<--script>\n<s.json>\n<--host>\n<h.mjs>\n<--digest>\n<--attach>\n<--"
      "slow>\n<-->\n<-x>\n"
      "<--force>\n");
  const auto plan = nlohmann::json::parse(get("plan.json"));
  EXPECT_EQ(plan.at("component").at("size"), 8);
  EXPECT_EQ(
      plan.at("component").at("digest"),
      nlohmann::json::parse(run("describe --plan app.wasm").out).at("component").at("digest"));
  for (const auto& entry : fs::directory_iterator(directory_)) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("crossing-") &&
                 entry.path().extension() == ".json");
  }
}

TEST_F(Command, CallsTheEngineToReplay) {
  put_engine("for a in \"$@\"; do echo \"<$a>\"; done; cat \"$5\" > used.wasm; exit 9");
  const Outcome changed =
      run("replay --engine fake --no-digest --allow-changed --keep-going --report r.json good.xing "
          "app.wasm");
  EXPECT_EQ(changed.code, 9) << changed.err;
  EXPECT_NE(changed.out.find("<--component>\n<app.wasm>\n<--trace>\n<good.xing>\n<--no-digest>\n"
                             "<--allow-changed>\n<--keep-going>\n<--report>\n<r.json>\n"),
            std::string::npos)
      << changed.out;
}

/// The trace of a component that is in it.
TEST_F(Command, ReplaysTheAttachedComponent) {
  const std::string binary = get("app.wasm");
  put("attached.xing", attached_trace(true));
  put("forged.xing", attached_trace(false));
  put_engine("cat \"$5\" > used.wasm");
  const Outcome outcome = run("replay --engine fake attached.xing");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(get("used.wasm"), binary);
  EXPECT_EQ(shell("crossing replay --engine fake - < attached.xing").code, 0);
  EXPECT_EQ(run("verify attached.xing app.wasm").code, 0);
  refused("replay --engine fake forged.xing", 8,
          "forged.xing: invalid: expected the recorded "
          "component");
}

TEST_F(Command, SaysWhatEnginesDo) {
  refused("record --engine nowhere -o out.xing app.wasm", 2,
          "engine nowhere: expected crossing-engine-nowhere beside this command");
  refused("record --engine ./text -o out.xing app.wasm", 2,
          "./text: expected an executable engine");
  put_engine("kill -9 $$");
  const Outcome killed = run("record --engine fake -o out.xing app.wasm");
  EXPECT_EQ(killed.code, 2);
  EXPECT_NE(killed.err.find("ended by signal 9 (Killed)"), std::string::npos) << killed.err;
  put_engine("exit 7");
  EXPECT_EQ(run("record --engine fake -o out.xing app.wasm").code, 7);
  EXPECT_EQ(run("record --engine fake -o - app.wasm").code, 2);
}

TEST_F(Command, ColoursAsAsked) {
  EXPECT_EQ(run("dump good.xing").out.find('\x1b'), std::string::npos);
  EXPECT_NE(run("dump --color=always good.xing").out.find('\x1b'), std::string::npos);
}

TEST_F(Command, DescribesItselfAsATestee) {
  const auto json = nlohmann::json::parse(run("describe").out);
  EXPECT_EQ(json.at("name"), "crossing");
  EXPECT_EQ(json.at("format"), "0.1");
}

}  // namespace
}  // namespace crossing
