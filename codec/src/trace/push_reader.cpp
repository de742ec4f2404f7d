#include "crossing/trace.h"
#include "frame/frame.h"
#include "trace/frame_judge.h"

namespace crossing {

class PushReader::Impl {
 public:
  explicit Impl(ReaderOptions options) : feed_(pool_), judge_(options) {}

  Result<std::optional<Item>> push(Bytes& bytes) {
    if (failure_) return tl::unexpected(*failure_);
    while (!bytes.empty()) {
      auto item = part(bytes);
      if (!item) failure_ = item.error();
      if (!item || *item) return item;
    }
    return std::nullopt;
  }

  Result<void> finish() {
    if (failure_) return tl::unexpected(*failure_);
    auto ends = feed_.input_ends();
    if (ends) ends = judge_.input_ends(feed_.offset());
    if (!ends) failure_ = ends.error();
    return ends;
  }

  [[nodiscard]] const FrameJudge& judge() const { return judge_; }
  [[nodiscard]] std::uint64_t offset() const { return feed_.offset(); }

 private:
  /// As many bytes as belong to one part of a frame.
  Result<std::optional<Item>> part(Bytes& bytes) {
    if (judge_.ended()) return FrameJudge::more_after_end(feed_.offset());
    auto frame = feed_.push(bytes);
    if (!frame) return tl::unexpected(frame.error());
    if (!*frame) return std::nullopt;
    auto body =
        decoder_.decode(**frame, feed_.preamble()->salt, *pool_, judge_.wants((*frame)->header));
    if (!body) return tl::unexpected(body.error());
    return judge_.take(**frame, std::move(*body));
  }

  std::shared_ptr<BufferPool> pool_ = std::make_shared<BufferPool>(2);
  FrameFeed feed_;
  BodyDecoder decoder_;
  FrameJudge judge_;
  std::optional<Error> failure_;
};

PushReader::PushReader(ReaderOptions options) : impl_(std::make_unique<Impl>(options)) {}
PushReader::PushReader(PushReader&&) noexcept = default;
PushReader& PushReader::operator=(PushReader&&) noexcept = default;
PushReader::~PushReader() = default;

Result<std::optional<Item>> PushReader::push(Bytes& bytes) { return impl_->push(bytes); }
Result<void> PushReader::finish() { return impl_->finish(); }
bool PushReader::ended() const { return impl_->judge().ended(); }
const TraceInfo* PushReader::info() const {
  return impl_->judge().begun() ? &impl_->judge().info() : nullptr;
}
const Definitions& PushReader::definitions() const {
  static const Definitions no_definitions;
  return impl_->judge().begun() ? impl_->judge().definitions() : no_definitions;
}
const Totals& PushReader::totals() const { return impl_->judge().totals(); }
std::uint64_t PushReader::offset() const { return impl_->offset(); }

}  // namespace crossing
