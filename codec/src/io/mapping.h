#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "crossing/io.h"

namespace crossing {

/// A new file of fixed size, mapped, zero, its pages there and its room taken: writing to it can
/// neither fail nor wait for the disk. What is stored is in the file when the process is killed.
class Mapping {
 public:
  static Result<Mapping> create(const std::string& path, std::size_t size, IfExists if_exists);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&&) = delete;
  /// Unmaps; the file stays.
  ~Mapping();

  [[nodiscard]] std::uint8_t* data() const { return data_; }

 private:
  Mapping(std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  std::uint8_t* data_;
  std::size_t size_;
};

}  // namespace crossing
