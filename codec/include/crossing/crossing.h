#ifndef CROSSING_H
#define CROSSING_H

/// Crossing in C: traces of what crosses the boundary between a WebAssembly component and its host.
/// C99 and C++; this is the one header to include. Names and meaning are those of spec/.
///
/// Handles (`crossing_writer *`, …) are opaque. What a function named `…_new`, `…_create` or
/// `…_open` gave is the caller's, and ends by the `…_delete` of its type, which takes NULL, too. A
/// handle is used by one thread at a time; different handles by different threads. What a handle
/// was made with (a sink, a source, a wiring) outlives it. Pointers to handles, structs and results
/// are not NULL but where that is said.
///
/// Structs that grow begin with `struct_size`: the caller sets it to `sizeof` of its own struct,
/// zeroes the rest or calls the struct's `…_init`, and fills in what it wants. A library that is
/// newer than its caller takes members that are not there as zero, which means "as before"; an
/// older library refuses members it does not know unless they are zero. Structs that the library
/// hands out have its own `struct_size`: members beyond it are not there. Structs without
/// `struct_size` never change within `CROSSING_ABI_VERSION`.
///
/// Views (`crossing_bytes`, `crossing_string`, and structs that the library hands out) live as long
/// as the function that gave them says. What a caller passes in is read during the call only, but
/// for callbacks and their contexts, which live as long as the handle that took them.
///
/// Functions that can fail return a verdict, `CROSSING_OK` or why not, and say more in the
/// `crossing_error` that they are given, which may be NULL. A function that failed has given no
/// handle: its result is NULL. Nothing here throws, prints, exits or aborts, on any input; running
/// out of memory is `CROSSING_IO`. Callbacks throw nothing and do not jump away.

#include "crossing/c/base.h"
#include "crossing/c/definitions.h"
#include "crossing/c/event.h"
#include "crossing/c/io.h"
#include "crossing/c/recorder.h"
#include "crossing/c/replay.h"
#include "crossing/c/trace.h"

#endif
