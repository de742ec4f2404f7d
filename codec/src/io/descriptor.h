#pragma once

/// What all files of the system have in common.

#include <unistd.h>

#include <cstring>
#include <string>
#include <utility>

#include "crossing/result.h"

namespace crossing {

/// "PATH: cannot WHAT: the system's words".
inline tl::unexpected<Error> system_failed(const std::string& path, const char* what, int error) {
  return tl::unexpected(Error{.verdict = Verdict::io,
                              .message = path + ": cannot " + what + ": " + std::strerror(error),
                              .offset = {},
                              .event = {}});
}

/// Owns a descriptor, unless it is one of the process's standard streams.
class Descriptor {
 public:
  Descriptor(int fd, bool owned) : fd_(fd), owned_(owned) {}
  Descriptor(Descriptor&& other) noexcept
      : fd_(other.fd_), owned_(std::exchange(other.owned_, false)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (owned_) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
  bool owned_;
};

}  // namespace crossing
