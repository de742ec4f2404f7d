#pragma once

/// One event as text.

#include <string>

#include "crossing/text.h"
#include "dump/body_text.h"
#include "dump/lines.h"
#include "text/call_text.h"
#include "value/guest_memory.h"

namespace crossing::text {

class EventText {
 public:
  /// `definitions` may grow.
  EventText(const Definitions& definitions, Profile profile, const DumpOptions& options)
      : definitions_(definitions),
        calls_(definitions, profile, options.full),
        full_(options.full),
        color_(options.color),
        body_(color_, options.full) {}

  /// What begins with the event, without parameters.
  std::string opening(const EventView& event) const;

  /// An event that is a line by itself, without the end of the line. `memory`: what is known of
  /// that of the call around, or null.
  void append_line(std::string& out, const EventView& event, values::GuestMemory* memory);

  /// The parameters of a call in parentheses: those in an event, or as a whole.
  void append_params(std::string& out, const EventView& event, values::GuestMemory* memory);
  void append_params(std::string& out, std::uint32_t function, Bytes params,
                     values::GuestMemory* memory);

  /// "→ " and the result of a call: that in an event, or as a whole. `params` are those of the
  /// call.
  void append_results(std::string& out, const EventView& event, Bytes params,
                      values::GuestMemory* memory);
  void append_results(std::string& out, std::uint32_t function, Bytes params, Bytes results,
                      values::GuestMemory* memory);

  /// The body that the last line ended with, as far as it goes on.
  BodyText& body() { return body_; }

 private:
  void append_values(std::string& out, std::uint32_t function, Bytes params, Bytes results,
                     values::GuestMemory* memory);
  void append_memory(std::string& out, const EventView& event);
  void append_trap(std::string& out, const EventView& event) const;
  void append_gap(std::string& out, const EventView& event) const;
  void append_marker(std::string& out, const EventView& event);

  const Definitions& definitions_;
  CallText calls_;
  const bool full_;
  const Palette color_;
  BodyText body_;
};

}  // namespace crossing::text
