#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <vector>

#include "command.h"
#include "crossing/text.h"
#include "output.h"

namespace crossing::tools {
namespace {

using Time = std::chrono::steady_clock;

/// How often a file is looked at.
constexpr auto interval = std::chrono::milliseconds(50);

struct Options {
  std::string trace;
  bool json = false;
  double timeout = 0;  // seconds; 0: none
};

volatile std::sig_atomic_t interrupted = 0;  // the signal

extern "C" void on_signal(int signal) { interrupted = signal; }

/// What a trace grows by. A pipe is waited for; a file is looked at again and again, since nothing
/// says that its end is not its end yet.
class GrowingInput {
 public:
  static Result<GrowingInput> open(const std::string& path) {
    const bool standard = path == "-";
    const int fd = standard ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return system_error(path, "open", errno);
    struct stat status {};
    if (::fstat(fd, &status) != 0) return system_error(path, "read", errno);
    if (S_ISDIR(status.st_mode)) return system_error(path, "read", EISDIR);
    return GrowingInput(standard ? "standard input" : path, fd, S_ISREG(status.st_mode));
  }

  struct Grown {
    Bytes bytes;        ///< valid until the next call; none: nothing yet
    bool over = false;  ///< nothing will come
  };

  /// What came, waiting for it at most for `interval`, and less where a signal comes.
  Result<Grown> next() {
    if (!is_file_) {
      pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
      if (::poll(&ready, 1, static_cast<int>(interval.count())) <= 0) return Grown{};
    }
    const ssize_t count = ::read(fd_, buffer_.data(), buffer_.size());
    if (count < 0 && errno != EINTR && errno != EAGAIN) return system_error(path_, "read", errno);
    if (count > 0) return Grown{.bytes = Bytes(buffer_).first(static_cast<std::size_t>(count))};
    if (count < 0) return Grown{};
    if (!is_file_) return Grown{.bytes = {}, .over = true};
    ::poll(nullptr, 0, static_cast<int>(interval.count()));
    return Grown{};
  }

 private:
  GrowingInput(std::string path, int fd, bool is_file)
      : path_(std::move(path)), fd_(fd), is_file_(is_file), buffer_(std::size_t{64} * 1024) {}

  std::string path_;
  int fd_;  // open until the process ends
  bool is_file_;
  std::vector<std::uint8_t> buffer_;
};

/// Prints what comes, frame by frame, until the trace is complete, has a fault, or `stopped`.
class Follower {
 public:
  explicit Follower(bool json) : json_(json) {}

  Result<void> take(Bytes bytes) {
    for (;;) {
      auto item = reader_.push(bytes);
      begin();
      if (!item) return finished(tl::unexpected(item.error()));
      if (!*item) return writer_ ? writer_->flush() : Result<void>{};
      if (auto written = writer_->write(**item); !written) return written;
    }
  }
  [[nodiscard]] bool complete() const { return reader_.ended(); }

  /// The verdict of what came.
  Result<void> finish() { return finished(reader_.finish()); }

 private:
  void begin() {
    if (writer_ || reader_.info() == nullptr) return;
    ByteSink& out = standard_output();
    writer_ = json_ ? json_writer(*reader_.info(), out)
                    : dump_writer(*reader_.info(), reader_.definitions(), out);
  }
  Result<void> finished(Result<void> verdict) {
    const auto written = writer_ ? writer_->finish() : Result<void>{};
    return verdict ? written : verdict;
  }

  bool json_;
  PushReader reader_;
  std::unique_ptr<ItemWriter> writer_;
};

Result<void> follow_input(GrowingInput& input, Follower& follower, double timeout) {
  Time::time_point last = Time::now();
  while (interrupted == 0) {
    const auto grown = input.next();
    if (!grown) return tl::unexpected(grown.error());
    if (!grown->bytes.empty()) {
      last = Time::now();
      if (auto taken = follower.take(grown->bytes); !taken) return taken;
      continue;
    }
    // Once the end frame is there, and nothing after it yet, nothing more is waited for.
    if (grown->over || follower.complete()) break;
    if (timeout > 0 && Time::now() - last >= std::chrono::duration<double>(timeout)) break;
  }
  return follower.finish();
}

int follow(const Options& options) {
  auto input = GrowingInput::open(options.trace);
  if (!input) return fail(options.trace, input.error());
  struct sigaction action {};
  action.sa_handler = on_signal;  // without SA_RESTART: waiting ends
  for (const int signal : {SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);

  Follower follower(options.json);
  const auto verdict = follow_input(*input, follower, options.timeout);
  if (interrupted != 0) {
    std::signal(interrupted, SIG_DFL);
    std::raise(interrupted);
  }
  return verdict ? 0 : fail(options.trace, verdict.error());
}

}  // namespace

void add_follow(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("follow", "Print the events of a trace while it is still being written");
  command->add_option("TRACE", options->trace, "Trace, or - for standard input")->required();
  command->add_flag("--json", options->json, "Canonical JSON, a line each");
  command
      ->add_option("--timeout", options->timeout,
                   "Give up when nothing came for so many seconds; default: wait")
      ->check(CLI::PositiveNumber);
  command->footer(
      "Events come block by block, as the recorder writes them. Ends where the trace does, with "
      "its\n"
      "verdict; when it is given up, or standard input ends, with that of what came, "
      "\"truncated\".\n"
      "Ctrl-C ends it at any time.\n"
      "\n"
      "Examples:\n"
      "  crossing follow run.xing\n"
      "  crossing follow --json --timeout 10 run.xing | jq .event.kind");
  command->callback([options, &action] { action = [options] { return follow(*options); }; });
}

}  // namespace crossing::tools
