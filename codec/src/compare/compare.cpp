#include "crossing/compare.h"

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <set>
#include <utility>

#include "compare/facts.h"
#include "compare/handles.h"
#include "compare/steps.h"
#include "event/enumerators.h"
#include "io/fault.h"

namespace crossing {
namespace {

using namespace comparing;

constexpr std::size_t common_steps = 3;  // that show that both recordings go on alike

std::string_view what_of(EventKind kind) {
  switch (kind) {
    case EventKind::export_enter:
    case EventKind::import_call: return "arguments";
    case EventKind::export_result:
    case EventKind::import_result: return "result";
    default: return event_kind_name(kind);
  }
}

/// "import_call a:b/c#f(…)": a step in words.
std::string step_text(const Step& step) {
  std::string text(event_kind_name(step.kind));
  text.append(" ").append(step.title);
  if (!step.meaning.text().empty()) text.append(": ").append(step.meaning.text());
  return text;
}

std::string reallocs_text(const std::vector<Realloc>& reallocs) {
  std::string text;
  for (const Realloc& one : reallocs) {
    if (text.size() > 400) return text + " …";
    if (!text.empty()) text += ' ';
    text += '(' + (one.moves == none ? "" : "block " + std::to_string(one.moves) + ", ") +
            std::to_string(one.old_size) + ", " + std::to_string(one.alignment) + ", " +
            std::to_string(one.new_size) + ')';
  }
  return text;
}

/// The sizes that blocks have in the end; those of nothing are left out.
std::vector<std::uint64_t> final_sizes(const std::vector<Realloc>& reallocs) {
  std::vector<std::uint64_t> sizes;
  std::vector<std::size_t> roots;
  for (const Realloc& one : reallocs) {
    if (one.moves == none || one.moves >= roots.size()) {
      roots.push_back(sizes.size());
      sizes.push_back(one.new_size);
    } else {
      roots.push_back(roots[one.moves]);
      sizes[roots.back()] = one.new_size;
    }
  }
  std::erase(sizes, 0);
  return sizes;
}

/// Without the blocks of no bytes.
std::vector<Realloc> nonempty(std::vector<Realloc> reallocs) {
  std::erase_if(reallocs, [](const Realloc& one) { return one.new_size == 0; });
  return reallocs;
}

bool same_trap(const Step& left, const Step& right) {  // [REPLAY-06]
  const auto merged = [](const std::string& name) -> std::string_view {
    if (name == "indirect_call_to_null") return "bad_signature";
    if (name == "bad_conversion_to_integer") return "integer_overflow";
    return name;
  };
  return merged(left.meaning.text()) == merged(right.meaning.text());
}

/// One recording, with some steps read ahead.
class Side {
 public:
  Side(ByteSource& trace, const CompareOptions& options) : reader_(trace, options) {}

  bool open() { return reader_.open(); }
  /// Step `index` from here; null: there is none.
  const Step* peek(std::size_t index) {
    while (ahead_.size() <= index && !ended_) {
      auto step = reader_.next();
      if (step) {
        ahead_.push_back(std::move(*step));
      } else {
        ended_ = true;
      }
    }
    return index < ahead_.size() ? &ahead_[index] : nullptr;
  }
  void drop() { ahead_.pop_front(); }
  [[nodiscard]] const StepReader& reader() const { return reader_; }

 private:
  StepReader reader_;
  std::deque<Step> ahead_;
  bool ended_ = false;
};

class Comparer {
 public:
  Comparer(ByteSource& left, ByteSource& right, const CompareOptions& options)
      : options_(options), left_(left, options), right_(right, options) {}

  Comparison run() {
    const bool opened_left = left_.open();
    const bool opened_right = right_.open();
    if (opened_left && opened_right && !alike_profiles()) return std::move(result_);
    if (opened_left && opened_right) {
      for (Difference& fact : facts(left_.reader().info(), right_.reader().info())) {
        found(std::move(fact));
      }
      walk();
    }
    result_.left_fault = left_.reader().fault();
    result_.right_fault = right_.reader().fault();
    result_.left_events = left_.reader().events();
    result_.right_events = right_.reader().events();
    std::stable_sort(result_.differences.begin(), result_.differences.end(),
                     [](const Difference& a, const Difference& b) {
                       return is_by_meaning(a.kind) > is_by_meaning(b.kind);
                     });
    return std::move(result_);
  }

 private:
  bool alike_profiles() {  // [COMPARE-08]
    const Profile left = left_.reader().info().profile;
    const Profile right = right_.reader().info().profile;
    if (left == right) return true;
    result_.right_fault = Error{
        .verdict = Verdict::unsupported,
        .message = expected_found("a trace of the profile " + std::string(enumerator_name(left)) +
                                      ", as the one it is compared with",
                                  enumerator_name(right)),
        .offset = {},
        .event = {},
        .rule = "COMPARE-08"};
    return false;
  }

