#include "event/scope.h"

#include <optional>

#include "event/kinds.h"

namespace crossing {
namespace {

constexpr std::uint32_t any = UINT32_MAX;  // size

/// Sets the entries of a row for the kinds of which `size_of` knows the size.
template <class SizeOf>
void fill(QuickTable::Entry* row, SizeOf size_of) {
  for (std::size_t number = 0; number < QuickTable::kinds; ++number) {
    const KindRow& kind = kind_rows[number];
    const std::optional<std::uint32_t> size = size_of(kind);
    if (!size) continue;
    const std::uint64_t detail = kind.detail == DetailRule::zero ? UINT32_MAX : 0;
    const std::uint64_t whole_size = std::uint64_t{UINT32_MAX} << 32;
    row[number] = *size == any ? QuickTable::Entry{0, detail}
                               : QuickTable::Entry{std::uint64_t{*size} << 32, detail | whole_size};
  }
}

}  // namespace

QuickTable::Entry* QuickTable::row(std::uint32_t subject) {
  if (subject >= subjects_) {
    subjects_ = subject + 1;
    entries_.resize((std::size_t{subjects_} + 1) * kinds);
  }
  return &entries_[std::size_t{subject} * kinds];
}

void QuickTable::add_instance(std::uint32_t id) {
  fill(row(id), [](const KindRow& kind) -> std::optional<std::uint32_t> {
    if (kind.subject != SubjectRule::instance || kind.body != BodyRule::empty) return std::nullopt;
    return 0;
  });
}

void QuickTable::add_memory(std::uint32_t id) {
  fill(row(id), [](const KindRow& kind) -> std::optional<std::uint32_t> {
    if (kind.subject != SubjectRule::memory || kind.body != BodyRule::any) return std::nullopt;
    return any;
  });
}

void QuickTable::add_function(std::uint32_t id, const FunctionScope& function, Profile profile) {
  const SubjectRule caller = guest_calls(function.role)       ? SubjectRule::guest_calls
                             : function.role == Role::realloc ? SubjectRule::realloc
                                                              : SubjectRule::host_calls;
  const bool flat = profile == Profile::abi;
  fill(row(id), [&](const KindRow& kind) -> std::optional<std::uint32_t> {
    if (kind.subject != caller) return std::nullopt;
    switch (kind.body) {
      case BodyRule::empty: return 0;
      case BodyRule::params: return flat ? function.params_size : any;
      case BodyRule::results: return flat ? function.results_size : any;
      default: return std::nullopt;
    }
  });
}

}  // namespace crossing
