#include "output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace crossing::tools {
namespace {

bool output_closed = false;

/// Whether a path names something that is written in place.
bool is_special(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

}  // namespace

tl::unexpected<Error> system_error(const std::string& path, std::string_view what, int error) {
  std::string message = path;
  message += ": cannot ";
  message += what;
  message += ": ";
  message += std::strerror(error);
  return tl::unexpected(
      Error{.verdict = Verdict::io, .message = std::move(message), .offset = {}, .event = {}});
}

Result<void> DescriptorSink::write(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno == EPIPE && fd_ == STDOUT_FILENO) output_closed = true;
      return system_error(name_, "write", errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

ByteSink& standard_output() {
  static DescriptorSink sink(STDOUT_FILENO, "standard output");
  return sink;
}

bool standard_output_closed() { return output_closed; }

bool wants_color(std::string_view when, int fd) {
  if (when != "auto") return when == "always";
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return ::isatty(fd) != 0 && (no_color == nullptr || *no_color == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

Result<void> print(std::string_view text) {
  return standard_output().write(
      Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

Result<void> check_free(const std::string& path, bool force) {
  struct stat status {};
  if (path == "-" || ::stat(path.c_str(), &status) != 0) return {};
  if (S_ISDIR(status.st_mode)) return system_error(path, "write", EISDIR);
  if (force || !S_ISREG(status.st_mode)) return {};
  return tl::unexpected(Error{.verdict = Verdict::io,
                              .message = path + ": exists already, and --force was not given",
                              .offset = {},
                              .event = {}});
}

Result<OutputFile> OutputFile::create(std::string path, bool force) {
  if (path == "-") return OutputFile(path, "", STDOUT_FILENO, force);
  if (auto free = check_free(path, force); !free) return tl::unexpected(free.error());
  if (is_special(path)) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) return system_error(path, "write", errno);
    return OutputFile(std::move(path), "", fd, force);
  }
  std::string temporary = path + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return system_error(path, "create", errno);
  return OutputFile(std::move(path), std::move(temporary), fd, force);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, "")),
      fd_(std::exchange(other.fd_, -1)),
      force_(other.force_),
      sink_(std::move(other.sink_)) {}

OutputFile::~OutputFile() {
  if (fd_ > STDERR_FILENO) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<void> OutputFile::commit() {
  if (temporary_.empty()) return {};
  if (::close(std::exchange(fd_, -1)) != 0) return system_error(path_, "write", errno);
  if (!force_) {
    // A link never replaces what appeared meanwhile; some file systems have none.
    if (::link(temporary_.c_str(), path_.c_str()) == 0) return {};
    if (errno == EEXIST) return system_error(path_, "create", errno);
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return system_error(path_, "create", errno);
  }
  temporary_.clear();
  return {};
}

Result<TemporaryFile> TemporaryFile::create(std::string_view suffix) {
  const char* directory = std::getenv("TMPDIR");
  std::string path = directory != nullptr && *directory != '\0' ? directory : "/tmp";
  path += "/crossing-XXXXXX";
  path += suffix;
  const int fd = ::mkostemps(path.data(), static_cast<int>(suffix.size()), O_CLOEXEC);
  if (fd < 0) return system_error(path, "create", errno);
  return TemporaryFile(std::move(path), fd);
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : path_(std::exchange(other.path_, "")),
      fd_(std::exchange(other.fd_, -1)),
      sink_(std::move(other.sink_)) {}

TemporaryFile::~TemporaryFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace crossing::tools
