#pragma once

/// Ways to write events: what each costs, and how large what it writes is.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "workload.h"

namespace crossing::bench {

enum class Compression : std::uint8_t { none, zstd };  ///< zstd at level 1, blocks of 256 KiB

class Format {
 public:
  virtual ~Format() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Writes all events, as often as the workload says, to nowhere; gives the bytes of all of them,
  /// without what is not events.
  virtual std::uint64_t write(const Workload& workload, Compression compression) = 0;
};

// One each, in the file of its name.
std::unique_ptr<Format> make_recorder();
std::unique_ptr<Format> make_c_recorder();
std::unique_ptr<Format> make_writer();
std::unique_ptr<Format> make_raw();
std::unique_ptr<Format> make_table();
std::unique_ptr<Format> make_message();
std::unique_ptr<Format> make_msgpack();
std::unique_ptr<Format> make_json();

/// All of them, in the order in which they are shown.
std::vector<std::unique_ptr<Format>> make_formats();

}  // namespace crossing::bench
