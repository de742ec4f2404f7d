#include "crossing/trace.h"
#include "frame/frame.h"
#include "io/fault.h"
#include "trace/body_pipeline.h"
#include "trace/frame_judge.h"
#include "trace/locate.h"
#include "trace/open_file.h"

namespace crossing {

class Reader::Impl {
 public:
  Impl(ByteSource& source, ReaderOptions options)
      : pool_(std::make_shared<BufferPool>(2 + BodyPipeline::capacity(options.threads))),
        frames_(source, pool_),
        bodies_(pool_, options.threads),
        judge_(options) {
    if (source.open_file() != nullptr) judge_.follow_calls();
  }

  Result<void> begin() {
    while (!judge_.begun()) {
      auto item = step();
      if (!item) return tl::unexpected(item.error());
    }
    first_frame_ = judge_.offset();
    return {};
  }

  Result<Item> next() {
    if (failure_) return tl::unexpected(*failure_);
    while (!over_) {
      auto item = left_ ? step_left() : step();
      if (!item && !left_ && item.error().verdict == Verdict::truncated) {
        if (open_left()) {
          cut_ = item.error();
          continue;
        }
      }
      if (!item) failure_ = item.error();
      if (!item) return tl::unexpected(item.error());
      if (*item) return std::move(**item);
    }
    return Item{};
  }

  Result<void> seek(Wanted wanted) {
    SeekableSource* source = frames_.source().seekable();
    if (source == nullptr) {
      return tl::unexpected(Error{.verdict = Verdict::io,
                                  .message = "expected an input in which one can seek, found one "
                                             "that is read once, such as a pipe",
                                  .offset = {},
                                  .event = {}});
    }
    bodies_.clear();
    input_fault_.reset();
    input_over_ = over_ = false;
    failure_.reset();
    left_.reset();
    if (!locator_) locator_.emplace(*source, frames_, judge_, *pool_, first_frame_);
    auto sought = locator_->find(wanted).and_then([&](const Place& place) {
      judge_.jump(place.offset, place.entry);
      frames_.go_to(place.offset);
      return source->seek(place.offset);
    });
    if (!sought) failure_ = sought.error();
    return sought;
  }

  [[nodiscard]] const FrameJudge& judge() const { return judge_; }
  [[nodiscard]] const Preamble& preamble() const { return *frames_.preamble(); }

 private:
  /// Takes one frame; none: it gives no item, or the trace is over.
  Result<std::optional<Item>> step() {
    read_ahead();
    if (bodies_.empty()) {
      if (input_fault_) return tl::unexpected(*input_fault_);
      if (auto ended = judge_.input_ends(frames_.offset()); !ended) {
        return tl::unexpected(ended.error());
      }
      over_ = true;
      return std::nullopt;
    }
    BodyPipeline::Taken taken = bodies_.take();
    if (!taken.body) return tl::unexpected(taken.body.error());
    auto item = judge_.take(taken.frame, std::move(*taken.body));
    if (!item || !judge_.ended()) return item;
    auto at_end = frames_.at_end();
    if (!at_end) return tl::unexpected(at_end.error());
    if (!*at_end) return FrameJudge::more_after_end(judge_.offset());
    over_ = true;
    return item;
  }

  /// Whether there is an open file; its blocks come next [OPEN-06].
  bool open_left() {
    SeekableSource* const file = frames_.source().open_file();
    if (file == nullptr) return false;
    auto left = OpenFileReader::open(*file, preamble().salt);
    if (!left) return false;
    left_.emplace(std::move(*left));
    return true;
  }
  /// Takes a block of the open file; after the last one, the verdict of the trace.
  Result<std::optional<Item>> step_left() {
    auto block = left_->next();
    if (!block || !*block) return tl::unexpected(cut_);
    return judge_.take(std::move(**block));
  }

  /// As many frames as may be decoded at once, up to the end frame, the end or a fault.
  void read_ahead() {
    while (!input_over_ && !bodies_.full()) {
      auto frame = frames_.next();
      if (!frame) input_fault_ = frame.error();
      input_over_ = !frame || !*frame || (*frame)->header.is(FrameKind::end);
      if (!frame || !*frame) return;
      const bool wanted = judge_.wants((*frame)->header);
      bodies_.give(std::move(**frame), preamble().salt, wanted);
    }
  }

  std::shared_ptr<BufferPool> pool_;
  FrameReader frames_;
  BodyPipeline bodies_;
  FrameJudge judge_;
  std::optional<Locator> locator_;
  std::optional<OpenFileReader> left_;  // once all frames were taken
  Error cut_;                           // where they ended
  std::uint64_t first_frame_ = 0;       // after the trace info
  std::optional<Error> input_fault_;    // after the frames in `bodies_`
  bool input_over_ = false;
  bool over_ = false;
  std::optional<Error> failure_;
};

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

Result<Reader> Reader::open(ByteSource& source, ReaderOptions options) {
  auto impl = std::make_unique<Impl>(source, options);
  if (auto begun = impl->begin(); !begun) return tl::unexpected(begun.error());
  return Reader(std::move(impl));
}

const TraceInfo& Reader::info() const { return impl_->judge().info(); }
const Definitions& Reader::definitions() const { return impl_->judge().definitions(); }
const Totals& Reader::totals() const { return impl_->judge().totals(); }
const ReadCounts& Reader::counts() const { return impl_->judge().counts(); }
std::pair<std::uint16_t, std::uint16_t> Reader::format_version() const {
  return {impl_->preamble().format_major, impl_->preamble().format_minor};
}
Result<Item> Reader::next() { return impl_->next(); }
Result<void> Reader::seek(std::uint64_t number) {
  return impl_->seek({Wanted::Key::number, number});
}
Result<void> Reader::seek_time(std::uint64_t time) {
  return impl_->seek({Wanted::Key::time, time});
}
std::uint64_t Reader::offset() const { return impl_->judge().offset(); }

}  // namespace crossing
