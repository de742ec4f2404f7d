#include "retention.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "command.h"
#include "output.h"

namespace crossing::tools {
namespace {

/// Gone with its owner.
class Folder {
 public:
  static Result<Folder> create() {
    std::error_code error;
    std::string path = (std::filesystem::temp_directory_path(error) / "crossing-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) return system_error(path, "create", errno);
    return Folder(path);
  }
  Folder(Folder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Folder& operator=(Folder&&) = delete;
  ~Folder() {
    std::error_code error;
    if (!path_.empty()) std::filesystem::remove_all(path_, error);
  }
  [[nodiscard]] std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  explicit Folder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

class ThreadedRingPipe final : public RingPipe {
 public:
  ThreadedRingPipe(Folder folder, std::unique_ptr<RingFile> file, int pipe, int stop_read,
                   int stop_write)
      : folder_(std::move(folder)),
        path_(folder_.file("trace")),
        file_(std::move(file)),
        pipe_(pipe),
        stop_{stop_read, stop_write},
        thread_([this] { take(); }) {}
  ~ThreadedRingPipe() override {
    end();
    for (const int fd : {pipe_, stop_[0], stop_[1]}) ::close(fd);
  }

  [[nodiscard]] const std::string& pipe() const override { return path_; }
  Result<void> finish() override {
    end();
    if (!taken_) return taken_;
    return file_->complete();
  }

 private:
  void end() {
    if (!thread_.joinable()) return;
    // Whatever the engine wrote is in the pipe by now.
    const char byte = 0;
    [[maybe_unused]] const ssize_t written = ::write(stop_[1], &byte, 1);
    thread_.join();
  }

  void take() {
    std::vector<std::uint8_t> buffer(std::size_t{64} * 1024);
    bool stopping = false;
    for (;;) {
      std::array<pollfd, 2> fds = {pollfd{pipe_, POLLIN, 0}, pollfd{stop_[0], POLLIN, 0}};
      if (::poll(fds.data(), stopping ? 1 : 2, stopping ? 0 : -1) < 0 && errno != EINTR) return;
      stopping = stopping || fds[1].revents != 0;
      if ((fds[0].revents & POLLIN) == 0) {
        if (stopping || (fds[0].revents & POLLHUP) != 0) return;
        continue;
      }
      const ssize_t count = ::read(pipe_, buffer.data(), buffer.size());
      if (count <= 0) {
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        return;
      }
      // After a failure the engine goes on into nothing: the guest is not to be stopped.
      if (taken_) taken_ = file_->write(Bytes(buffer.data(), static_cast<std::size_t>(count)));
    }
  }

  Folder folder_;
  std::string path_;
  std::unique_ptr<RingFile> file_;
  int pipe_;
  std::array<int, 2> stop_;
  Result<void> taken_;
  std::thread thread_;
};

}  // namespace

Result<Ring> parse_ring(const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  constexpr std::pair<std::string_view, unsigned> units[] = {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
  if (error == std::errc() && number != 0) {
    for (const auto& [name, shift] : units) {
      if (unit == name && number <= UINT64_MAX >> shift) return Ring{.bytes = number << shift};
    }
    if (unit == "blocks") return Ring{.blocks = number};
    if (unit == "s") return Ring{.seconds = static_cast<double>(number)};
  }
  return tl::unexpected(usage_error(
      "--ring " + text + ": expected a number with KiB, MiB, GiB, blocks or s, as in 64MiB"));
}

Result<std::unique_ptr<RingPipe>> RingPipe::create(const std::string& path, bool force,
                                                   const Ring& ring) {
  auto folder = Folder::create();
  if (!folder) return tl::unexpected(folder.error());
  const std::string fifo = folder->file("trace");
  if (::mkfifo(fifo.c_str(), S_IRUSR | S_IWUSR) != 0) return system_error(fifo, "create", errno);
  auto file = RingFile::create(path, force ? IfExists::replace : IfExists::refuse, ring);
  if (!file) return tl::unexpected(file.error());
  // Not blocking: an engine that fails at once never opens it.
  const int pipe = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (pipe < 0) return system_error(fifo, "open", errno);
  std::array<int, 2> stop{};
  if (::pipe2(stop.data(), O_CLOEXEC) != 0) {
    ::close(pipe);
    return system_error(fifo, "watch", errno);
  }
  return std::make_unique<ThreadedRingPipe>(std::move(*folder), std::move(*file), pipe, stop[0],
                                            stop[1]);
}

}  // namespace crossing::tools
