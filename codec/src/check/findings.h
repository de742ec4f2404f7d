#pragma once

/// Where the layers of the checker put what they find.

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crossing/check.h"

namespace crossing::checking {

class Findings {
 public:
  Findings(const TraceInfo& info, const CheckOptions& options)
      : declared_(options.accept_quirks ? info.quirks : std::vector<std::string>{}),
        most_(std::max<std::size_t>(options.max_findings, 1)) {}

  /// Keeps a finding that no declared quirk explains [CHECK-03].
  void take(Finding finding) {
    if (!finding.quirk.empty()) {
      if (declares(finding.quirk)) return;
      quirks_.insert(finding.quirk);
    }
    ++counts_[static_cast<std::size_t>(finding.layer)];
    const auto place = std::upper_bound(
        kept_.begin(), kept_.end(), finding.event,
        [](std::uint64_t event, const Finding& kept) { return event < kept.event; });
    kept_.insert(place, std::move(finding));
    if (kept_.size() <= most_) return;
    kept_.pop_back();
    ++omitted_;
  }

  [[nodiscard]] bool declares(std::string_view quirk) const {
    return std::find(declared_.begin(), declared_.end(), quirk) != declared_.end();
  }

  /// By event; those of one event in the order in which they were taken.
  [[nodiscard]] const std::vector<Finding>& kept() const { return kept_; }
  [[nodiscard]] std::uint64_t omitted() const { return omitted_; }
  /// How many there were of each layer.
  [[nodiscard]] const std::array<std::uint64_t, layer_count>& counts() const { return counts_; }
  [[nodiscard]] const std::set<std::string_view>& quirks() const { return quirks_; }

 private:
  std::vector<std::string> declared_;
  std::size_t most_;
  std::vector<Finding> kept_;
  std::uint64_t omitted_ = 0;
  std::array<std::uint64_t, layer_count> counts_{};
  std::set<std::string_view> quirks_;  // names with static storage
};

}  // namespace crossing::checking
