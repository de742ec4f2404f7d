#pragma once

/// Which function, memory and instance of a wiring a definition of a trace is.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crossing/component.h"
#include "crossing/trace.h"
#include "session/replay_effects.h"

namespace crossing {

/// A function of the trace: what it is there, and in the wiring.
struct ReplayFunction {
  const Function* function = nullptr;  ///< of the wiring, or null: the component has none like it
  std::uint32_t id = none;             ///< of the wiring
  std::size_t params_size = 0;
  std::size_t results_size = 0;
  Effect effect = Effect::nothing;
  std::uint32_t instance = none;  ///< of the wiring
  std::string title;              ///< what a person calls it
};

/// With the recorded component, definitions are the same by their keys [FUNC-01] [MEM-01]; with a
/// changed one they are found by their names, several of one name in their order.
class ReplayIdentity {
 public:
  explicit ReplayIdentity(const Wiring& wiring);

  /// Takes definitions of the trace, in order.
  void define(NewDefinitions definitions);

  /// The trace's root component, once it was defined.
  [[nodiscard]] const Component* component() const { return component_ ? &*component_ : nullptr; }
  /// Whether that is the wiring's.
  [[nodiscard]] bool is_recorded() const;

  /// By ids of the trace, which the reader has judged to be defined.
  [[nodiscard]] const ReplayFunction& function(std::uint32_t id) const { return *index_[id]; }
  [[nodiscard]] std::uint32_t memory(std::uint32_t id) const { return memories_[id]; }
  [[nodiscard]] std::uint32_t instance(std::uint32_t id) const { return instances_[id]; }
  [[nodiscard]] std::uint32_t instance_of_memory(std::uint32_t id) const {
    return memory_instances_[id];
  }
  /// What a person calls a function of the trace.
  [[nodiscard]] const std::string& title(std::uint32_t id) const { return index_[id]->title; }

 private:
  using Key = std::vector<std::string>;
  using Table = std::map<Key, std::vector<std::uint32_t>>;

  Key key_of(const Function& function, const std::string& path) const;
  Key key_of(const Memory& memory, const std::string& path) const;
  std::uint32_t find(const Table& table, Key key);
  void index();
  [[nodiscard]] const std::string& path_of(std::uint32_t instance) const;

  const Wiring& wiring_;
  std::optional<Component> component_;
  bool indexed_ = false;
  Table wiring_functions_;
  Table wiring_memories_;
  std::map<std::string, std::uint32_t> wiring_instances_;
  std::map<Key, std::size_t> seen_;
  std::vector<std::string> paths_;
  // Entries stay where they are while further ones come.
  std::deque<ReplayFunction> functions_;
  std::vector<const ReplayFunction*> index_;
  std::vector<std::uint32_t> memories_;
  std::vector<std::uint32_t> memory_instances_;
  std::vector<std::uint32_t> instances_;
};

}  // namespace crossing
