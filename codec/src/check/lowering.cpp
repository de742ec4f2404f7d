#include "check/lowering.h"

#include <algorithm>
#include <iterator>

#include "value/transcode.h"

namespace crossing::checking {
namespace {

std::string realloc_text(std::uint64_t old, std::uint64_t old_size, std::uint64_t alignment,
                         std::uint64_t new_size) {
  return "realloc(" + std::to_string(old) + ", " + std::to_string(old_size) + ", " +
         std::to_string(alignment) + ", " + std::to_string(new_size) + ")";
}

/// What a lowering of a string has stored when it asks for another block.
std::vector<std::uint8_t> stored_before(std::string_view text, StringEncoding encoding, bool wide,
                                        bool is_first) {
  const auto until = [&](auto&& is_beyond) {  // UTF-8 begins with the bytes of its characters
    return text.substr(0, static_cast<std::size_t>(
                              std::find_if(text.begin(), text.end(), is_beyond) - text.begin()));
  };
  switch (encoding) {
    case StringEncoding::utf8: {
      const auto part =
          is_first ? until([](char c) { return static_cast<unsigned char>(c) >= 0x80; }) : text;
      return {part.begin(), part.end()};
    }
    case StringEncoding::utf16: return values::utf16_of_utf8(text);
    case StringEncoding::latin1_utf16:
      if (wide && !is_first) return values::utf16_of_utf8(text);
      return values::latin1_of_utf8(
          until([](char c) { return static_cast<unsigned char>(c) > 0xc3; }));
  }
  return {};
}

bool is(const Realloc& call, std::uint64_t old, std::uint64_t old_size, std::uint64_t alignment,
        std::uint64_t new_size) {
  return call.old == old && call.old_size == old_size && call.alignment == alignment &&
         call.new_size == new_size;
}

std::string text_of(const Realloc* call) { return call ? call->text() : "no realloc_call"; }

}  // namespace

std::string Realloc::text() const { return realloc_text(old, old_size, alignment, new_size); }

// --- Lowering ----------------------------------------------------------------

void Lowering::clear() {
  reallocs_.clear();
  places_.clear();
  largest_ = 0;
  if (!memory_.empty()) memory_ = {};
  is_redacted = false;
}

void Lowering::add_area(std::uint64_t address, std::uint64_t size) {
  largest_ = std::max(largest_, size);
  if (size != 0) places_.emplace(address, size > ~address ? ~std::uint64_t{0} : address + size);
}

/// Whether an area or block overlaps these bytes.
bool Lowering::has_place_in(std::uint64_t address, std::uint64_t size) const {
  if (size == 0) return false;
  const auto after = places_.lower_bound(address);
  if (after != places_.end() && after->first - address < size) return true;
  int steps = 64;  // a guest that gives such blocks gives them soon
  for (auto place = after; place != places_.begin() && steps != 0; --steps) {
    --place;
    if (place->second > address) return true;
  }
  return false;
}

/// A block that is no longer there.
void Lowering::remove_block(std::uint64_t address, std::uint64_t size) {
  const auto [begin, end] = places_.equal_range(address);
  const auto block =
      std::find_if(begin, end, [&](const auto& place) { return place.second == address + size; });
  if (block != end) places_.erase(block);
}

std::uint64_t Lowering::end_realloc(std::optional<std::uint64_t> pointer) {
  if (reallocs_.empty()) return 0;
  Realloc& call = reallocs_.back();
  call.pointer = pointer;
  if (!pointer) return 0;
  if (call.old_size != 0) remove_block(call.old, call.old_size);
  // What was there is gone, but where the guest gives blocks that overlap.
  if (call.old_size == 0 && !has_place_in(*pointer, call.new_size)) {
    memory_.forget(*pointer, call.new_size);
  }
  add_area(*pointer, call.new_size);
  const Bytes old = memory_.prefix(call.old, call.old_size);
  call.old_bytes.assign(old.begin(), old.end());
  const std::uint64_t kept = std::min(call.old_size, call.new_size);
  return call.old_bytes.size() + (kept == 0 ? 0 : memory_.copy(call.old, kept, *pointer));
}

bool Lowering::may_write(std::uint64_t address, std::uint64_t size) const {
  const std::uint64_t end = address + size;
  while (address < end) {
    // Of blocks that overlap any may reach the address, as far as the largest one does.
    std::uint64_t covered = address;
    auto place = places_.upper_bound(address);
    int steps = 4096;  // more blocks than that in one another are not looked at
    while (covered == address && place != places_.begin()) {
      if (steps-- == 0) return true;
      --place;
      if (address - place->first >= largest_) return false;
      covered = std::max(covered, place->second);
    }
    if (covered == address) return false;
    address = covered;
  }
  return true;
}

// --- BlockMatcher ------------------------------------------------------------

std::optional<BlockMatcher::Mismatch> BlockMatcher::lies_at(std::uint64_t address,
                                                            const Realloc& block) const {
  if (!block.pointer || *block.pointer == address) return std::nullopt;
  return Mismatch{.rule = "REALLOC-04",
                  .event = block.event,
                  .has_event = true,
                  .expected = "the pointer " + std::to_string(*block.pointer) + " of " +
                              block.text() + " in the value",
                  .found = std::to_string(address)};
}

/// What a string's blocks held before they moved [LOWER-02]: of the first one what needs no larger
/// one, of others everything.
std::optional<BlockMatcher::Mismatch> BlockMatcher::moved(const SizeSequence& sequence,
                                                          std::string_view text,
                                                          StringEncoding encoding,
                                                          bool wide) const {
  for (std::uint32_t i = 1; i < sequence.count; ++i) {
    const Realloc& call = reallocs_[next_ + i];
    const std::vector<std::uint8_t> stored = stored_before(text, encoding, wide, i == 1);
    // Narrowed in place, it was twice as long.
    const std::size_t extent = stored.size() * (sequence.narrows ? 2 : 1);
    if (call.old_extent > extent) {  // [LOWER-01]
      return Mismatch{.rule = "LOWER-01",
                      .event = call.event,
                      .has_event = true,
                      .expected = std::to_string(extent) +
                                  " bytes exactly written in the block of " + call.text(),
                      .found = std::to_string(call.old_extent)};
    }
    const std::size_t size = std::min(stored.size(), call.old_bytes.size());
    if (std::equal(stored.begin(), stored.begin() + static_cast<std::ptrdiff_t>(size),
                   call.old_bytes.begin())) {
      continue;
    }
    return Mismatch{.rule = "LOWER-02",
                    .event = call.event,
                    .has_event = true,
                    .expected = "the bytes of the string in the block of " + call.text(),
                    .found = "others"};
  }
  return std::nullopt;
}

std::optional<BlockMatcher::Mismatch> BlockMatcher::block(std::uint64_t address, std::uint64_t size,
                                                          std::uint32_t alignment) {
  const Realloc* call = at(next_);
  if (call == nullptr || !is(*call, 0, 0, alignment, size)) {
    if (size == 0 && empty_strings_ != 0) {  // the string had no block, but this list
      --empty_strings_;
      return Mismatch{.rule = "REALLOC-02",
                      .is_empty_string = true,
                      .expected = "a block for an empty string",
                      .found = "none"};
    }
    return Mismatch{.rule = "REALLOC-02",
                    .event = call ? call->event : 0,
                    .has_event = call != nullptr,
                    .expected = realloc_text(0, 0, alignment, size),
                    .found = text_of(call)};
  }
  ++next_;
  return lies_at(address, *call);
}

std::optional<BlockMatcher::Mismatch> BlockMatcher::string(std::uint64_t address,
                                                           std::string_view text,
                                                           StringEncoding encoding, bool wide) {
  const std::uint64_t alignment = encoding == StringEncoding::utf8 ? 1 : 2;
  const StringSizes sizes(text, encoding, wide);
  const auto matches = [&](const SizeSequence& sequence) {
    for (std::uint32_t i = 0; i < sequence.count; ++i) {
      const Realloc* call = at(next_ + i);
      if (call == nullptr) return false;
      if (i == 0) {
        if (!is(*call, 0, 0, alignment, sequence.sizes[0])) return false;
        continue;
      }
      const Realloc& before = reallocs_[next_ + i - 1];
      const std::uint64_t old = before.pointer.value_or(call->old);
      const bool narrows = sequence.narrows && i + 1 == sequence.count;
      if (!is(*call, old, sequence.sizes[i - 1], narrows ? 1 : alignment, sequence.sizes[i])) {
        return false;
      }
    }
    return true;
  };
  const SizeSequence* best = nullptr;
  for (const SizeSequence& sequence : sizes) {
    if ((best == nullptr || sequence.count > best->count) && matches(sequence)) best = &sequence;
  }
  if (best == nullptr) {
    Mismatch mismatch{.rule = "REALLOC-02", .is_empty_string = text.empty()};
    if (const Realloc* call = at(next_); call != nullptr && !text.empty()) {
      mismatch.event = call->event;
      mismatch.has_event = true;
    }
    for (const SizeSequence& sequence : sizes) {
      mismatch.expected += mismatch.expected.empty() ? "blocks of " : ", or ";
      for (std::uint32_t i = 0; i < sequence.count; ++i) {
        if (i != 0) mismatch.expected += " then ";
        mismatch.expected += std::to_string(sequence.sizes[i]);
      }
    }
    mismatch.expected += " bytes for a string, aligned to " + std::to_string(alignment);
    for (std::size_t i = next_; i < next_ + 3 && i < reallocs_.size(); ++i) {
      if (i != next_ && reallocs_[i].old_size == 0) break;
      if (i != next_) mismatch.found += ", ";
      mismatch.found += reallocs_[i].text();
    }
    if (mismatch.found.empty()) mismatch.found = text_of(nullptr);
    return mismatch;
  }
  const Realloc& block = reallocs_[next_ + best->count - 1];
  auto misplaced = lies_at(address, block);
  if (text.empty() && misplaced) {  // the block is that of something else
    return Mismatch{.rule = "REALLOC-02",
                    .is_empty_string = true,
                    .expected = std::move(misplaced->expected),
                    .found = std::move(misplaced->found)};
  }
  auto other = moved(*best, text, encoding, wide);
  next_ += best->count;
  if (!misplaced) misplaced = std::move(other);
  if (text.empty() && best->count == 1) ++empty_strings_;
  return misplaced;
}

std::optional<BlockMatcher::Mismatch> BlockMatcher::end() const {
  const Realloc* call = at(next_);
  if (call == nullptr) return std::nullopt;
  return Mismatch{.rule = "REALLOC-02",
                  .event = call->event,
                  .has_event = true,
                  .expected = "no further realloc_call",
                  .found = call->text()};
}

}  // namespace crossing::checking
