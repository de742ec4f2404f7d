#pragma once

/// Feeds a `HandleLayer` with short sequences of calls, and expects what it finds.

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "check/handles.h"
#include "handle_functions.h"
#include "sample.h"

namespace crossing::testing {

using checking::Findings;
using checking::HandleLayer;
using K = EventKind;
using C = CoreType;
using Values = std::vector<std::uint64_t>;
using Told = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // type and index
using Rules = std::vector<std::string>;

constexpr std::uint64_t blocked = 0xffffffff;

inline const HandleFunctions& f() {
  static const HandleFunctions functions;
  return functions;
}

/// Feeds a layer.
class Feed {
 public:
  explicit Feed(std::vector<std::string> quirks = {}, bool core_complete = true)
      : info_(testing::sample_info()) {
    info_.core_complete = core_complete;
    info_.quirks = std::move(quirks);
    findings_.emplace(info_, CheckOptions{});
    layer_.emplace(info_, f().all, f().types, *findings_);
  }

  Feed& event(K kind, std::uint32_t subject, std::uint64_t detail = 0,
              std::vector<std::uint8_t> body = {}, std::uint8_t flags = 0) {
    EventView view;
    view.sequence = next_++;
    view.kind = kind;
    view.subject = subject;
    view.detail = detail;
    view.body = body;
    view.flags = flags;
    layer_->event(view);
    return *this;
  }
  Feed& begin(std::uint32_t id, const Values& params = {}, const Told& told = {},
              std::uint32_t call = 0) {
    event(K::import_call, id, call, bytes(function(id).core_params, params));
    for (const auto& [type, index] : told)
      layer_->from_guest(function(id), f().types[type], index, next_ - 1);
    return *this;
  }
  Feed& end(std::uint32_t id, const Values& results = {}, const Told& told = {},
            std::uint32_t call = 0) {
    for (const auto& [type, index] : told)
      layer_->to_guest(function(id), f().types[type], index, next_);
    return event(K::import_result, id, call, bytes(function(id).core_results, results));
  }
  /// A call of a built-in.
  Feed& operator()(std::uint32_t id, const Values& params = {}, const Values& results = {}) {
    return begin(id, params).end(id, results);
  }
  Feed& enter(std::uint32_t id, const Values& params = {}, const Told& told = {},
              std::uint32_t call = 0) {
    event(K::export_call, id, call);
    for (const auto& [type, index] : told)
      layer_->to_guest(function(id), f().types[type], index, next_);
    return event(K::export_enter, id, call, bytes(function(id).core_params, params));
  }
  Feed& leave(std::uint32_t id, const Values& results = {}, const Told& told = {},
              std::uint32_t call = 0) {
    event(K::export_result, id, call, bytes(function(id).core_results, results));
    for (const auto& [type, index] : told)
      layer_->from_guest(function(id), f().types[type], index, next_ - 1);
    return *this;
  }
  Feed& trap() { return event(K::trap, none, 15); }
  Feed& open(std::uint32_t index) {
    return begin(f().open).end(f().open, {index}, {{own_file, index}});
  }
  /// What `waitable-set.wait` or `poll` gives.
  Feed& wait(std::uint32_t id, std::uint32_t set, std::uint32_t code, std::uint32_t p1,
             std::uint32_t p2) {
    begin(id, {set, 64});
    event(K::lower, 0, 64, bytes({C::i32, C::i32}, {p1, p2}));
    return end(id, {code});
  }
  Feed& unknown(std::uint32_t id, std::uint32_t type, Law law) {
    layer_->unknown(function(id), type, law);
    return *this;
  }
  const std::vector<Finding>& found() {
    layer_->finish();
    return findings_->kept();
  }
  Rules rules() {
    Rules rules;
    for (const Finding& finding : found()) rules.emplace_back(finding.rule);
    return rules;
  }

 private:
  static const Function& function(std::uint32_t id) { return f().all.functions[id]; }
  static std::vector<std::uint8_t> bytes(const std::vector<C>& signature, const Values& values) {
    std::vector<std::uint8_t> out;
    for (std::size_t i = 0; i < signature.size(); ++i) {
      const std::uint64_t value = i < values.size() ? values[i] : 0;
      for (int at = 0; at < (signature[i] == C::i32 ? 4 : 8); ++at) {
        out.push_back(static_cast<std::uint8_t>(value >> 8 * at));
      }
    }
    return out;
  }

  TraceInfo info_;
  std::optional<Findings> findings_;
  std::optional<HandleLayer> layer_;
  std::uint64_t next_ = 0;
};

inline constexpr std::uint64_t pair(std::uint64_t reader, std::uint64_t writer) {
  return reader | writer << 32;
}

using Steps = std::function<void(Feed&)>;

inline Rules rules_after(const Steps& steps) {
  Feed feed;
  feed.enter(f().run);
  steps(feed);
  return feed.rules();
}

inline void expect_legal(const char* what, const Steps& steps) {
  EXPECT_EQ(rules_after(steps), Rules{}) << what;
}

/// A fault of the engine, found at once.
inline void expect_breach(const char* rule, const char* what, const Steps& steps) {
  EXPECT_EQ(rules_after(steps), Rules{rule}) << what;
}

/// A fault of the guest in the last call that `steps` begin: found when `id` returns, and none when
/// it traps.
inline void expect_fault(const char* rule, const char* what, const Steps& steps, std::uint32_t id) {
  EXPECT_EQ(rules_after([&](Feed& x) {
              steps(x);
              x.end(id);
            }),
            Rules{rule})
      << what;
  EXPECT_EQ(rules_after([&](Feed& x) {
              steps(x);
              x.trap();
            }),
            Rules{})
      << what << ", and a trap";
}

/// The same of the result of an export.
inline void expect_fault_in_result(const char* rule, const char* what, const Steps& steps) {
  const auto alone = [&](bool traps) {
    Feed feed;
    steps(feed);
    if (traps) feed.trap();
    return feed.rules();
  };
  EXPECT_EQ(alone(false), Rules{rule}) << what;
  EXPECT_EQ(alone(true), Rules{}) << what << ", and a trap";
}

}  // namespace crossing::testing
