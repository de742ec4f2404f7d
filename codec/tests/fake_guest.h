#pragma once

/// A guest without an engine: it does what a list of events says that the guest did, whatever the
/// replayer says the host did. For tests of the replayer.

#include <cstring>
#include <functional>
#include <map>
#include <vector>

#include "crossing/replay.h"
#include "sample.h"

namespace crossing::testing {

/// The wiring of `sample_definitions`: one instance of one module.
inline Wiring sample_wiring(const std::vector<Definition>& definitions = sample_definitions()) {
  Wiring wiring;
  Definitions& into = wiring.definitions;
  for (const Definition& definition : definitions) {
    if (const auto* type = std::get_if<Type>(&definition)) into.types.push_back(*type);
    if (const auto* item = std::get_if<Component>(&definition)) into.components.push_back(*item);
    if (const auto* item = std::get_if<Instance>(&definition)) into.instances.push_back(*item);
    if (const auto* item = std::get_if<Memory>(&definition)) into.memories.push_back(*item);
    if (const auto* item = std::get_if<Function>(&definition)) into.functions.push_back(*item);
  }
  wiring.core_modules.push_back({});
  wiring.core_instances.push_back({});
  using Kind = InitializationStep::Kind;
  wiring.initialization = {
      {Kind::instantiate, 0}, {Kind::core_instance, 0}, {Kind::instantiate_end, 0}};
  return wiring;
}

class FakeGuest final : public ReplayGuest {
 public:
  static constexpr std::uint64_t memory_bytes = 65536 * 2;

  /// A replayer's `import_called`.
  using ImportCalled = std::function<bool(std::uint32_t, Bytes, std::span<std::uint8_t>)>;

  /// `events` are those of a trace, bodies whole; ids in them are those of the wiring.
  FakeGuest(ImportCalled import_called, const std::vector<OwnedEvent>& events, const Wiring& wiring,
            std::vector<std::uint8_t> zeroed_memory = std::vector<std::uint8_t>(memory_bytes))
      : import_called_(std::move(import_called)),
        events_(events),
        wiring_(wiring),
        memory(std::move(zeroed_memory)) {}
  FakeGuest(Replayer& replayer, const std::vector<OwnedEvent>& events, const Wiring& wiring,
            std::vector<std::uint8_t> zeroed_memory = std::vector<std::uint8_t>(memory_bytes))
      : FakeGuest(
            [&replayer](std::uint32_t function, Bytes params, std::span<std::uint8_t> results) {
              return replayer.import_called(function, params, results);
            },
            events, wiring, std::move(zeroed_memory)) {}

  GuestEnd instantiate(std::uint32_t) override {
    const GuestEnd end = go_on(EventKind::instantiate_end, none, {});
    instantiated_ = true;
    return end;
  }

  GuestEnd call(std::uint32_t function, Bytes params, std::span<std::uint8_t> results) override {
    const bool realloc = wiring_.definitions.functions[function].role == Role::realloc;
    skip_host();
    if (on_call) on_call(function, params);
    // Past the call itself.
    if (at_end() || now().subject != function) return trap(TrapCode::unreachable);
    ++at_;
    return go_on(realloc ? EventKind::realloc_result : EventKind::export_result, function, results);
  }

  std::optional<std::uint64_t> memory_size(std::uint32_t id) override {
    if (id != 0) return std::nullopt;
    return memory.size();
  }
  Bytes read(std::uint32_t, std::uint64_t address, std::uint64_t size) override {
    return Bytes(memory).subspan(address, size);
  }
  void write(std::uint32_t, std::uint64_t address, Bytes bytes) override {
    std::copy(bytes.begin(), bytes.end(), memory.begin() + static_cast<std::ptrdiff_t>(address));
  }

  bool limit_growth(std::uint32_t id, std::optional<std::uint64_t> bytes) override {
    limits_set.emplace_back(id, bytes);
    return can_limit;
  }

  bool can_limit = true;
  std::vector<std::pair<std::uint32_t, std::optional<std::uint64_t>>> limits_set;
  std::function<void(std::uint32_t, Bytes)> on_call;  ///< each call of the guest
  std::uint64_t import_results = 0;                   ///< sum of the i32 results that it was given

 private:
  static GuestEnd trap(TrapCode code) {
    return {.kind = GuestEnd::Kind::trapped, .code = code, .message = "so it was told"};
  }

  /// What the guest does from here to the end of its call.
  GuestEnd go_on(EventKind until, std::uint32_t function, std::span<std::uint8_t> results) {
    for (;;) {
      skip_host();
      if (at_end()) return trap(TrapCode::unreachable);
      const OwnedEvent& event = now();
      if (event.kind == until && (function == none || event.subject == function)) {
        ++at_;
        std::fill(results.begin(), results.end(), std::uint8_t{0});
        std::copy_n(event.body.begin(), std::min(event.body.size(), results.size()),
                    results.begin());
        return {};
      }
      if (event.kind == EventKind::trap) {
        ++at_;
        return trap(static_cast<TrapCode>(event.detail));
      }
      if (event.kind != EventKind::import_call) return trap(TrapCode::unreachable);
      ++at_;
      if (!import(event)) return trap(TrapCode::unknown);
    }
  }

  bool import(const OwnedEvent& event) {
    const Function& callee = wiring_.definitions.functions.at(event.subject);
    std::vector<std::uint8_t> params = event.body;
    params.resize(size_of(callee.core_params));  // of an event whose body was left out
    std::vector<std::uint8_t> results(size_of(callee.core_results));
    if (!import_called_(event.subject, params, results)) return false;
    for (skip_host(); !at_end() && now().kind != EventKind::import_result; ++at_) {
    }
    if (!at_end()) ++at_;
    if (results.size() == 4) {
      std::uint32_t value = 0;
      std::memcpy(&value, results.data(), 4);
      import_results += value;
    }
    return true;
  }

  static std::size_t size_of(const std::vector<CoreType>& types) {
    std::size_t sum = 0;
    for (const CoreType type : types) {
      sum += type == CoreType::v128 ? 16 : type == CoreType::i32 || type == CoreType::f32 ? 4 : 8;
    }
    return sum;
  }

  [[nodiscard]] bool at_end() const { return at_ >= events_.size(); }
  [[nodiscard]] const OwnedEvent& now() const { return events_[at_]; }

  /// Past what the host did by itself.
  void skip_host() {
    for (; !at_end(); ++at_) {
      switch (now().kind) {
        case EventKind::instantiate:
        case EventKind::export_call:
        case EventKind::lower:
        case EventKind::lift:
        case EventKind::digest:
        case EventKind::marker:
        case EventKind::task_start:
        case EventKind::task_resolve:
        case EventKind::task_resolve_end:
        case EventKind::task_cancel:
        case EventKind::copy:
        case EventKind::copy_end:
        case EventKind::end_dropped:
        case EventKind::thread_switch:
        case EventKind::thread_start:
        case EventKind::grow: continue;
        case EventKind::instantiate_end:
          if (!instantiated_) return;
          continue;
        case EventKind::trap:  // the guest's own is the guest's to raise
          if (!now().body.empty() && now().body[0] == 0) return;
          continue;
        default: return;
      }
    }
  }

  ImportCalled import_called_;
  const std::vector<OwnedEvent>& events_;
  const Wiring& wiring_;
  std::size_t at_ = 0;
  bool instantiated_ = false;

 public:
  std::vector<std::uint8_t> memory;
};

}  // namespace crossing::testing
