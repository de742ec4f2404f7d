// What the hot paths let pass without a word, EventCheck lets pass too: tried on every kind and
// flag, and on subjects, details and sizes around every line that is drawn.

#include "event/quick_check.h"

#include <gtest/gtest.h>

#include "event/event_check.h"

namespace crossing::testing {
namespace {

Scope scope_of(Profile profile) {
  Scope scope(profile, Clock::per_event);
  scope.add_instance();
  for (int i = 0; i < 3; ++i) scope.add_memory();
  for (const FunctionScope& function : {FunctionScope{Role::import_, 4, 8},
                                        {Role::export_, 8, 4},
                                        {Role::realloc, 16, 4},
                                        {Role::builtin, 0, 4},
                                        {Role::destructor, 4, 0},
                                        {Role::post_return, 64 * 16, 0}}) {
    scope.add_function(function);
  }
  return scope;
}

/// Whether all of EventCheck passes an event of one piece without prefix; its body is not looked
/// at.
bool passes(const EventStruct& event, const Scope& scope) {
  const EventCheck check(event, 0, scope);
  return check.kind_and_flags() && check.subject() && check.detail(event.detail) &&
         check.body(event.payload_size, nullptr, event.detail);
}

/// Calls `visit` with every event that there is to try.
template <class Visit>
void for_each_event(Visit visit) {
  constexpr std::uint32_t sizes[] = {0,   4,   8,     15,    16,    64,    255,
                                     256, 512, 16384, 65535, 65536, 65537, UINT32_MAX};
  for (unsigned kind = 0; kind < 256; ++kind) {
    for (unsigned flags = 0; flags < 256; ++flags) {
      for (const std::uint32_t subject : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 1000U, UINT32_MAX}) {
        for (const std::uint32_t detail : {0U, 1U, UINT32_MAX}) {
          for (const std::uint32_t size : sizes) {
            visit(EventStruct{.kind = static_cast<std::uint8_t>(kind),
                              .flags = static_cast<std::uint8_t>(flags),
                              .subject = subject,
                              .detail = detail,
                              .payload_size = size});
          }
        }
      }
    }
  }
}

class QuickCheck : public ::testing::TestWithParam<Profile> {};

TEST_P(QuickCheck, PassesOnlyWhatIsGood) {
  const Scope scope = scope_of(GetParam());
  std::size_t passed = 0;
  for_each_event([&](EventStruct event) {
    if (!surely_good(event, scope)) return;
    ++passed;
    ASSERT_EQ(event.flags & (flag_continued | flag_wide), 0);
    ASSERT_LE(event.payload_size, limits::piece_size);
    event.flags &= static_cast<std::uint8_t>(~flag_time_prefix);
    ASSERT_TRUE(passes(event, scope))
        << "kind " << int{event.kind} << ", flags " << int{event.flags} << ", subject "
        << event.subject << ", detail " << event.detail << ", size " << event.payload_size;
  });
  EXPECT_GT(passed, 100U);
}

TEST_P(QuickCheck, ARunPassesOnlyWhatEachPasses) {
  const Scope scope = scope_of(GetParam());
  const EventStruct good{.kind = static_cast<std::uint8_t>(EventKind::lower), .payload_size = 300};
  ASSERT_TRUE(surely_good(good, scope));
  std::size_t passed = 0;
  for_each_event([&](const EventStruct& event) {
    for (const bool first : {true, false}) {
      const EventStruct pair[] = {first ? event : good, first ? good : event};
      QuickSums sums;
      if (!surely_good_run(reinterpret_cast<const std::uint8_t*>(pair), 2, scope, sums)) continue;
      ++passed;
      ASSERT_TRUE(surely_good(event, scope)) << int{event.kind} << ' ' << event.payload_size;
      ASSERT_EQ(event.flags & ~flag_snapshot, 0);
      const bool in_bulk = event.payload_size >= limits::bulk_threshold;
      ASSERT_EQ(sums.in_bulk, 300U + (in_bulk ? event.payload_size : 0));
      ASSERT_EQ(sums.in_payloads, in_bulk ? 0U : event.payload_size);
      ASSERT_EQ(sums.counts[0][event.kind] + sums.counts[1][event.kind],
                event.kind == good.kind ? 2 : 1);
    }
  });
  EXPECT_GT(passed, 50U);
}

TEST(QuickCheckTable, KnowsWhatMostTracesAreMadeOf) {
  const Scope scope = scope_of(Profile::abi);
  const auto is_good = [&](EventKind kind, std::uint32_t subject, std::uint32_t size,
                           std::uint8_t flags = 0) {
    return surely_good({.kind = static_cast<std::uint8_t>(kind),
                        .flags = flags,
                        .subject = subject,
                        .payload_size = size},
                       scope);
  };
  EXPECT_TRUE(is_good(EventKind::import_call, 0, 4));
  EXPECT_TRUE(is_good(EventKind::import_result, 0, 8));
  EXPECT_TRUE(is_good(EventKind::export_call, 1, 0));
  EXPECT_TRUE(is_good(EventKind::export_enter, 1, 8));
  EXPECT_TRUE(is_good(EventKind::export_result, 1, 4));
  EXPECT_TRUE(is_good(EventKind::realloc_call, 2, 16));
  EXPECT_TRUE(is_good(EventKind::realloc_result, 2, 4));
  EXPECT_TRUE(is_good(EventKind::lower, 2, 1000, flag_snapshot));
  EXPECT_TRUE(is_good(EventKind::lift, 2, 16, flag_hashed));
  EXPECT_TRUE(is_good(EventKind::import_call, 0, 0, flag_omitted));
  EXPECT_FALSE(is_good(EventKind::import_call, 0, 8));
  EXPECT_FALSE(is_good(EventKind::import_call, 1, 8));
  EXPECT_FALSE(is_good(EventKind::lower, 3, 8));
  EXPECT_FALSE(is_good(EventKind::import_call, 99, 4));
}

INSTANTIATE_TEST_SUITE_P(Profiles, QuickCheck, ::testing::Values(Profile::abi, Profile::values),
                         [](const auto& profile) {
                           return profile.param == Profile::abi ? "Abi" : "Values";
                         });

}  // namespace
}  // namespace crossing::testing
