#include "crossing/limits.h"
#include "event/batch.h"
#include "io/bytes.h"

namespace crossing {

Block::Iterator Block::begin() const { return Iterator(*this); }

Block::Iterator::Iterator(const Block& block)
    : block_(&block),
      continues_(block.begins_continued_),
      time_(block.base_time_),
      payload_(block.payloads_),
      bulk_(block.bulk_) {
  load();
}

/// Decodes the event at `index_`. The block was verified, so nothing is checked here.
void Block::Iterator::load() {
  if (index_ == block_->count_) return;
  const auto event = crossing::load<EventStruct>(block_->events_ + std::size_t{index_} * 16);
  const auto take_prefix = [this] {
    const auto value = crossing::load<std::uint64_t>(payload_);
    payload_ += 8;
    return value;
  };
  view_.first = !continues_;
  view_.last = (event.flags & flag_continued) == 0;
  time_ += (event.flags & flag_time_prefix) != 0 ? take_prefix() : event.time_delta;
  view_.detail = (event.flags & flag_wide) != 0 ? take_prefix() : event.detail;
  view_.body_size = view_.first && !view_.last ? take_prefix() : event.payload_size;

  const std::uint8_t*& arena = event.payload_size >= limits::bulk_threshold ? bulk_ : payload_;
  view_.body = {};
  if (arena != nullptr) {
    view_.body = Bytes(arena, event.payload_size);
    arena += event.payload_size;
  }
  continues_ = !view_.last;
  view_.sequence = block_->base_sequence_ + index_;
  view_.time = time_;
  view_.kind = static_cast<EventKind>(event.kind);
  view_.flags = static_cast<std::uint8_t>(event.flags & ~framing_flags);
  view_.subject = event.subject;
}

}  // namespace crossing
