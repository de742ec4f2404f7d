#ifndef CROSSING_C_BASE_H
#define CROSSING_C_BASE_H

/// Versions, views and errors. Part of crossing.h.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CROSSING_API __attribute__((visibility("default")))

#ifdef __cplusplus
#define CROSSING_C_BEGIN extern "C" {
#define CROSSING_C_END }
#else
#define CROSSING_C_BEGIN
#define CROSSING_C_END
#endif

CROSSING_C_BEGIN

/// The version of this interface. It changes when a program that was built before no longer works
/// with the library: then the shared library's SONAME changes, too.
#define CROSSING_ABI_VERSION 1

/// The `CROSSING_ABI_VERSION` that the library was built with.
CROSSING_API uint32_t crossing_abi_version(void);
/// The library's version: major * 1000000 + minor * 1000 + patch.
CROSSING_API uint32_t crossing_version(void);
/// The version of the format that the library writes, which is apart from its own [PRE-04].
CROSSING_API void crossing_format_version(uint16_t* major, uint16_t* minor);

/// "None" in every id and index member [DEF-03].
#define CROSSING_NONE UINT32_C(0xffffffff)

/// Bytes that somebody else owns. `data` may be NULL where `size` is 0.
typedef struct crossing_bytes {
  const uint8_t* data;
  size_t size;
} crossing_bytes;

/// UTF-8 that somebody else owns; not terminated by a zero. `data` may be NULL where `size` is 0.
typedef struct crossing_string {
  const char* data;
  size_t size;
} crossing_string;

/// What an input is; the values are the exit codes of every command [VERDICT-05].
typedef uint8_t crossing_verdict;
enum {
  CROSSING_OK = 0,
  CROSSING_IO = 2,           ///< not a property of the input: I/O, memory, a wrong argument
  CROSSING_NOT_A_TRACE = 3,  ///< the first bytes are not the magic
  CROSSING_TRUNCATED = 4,    ///< ends too early; what stands before is good
  CROSSING_CORRUPT = 5,      ///< bytes are not what was written
  CROSSING_UNSUPPORTED = 6,  ///< well formed, but of a version, kind or feature not known here
  CROSSING_LIMIT = 7,        ///< larger than a limit of spec/limits.md
  CROSSING_INVALID = 8,      ///< as written, and against a rule of the format
  CROSSING_DIVERGED = 9      ///< replay: the guest did something else than was recorded
};
/// The verdict's name in the spec, "not-a-trace". Static storage.
CROSSING_API const char* crossing_verdict_name(crossing_verdict verdict);

/// Room for what went wrong. One object serves any number of calls: it holds what the last of them
/// that failed had to say. What its functions give is valid until the next such call.
typedef struct crossing_error crossing_error;

/// NULL: out of memory.
CROSSING_API crossing_error* crossing_error_new(void);
CROSSING_API void crossing_error_delete(crossing_error* error);

/// `CROSSING_OK`: nothing has failed yet.
CROSSING_API crossing_verdict crossing_error_verdict(const crossing_error* error);
/// A sentence for people that names what was expected and what was found, without the place.
CROSSING_API const char* crossing_error_message(const crossing_error* error);
/// All of it: "corrupt at offset 64: expected …, found … [FRAME-04]".
CROSSING_API const char* crossing_error_text(const crossing_error* error);
/// Id of the spec's rule, "FRAME-04"; empty: none. Static storage.
CROSSING_API const char* crossing_error_rule(const crossing_error* error);
/// The byte offset in the input that it is about. False: there is none, and `offset` stays as it
/// is.
CROSSING_API bool crossing_error_offset(const crossing_error* error, uint64_t* offset);
/// The number of the event that it is about. False: there is none, and `event` stays as it is.
CROSSING_API bool crossing_error_event(const crossing_error* error, uint64_t* event);

CROSSING_C_END

#endif
