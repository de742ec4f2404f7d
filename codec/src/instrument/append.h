#pragma once

/// Code that appends events to the recorder's memory, which is memory 0 where it runs. It stands in
/// what is called most, so that a call of the guest costs no further calls.

#include <cstdint>
#include <functional>

#include "instrument/core_emit.h"

namespace crossing::instrument {

/// Leaves one value on the stack. May be used more than once.
using Push = std::function<void(Code&)>;

/// The members of an event struct.
struct EventPushes {
  std::uint32_t word = 0;  ///< kind and flags
  Push subject;
  Push detail;
  Push size;  ///< of the body, fewer than 256 bytes
};

/// Appends events in one function.
class Appender {
 public:
  /// `event`: index of the recorder's function of that name, for when the segment is full.
  explicit Appender(std::uint32_t event) : event_(event) {}

  /// The event counts from here on; the local that is returned has the address of its body, which
  /// the caller writes before anything else runs.
  std::uint32_t append(Code& f, const EventPushes& pushes);

 private:
  std::uint32_t event_;
  std::uint32_t segment_ = none_yet, used_ = none_yet, payloads_ = none_yet, address_ = none_yet;
  static constexpr std::uint32_t none_yet = 0xffffffff;
};

/// Pushes 1 if the recorder holds enough for a piece [SINK-06].
void push_enough(Code& f);

}  // namespace crossing::instrument