  void walk() {
    for (bool first = true;; first = false) {
      const Step* left = left_.peek(0);
      const Step* right = right_.peek(0);
      if (first) components();
      if (left == nullptr && right == nullptr) break;
      if (left != nullptr && right != nullptr && alike(*left, *right)) {
        ++result_.steps;
        step(*left, *right);
        left_.drop();
        right_.drop();
      } else if (!resume()) {
        break;
      }
    }
    if (left_.reader().has_gap() != right_.reader().has_gap()) {
      found({.kind = DifferenceKind::end,
             .where = "the trace",
             .left = left_.reader().has_gap() ? "with a gap" : "whole",
             .right = right_.reader().has_gap() ? "with a gap" : "whole"});
    }
  }

  void found(Difference difference) {
    std::uint64_t& count = result_.found[static_cast<std::size_t>(difference.kind)];
    if (!difference.declared.empty()) ++result_.declared;
    if (count++ < options_.differences) result_.differences.push_back(std::move(difference));
  }

  void components() {
    const auto& left = left_.reader().definitions().components;
    const auto& right = right_.reader().definitions().components;
    if (left.empty() || right.empty() || left[0].digest == right[0].digest) return;
    const auto text = [](const Component& component) {
      std::string digest;
      for (const std::uint8_t byte : component.digest) {
        digest += "0123456789abcdef"[byte >> 4];
        digest += "0123456789abcdef"[byte & 15];
      }
      return component.name.substr(0, 100) + ", SHA-256 " + digest;
    };
    found({.kind = DifferenceKind::component,
           .where = "the component",
           .left = text(left[0]),
           .right = text(right[0])});
  }

  // --- where steps stand in one recording alone --------------------------------

  static bool alike(const Step& left, const Step& right) {
    return left.kind == right.kind && left.subject == right.subject;
  }

  /// Whether both go on alike `skip_left` and `skip_right` steps from here.
  bool meet(std::size_t skip_left, std::size_t skip_right) {
    for (std::size_t i = 0; i < common_steps; ++i) {
      const Step* left = left_.peek(skip_left + i);
      const Step* right = right_.peek(skip_right + i);
      if (left == nullptr || right == nullptr) return i != 0 && left == right;
      if (!alike(*left, *right)) return false;
    }
    return true;
  }

  /// Passes over the steps that one recording alone has; false: there is nothing common ahead.
  bool resume() {
    for (std::size_t skipped = 1; skipped <= options_.window; ++skipped) {
      for (std::size_t left = 0; left <= skipped; ++left) {
        if (!meet(left, skipped - left)) continue;
        pass_over(left_, left, true);
        pass_over(right_, skipped - left, false);
        return true;
      }
    }
    const Step* left = left_.peek(0);
    const Step* right = right_.peek(0);
    found({.kind = DifferenceKind::apart,
           .where = "the steps",
           .left_event = left ? std::optional(left->event) : std::nullopt,
           .right_event = right ? std::optional(right->event) : std::nullopt,
           .left = left ? step_text(*left) : "the end",
           .right = right ? step_text(*right) : "the end"});
    return false;
  }

  void pass_over(Side& side, std::size_t count, bool is_left) {
    for (std::size_t i = 0; i < count; ++i) {
      const Step& step = *side.peek(0);
      Difference difference{.kind = DifferenceKind::missing, .where = step.title};
      (is_left ? difference.left_event : difference.right_event) = step.event;
      (is_left ? difference.left : difference.right) = step_text(step);
      found(std::move(difference));
      side.drop();
    }
  }

  // --- a step that both have ---------------------------------------------------

  void step(const Step& left, const Step& right) {
    const auto differs = [&](DifferenceKind kind, std::string_view declared, std::string a,
                             std::string b) {
      found({.kind = kind,
             .where = left.title + ", " + std::string(what_of(left.kind)),
             .left_event = left.event,
             .right_event = right.event,
             .left = std::move(a),
             .right = std::move(b),
             .declared = declared});
    };
    bool same = left.meaning.says_the_same(right.meaning);
    if (!same && left.kind == EventKind::trap && same_trap(left, right)) {
      differs(DifferenceKind::bits, "trap_lines", left.meaning.text(), right.meaning.text());
      return;
    }
    if (same && !left.read.empty() && !right.read.empty()) {
      same = left.read.says_the_same(right.read);
    }
    std::string left_handles;
    std::string right_handles;
    bool indices = true;
    if (same) {
      for (std::size_t i = 0; i < left.meaning.handles().size(); ++i) {
        const HandleUse& a = left.meaning.handles()[i];
        const HandleUse& b = right.meaning.handles()[i];
        same = handles_.same(a, b) && same;
        if (a.index != b.index && a.table.kind != HandleTable::Kind::representation) {
          indices = false;
          if (left_handles.size() < 400) {
            left_handles += (left_handles.empty() ? "" : ", ") + std::to_string(a.index);
            right_handles += (right_handles.empty() ? "" : ", ") + std::to_string(b.index);
          }
        }
      }
    }
    if (!same) {
      const bool read = !left.read.empty() && !right.read.empty();
      differs(DifferenceKind::values, "", (read ? left.read : left.meaning).text(),
              (read ? right.read : right.meaning).text());
      return;  // the rest follows from it
    }
    details(left, right, differs, indices, left_handles, right_handles);
  }

