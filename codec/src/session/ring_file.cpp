#include "crossing/ring.h"
#include "session/recording_sink.h"

namespace crossing {

class RingFile::Impl {
 public:
  RecordingSink sink;
};

RingFile::RingFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RingFile::~RingFile() = default;

Result<std::unique_ptr<RingFile>> RingFile::create(const std::string& path, IfExists if_exists,
                                                   const Ring& ring) {
  auto file = FileSink::create(path, if_exists);
  if (!file) return tl::unexpected(file.error());
  return std::unique_ptr<RingFile>(
      new RingFile(std::make_unique<Impl>(Impl{RecordingSink(std::move(*file), ring, false)})));
}

Result<void> RingFile::write(Bytes bytes) { return impl_->sink.write(bytes); }

Result<void> RingFile::complete() {
  return impl_->sink.let_go() ? complete_ring(impl_->sink.path()) : Result<void>{};
}

}  // namespace crossing
