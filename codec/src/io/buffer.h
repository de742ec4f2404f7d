#pragma once

/// Memory that is used again and again.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace crossing {

/// Bytes aligned to 8. What growing adds is not set.
class Buffer {
 public:
  /// At least `size` bytes, of which the first `kept` stay what they were.
  std::span<std::uint8_t> grow(std::size_t size, std::size_t kept = 0) {
    if (size > capacity_) {
      auto bytes = std::make_unique_for_overwrite<std::uint8_t[]>(size);
      if (kept != 0) std::memcpy(bytes.get(), bytes_.get(), kept);
      bytes_ = std::move(bytes);
      capacity_ = size;
    }
    return {bytes_.get(), size};
  }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t capacity_ = 0;
};

/// Buffers that come back when their last owner lets go of them, in whatever thread. They outlive
/// the pool where they have to.
class BufferPool : public std::enable_shared_from_this<BufferPool> {
 public:
  /// Keeps at most `most_free` buffers that nobody owns.
  explicit BufferPool(std::size_t most_free) : most_free_(most_free) { free_.reserve(most_free); }

  std::shared_ptr<Buffer> take() {
    std::unique_ptr<Buffer> buffer;
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        buffer = std::move(free_.back());
        free_.pop_back();
      }
    }
    if (!buffer) buffer = std::make_unique<Buffer>();
    return {buffer.release(), [pool = shared_from_this()](Buffer* used) {
              pool->give_back(std::unique_ptr<Buffer>(used));
            }};
  }

 private:
  void give_back(std::unique_ptr<Buffer> buffer) {
    const std::lock_guard lock(mutex_);
    if (free_.size() < most_free_) free_.push_back(std::move(buffer));
  }

  std::size_t most_free_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Buffer>> free_;
};

}  // namespace crossing
