#pragma once

/// Code that appends events to the recorder's memory, which is memory 0 where it runs. It stands in
/// what is called most, so that a call of the guest costs no further calls.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "instrument/ids.h"

namespace crossing::instrument {

/// An event in the making.
struct NewEvent {
  std::uint32_t word = 0;  ///< kind and flags
  Slot subject = 0;
  std::optional<std::uint32_t> detail = {};  ///< a parameter; none for 0
  std::uint32_t size = 0;                    ///< of the body, fewer than 256 bytes
  /// Writes the body to `offset` bytes from the address in local `to`.
  std::function<void(Code& f, std::uint32_t to, std::uint32_t offset)> body = {};
};

/// Where there is no more room for the events the next segment begins; or all that is held leaves,
/// once that is enough for a piece [SINK-06].
enum class Room : std::uint8_t { next, flush };

/// Appends events in one function.
class Appender {
 public:
  /// Indices of the recorder's functions of those names; `flush` only where it is used.
  Appender(const Ids& ids, std::uint32_t next, std::uint32_t flush = none)
      : ids_(ids), next_(next), flush_(flush) {}

  /// The events count together, once their bodies are written, which call nothing.
  void append(Code& f, Room room, const std::vector<NewEvent>& events);

 private:
  void head(Code& f, const NewEvent& event, std::uint32_t offset) const;

  const Ids& ids_;
  std::uint32_t next_, flush_;
  std::uint32_t cursor_ = none, event_ = none, body_ = none;  // locals
};

/// Pushes 1 if the recorder holds enough for a piece [SINK-06].
void push_enough(Code& f);

}  // namespace crossing::instrument
