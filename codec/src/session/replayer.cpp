#include "crossing/replay.h"

#include <utility>

#include "session/replay_session.h"

namespace crossing {

int ReplayOutcome::exit_code() const {
  if (verdict != Verdict::ok) return static_cast<int>(verdict);
  if (!end) return 0;
  return end->kind == RunEnd::Kind::trapped ? 134 : end->status & 0xff;
}

bool ReplayGuest::limit_growth(std::uint32_t /*memory*/, std::optional<std::uint64_t> /*bytes*/) {
  return false;
}

Replayer::Replayer(ByteSource& trace, const Wiring& wiring, ReplayOptions options)
    : impl_(std::make_unique<Impl>(trace, wiring, std::move(options))) {}
Replayer::~Replayer() = default;

std::optional<ReplayOutcome> Replayer::refusal() { return impl_->refusal(); }
const TraceInfo* Replayer::info() const { return impl_->info(); }
ReplayOutcome Replayer::run(ReplayGuest& guest) { return impl_->run(guest); }
bool Replayer::import_called(std::uint32_t function, Bytes params,
                             std::span<std::uint8_t> results) {
  return impl_->import_called(function, params, results);
}
void Replayer::stop_before(std::uint64_t event, StopHandler handler) {
  impl_->stop_before(event, std::move(handler));
}

}  // namespace crossing
