#include "io/mapping.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "io/descriptor.h"

namespace crossing {

Result<Mapping> Mapping::create(const std::string& path, std::size_t size, IfExists if_exists) {
  constexpr mode_t mode = S_IRUSR | S_IWUSR;  // [SEC-03]
  const int existing = if_exists == IfExists::refuse ? O_EXCL : O_TRUNC;
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | existing, mode), true);
  if (file.get() < 0) return system_failed(path, "create", errno);
  const auto give_up = [&](const char* what, int error) {
    ::unlink(path.c_str());
    return system_failed(path, what, error);
  };
  if (const int error = ::posix_fallocate(file.get(), 0, static_cast<off_t>(size)); error != 0) {
    return give_up("take room for the open blocks", error);
  }
  void* const data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (data == MAP_FAILED) return give_up("map", errno);
  Mapping mapping(static_cast<std::uint8_t*>(data), size);
  // A page of a shared file mapping is there for writing when it was written to.
  constexpr std::size_t page = 4096;
  for (std::size_t at = 0; at < size; at += page) {
    static_cast<volatile std::uint8_t*>(mapping.data_)[at] = 0;
  }
  return mapping;
}

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(other.size_) {}

Mapping::~Mapping() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

}  // namespace crossing
