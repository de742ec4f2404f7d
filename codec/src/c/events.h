#pragma once

/// Events in C and in C++.

#include "c/sized.h"
#include "c/views.h"
#include "crossing/event.h"
#include "crossing/trace.h"

namespace crossing::c {

static_assert(CROSSING_EVENT_MARKER == static_cast<int>(EventKind::marker));
static_assert(CROSSING_EVENT_DIGEST == static_cast<int>(EventKind::digest));
static_assert(CROSSING_FLAG_SNAPSHOT == static_cast<int>(flag_snapshot));
static_assert(CROSSING_TRAP_CANNOT_LEAVE == static_cast<int>(TrapCode::cannot_leave));

inline crossing_event_view to_c(const EventView& event) {
  crossing_event_view view = {};
  view.struct_size = sizeof view;
  view.kind = static_cast<crossing_event_kind>(event.kind);
  view.flags = event.flags;
  view.first = event.first;
  view.last = event.last;
  view.subject = event.subject;
  view.detail = event.detail;
  view.sequence = event.sequence;
  view.time = event.time;
  view.body = to_c(event.body);
  view.body_size = event.body_size;
  return view;
}

inline crossing_open_call to_c(const OpenCall& call) {
  return {call.event, call.thread, call.subject, call.call,
          static_cast<crossing_event_kind>(call.kind)};
}
inline OpenCall from_c(const crossing_open_call& call) {
  return {call.event, call.thread, call.subject, call.call, static_cast<EventKind>(call.kind)};
}

inline crossing_attachment_piece to_c(const AttachmentPiece& piece) {
  return {piece.id, to_c(piece.name), piece.offset, piece.total_size, to_c(piece.bytes)};
}
inline AttachmentPiece from_c(const crossing_attachment_piece& piece) {
  return {piece.id, from_c(piece.name), piece.offset, piece.total_size, from_c(piece.bytes)};
}

inline crossing_totals to_c(const Totals& totals) {
  crossing_totals view = {};
  view.event_count = totals.event_count;
  view.next_sequence = totals.next_sequence;
  view.last_time = totals.last_time;
  view.definition_count = totals.definition_count;
  view.payload_bytes = totals.payload_bytes;
  view.stored_bytes = totals.stored_bytes;
  view.decoded_bytes = totals.decoded_bytes;
  view.frame_count = totals.frame_count;
  view.block_count = totals.block_count;
  std::copy(totals.kind_counts.begin(), totals.kind_counts.end(), view.kind_counts);
  return view;
}

}  // namespace crossing::c
