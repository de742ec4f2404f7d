#pragma once

/// Where bytes come from and go to. The interfaces are tiny so that a caller can bring its own.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "crossing/result.h"

namespace [[gnu::visibility("default")]] crossing {

using Bytes = std::span<const std::uint8_t>;

/// Takes bytes in order.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  /// Takes all of `bytes` or fails. After a failure what was taken before stays taken.
  virtual Result<void> write(Bytes bytes) = 0;
  /// Hands on what is still buffered. Not a promise about power loss.
  virtual Result<void> flush() { return {}; }
};

class SeekableSource;

/// Gives bytes in order.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills a prefix of `into` and returns its length; 0 only at the end of the input.
  virtual Result<std::size_t> read(std::span<std::uint8_t> into) = 0;
  /// The next `size` bytes in their place, which then count as read; empty where the source has no
  /// place to show or fewer bytes, and nothing is read. They stay valid for as long as the source
  /// says.
  virtual Bytes lend(std::size_t size) {
    static_cast<void>(size);
    return {};
  }
  /// The source by which to move this one's place; null where it has no other than the next, as a
  /// pipe.
  virtual SeekableSource* seekable() { return nullptr; }
  /// The open file of a trace that this is and that is, or was, still recorded [OPEN-01]; null
  /// where there is none. A trace's reader goes on with it. A file finds its own.
  virtual SeekableSource* open_file() { return nullptr; }
};

/// A source whose bytes can be reached at any place.
class SeekableSource : public ByteSource {
 public:
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// The next read begins at `offset`, which is at most `size()`.
  virtual Result<void> seek(std::uint64_t offset) = 0;
  /// A hint: all bytes from `offset` up to the result are zero. Where the next read begins is not
  /// known afterwards.
  virtual std::uint64_t next_data(std::uint64_t offset) { return offset; }
  SeekableSource* seekable() override { return this; }
};

/// Collects bytes in memory.
class MemorySink final : public ByteSink {
 public:
  Result<void> write(Bytes bytes) override;
  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

/// Reads bytes that somebody else owns and keeps alive, as long as anything that was read of them:
/// it lends them.
class MemorySource final : public SeekableSource {
 public:
  explicit MemorySource(Bytes bytes) : bytes_(bytes) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override;
  Bytes lend(std::size_t size) override;
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  Result<void> seek(std::uint64_t offset) override;

 private:
  Bytes bytes_;
  std::size_t position_ = 0;
};

/// Path of the open file of the trace at `path` [OPEN-01].
std::string open_path(const std::string& path);

/// Opens a file, or standard input for "-", for reading. Directories are refused.
Result<std::unique_ptr<ByteSource>> open_source(const std::string& path);

/// Opens a regular file for reading at any place.
Result<std::unique_ptr<SeekableSource>> open_seekable(const std::string& path);

enum class IfExists : std::uint8_t { refuse, replace };

/// Creates a file, or takes standard output for "-". With `refuse` an existing file is an error
/// and stays as it is.
Result<std::unique_ptr<ByteSink>> create_sink(const std::string& path, IfExists if_exists);

/// Reads at most `limit` bytes of a file, or of standard input for "-"; one byte more is `limit`.
Result<std::vector<std::uint8_t>> read_file(const std::string& path, std::uint64_t limit);

}  // namespace crossing
