#include "session/replay_cursor.h"

#include "event/kinds.h"

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
  if (ended_ || !open()) return false;
  iterator_.reset();
  for (;;) {
    auto item = reader_->next();
    if (!item) fault_ = item.error();
    if (!item || std::holds_alternative<std::monostate>(*item)) {
      ended_ = true;
      return false;
    }
    if (const auto* definitions = std::get_if<NewDefinitions>(&*item))
      on_definitions_(*definitions);
    if (const auto* block = std::get_if<Block>(&*item)) {
      block_ = *block;
      iterator_ = block_->begin();
      return true;
    }
  }
}

/// To the next event of any kind.
bool ReplayCursor::advance() {
  if (ended_) return false;
  if (iterator_) {
    ++*iterator_;
    if (*iterator_ != std::default_sentinel) return true;
  }
  return next_block();
}

void ReplayCursor::fetch() {
  peeked_ = true;
  do {
    has_next_ = advance();
  } while (has_next_ && (!(*iterator_)->first || is_informative((*iterator_)->kind)));
  if (!has_next_ || (*iterator_)->sequence < stop_at_) return;
  stop_at_ = 0xffffffffffffffff;
  const OnStop ask = std::exchange(on_stop_, nullptr);
  if (ask && !ask(**iterator_)) {
    stopped_ = ended_ = true;
    has_next_ = false;
  }
}

const EventView* ReplayCursor::next_piece() {
  if (!iterator_ || (*iterator_)->last) return nullptr;
  return advance() ? &**iterator_ : nullptr;
}

}  // namespace crossing
