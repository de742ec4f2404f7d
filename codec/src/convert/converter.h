#pragma once

/// Events of an `abi` trace, one by one, to those of a `values` trace.

#include <optional>
#include <vector>

#include "component/types.h"
#include "convert/thing_names.h"
#include "crossing/convert.h"
#include "value/call.h"
#include "value/guest_bytes.h"

namespace crossing::converting {

/// An event with the bodies of its pieces together.
struct WholeEvent {
  EventView view;
  std::vector<std::uint8_t> body;
};

class Converter {
 public:
  Converter(const Definitions& definitions, Writer& writer)
      : definitions_(definitions), writer_(writer) {}

  Result<void> take(const WholeEvent& event);
  /// What is still to be written at the end.
  Result<void> finish() { return settle(); }
  [[nodiscard]] Conversion outcome() const;

 private:
  /// A call that is open.
  struct Frame {
    EventKind kind = EventKind::instantiate;
    std::uint32_t subject = 0;
    bool is_kept = false;  // the new trace has it
    bool is_redacted = false;
    std::vector<std::uint8_t> params;
    values::GuestBytes memory;
    std::uint64_t bytes = 0;  // in it
  };
  /// Values that the guest gave, whose bytes are read next.
  struct Pending {
    WholeEvent event;
    values::GuestBytes memory;
  };
  struct Encoded {
    std::vector<std::uint8_t> bytes;
    bool is_complete = false;
  };

  Result<void> call(const WholeEvent& event);
  Result<void> result(const WholeEvent& event);
  Result<void> trap(const WholeEvent& event);
  Result<void> lower(const WholeEvent& event);
  Result<void> settle();
  Result<void> given(const WholeEvent& event, Frame& frame);
  Result<void> append(const WholeEvent& event, std::uint8_t flags, Bytes body);
  Result<Encoded> encoded(const WholeEvent& event, bool to_guest, Bytes params,
                          values::GuestMemory& memory);
  void not_kept(const WholeEvent& event, const Frame& frame);
  std::optional<Frame> pop(EventKind kind, std::uint32_t subject);
  void forget(Frame& frame);
  Result<void> entered(const WholeEvent& event, Frame& frame);
  [[nodiscard]] bool is_kept(const Function& function) const;

  const Definitions& definitions_;
  Writer& writer_;
  values::CallShapes shapes_{definitions_};
  ThingNames things_;
  std::vector<Frame> frames_;
  std::optional<Pending> pending_;
  std::optional<std::uint32_t> trapped_;  // of a trap that goes on: the innermost call kept
  std::uint64_t known_ = 0;               // bytes of all frames
  std::uint64_t omitted_ = 0;
};

}  // namespace crossing::converting
