#pragma once

/// Options that more than one handle takes.

#include "c/sized.h"
#include "crossing/trace.h"

namespace crossing::c {

/// NULL: those of a writer that got none.
Result<WriterOptions> writer_options_of(const crossing_writer_options* given);

/// NULL: those of a reader that got none.
Result<ReaderOptions> reader_options_of(const crossing_reader_options* given);

}  // namespace crossing::c
