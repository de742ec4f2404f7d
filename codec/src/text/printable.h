#pragma once

/// Text for terminals: what a trace says never reaches one as a control character [SEC-06].

#include <cstddef>
#include <string>
#include <string_view>

#include "crossing/io.h"

namespace crossing::text {

/// Appends at most `limit` bytes of `value`, cut between characters, then "…" where it was cut.
/// What is not UTF-8, is a control character, or changes the direction or place of others is
/// escaped: `\n`, `\xff`, `\u{202e}`; `"` and `\` too when `quoted`.
void append_printable(std::string& out, std::string_view value, std::size_t limit, bool quoted);

/// Whether bytes look like text to a person.
bool looks_like_text(Bytes bytes);

/// Appends bytes so that they fit in about 60 columns: `"text…"`, or hexadecimal digits and what
/// of them is ASCII. `total` is how many there are, of which `bytes` are the first.
void append_preview(std::string& out, Bytes bytes, std::uint64_t total);

}  // namespace crossing::text
