#include "instrument/append.h"

#include "instrument/layout.h"

namespace crossing::instrument {

using enum Op;

std::uint32_t Appender::append(Code& f, const EventPushes& pushes) {
  if (segment_ == none_yet) {
    for (std::uint32_t* local : {&segment_, &used_, &payloads_, &address_}) {
      *local = f.local(CoreType::i32);
    }
  }
  f.i32(0).load(layout::last_segment_at).set(segment_);
  f.get(segment_).load(layout::events_size_at).set(used_);
  f.get(segment_).load(layout::payloads_size_at).set(payloads_);
  f.get(used_).i32(layout::events_capacity - layout::event_size).op(i32_gt_u);
  f.get(payloads_);
  pushes.size(f);
  f.op(i32_add).i32(layout::payloads_capacity).op(i32_gt_u).op(i32_or).if_();
  f.i32(pushes.word);
  pushes.subject(f);
  pushes.detail(f);
  pushes.size(f);
  f.call(event_).set(address_).else_();
  f.get(segment_).get(used_).op(i32_add).set(address_);
  f.get(address_).i32(pushes.word).store(layout::events);
  f.get(address_);
  pushes.subject(f);
  f.store(layout::events + 4).get(address_);
  pushes.detail(f);
  f.store(layout::events + 8).get(address_);
  pushes.size(f);
  f.store(layout::events + 12);
  f.get(segment_).get(used_).i32(layout::event_size).op(i32_add).store(layout::events_size_at);
  f.get(segment_).get(payloads_);
  pushes.size(f);
  f.op(i32_add).store(layout::payloads_size_at);
  f.get(segment_).get(payloads_).op(i32_add).i32(layout::payloads).op(i32_add).set(address_).end();
  return address_;
}

void push_enough(Code& f) {
  const auto segment = f.local(CoreType::i32);
  f.i32(0).load(layout::last_segment_at).tee(segment);
  f.i32(layout::first_segment).op(i32_ne);
  f.get(segment).load(layout::events_size_at);
  f.get(segment).load(layout::payloads_size_at).op(i32_add);
  f.get(segment).load(layout::bulk_size_at).op(i32_add);
  f.i32(layout::piece_threshold).op(i32_ge_u).op(i32_or);
}

}  // namespace crossing::instrument
