#pragma once

#include <cstdint>
#include <string>

#include "crossing/io.h"
#include "io/descriptor.h"

namespace crossing {

/// A file that is written from its start on.
class FileSink final : public ByteSink {
 public:
  /// As `create_sink`, for a path that is not "-".
  static Result<FileSink> create(const std::string& path, IfExists if_exists);
  FileSink(std::string path, Descriptor descriptor)
      : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

  Result<void> write(Bytes bytes) override;
  /// Returns when what was written is on the disk.
  Result<void> sync();
  /// Replaces bytes that were written by zeros, and gives their room back.
  Result<void> punch(std::uint64_t offset, std::uint64_t size);

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  Descriptor descriptor_;
};

}  // namespace crossing
