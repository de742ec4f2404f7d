#pragma once

#include "crossing/io.h"

namespace crossing::testing {

/// A trace in memory with its open file.
class WithOpenFile final : public SeekableSource {
 public:
  WithOpenFile(Bytes trace, Bytes open_file) : trace_(trace), open_file_(open_file) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override { return trace_.read(into); }
  [[nodiscard]] std::uint64_t size() const override { return trace_.size(); }
  Result<void> seek(std::uint64_t offset) override { return trace_.seek(offset); }
  SeekableSource* open_file() override { return &open_file_; }

 private:
  MemorySource trace_;
  MemorySource open_file_;
};

}  // namespace crossing::testing
