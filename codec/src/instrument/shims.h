#pragma once

/// The generated core modules that stand between core code and the other side, one for each
/// boundary function: what they import under which name is in modules.h. Each exports one function,
/// with the signature of what it wraps: "f", or "enter" where the host calls it [SINK-14].

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "instrument/ids.h"
#include "instrument/lift.h"

namespace crossing::instrument {

/// Where the host writes a result that does not fit the core result.
struct ResultArea {
  std::uint32_t param = 0;
  std::uint32_t size = 0;
  /// Of a small one, where modules may have two memories: the memory's id. The shim copies it
  /// itself.
  std::optional<Slot> in_place = {};
};

/// What a function of a component whose calls go on after they returned does to areas that the host
/// may write later [WRITE-01]. `ordinal` is the memory's.
struct Waiting {
  enum class Kind : std::uint8_t {
    nothing,
    lower,           ///< async: the result area is written when the call resolves
    stream_read,     ///< a buffer of elements of `size` bytes
    future_read,     ///< one of them
    cancel_read,     ///< the buffer is the guest's again, unless it gives BLOCKED
    drop_readable,   ///< it is in any case
    wait,            ///< an event is told, its words in the result area
    cancel_subtask,  ///< the result area is, unless it gives BLOCKED
    drop_subtask,
  };
  Kind kind = Kind::nothing;
  std::uint32_t ordinal = 0;
  std::uint32_t size = 0;
};

/// A lowered import or a built-in: `import_call`, what the host wrote, `import_result`.
struct OutwardShim {
  Slot function = 0;
  CoreSignature signature;
  bool saves_areas = false;        // imports "a"
  std::optional<ResultArea> area;  // imports "c"; in place the memory, "m"
  /// What was recorded leaves before the call: it does not return, or another recorder goes on.
  bool flushes_before = false;
  /// False for what may be called where nothing may be called out [SINK-07].
  bool settles = true;
  bool has_hub = false;  // imports "h"; and "g" to read an event
  Waiting waiting;
  std::optional<Lifted> lifts;  // imports "l"
};
std::vector<std::uint8_t> outward_shim(const Ids& ids, const OutwardShim& shim);

/// A lifted function, callback, destructor or post-return: `export_call`, `export_enter`,
/// `export_result`.
struct InwardShim {
  Slot function = 0;
  CoreSignature signature;
  bool saves_areas = false;     // imports "a"
  bool has_hub = false;         // imports "h"
  bool is_callback = false;     // its parameters are an event
  std::optional<Lifted> lifts;  // imports "l"
  enum class After : std::uint8_t { nothing, settle, flush };
  After after = After::settle;
};
std::vector<std::uint8_t> inward_shim(const Ids& ids, const InwardShim& shim);

/// A realloc, as one canonical definition uses it. Imports "a".
struct ReallocShim {
  Slot function = 0;
  /// The export whose arguments it makes room for [RECORD-01]; none for an import's results.
  std::optional<Slot> lowers_arguments_of;
  /// The import whose results it makes room for after the call returned, if it is async.
  std::optional<Slot> resolves;
  bool has_hub = false;  // imports "h"
};
std::vector<std::uint8_t> realloc_shim(const Ids& ids, const ReallocShim& shim);

/// A module whose start function writes events without a body, of these kinds and subjects, and
/// then lets what is held leave, if asked.
std::vector<std::uint8_t> checkpoint_module(
    const Ids& ids, const std::vector<std::pair<std::uint8_t, Slot>>& events, bool flushes);

}  // namespace crossing::instrument
