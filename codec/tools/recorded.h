#pragma once

/// The component that a trace was recorded of.

#include <optional>
#include <string>

#include "crossing/definitions.h"
#include "crossing/io.h"
#include "digest.h"
#include "output.h"

namespace crossing::tools {

/// The first component that a trace defines. Reads no further than its definition.
Result<Component> recorded_component(ByteSource& trace);

/// Copies an attachment out of the trace.
Result<TemporaryFile> extract_attachment(ByteSource& trace, std::uint32_t id);

/// Copies the component's binary out of the trace, where it is attached. Its digest must be the
/// one that the trace declares [COMP-01].
Result<TemporaryFile> extract_component(ByteSource& trace, const Component& component);

/// SHA-256 of all of a file.
Result<Digest> file_digest(const std::string& path);

/// None when `digest` is the component's, else the sentence that it is not.
std::optional<std::string> mismatch(const Component& component, Bytes digest);

}  // namespace crossing::tools
