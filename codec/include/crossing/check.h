#pragma once

/// Judges a trace by its meaning (spec/checker.md). What the reader judges (container, definitions,
/// references, summary) comes first; each layer on top of it is usable alone.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crossing/component.h"
#include "crossing/definitions.h"
#include "crossing/event.h"
#include "crossing/io.h"
#include "crossing/limits.h"
#include "crossing/trace.h"
#include "crossing/value.h"

namespace [[gnu::visibility("default")]] crossing {

/// A layer of the checker [CHECK-01].
enum class Layer : std::uint8_t {
  order,      ///< whether events stand where they may, and async states follow each other
  types,      ///< core values and values against the component types of functions
  abi,        ///< `realloc`s, stores, strings, lists and handles against the Canonical ABI
  component,  ///< definitions against the component's binary
};
inline constexpr std::uint8_t layer_count = 4;
inline constexpr std::array<Layer, layer_count> all_layers = {Layer::order, Layer::types,
                                                              Layer::abi, Layer::component};

/// "order", "types", "abi" or "component".
std::string_view layer_name(Layer layer);

/// Some of the layers.
class Layers {
 public:
  constexpr Layers() = default;
  constexpr Layers(std::initializer_list<Layer> layers) {
    for (const Layer layer : layers) add(layer);
  }
  static constexpr Layers all() {
    Layers layers;
    for (const Layer layer : all_layers) layers.add(layer);
    return layers;
  }
  constexpr void add(Layer layer) { bits_ |= 1U << static_cast<unsigned>(layer); }
  [[nodiscard]] constexpr bool has(Layer layer) const {
    return (bits_ >> static_cast<unsigned>(layer) & 1U) != 0;
  }

 private:
  unsigned bits_ = 0;
};

/// One thing that breaks a rule [CHECK-02].
struct Finding {
  Layer layer = Layer::order;
  Verdict verdict = Verdict::invalid;
  std::string_view rule;    ///< its id in the specification, static storage
  std::uint64_t event = 0;  ///< number of the event that breaks it; of the component layer: none
  EventKind kind = EventKind::gap;  ///< of that event; `gap`: it is about no event
  std::uint32_t function = none;    ///< whose call it is
  std::optional<Law> law;           ///< by which the value was judged, if one was
  std::string_view quirk;           ///< which would explain it, were it declared [CHECK-03]
  std::string expected;
  std::string found;

  /// As the reader says its faults: "realloc_call: expected …, found …".
  [[nodiscard]] Error error() const;
  bool operator==(const Finding&) const = default;
};

struct CheckOptions {
  Layers layers = Layers::all();
  /// The component that the trace is of, with its digest; null: its layer is not judged. Looked at
  /// until the checker is finished.
  const Wiring* component = nullptr;
  /// False: judges as if the trace declared no quirks [CHECK-03].
  bool accept_quirks = true;
  std::size_t max_findings = 64;  ///< that are kept: the first ones, and one at least

  [[nodiscard]] bool judges(Layer layer) const {
    return layers.has(layer) && (layer != Layer::component || component != nullptr);
  }
};

/// Judges the events of a trace one after the other. Memory grows with the calls that are open at
/// one time, what was lowered in them, and the handles that live; all of it is bounded. After a
/// finding it goes on as well as it can.
class Checker {
 public:
  /// `definitions` may grow; it is looked at during later calls, and must hold what the events
  /// refer to.
  Checker(const TraceInfo& info, const Definitions& definitions, const CheckOptions& options = {});
  Checker(Checker&&) noexcept;
  Checker& operator=(Checker&&) noexcept;
  ~Checker();

  /// Begins a block; `sequence` is the number of its first event [ORDER-09].
  void begin_block(std::uint64_t sequence, std::span<const OpenCall> open_calls);

  /// The next event of the block, or piece of one.
  void event(const EventView& event);

  /// The trace is complete [ORDER-08].
  void finish();

  /// At most `max_findings` of them, by event. What is judged at the end of a call comes then.
  [[nodiscard]] const std::vector<Finding>& findings() const;
  /// How many more there were.
  [[nodiscard]] std::uint64_t omitted_findings() const;
  /// How many there were of a layer, omitted ones too.
  [[nodiscard]] std::uint64_t findings_of(Layer layer) const;
  /// The quirks that findings name, omitted ones too; sorted.
  [[nodiscard]] std::vector<std::string_view> undeclared_quirks() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// What `check` found.
struct CheckReport {
  Layers layers;  ///< that were judged: none of what cannot be opened, no component before a fault
  std::optional<Error> fault;     ///< the reader's verdict, when it is not `ok`
  std::vector<Finding> findings;  ///< of the layers, before that fault
  std::uint64_t omitted_findings = 0;
  std::array<std::uint64_t, layer_count> layer_findings{};  ///< by layer, omitted ones too
  std::vector<std::string_view> undeclared_quirks;
  Definitions definitions;  ///< what findings refer to
  Totals totals;            ///< of what was read

  /// The first fault in file order [VERDICT-01]; none: `ok`.
  [[nodiscard]] std::optional<Error> first() const {
    return findings.empty() ? fault : findings.front().error();
  }
};

/// Reads a whole trace and judges it.
CheckReport check(ByteSource& trace, const CheckOptions& options = {});

/// A rule of the checker, for who wants to know them all.
struct CheckRule {
  std::string_view id;
  Layer layer = Layer::order;
};

/// Every rule that a finding can name, by layer.
std::span<const CheckRule> check_rules();

}  // namespace crossing
