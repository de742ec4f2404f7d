#include "input.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

namespace crossing::tools {
namespace {

using Time = std::chrono::steady_clock;

constexpr auto first_progress = std::chrono::milliseconds(700);
constexpr auto further_progress = std::chrono::milliseconds(100);

/// Counts the bytes that a source gives, and says how many of all they are.
class ProgressSource final : public ByteSource {
 public:
  ProgressSource(std::unique_ptr<ByteSource> source, std::string name, std::uint64_t size)
      : source_(std::move(source)), name_(std::move(name)), size_(size) {}
  ~ProgressSource() override {
    if (shown_) fmt::print(stderr, "\r\x1b[K");
  }

  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    auto count = source_->read(into);
    if (!count) return count;
    done_ += *count;
    if (const auto now = Time::now(); now >= next_) {
      fmt::print(stderr, "\r{}: {} % of {} MiB\x1b[K", name_, std::min(done_, size_) * 100 / size_,
                 size_ >> 20);
      std::fflush(stderr);
      next_ = now + further_progress;
      shown_ = true;
    }
    return count;
  }
  SeekableSource* seekable() override { return source_->seekable(); }
  SeekableSource* open_file() override { return source_->open_file(); }

 private:
  std::unique_ptr<ByteSource> source_;
  std::string name_;
  std::uint64_t size_;
  std::uint64_t done_ = 0;
  Time::time_point next_ = Time::now() + first_progress;
  bool shown_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> open_input(const std::string& path) {
  auto source = open_source(path);
  if (!source || ::isatty(STDERR_FILENO) == 0 || ::isatty(STDOUT_FILENO) != 0) return source;
  struct stat status {};
  if (path == "-" || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_size == 0) {
    return source;
  }
  return std::make_unique<ProgressSource>(std::move(*source), path,
                                          static_cast<std::uint64_t>(status.st_size));
}

Result<void> copy(ByteSource& source, ByteSink& sink) {
  std::vector<std::uint8_t> buffer(std::size_t{256} * 1024);
  for (;;) {
    auto count = source.read(buffer);
    if (!count) return tl::unexpected(count.error());
    if (*count == 0) return sink.flush();
    if (auto written = sink.write(Bytes(buffer.data(), *count)); !written) return written;
  }
}

Result<NamedInput> NamedInput::open(const std::string& path) {
  auto source = open_source(path);
  if (!source) return tl::unexpected(source.error());
  NamedInput input(path);
  struct stat status {};
  if (path != "-" && ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) return input;
  auto file = TemporaryFile::create("");
  if (!file) return tl::unexpected(file.error());
  if (auto copied = copy(**source, file->sink()); !copied) return tl::unexpected(copied.error());
  input.copy_.emplace(std::move(*file));
  return input;
}

}  // namespace crossing::tools
