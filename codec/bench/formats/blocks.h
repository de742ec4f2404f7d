#pragma once

/// Where the formats that know no blocks write: the same blocks as Crossing's, compressed alike.

#include <zstd.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "format.h"

namespace crossing::bench {

class Blocks {
 public:
  explicit Blocks(Compression compression) : compression_(compression), block_(2 * block_size) {
    if (compression == Compression::none) return;
    context_.reset(ZSTD_createCCtx());
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, 1);
  }

  /// Room for `size` bytes in the open block.
  std::uint8_t* room(std::size_t size) {
    if (used_ + size > block_.size()) [[unlikely]]
      block_.resize(used_ + size);
    return &block_[used_];
  }
  /// The first `size` bytes of that were used.
  void take(std::size_t size) {
    used_ += size;
    if (used_ >= block_size) [[unlikely]]
      close();
  }
  void put(const void* bytes, std::size_t size) {
    if (size == 0) return;
    std::memcpy(room(size), bytes, size);
    take(size);
  }

  /// Closes the last block, and gives the bytes of all.
  std::uint64_t finish() {
    close();
    return stored_;
  }

 private:
  static constexpr std::size_t block_size = 256 * 1024;

  void close() {
    if (compression_ == Compression::zstd) {
      compressed_.resize(ZSTD_compressBound(used_));
      stored_ += ZSTD_compress2(context_.get(), compressed_.data(), compressed_.size(),
                                block_.data(), used_);
    } else {
      stored_ += used_;
    }
    used_ = 0;
  }

  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  Compression compression_;
  std::unique_ptr<ZSTD_CCtx, Free> context_;
  std::vector<std::uint8_t> block_, compressed_;
  std::size_t used_ = 0;
  std::uint64_t stored_ = 0;
};

/// A format whose events stand one after the other: `Encoder` writes one by its call operator,
/// which takes the event, the time since the one before, and the blocks.
template <class Encoder>
class Stream final : public Format {
 public:
  explicit Stream(std::string_view name) : name_(name) {}
  [[nodiscard]] std::string_view name() const override { return name_; }

  std::uint64_t write(const Workload& workload, Compression compression) override {
    Blocks blocks(compression);
    Encoder encode;
    for (int round = 0; round < workload.rounds; ++round) {
      std::uint64_t time = 0;
      for (const Event& event : workload.events) {
        encode(event, event.time - time, blocks);
        time = event.time;
      }
    }
    return blocks.finish();
  }

 private:
  std::string_view name_;
};

}  // namespace crossing::bench
