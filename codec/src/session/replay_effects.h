#pragma once

/// What a replay repeats for the person who watches [REPLAY-07] [REG-05].

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "crossing/definitions.h"
#include "crossing/replay.h"

namespace crossing {

/// A row of the table of effects.
enum class Effect : std::uint8_t {
  nothing,
  get_stdout,
  get_stderr,
  write,
  write_zeroes,
  splice,
  drop
};

Effect effect_of(const Function& function);

/// What a call is to do once its result is known.
struct PendingEffect {
  Effect effect = Effect::nothing;
  OutputStream stream = OutputStream::standard_output;
  std::vector<std::uint8_t> bytes = {};
  std::uint64_t zeroes = 0;
};

/// A handle counts as standard output or error for the component instance that it was given to,
/// from the result of `get-stdout` until it is dropped.
class ReplayEffects {
 public:
  explicit ReplayEffects(const ReplayOptions& options) : options_(options) {}

  /// At a call of the guest, whose function has an effect.
  PendingEffect before(Effect effect, const Function& function, Bytes params, ReplayGuest& guest);
  /// At its result. An error is that of the output.
  Result<void> after(const PendingEffect& pending, const Function& function, Bytes params,
                     Bytes results, ReplayGuest& guest);

 private:
  using Handle = std::pair<std::uint32_t, std::uint64_t>;  // component instance, index

  Result<void> put(OutputStream stream, Bytes bytes);

  const ReplayOptions& options_;
  std::map<Handle, OutputStream> streams_;
  bool noted_ = false;
};

}  // namespace crossing
