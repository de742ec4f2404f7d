#include "engine.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
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

volatile std::sig_atomic_t engine_process = 0;

void pass_on(int signal) {
  if (engine_process > 0) ::kill(static_cast<pid_t>(engine_process), signal);
}

/// While the engine runs, what ends it is its own matter: an interrupt from the terminal reaches it
/// anyway, a request to terminate is passed on. How it ends then, its exit code says.
class SignalsToEngine {
 public:
  SignalsToEngine() {
    for (std::size_t i = 0; i < signals.size(); ++i) {
      struct sigaction action {};
      action.sa_handler = signals[i] == SIGINT || signals[i] == SIGQUIT ? SIG_IGN : pass_on;
      ::sigaction(signals[i], &action, &before_[i]);
    }
  }
  ~SignalsToEngine() {
    engine_process = 0;
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &before_[i], nullptr);
  }
  SignalsToEngine(const SignalsToEngine&) = delete;
  SignalsToEngine& operator=(const SignalsToEngine&) = delete;

  static constexpr std::array<int, 4> signals = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};

 private:
  std::array<struct sigaction, signals.size()> before_{};
};

/// In the new process: becomes the engine, and ends when this command is killed.
[[noreturn]] void become(const std::string& path, char* const* argv, pid_t parent) {
  for (const int signal : SignalsToEngine::signals) ::signal(signal, SIG_DFL);
  ::signal(SIGPIPE, SIG_DFL);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() == parent) ::execve(path.c_str(), argv, environ);
  ::_exit(errno == ENOENT || errno == ENOEXEC || errno == EACCES ? 127 : 126);
}

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

  const SignalsToEngine signals;
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return system_error(path, "run", errno);
  if (child == 0) become(path, argv.data(), parent);
  engine_process = child;

  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return system_error(path, "wait for", errno);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
    return failed("engine " + path + ": expected an executable, found what cannot be run");
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  const int signal = WTERMSIG(status);
  if (signal == SIGINT || signal == SIGTERM || signal == SIGHUP) return 128 + signal;
  return failed("engine " + path + ": ended by signal " + std::to_string(signal) + " (" +
                ::strsignal(signal) + ")");
}

}  // namespace crossing::tools
