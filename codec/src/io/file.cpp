#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "crossing/io.h"
#include "io/descriptor.h"

namespace crossing {
namespace {

class FileSource final : public SeekableSource {
 public:
  /// `size` is none where the file is no regular one.
  FileSource(std::string path, int fd, bool owned, std::optional<std::uint64_t> size)
      : path_(std::move(path)), fd_(fd, owned), size_(size) {}

  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    for (;;) {
      const ssize_t count = ::read(fd_.get(), into.data(), into.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return system_failed(path_, "read", errno);
    }
  }
  [[nodiscard]] std::uint64_t size() const override { return size_.value_or(0); }
  SeekableSource* seekable() override { return size_ ? this : nullptr; }
  Result<void> seek(std::uint64_t offset) override {
    if (::lseek(fd_.get(), static_cast<off_t>(offset), SEEK_SET) < 0) {
      return system_failed(path_, "seek", errno);
    }
    return {};
  }
  std::uint64_t next_data(std::uint64_t offset) override {
    const off_t data = ::lseek(fd_.get(), static_cast<off_t>(offset), SEEK_DATA);
    if (data >= 0) return static_cast<std::uint64_t>(data);
    return errno == ENXIO ? std::max(offset, size()) : offset;
  }
  SeekableSource* open_file() override {
    if (!size_) return nullptr;
    if (!open_file_) {
      if (auto beside = open_seekable(open_path(path_))) open_file_ = std::move(*beside);
    }
    return open_file_.get();
  }

 private:
  std::string path_;
  Descriptor fd_;
  std::optional<std::uint64_t> size_;
  std::unique_ptr<SeekableSource> open_file_;
};

Result<std::unique_ptr<FileSource>> open_named(const std::string& path) {
  const bool standard = path == "-";
  const int fd = standard ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return system_failed(path, "open", errno);
  struct stat status {};
  const bool known = ::fstat(fd, &status) == 0;
  auto source = std::make_unique<FileSource>(standard ? "standard input" : path, fd, !standard,
                                             known && S_ISREG(status.st_mode)
                                                 ? std::optional<std::uint64_t>(status.st_size)
                                                 : std::nullopt);
  if (known && S_ISDIR(status.st_mode)) return system_failed(path, "read", EISDIR);
  return source;
}

}  // namespace

std::string open_path(const std::string& path) { return path + ".open"; }

Result<std::unique_ptr<ByteSource>> open_source(const std::string& path) {
  return open_named(path).map(
      [](std::unique_ptr<FileSource> source) -> std::unique_ptr<ByteSource> { return source; });
}

Result<std::unique_ptr<SeekableSource>> open_seekable(const std::string& path) {
  auto source = open_named(path);
  if (!source) return tl::unexpected(source.error());
  if (auto sought = (*source)->seek(0); !sought) return tl::unexpected(sought.error());
  return std::unique_ptr<SeekableSource>(std::move(*source));
}

Result<std::vector<std::uint8_t>> read_file(const std::string& path, std::uint64_t limit) {
  auto source = open_named(path);
  if (!source) return tl::unexpected(source.error());
  std::vector<std::uint8_t> bytes;
  std::size_t filled = 0;
  for (;;) {
    if (filled > limit) {
      return tl::unexpected(Error{
          .verdict = Verdict::limit,
          .message = path + ": expected at most " + std::to_string(limit) + " bytes, found more",
          .offset = {},
          .event = {}});
    }
    const std::uint64_t expected = std::max<std::uint64_t>((*source)->size(), filled) - filled;
    bytes.resize(filled + static_cast<std::size_t>(
                              std::clamp<std::uint64_t>(expected + 1, 65536, limit + 1)));
    auto count = (*source)->read(std::span(bytes).subspan(filled));
    if (!count) return tl::unexpected(count.error());
    if (*count == 0) break;
    filled += *count;
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace crossing
