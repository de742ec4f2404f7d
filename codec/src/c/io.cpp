#include "c/io.h"

#include "c/sized.h"
#include "c/views.h"

namespace crossing::c {
namespace {

Result<void> gave(int status, std::string_view what) {
  if (status == 0) return {};
  return usage("the caller's " + std::string(what) + " gave " + std::to_string(status));
}

class CallbackSink final : public ByteSink {
 public:
  explicit CallbackSink(const crossing_sink_callbacks& callbacks) : callbacks_(callbacks) {}
  CallbackSink(const CallbackSink&) = delete;
  CallbackSink& operator=(const CallbackSink&) = delete;
  ~CallbackSink() override {
    if (callbacks_.close != nullptr) callbacks_.close(callbacks_.context);
  }

  Result<void> write(Bytes bytes) override {
    return gave(callbacks_.write(callbacks_.context, to_c(bytes)), "write");
  }
  Result<void> flush() override {
    if (callbacks_.flush == nullptr) return {};
    return gave(callbacks_.flush(callbacks_.context), "flush");
  }

 private:
  crossing_sink_callbacks callbacks_;
};

/// Whether it is a `SeekableSource` in truth, too, its callbacks say.
class CallbackSource final : public SeekableSource {
 public:
  explicit CallbackSource(const crossing_source_callbacks& callbacks) : callbacks_(callbacks) {}
  CallbackSource(const CallbackSource&) = delete;
  CallbackSource& operator=(const CallbackSource&) = delete;
  ~CallbackSource() override {
    if (callbacks_.close != nullptr) callbacks_.close(callbacks_.context);
  }

  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    std::size_t count = 0;
    const int status = callbacks_.read(callbacks_.context, into.data(), into.size(), &count);
    if (auto good = gave(status, "read"); !good) return tl::unexpected(good.error());
    if (count > into.size()) {
      return usage("expected at most " + std::to_string(into.size()) +
                   " bytes of the caller's read, found " + std::to_string(count));
    }
    return count;
  }
  [[nodiscard]] std::uint64_t size() const override { return callbacks_.size; }
  SeekableSource* seekable() override { return callbacks_.seek == nullptr ? nullptr : this; }
  Result<void> seek(std::uint64_t offset) override {
    return gave(callbacks_.seek(callbacks_.context, offset), "seek");
  }

 private:
  crossing_source_callbacks callbacks_;
};

}  // namespace
}  // namespace crossing::c

using namespace crossing;
using namespace crossing::c;

crossing_verdict crossing_sink_new(const crossing_sink_callbacks* callbacks, crossing_sink** sink,
                                   crossing_error* error) {
  *sink = nullptr;
  return guarded(error, [&]() -> Result<void> {
    const auto known = read_sized(*callbacks, "crossing_sink_callbacks");
    if (!known) return tl::unexpected(known.error());
    if (known->write == nullptr) return usage("expected a callback write, found NULL");
    auto handle = std::make_unique<crossing_sink>();
    handle->sink = std::make_unique<CallbackSink>(*known);
    *sink = handle.release();
    return {};
  });
}

crossing_verdict crossing_sink_create_file(const char* path, bool replace, crossing_sink** sink,
                                           crossing_error* error) {
  *sink = nullptr;
  return guarded(error, [&]() -> Result<void> {
    auto handle = std::make_unique<crossing_sink>();
    auto file = create_sink(path, replace ? IfExists::replace : IfExists::refuse);
    if (!file) return tl::unexpected(file.error());
    handle->sink = std::move(*file);
    *sink = handle.release();
    return {};
  });
}

crossing_verdict crossing_sink_new_memory(crossing_sink** sink, crossing_error* error) {
  *sink = nullptr;
  return guarded(error, [&]() -> Result<void> {
    auto handle = std::make_unique<crossing_sink>();
    auto memory = std::make_unique<MemorySink>();
    handle->memory = memory.get();
    handle->sink = std::move(memory);
    *sink = handle.release();
    return {};
  });
}

crossing_bytes crossing_sink_memory(const crossing_sink* sink) {
  return sink->memory == nullptr ? crossing_bytes{} : to_c(sink->memory->bytes());
}

void crossing_sink_delete(crossing_sink* sink) { delete sink; }

crossing_verdict crossing_source_new(const crossing_source_callbacks* callbacks,
                                     crossing_source** source, crossing_error* error) {
  *source = nullptr;
  return guarded(error, [&]() -> Result<void> {
    const auto known = read_sized(*callbacks, "crossing_source_callbacks");
    if (!known) return tl::unexpected(known.error());
    if (known->read == nullptr) return usage("expected a callback read, found NULL");
    auto handle = std::make_unique<crossing_source>();
    auto caller = std::make_unique<CallbackSource>(*known);
    handle->source = std::move(caller);
    *source = handle.release();
    return {};
  });
}

crossing_verdict crossing_source_open_file(const char* path, crossing_source** source,
                                           crossing_error* error) {
  *source = nullptr;
  return guarded(error, [&]() -> Result<void> {
    auto handle = std::make_unique<crossing_source>();
    auto file = open_source(path);
    if (!file) return tl::unexpected(file.error());
    handle->source = std::move(*file);
    *source = handle.release();
    return {};
  });
}

crossing_verdict crossing_source_new_memory(crossing_bytes bytes, crossing_source** source,
                                            crossing_error* error) {
  *source = nullptr;
  return guarded(error, [&]() -> Result<void> {
    auto handle = std::make_unique<crossing_source>();
    auto memory = std::make_unique<MemorySource>(from_c(bytes));
    handle->source = std::move(memory);
    *source = handle.release();
    return {};
  });
}

void crossing_source_delete(crossing_source* source) { delete source; }
