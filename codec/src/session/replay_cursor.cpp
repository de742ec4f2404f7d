#include "session/replay_cursor.h"

namespace crossing {

bool ReplayCursor::open() {
  if (!reader_ && !fault_) {
    auto reader = Reader::open(source_);
    if (reader) {
      reader_.emplace(std::move(*reader));
    } else {
      fault_ = reader.error();
      ended_ = true;
    }
  }
  return reader_.has_value();
}

bool ReplayCursor::next_block() {
  in_block_ = false;
  if (ended_ || !open()) return false;
  for (;;) {
    auto item = reader_->next();
    if (!item) fault_ = item.error();
    if (!item || std::holds_alternative<std::monostate>(*item)) {
      ended_ = true;
      return false;
    }
    if (const auto* definitions = std::get_if<NewDefinitions>(&*item)) {
      on_definitions_(*definitions);
    }
    if (const auto* block = std::get_if<Block>(&*item)) {
      block_ = *block;
      iterator_ = block_->begin();
      return in_block_ = true;
    }
  }
}

/// From where the iterator is, which is no event that is wanted, or none at all.
const EventView* ReplayCursor::find() {
  if (in_block_ && *iterator_ != std::default_sentinel) ++*iterator_;
  for (;; ++*iterator_) {
    while (!in_block_ || *iterator_ == std::default_sentinel) {
      if (!next_block()) return nullptr;
    }
    if (is_wanted(**iterator_)) return found_ = &**iterator_;
  }
}

/// The place to stop at is reached.
const EventView* ReplayCursor::stop() {
  stop_at_ = UINT64_MAX;
  const OnStop ask = std::exchange(on_stop_, nullptr);
  if (!ask || ask(*found_)) return next_ = found_;
  stopped_ = ended_ = true;
  in_block_ = false;
  found_ = nullptr;
  return nullptr;
}

const EventView* ReplayCursor::next_piece() {
  if (!in_block_ || (*iterator_)->last) return nullptr;
  ++*iterator_;
  if (*iterator_ == std::default_sentinel && !next_block()) return nullptr;
  return &**iterator_;
}

}  // namespace crossing
