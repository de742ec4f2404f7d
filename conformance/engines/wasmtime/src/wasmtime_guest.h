#pragma once

/// The core half of Wasmtime behind six functions: `compile`, and those of ReplayGuest. Another
/// core engine is another class like this one.

#include <memory>

#include "crossing/replay.h"

namespace crossing::engine {

struct GuestSettings {
  std::size_t stack_size = 0;  ///< bytes that guest code may use
  Determinism determinism;     ///< what the recording engine had [TRACE-06]
};

/// The core instances of a component, made from its wiring. Whatever they import across the
/// boundary is answered by the replayer; nothing else is given to them [SEC-01].
class WasmtimeGuest final : public ReplayGuest {
 public:
  /// All outlive the guest; `component` is the binary.
  WasmtimeGuest(const Wiring& wiring, Bytes component, Replayer& replayer,
                const GuestSettings& settings);
  ~WasmtimeGuest() override;

  /// Compiles every core module, so that what cannot run is said before anything runs.
  Result<void> compile();

  GuestEnd instantiate(std::uint32_t core_instance) override;
  GuestEnd call(std::uint32_t function, Bytes params, std::span<std::uint8_t> results) override;
  std::optional<std::uint64_t> memory_size(std::uint32_t memory) override;
  Bytes read(std::uint32_t memory, std::uint64_t address, std::uint64_t size) override;
  void write(std::uint32_t memory, std::uint64_t address, Bytes bytes) override;
  bool limit_growth(std::uint32_t memory, std::optional<std::uint64_t> bytes) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace crossing::engine
