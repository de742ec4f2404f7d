#pragma once

/// The generated core modules that every recorded component has: the recorder and its memory, and
/// for each guest memory what copies from it and what knows where the host may have written.
///
/// Names of imports: "r" is the recorder (and its memory), "s" the lowered sink, "g" the guest's
/// memory or what peeks into it, "c" the copier, "a" the areas, "x" the function that a shim wraps.

#include <cstdint>
#include <vector>

#include "instrument/core_emit.h"
#include "instrument/ids.h"

namespace crossing::instrument {

/// Core signatures of what the modules export to each other.
CoreSignature signature(std::size_t params, bool result = false);

/// An event struct's first word: kind and flags, no time.
std::uint32_t event_word(std::uint8_t kind, std::uint8_t flags = 0);

/// Exports "memory": the recorder's, with its header [SINK-10].
std::vector<std::uint8_t> memory_module(const Ids& ids);

/// Exports
/// - `next()`: the next events go into a segment of their own, for this one is full;
/// - `event(word, subject, detail, size) -> address`: an event with room for a body of fewer than
///   256 bytes, which the caller writes;
/// - `bulk(word, subject, detail, total, size) -> address`: one with a body of 256 to 65,536 bytes;
///   `total` is the size of the whole body in the first of several pieces, else 0;
/// - `flush()`: all that is held leaves;
/// - `settle()`: the same, once that is enough for a piece [SINK-06];
/// - `resolved()`: the end of the resolution that `layout::resolving_at` names.
/// Only `flush` and `settle` call the sink. Its start function opens the recorder and writes
/// `instantiate`.
std::vector<std::uint8_t> recorder_module(const Ids& ids);

/// Loads from the guest's memory, in a module of its own for engines whose modules have one memory.
/// Exports `p8`, `p16` and `p32(address) -> i32`, `p64(address) -> i64`, and `bytes() -> i64`, its
/// size.
std::vector<std::uint8_t> peek_module();

/// Exports `copy(address, size)`: a `lower` with `snapshot` of that area of the memory `id`, in
/// pieces [PAY-03], nothing if it is empty; with `lifts` also `lift(address, size)`, the same for a
/// `lift`, which lets pieces leave; and `memory()`: that id.
std::vector<std::uint8_t> copier_module(const Ids& ids, Slot id, bool single_memory, bool lifts);

/// The blocks that `realloc` gave in the open lowering and that are not saved yet [RECORD-02].
/// Exports
/// - `take(start, size)`: saves the blocks that the range overlaps, each whole; what lies in the
///   range is outstanding no more;
/// - `add(start, size)`: the same, and the range is outstanding from here on;
/// - `save()`: saves everything that is outstanding.
std::vector<std::uint8_t> areas_module();  // its memory: [SINK-13]

}  // namespace crossing::instrument