  /// What is left to an engine [COMPARE-06], in an order in which one explains the next.
  void details(const Step& left, const Step& right, const auto& differs, bool indices,
               const std::string& left_handles, const std::string& right_handles) {
    const TraceInfo& a = left_.reader().info();
    const TraceInfo& b = right_.reader().info();
    if (left.reallocs != right.reallocs || !left.realloc_rest.says_the_same(right.realloc_rest)) {
      const std::string_view declared = realloc_declared(left, right, a, b);
      differs(DifferenceKind::realloc, declared, reallocs_text(left.reallocs),
              reallocs_text(right.reallocs));
      if (moved_by_.empty()) moved_by_ = declared;
    }
    if (!indices) {
      const std::string_view declared =
          only_one_has("handles_per_type", a, b) ? "handles_per_type" : "";
      differs(DifferenceKind::handle, declared, left_handles, right_handles);
      if (renumbered_by_.empty()) renumbered_by_ = declared;
    }
    bool pointers = false;
    bool bits = false;
    const std::size_t size = std::min(left.flat.size(), right.flat.size());
    for (std::size_t i = 0; i < size; ++i) {
      if (left.flat[i] == right.flat[i]) continue;
      const Slot slot = left.flat.slot(i);
      pointers = pointers || slot == Slot::pointer;
      bits = bits || slot == Slot::value || slot == Slot::unused;
    }
    const bool places = !left.places.says_the_same(right.places);
    if (pointers || places) {
      differs(DifferenceKind::address, moved_by_, places ? left.places.text() : flat_text(left),
              places ? right.places.text() : flat_text(right));
    }
    if (bits) differs(DifferenceKind::bits, "", flat_text(left), flat_text(right));
    if (!left.written.says_the_same(right.written)) {
      const std::string_view declared = left.snapshot != right.snapshot ? "areas"
                                        : !moved_by_.empty()            ? moved_by_
                                                                        : renumbered_by_;
      differs(DifferenceKind::bytes, declared, left.written.text(), right.written.text());
      if (rewritten_by_.empty()) rewritten_by_ = declared;
    }
    if (!left.digests.empty() && !right.digests.empty() && left.digests != right.digests) {
      const std::string_view declared = !moved_by_.empty()        ? moved_by_
                                        : !renumbered_by_.empty() ? renumbered_by_
                                                                  : rewritten_by_;
      differs(DifferenceKind::digest, declared, digests_text(left), digests_text(right));
    }
  }

  static std::string_view realloc_declared(const Step& left, const Step& right, const TraceInfo& a,
                                           const TraceInfo& b) {
    const bool empty = only_one_has("empty_string_without_realloc", a, b);
    const bool exact = only_one_has("string_exact_size", a, b);
    if (!left.realloc_rest.empty() || !right.realloc_rest.empty()) return "";
    if (empty && nonempty(left.reallocs) == nonempty(right.reallocs)) {
      return "empty_string_without_realloc";
    }
    if (exact && final_sizes(left.reallocs) == final_sizes(right.reallocs)) {
      return "string_exact_size";
    }
    return "";
  }

  static std::string flat_text(const Step& step) {
    std::string text;
    for (std::size_t i = 0; i < step.flat.size(); ++i) {
      text += (i == 0 ? "(" : ", ") + std::to_string(step.flat[i]);
    }
    return text + ")";
  }

  static std::string digests_text(const Step& step) {
    std::string text;
    for (const auto& [memory, size, hash] : step.digests) {
      if (text.size() > 400) return text + " …";
      text += (text.empty() ? "memory " : ", memory ") + std::to_string(memory) + ": " +
              std::to_string(size) + " bytes, " + std::to_string(hash);
    }
    return text;
  }

  const CompareOptions& options_;
  Side left_;
  Side right_;
  Handles handles_;
  Comparison result_;
  // The declared difference because of which addresses, handle indices or bytes differ since.
  std::string_view moved_by_;
  std::string_view renumbered_by_;
  std::string_view rewritten_by_;
};

}  // namespace

std::string_view difference_name(DifferenceKind kind) {
  constexpr std::array<std::string_view, difference_kinds> names = {
      "component", "missing", "apart", "values", "end",    "realloc",
      "address",   "handle",  "bits",  "bytes",  "digest", "fact"};
  const auto index = static_cast<std::size_t>(kind);
  return index < names.size() ? names[index] : "";
}

bool Comparison::equal() const {
  std::uint64_t all = 0;
  for (const std::uint64_t count : found) all += count;
  return all == declared && !left_fault && !right_fault;
}

Comparison compare(ByteSource& left, ByteSource& right, const CompareOptions& options) {
  return Comparer(left, right, options).run();
}

}  // namespace crossing
