#include "engine.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "output.h"

extern char** environ;

namespace crossing::tools {
namespace {

namespace fs = std::filesystem;

bool is_executable(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

tl::unexpected<Error> failed(std::string message) {
  return tl::unexpected(
      Error{.verdict = Verdict::io, .message = std::move(message), .offset = {}, .event = {}});
}

/// Leaves interrupts to the engine while it runs: what it writes then, and how it ends, is said
/// by its exit code.
class InterruptsIgnored {
 public:
  InterruptsIgnored() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGINT, &ignore, &interrupt_);
    ::sigaction(SIGQUIT, &ignore, &quit_);
  }
  ~InterruptsIgnored() {
    ::sigaction(SIGINT, &interrupt_, nullptr);
    ::sigaction(SIGQUIT, &quit_, nullptr);
  }
  InterruptsIgnored(const InterruptsIgnored&) = delete;
  InterruptsIgnored& operator=(const InterruptsIgnored&) = delete;

 private:
  struct sigaction interrupt_ {};
  struct sigaction quit_ {};
};

}  // namespace

Result<std::string> find_engine(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (is_executable(name)) return name;
    return failed(name + ": expected an executable engine");
  }
  const std::string file = "crossing-engine-" + name;
  std::error_code error;
  const fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (!error) {
    for (const fs::path& path : {beside / file, beside / ".." / "libexec" / "crossing" / file}) {
      if (is_executable(path)) return path.lexically_normal().string();
    }
  }
  if (const char* search = std::getenv("PATH")) {
    std::istringstream directories(search);
    for (std::string directory; std::getline(directories, directory, ':');) {
      if (directory.empty()) continue;
      if (const fs::path path = fs::path(directory) / file; is_executable(path)) {
        return path.string();
      }
    }
  }
  return failed("engine " + name + ": expected " + file +
                " beside this command, in ../libexec/crossing or on PATH, found none");
}

Result<int> run_engine(const std::string& path, const std::vector<std::string>& arguments) {
  std::vector<char*> argv = {const_cast<char*>(path.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  const InterruptsIgnored ignored;
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t defaults;
  ::sigemptyset(&defaults);
  for (const int signal : {SIGINT, SIGQUIT, SIGPIPE}) ::sigaddset(&defaults, signal);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t child = 0;
  const int error = ::posix_spawn(&child, path.c_str(), nullptr, &attributes, argv.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) return system_error(path, "run", error);

  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return system_error(path, "wait for", errno);
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return failed("engine " + path + ": ended by signal " + std::to_string(WTERMSIG(status)) + " (" +
                ::strsignal(WTERMSIG(status)) + ")");
}

}  // namespace crossing::tools
