#pragma once

/// Where C++ ends: errors and exceptions become verdicts.

#include <exception>
#include <new>
#include <stdexcept>
#include <string>

#include "crossing/crossing.h"
#include "crossing/result.h"

struct crossing_error {
  crossing::Error value{.verdict = crossing::Verdict::ok};
  std::string text;
  bool out_of_memory = false;  ///< `value` and `text` do not count
};

namespace crossing::c {

/// Keeps `fault` in `error`, when there is one, and gives its verdict.
crossing_verdict report(crossing_error* error, const Error& fault) noexcept;
crossing_verdict report_out_of_memory(crossing_error* error) noexcept;

/// What is wrong with an argument, which is no property of an input.
inline tl::unexpected<Error> usage(std::string message) {
  return tl::unexpected(Error{.verdict = Verdict::io, .message = std::move(message)});
}

/// Runs `body`, which gives a `Result<void>`. The only exceptions there can be are those of the
/// standard library, for want of memory or of another resource.
template <class Body>
crossing_verdict guarded(crossing_error* error, Body&& body) noexcept {
  try {
    const Result<void> done = body();
    return done ? crossing_verdict{CROSSING_OK} : report(error, done.error());
  } catch (const std::bad_alloc&) {
    return report_out_of_memory(error);
  } catch (const std::length_error&) {
    return report_out_of_memory(error);
  } catch (const std::exception& exception) {
    try {
      return report(error, {.verdict = Verdict::io, .message = exception.what()});
    } catch (const std::bad_alloc&) {
      return report_out_of_memory(error);
    }
  } catch (...) {
    return report(error, {.verdict = Verdict::io});
  }
}

/// The same for a handle that is of no use after an exception: `broken` says so from then on.
template <class Body>
crossing_verdict guarded(bool& broken, crossing_error* error, Body&& body) noexcept {
  if (broken) return report_out_of_memory(error);
  broken = true;
  return guarded(error, [&] {
    const Result<void> done = body();
    broken = false;
    return done;
  });
}

}  // namespace crossing::c
