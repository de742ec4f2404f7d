#ifndef CROSSING_C_IO_H
#define CROSSING_C_IO_H

/// Where bytes come from and go to. Part of crossing.h.

#include "crossing/c/base.h"

CROSSING_C_BEGIN

/// Takes bytes in order.
typedef struct crossing_sink crossing_sink;

/// A caller's own sink. A callback returns 0, or a number of its own (`errno`, say) that the
/// error's message then names. After a failure what was taken before stays taken.
typedef struct crossing_sink_callbacks {
  size_t struct_size;
  void* context;
  /// Takes all of `bytes` or fails.
  int (*write)(void* context, crossing_bytes bytes);
  /// Hands on what is still buffered. NULL: there is nothing to do.
  int (*flush)(void* context);
  /// Called once, by `crossing_sink_delete`. NULL: there is nothing to do.
  void (*close)(void* context);
} crossing_sink_callbacks;

CROSSING_API crossing_verdict crossing_sink_new(const crossing_sink_callbacks* callbacks,
                                                crossing_sink** sink, crossing_error* error);

/// Creates a file that only its user may read [SEC-03], or takes standard output for "-". `path`
/// ends in a zero. An existing file is replaced, or with `replace` false an error.
CROSSING_API crossing_verdict crossing_sink_create_file(const char* path, bool replace,
                                                        crossing_sink** sink,
                                                        crossing_error* error);

/// Collects bytes in memory; `crossing_sink_memory` gives them.
CROSSING_API crossing_verdict crossing_sink_new_memory(crossing_sink** sink, crossing_error* error);

/// What a sink of `crossing_sink_new_memory` holds, valid until something is written to it or it is
/// deleted; nothing of any other sink.
CROSSING_API crossing_bytes crossing_sink_memory(const crossing_sink* sink);

CROSSING_API void crossing_sink_delete(crossing_sink* sink);

/// Gives bytes in order.
typedef struct crossing_source crossing_source;

/// A caller's own source. A callback returns 0, or a number of its own (`errno`, say) that the
/// error's message then names.
typedef struct crossing_source_callbacks {
  size_t struct_size;
  void* context;
  /// Fills a prefix of `into` and says how long it is: 0 only at the end of the input.
  int (*read)(void* context, uint8_t* into, size_t size, size_t* count);
  /// The next read begins at `offset`, which is at most `size`. NULL: the source is read in order
  /// only.
  int (*seek)(void* context, uint64_t offset);
  /// Bytes of the whole input, for a source with `seek`.
  uint64_t size;
  /// Called once, by `crossing_source_delete`. NULL: there is nothing to do.
  void (*close)(void* context);
} crossing_source_callbacks;

CROSSING_API crossing_verdict crossing_source_new(const crossing_source_callbacks* callbacks,
                                                  crossing_source** source, crossing_error* error);

/// Opens a regular file for reading at any place, or any other file, and standard input for "-",
/// for reading in order. `path` ends in a zero.
CROSSING_API crossing_verdict crossing_source_open_file(const char* path, crossing_source** source,
                                                        crossing_error* error);

/// Reads `bytes` in place: they outlive the source.
CROSSING_API crossing_verdict crossing_source_new_memory(crossing_bytes bytes,
                                                         crossing_source** source,
                                                         crossing_error* error);

CROSSING_API void crossing_source_delete(crossing_source* source);

CROSSING_C_END

#endif
