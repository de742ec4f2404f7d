#include "c/error.h"
#include "crossing/event.h"
#include "frame/frame.h"

using namespace crossing;

uint32_t crossing_abi_version(void) { return CROSSING_ABI_VERSION; }
uint32_t crossing_version(void) { return CROSSING_VERSION_NUMBER; }
void crossing_format_version(uint16_t* major, uint16_t* minor) {
  *major = format_major;
  *minor = format_minor;
}

// Names are literals, and so end in a zero.
const char* crossing_verdict_name(crossing_verdict verdict) {
  return verdict_name(static_cast<Verdict>(verdict)).data();
}
const char* crossing_event_kind_name(crossing_event_kind kind) {
  const std::string_view name = event_kind_name(static_cast<EventKind>(kind));
  return name.empty() ? "" : name.data();
}
const char* crossing_trap_code_name(crossing_trap_code code) {
  const std::string_view name = trap_code_name(static_cast<TrapCode>(code));
  return name.empty() ? "" : name.data();
}
