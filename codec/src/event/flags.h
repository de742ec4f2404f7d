#pragma once

/// Flags that go together.

#include "crossing/event.h"

namespace crossing {

/// The body is not there: something stands for it, or nothing [PAY-07].
inline constexpr std::uint8_t replaced_flags = flag_redacted | flag_hashed | flag_omitted;

}  // namespace crossing
