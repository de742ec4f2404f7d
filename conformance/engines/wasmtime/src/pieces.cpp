#include "pieces.h"

#include <algorithm>
#include <cstring>

#include "crossing/limits.h"

namespace crossing::engine {
namespace {

// [SINK-10]
constexpr std::uint8_t magic[8] = {0x89, 'X', 'R', 'E', 'C', 0x0d, 0x0a, 0x1a};
constexpr std::uint32_t version = 1;
constexpr std::size_t version_at = 8;
constexpr std::size_t instance_at = 12;
constexpr std::size_t events_end_at = 16;
constexpr std::size_t payloads_end_at = 20;
constexpr std::size_t first_segment = 65536;
constexpr std::size_t segment_size = 262144;
/// An arena of a segment: where its size stands, where it begins, and what fits.
struct Arena {
  std::size_t size_at, at, capacity;
};
constexpr Arena events_arena = {0, 64, 65472};
constexpr Arena payloads_arena = {4, 65536, 65536};
constexpr Arena bulk_arena = {8, 131072, 131072};

/// The 16 bytes of the schema's `Event`.
struct Stored {
  std::uint8_t kind, flags;
  std::uint16_t time_delta;
  std::uint32_t subject, detail, payload_size;
};
static_assert(sizeof(Stored) == 16);

template <class T>
T load(const std::uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

tl::unexpected<Error> broken(std::string_view rule, std::string message) {
  return tl::unexpected(
      Error{.verdict = Verdict::invalid, .message = std::move(message), .rule = rule});
}

}  // namespace

Result<void> PieceReader::read(const Piece& piece, const EventTaker& take) {
  Bytes small = piece.payloads;
  Bytes large = piece.bulk;
  const auto taken = [](Bytes& arena, std::size_t size) -> std::optional<Bytes> {
    if (size > arena.size()) return std::nullopt;
    const Bytes bytes = arena.first(size);
    arena = arena.subspan(size);
    return bytes;
  };
  const auto ends_early = [] {
    return broken("SINK-04", "expected the body of each event in its piece, found fewer bytes");
  };
  if (piece.events.size() % sizeof(Stored) != 0) {
    return broken("SINK-04", "expected events of 16 bytes in a piece, found " +
                                 std::to_string(piece.events.size()) + " bytes");
  }
  for (std::size_t at = 0; at < piece.events.size(); at += sizeof(Stored)) {
    const auto stored = load<Stored>(piece.events.data() + at);
    const bool continues = (stored.flags & flag_continued) != 0;
    std::uint64_t whole = stored.payload_size;
    if (!open_ && continues) {
      const auto prefix = taken(small, sizeof whole);
      if (!prefix) return ends_early();
      whole = load<std::uint64_t>(prefix->data());
    }
    Bytes& arena = stored.payload_size >= limits::bulk_threshold ? large : small;  // [EVENT-03]
    const auto body = taken(arena, stored.payload_size);
    if (!body) return ends_early();
    if (!open_) {
      event_ = Event{.kind = static_cast<EventKind>(stored.kind),
                     .flags = static_cast<std::uint8_t>(stored.flags & ~flag_continued),
                     .subject = stored.subject,
                     .detail = stored.detail,
                     .body = *body};
      if (!continues) {
        if (auto done = take(event_); !done) return done;
        continue;
      }
      if (whole > limits::payload_size) {
        return broken("PAY-03", "expected a body of at most " +
                                    std::to_string(limits::payload_size) + " bytes, found " +
                                    std::to_string(whole));
      }
      body_.clear();
      size_ = whole;
      open_ = true;
    }
    body_.insert(body_.end(), body->begin(), body->end());
    if (body_.size() > size_ || (!continues && body_.size() != size_)) {
      return broken("PAY-03", "expected a body of " + std::to_string(size_) + " bytes, found " +
                                  std::to_string(body_.size()));
    }
    if (continues) continue;
    open_ = false;
    event_.body = body_;
    if (auto done = take(event_); !done) return done;
  }
  return {};
}

Result<std::optional<std::vector<Piece>>> held_pieces(Bytes memory) {
  if (memory.size() < first_segment + segment_size ||
      !std::equal(std::begin(magic), std::end(magic), memory.begin())) {
    return std::nullopt;
  }
  const auto word = [memory](std::size_t at) { return load<std::uint32_t>(memory.data() + at); };
  if (word(version_at) != version) {
    return broken("SINK-10", "expected version 1 of a recorder's memory, found " +
                                 std::to_string(word(version_at)));
  }
  const std::size_t events_end = word(events_end_at);
  const std::size_t last = events_end / 65536 * 65536;
  if (last < first_segment || last > memory.size() - segment_size ||
      (last - first_segment) % segment_size != 0) {
    return broken("SINK-10", "expected the end of a recorder's events in its memory, found it at " +
                                 std::to_string(events_end));
  }
  std::vector<Piece> pieces;
  for (std::size_t segment = first_segment; segment <= last; segment += segment_size) {
    bool fits = true;
    const auto arena = [&](const Arena& which, std::optional<std::size_t> end = {}) {
      const std::size_t size = end ? *end - segment - which.at : word(segment + which.size_at);
      fits = fits && size <= which.capacity;
      return fits ? memory.subspan(segment + which.at, size) : Bytes();
    };
    const auto end = [&](std::size_t at) {
      return segment == last ? std::optional<std::size_t>(word(at)) : std::nullopt;
    };
    const Piece piece = {word(instance_at), arena(events_arena, end(events_end_at)),
                         arena(payloads_arena, end(payloads_end_at)), arena(bulk_arena)};
    if (!fits) return broken("SINK-10", "expected less in a segment of a recorder's memory");
    if (!piece.events.empty()) pieces.push_back(piece);
  }
  return pieces;
}

}  // namespace crossing::engine
