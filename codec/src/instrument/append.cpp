#include "instrument/append.h"

#include "instrument/layout.h"

namespace crossing::instrument {

using enum Op;

namespace {

/// Two words that lie one after the other in memory.
constexpr std::uint64_t pair(std::uint32_t first, std::uint32_t second) {
  return std::uint64_t{second} << 32 | first;
}

/// The bits that say in which page of 64 KiB both addresses are.
constexpr std::uint64_t pages = pair(~(layout::page - 1), ~(layout::page - 1));

/// The cursor of an empty recorder, as far as pages.
constexpr std::uint64_t first_pages =
    pair(layout::first_segment, layout::first_segment + layout::payloads);

}  // namespace

/// Both addresses of the cursor move by one addition. Each arena ends where a page of 64 KiB does,
/// so an address that gets to another page says that there is no room.
void Appender::append(Code& f, Room room, const std::vector<NewEvent>& events) {
  if (cursor_ == none) {
    cursor_ = f.local(CoreType::i64);
    event_ = f.local(CoreType::i32);
    body_ = f.local(CoreType::i32);
  }
  std::uint32_t size = 0;
  for (const NewEvent& event : events) size += event.size;
  const auto count = static_cast<std::uint32_t>(events.size());
  const std::uint64_t advance = pair(count * layout::event_size, size);

  f.i32(0).load64(layout::cursor_at).set(cursor_).get(cursor_);
  if (room == Room::next) {
    f.i64(advance).op(i64_add).get(cursor_);
  } else {
    f.i64(advance + pair(layout::spare_room, layout::spare_room)).op(i64_add).i64(first_pages);
  }
  f.op(i64_xor).i64(pages).op(i64_and).i64(0).op(i64_ne).if_();
  f.call(room == Room::next ? next_ : flush_);
  f.i32(0).load64(layout::cursor_at).set(cursor_).end();

  f.get(cursor_).op(i32_wrap_i64).set(event_);
  for (std::uint32_t i = 0; i < count; ++i) head(f, events[i], i * layout::event_size);
  std::uint32_t offset = 0;
  if (size > 0) f.get(cursor_).i64(32).op(i64_shr_u).op(i32_wrap_i64).set(body_);
  for (const NewEvent& event : events) {
    if (event.body) event.body(f, body_, offset);
    offset += event.size;
  }
  f.i32(0).get(cursor_).i64(advance).op(i64_add).store64(layout::cursor_at);
}

void Appender::head(Code& f, const NewEvent& event, std::uint32_t offset) const {
  if (const auto subject = ids_.constant(event.subject)) {
    f.get(event_).i64(pair(event.word, *subject)).store64(offset);
  } else {
    f.get(event_).i32(event.word).store(offset);
    f.get(event_);
    ids_.push(f, event.subject);
    f.store(offset + 4);
  }
  if (event.detail) {
    f.get(event_).get(*event.detail).store(offset + 8);
    f.get(event_).i32(event.size).store(offset + 12);
  } else {
    f.get(event_).i64(pair(0, event.size)).store64(offset + 8);
  }
}

void push_enough(Code& f) {
  f.i32(0).load64(layout::cursor_at);
  f.i64(pair(layout::spare_room, layout::spare_room)).op(i64_add).i64(first_pages).op(i64_xor);
  f.i64(pages).op(i64_and).i64(0).op(i64_ne);
  f.i32(0).load(layout::first_segment + layout::bulk_size_at);
  f.i32(layout::enough_bulk).op(i32_ge_u).op(i32_or);
}

}  // namespace crossing::instrument
