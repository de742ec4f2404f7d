#pragma once

/// Where a command's bytes go: standard output, or a file that appears whole or not at all.

#include <string>
#include <string_view>

#include "crossing/io.h"

namespace crossing::tools {

/// Writes to a descriptor that somebody else closes.
class DescriptorSink : public ByteSink {
 public:
  DescriptorSink(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  Result<void> write(Bytes bytes) override;

 private:
  int fd_;
  std::string name_;
};

ByteSink& standard_output();

/// Whether somebody closed the other end of standard output, as `head` does: nobody is left to be
/// told anything.
bool standard_output_closed();

/// Whether text for a descriptor is coloured, `when` being auto, always or never: by itself where a
/// terminal shows it and NO_COLOR is not set.
bool wants_color(std::string_view when, int fd);

/// Writes text to standard output.
Result<void> print(std::string_view text);

/// A file in the making. Until `commit` it has another name beside its own, readable by its user
/// only [SEC-03]; without `commit` it is removed. "-" is standard output, and what is no regular
/// file (a pipe, a device) is written as it is.
class OutputFile {
 public:
  /// An existing file is refused without `force`.
  static Result<OutputFile> create(std::string path, bool force);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  ByteSink& sink() { return sink_; }
  Result<void> commit();

 private:
  OutputFile(std::string path, std::string temporary, int fd, bool force)
      : path_(std::move(path)),
        temporary_(std::move(temporary)),
        fd_(fd),
        force_(force),
        sink_(fd, path_ == "-" ? "standard output" : path_) {}

  std::string path_;
  std::string temporary_;  // empty: written in place
  int fd_;
  bool force_;
  DescriptorSink sink_;
};

/// Refuses a path that `OutputFile::create` would refuse, before long work is done.
Result<void> check_free(const std::string& path, bool force);

/// A file for the time of a command, gone afterwards.
class TemporaryFile {
 public:
  static Result<TemporaryFile> create(std::string_view suffix);
  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile();

  [[nodiscard]] const std::string& path() const { return path_; }
  ByteSink& sink() { return sink_; }

 private:
  TemporaryFile(std::string path, int fd) : path_(std::move(path)), fd_(fd), sink_(fd, path_) {}

  std::string path_;
  int fd_;
  DescriptorSink sink_;
};

/// "path: cannot WHAT: why"
tl::unexpected<Error> system_error(const std::string& path, std::string_view what, int error);

}  // namespace crossing::tools
