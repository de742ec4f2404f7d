#include "io/file_sink.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace crossing {

Result<FileSink> FileSink::create(const std::string& path, IfExists if_exists) {
  // Only its user may read a trace [SEC-03].
  constexpr mode_t mode = S_IRUSR | S_IWUSR;
  const int existing = if_exists == IfExists::refuse ? O_EXCL : O_TRUNC;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | existing, mode);
  if (fd < 0) return system_failed(path, "create", errno);
  return FileSink(path, Descriptor(fd, true));
}

Result<void> FileSink::write(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_.get(), bytes.data(), bytes.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      return system_failed(path_, "write", errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> FileSink::sync() {
  if (::fdatasync(descriptor_.get()) != 0) return system_failed(path_, "sync", errno);
  return {};
}

Result<void> FileSink::punch(std::uint64_t offset, std::uint64_t size) {
  if (::fallocate(descriptor_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  static_cast<off_t>(offset), static_cast<off_t>(size)) != 0) {
    return system_failed(path_, "give back the room of an old block", errno);
  }
  return {};
}

Result<std::unique_ptr<ByteSink>> create_sink(const std::string& path, IfExists if_exists) {
  if (path == "-") {
    return std::make_unique<FileSink>("standard output", Descriptor(STDOUT_FILENO, false));
  }
  return FileSink::create(path, if_exists).map([](FileSink sink) -> std::unique_ptr<ByteSink> {
    return std::make_unique<FileSink>(std::move(sink));
  });
}

}  // namespace crossing
