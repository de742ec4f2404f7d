#include "session/replay_effects.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "session/replay_values.h"

namespace crossing {
namespace {

std::optional<Bytes> inside(ReplayGuest& guest, std::uint32_t memory, std::uint64_t address,
                            std::uint64_t size) {
  const auto all = memory == none ? std::nullopt : guest.memory_size(memory);
  if (!all || size > *all || address > *all - size) return std::nullopt;
  return guest.read(memory, address, size);
}

}  // namespace

Effect effect_of(const Function& function) {
  for (const Name& name : function.names) {
    const std::string_view interface =
        std::string_view(name.instance_name).substr(0, name.instance_name.find('@'));
    const std::string_view f = name.function_name;
    if (function.role == Role::import_) {
      if (interface == "wasi:cli/stdout" && f == "get-stdout") return Effect::get_stdout;
      if (interface == "wasi:cli/stderr" && f == "get-stderr") return Effect::get_stderr;
    }
    if (interface != "wasi:io/streams") continue;
    if (function.role == Role::builtin && function.builtin == "resource.drop" &&
        (f == "output-stream" || f == "[resource-drop]output-stream")) {
      return Effect::drop;
    }
    if (function.role != Role::import_) continue;
    if (f == "[method]output-stream.write" ||
        f == "[method]output-stream.blocking-write-and-flush") {
      return Effect::write;
    }
    if (f == "[method]output-stream.write-zeroes" ||
        f == "[method]output-stream.blocking-write-zeroes-and-flush") {
      return Effect::write_zeroes;
    }
    if (f == "[method]output-stream.splice" || f == "[method]output-stream.blocking-splice") {
      return Effect::splice;
    }
  }
  return Effect::nothing;
}

PendingEffect ReplayEffects::before(Effect effect, const Function& function, Bytes params,
                                    ReplayGuest& guest) {
  PendingEffect pending{.effect = effect};
  if (effect == Effect::get_stdout || effect == Effect::get_stderr) return pending;
  const auto handle = core_integer(function.core_params, params, 0);
  const auto stream = handle ? streams_.find({function.instance, *handle}) : streams_.end();
  if (stream == streams_.end()) return {};
  pending.stream = stream->second;
  const auto second = core_integer(function.core_params, params, 1);
  if (effect == Effect::write_zeroes) pending.zeroes = second.value_or(0);
  if (effect != Effect::write) return pending;
  const auto size = core_integer(function.core_params, params, 2);
  const auto bytes =
      second && size ? inside(guest, function.options.memory, *second, *size) : std::nullopt;
  if (!bytes) return {};
  // The host's side may change them before the result is known.
  pending.bytes.assign(bytes->begin(), bytes->end());
  return pending;
}

Result<void> ReplayEffects::after(const PendingEffect& pending, const Function& function,
                                  Bytes params, Bytes results, ReplayGuest& guest) {
  switch (pending.effect) {
    case Effect::nothing: return {};
    case Effect::get_stdout:
    case Effect::get_stderr:
      if (const auto handle = core_integer(function.core_results, results, 0)) {
        streams_[{function.instance, *handle}] = pending.effect == Effect::get_stdout
                                                     ? OutputStream::standard_output
                                                     : OutputStream::standard_error;
      }
      return {};
    case Effect::drop:
      if (const auto handle = core_integer(function.core_params, params, 0)) {
        streams_.erase({function.instance, *handle});
      }
      return {};
    case Effect::write:
    case Effect::write_zeroes:
    case Effect::splice: break;
  }
  const auto area = core_integer(function.core_params, params, function.core_params.size() - 1);
  const auto first = area ? inside(guest, function.options.memory, *area, 1) : std::nullopt;
  if (!first || first->front() != 0) return {};  // [REG-06]
  if (pending.effect == Effect::write) return put(pending.stream, pending.bytes);
  if (pending.effect == Effect::splice) {
    if (options_.note && !std::exchange(noted_, true)) {
      options_.note("what was spliced into a standard stream is not in the trace and is not shown");
    }
    return {};
  }
  static constexpr std::array<std::uint8_t, 4096> zeroes{};
  for (std::uint64_t left = pending.zeroes; left > 0;) {
    const std::uint64_t now = std::min<std::uint64_t>(left, zeroes.size());
    if (auto written = put(pending.stream, Bytes(zeroes).first(now)); !written) return written;
    left -= now;
  }
  return {};
}

Result<void> ReplayEffects::put(OutputStream stream, Bytes bytes) {
  return options_.output ? options_.output(stream, bytes) : Result<void>{};
}

}  // namespace crossing
