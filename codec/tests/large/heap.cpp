#include "heap.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::uint64_t> allocated = 0;
std::atomic<std::uint64_t> most = 0;

}  // namespace

void* operator new(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  const std::uint64_t now = allocated += ::malloc_usable_size(memory);
  for (std::uint64_t seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
  }
  return memory;
}

void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  allocated -= ::malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace crossing::heap {

Watch::Watch() : before_(allocated) { most = before_; }
std::uint64_t Watch::peak() const { return most - before_; }

}  // namespace crossing::heap
