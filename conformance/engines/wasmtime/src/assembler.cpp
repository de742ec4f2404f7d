#include "assembler.h"

#include <xxhash.h>

#include <algorithm>
#include <array>

namespace crossing::engine {
namespace {

constexpr std::size_t message_size = 4096;

/// `text` without what would make it longer than `size`, and no cut character at its end.
std::string_view cut(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace

Result<void> Assembler::add(const Piece& piece, std::uint32_t recorders) {
  if (recorders > 1 && !merge_) {
    merge_ =
        std::make_unique<Merge>(functions_, [this](const Event& event) { return take(event); });
  }
  PieceReader& reader = readers_[piece.instance];
  if (!merge_) {
    return reader.read(piece, [this](const Event& event) { return take(event); });
  }
  auto read = reader.read(piece, [&](const Event& event) -> Result<void> {
    merge_->add(piece.instance, event);
    return {};
  });
  return read ? merge_->end_piece() : read;
}

Result<void> Assembler::end_pieces() { return merge_ ? merge_->finish() : Result<void>{}; }

Result<void> Assembler::take(const Event& event) {
  if (auto appended = writer_.append(event); !appended) return appended;
  ++event_count_;
  switch (event.kind) {
    case EventKind::export_call:
      if (calls_.empty() && functions_.at(event.subject).role == Role::export_) ++exports_called_;
      [[fallthrough]];
    case EventKind::instantiate:
    case EventKind::import_call:
    case EventKind::realloc_call: calls_.push_back({event.kind, event.subject, false}); break;
    case EventKind::export_enter:
      if (!calls_.empty()) calls_.back().entered = true;
      break;
    case EventKind::instantiate_end:
    case EventKind::export_result:
    case EventKind::import_result:
    case EventKind::realloc_result:
      if (!calls_.empty()) calls_.pop_back();
      break;
    default: break;
  }
  return {};
}

Result<void> Assembler::trap(Trap trap, const Lowered& lowered) {
  if (calls_.empty()) return put_trap(none, trap);  // [TRAP-02]
  while (!calls_.empty()) {
    const Call& call = calls_.back();
    const std::uint32_t subject = call.kind == EventKind::instantiate ? none : call.subject;
    if (auto put = put_lowered(call, lowered); !put) return put;
    if (auto put = put_trap(subject, trap); !put) return put;
    while (!calls_.empty()) {
      const EventKind kind = calls_.back().kind;
      calls_.pop_back();
      if (kind == EventKind::export_call || kind == EventKind::instantiate) break;
    }
    if (trap.origin != TrapOrigin::host) trap.origin = TrapOrigin::engine;  // [TRAP-01]
  }
  return {};
}

Result<void> Assembler::put_lowered(const Call& call, const Lowered& lowered) {
  const bool lowers =
      call.kind == EventKind::import_call || (call.kind == EventKind::export_call && !call.entered);
  if (!lowers || !lowered) return {};
  for (const MemoryBlock& block : lowered(functions_.at(call.subject).instance)) {
    auto put = take({.kind = EventKind::lower,
                     .flags = flag_snapshot,
                     .subject = block.memory,
                     .detail = block.start,
                     .body = block.bytes});
    if (!put) return put;
  }
  return {};
}

Result<void> Assembler::put_trap(std::uint32_t subject, const Trap& trap) {
  std::vector<std::uint8_t> body(8);
  body[0] = static_cast<std::uint8_t>(trap.origin);
  std::memcpy(&body[4], &trap.status, sizeof trap.status);
  const std::string_view message = cut(trap.message, message_size);
  body.insert(body.end(), message.begin(), message.end());
  return take({.kind = EventKind::trap,
               .subject = subject,
               .detail = static_cast<std::uint64_t>(trap.code),
               .body = body});
}

Result<void> Assembler::digest(std::uint32_t memory, Bytes bytes) {
  const std::uint64_t body[] = {bytes.size(), XXH3_64bits(bytes.data(), bytes.size())};  // [PAY-08]
  return take({.kind = EventKind::digest,
               .subject = memory,
               .body = Bytes(reinterpret_cast<const std::uint8_t*>(body), sizeof body)});
}

Result<void> Assembler::gap(GapReason reason) {
  const std::array<std::uint8_t, sizeof(GapPayload::count)> unknown = {};
  return take({.kind = EventKind::gap,
               .subject = none,
               .detail = static_cast<std::uint64_t>(reason),
               .body = unknown});
}

}  // namespace crossing::engine
