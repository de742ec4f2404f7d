#pragma once

/// Where a command's bytes come from.

#include <memory>
#include <optional>
#include <string>

#include "crossing/io.h"
#include "output.h"

namespace crossing::tools {

/// Opens a file, or standard input for "-". Long reading of a file shows its progress on standard
/// error when that is a terminal and standard output is none.
Result<std::unique_ptr<ByteSource>> open_input(const std::string& path);

/// An input that is a file with a name, for who needs one: standard input and pipes are copied to
/// a temporary file.
class NamedInput {
 public:
  static Result<NamedInput> open(const std::string& path);
  [[nodiscard]] const std::string& path() const { return copy_ ? copy_->path() : path_; }

 private:
  explicit NamedInput(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::optional<TemporaryFile> copy_;
};

/// Copies all of `source` to `sink`.
Result<void> copy(ByteSource& source, ByteSink& sink);

}  // namespace crossing::tools
