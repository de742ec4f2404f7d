#pragma once

/// Small traces for the mutators of rules: definitions, and events that are easy to write and to
/// change.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "crossing/check.h"

namespace crossing::testing {

using K = EventKind;

/// Functions of `scene()`, by id.
enum : std::uint32_t {
  allocate,    // the guest's realloc
  take,        // export, of values of many kinds, see `scene()`, -> u32
  take_back,   // its post_return
  take_latin,  // export, (text: string) in latin1+utf16
  idle,        // export, ()
  give,        // import, () -> string, by a result area
  put,         // import, (list<u16>)
  note,        // import, ()
  slot,        // built-in context.get
  wide,        // import, () -> fixed-length list of more parts than a value may have
  maybe,       // import, () -> option<u32>, by a result area
};

/// An event with its body.
struct Step {
  K kind = K::marker;
  std::uint32_t subject = 0;
  std::uint64_t detail = 0;
  std::vector<std::uint8_t> body;
  std::uint8_t flags = 0;
};

/// Numbers of 32 bits, one after the other; of 64 where `wide` says so by its index.
std::vector<std::uint8_t> cores(std::initializer_list<std::uint32_t> values);
std::vector<std::uint8_t> bytes(std::string_view text);

/// What is said to the checker: a trace without its container.
struct Scene {
  TraceInfo info;
  Definitions definitions;
  std::vector<Step> steps;
  /// A further block begins before this step; none: there is one block alone.
  std::size_t block = 0;
  std::vector<OpenCall> open_calls;
  std::optional<Wiring> component;  ///< that the trace is of

  [[nodiscard]] std::vector<Finding> check() const;

  /// The n-th step of a kind, and where it is.
  [[nodiscard]] std::size_t at(K kind, std::size_t n = 0) const;
  Step& step(K kind, std::size_t n = 0) { return steps[at(kind, n)]; }
  void insert(std::size_t before, std::vector<Step> more);
  void erase(K kind, std::size_t n = 0);
};

/// Puts a number of `size` bytes into a body.
void put_number(std::vector<std::uint8_t>& body, std::size_t offset, std::uint64_t value,
                std::size_t size = 4);

/// A trace that breaks no rule.
Scene scene();
/// The same with its component.
Scene scene_of_component();

/// A short one in the `values` profile.
Scene scene_of_values();

// Where the parameters of `take` are in the body of its export_enter.
namespace parameter {
constexpr std::size_t flag = 0, small = 4, letter = 8, labels = 12, maybe = 16, maybe_payload = 20,
                      either = 24, either_payload = 28, number = 36, text = 40, text_size = 44,
                      list = 48, list_size = 52;
}  // namespace parameter

}  // namespace crossing::testing
