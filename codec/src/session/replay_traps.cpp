/// Traps: those that were recorded and those that happen.

#include <algorithm>

#include "io/bytes.h"
#include "session/replay_session.h"

namespace crossing {
namespace {

constexpr std::size_t trap_message_size = 4096;  // of a recorded message, for people

/// Traps that depend on the machine: only their place can be compared [REPLAY-06].
bool by_place_only(TrapCode code) {
  return code == TrapCode::stack_overflow || code == TrapCode::out_of_memory ||
         code == TrapCode::interrupt;
}

/// Whether a recorded and a found code name the same trap [REPLAY-06].
bool same_trap(TrapCode recorded, TrapCode found) {
  const auto merged = [](TrapCode code) {
    switch (code) {
      case TrapCode::indirect_call_to_null: return TrapCode::bad_signature;
      case TrapCode::bad_conversion_to_integer: return TrapCode::integer_overflow;
      default: return code;
    }
  };
  return recorded == TrapCode::unknown || found == TrapCode::unknown ||
         merged(recorded) == merged(found);
}

}  // namespace

std::string trap_text(TrapCode code) {
  const std::string_view name = trap_code_name(code);
  return name.empty() ? "trap code " + std::to_string(static_cast<std::uint32_t>(code))
                      : std::string(name);
}

TrapCode trap_code_of(const EventView& event) {
  return static_cast<TrapCode>(static_cast<std::uint32_t>(event.detail));
}

/// A recorded trap that the host raised, or that goes on through it [TRAP-02].
Replayer::Impl::Flow Replayer::Impl::host_trap() {
  const EventView& event = take();
  if (load<std::uint8_t>(event.body.data()) == static_cast<std::uint8_t>(TrapOrigin::guest)) {
    const std::string where = frames_.empty() || frames_.back().kind == Frame::Kind::instantiate
                                  ? "the host"
                                  : identity_.title(frames_.back().subject);
    return diverged_at(event.sequence, where,
                       "a trap of the guest (" + trap_text(trap_code_of(event)) + ")", "none");
  }
  close(event);
  return Flow::unwind;
}

/// The guest trapped by itself [REPLAY-02] [REPLAY-06].
Replayer::Impl::Flow Replayer::Impl::guest_trapped(const GuestEnd& end, const std::string& title) {
  if (const Flow flow = take_digests(); flow != Flow::on) return flow;
  const EventView* next = cursor_.peek();
  std::string found = "a trap (" + trap_text(end.code) + ")";
  if (!end.message.empty()) found += ": " + end.message;
  if (next == nullptr || next->kind != EventKind::trap) {
    if (end.code == TrapCode::stack_overflow) found += ", for want of stack in this engine";
    return diverged(next, title, describe(next), found);
  }
  if (!same_trap(trap_code_of(*next), end.code)) {
    const Flow flow = differs({next->sequence, title, describe(next), found});
    if (flow != Flow::on) return flow;
  }
  close(take());
  return Flow::unwind;
}

/// Where only the place of a trap is known, the place is reached when it is next [REPLAY-06].
bool Replayer::Impl::place_only_trap() {
  const EventView* next = cursor_.peek();
  if (next == nullptr || next->kind != EventKind::trap || !by_place_only(trap_code_of(*next))) {
    return false;
  }
  close(take());
  return true;
}

/// Ends the innermost export_call or instantiate and all that it encloses [TRAP-02].
void Replayer::Impl::close(const EventView& event) {
  RunEnd end{
      .kind = trap_code_of(event) == TrapCode::exit ? RunEnd::Kind::exited : RunEnd::Kind::trapped,
      .status = load<std::int32_t>(&event.body[4]),
      .code = trap_code_of(event)};
  const Bytes message = event.body.subspan(8);
  end.message.assign(message.begin(),
                     message.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(
                                           message.size(), trap_message_size)));
  while (!frames_.empty()) {
    const Frame::Kind kind = frames_.back().kind;
    frames_.pop_back();
    if (kind == Frame::Kind::export_ || kind == Frame::Kind::instantiate) break;
  }
  state_ = State::unwinding;
  if (frames_.empty()) end_ = std::move(end);
}

}  // namespace crossing
