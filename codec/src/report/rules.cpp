#include <utility>

#include "crossing/report.h"

namespace crossing {

std::string_view rule_sentence(std::string_view id) {
  // Made of the pages of spec/ when the library is built.
  static constexpr std::pair<std::string_view, std::string_view> rules[] = {
#include "spec_rules.inc"
  };
  for (const auto& [rule, sentence] : rules) {
    if (rule == id) return sentence;
  }
  return {};
}

}  // namespace crossing
