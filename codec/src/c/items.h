#pragma once

/// What a reader gives: the item, its events, and all that they refer to.

#include <optional>
#include <vector>

#include "c/definitions.h"
#include "c/events.h"

namespace crossing::c {

class Items {
 public:
  /// Nothing was given yet, or what was is over.
  void reset() {
    next_event_.reset();
    block_ = {};
    new_definitions_.clear();
    open_calls_.clear();
    item_ = {};
    item_.struct_size = sizeof item_;
  }

  /// `all`: the reader's definitions.
  const crossing_item* take(const Item& found, const Definitions& all) {
    reset();
    definitions.add_rest(all);
    std::visit([this](const auto& item) { show(item); }, found);
    return &item_;
  }

  const crossing_event_view* next_event() {
    if (!next_event_ || *next_event_ == std::default_sentinel) return nullptr;
    event_ = to_c(**next_event_);
    ++*next_event_;
    return &event_;
  }

  crossing_definitions definitions;

 private:
  void show(std::monostate) { item_.kind = CROSSING_ITEM_END; }

  void show(NewDefinitions found) {
    for (const Definition& definition : found) {
      new_definitions_.push_back({static_cast<crossing_definition_kind>(definition.index()),
                                  std::visit([](const auto& one) { return one.id; }, definition)});
    }
    item_.kind = CROSSING_ITEM_DEFINITIONS;
    item_.definitions = new_definitions_.data();
    item_.definition_count = new_definitions_.size();
  }

  void show(const AttachmentPiece& piece) {
    item_.kind = CROSSING_ITEM_ATTACHMENT;
    item_.attachment = to_c(piece);
  }

  void show(const Block& found) {
    block_ = found;
    next_event_ = block_.begin();
    for (const OpenCall& call : block_.open_calls()) open_calls_.push_back(to_c(call));
    item_.kind = CROSSING_ITEM_BLOCK;
    item_.base_sequence = block_.base_sequence();
    item_.base_time = block_.base_time();
    item_.event_count = block_.size();
    item_.open_calls = open_calls_.data();
    item_.open_call_count = open_calls_.size();
  }

  crossing_item item_ = {};
  std::vector<crossing_definition> new_definitions_;
  std::vector<crossing_open_call> open_calls_;
  Block block_;
  std::optional<Block::Iterator> next_event_;
  crossing_event_view event_ = {};
};

}  // namespace crossing::c
