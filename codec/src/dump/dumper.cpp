#include "dump/dumper.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "crossing/limits.h"
#include "dump/titles.h"

namespace crossing::text {
namespace {

/// The kind that an event ends; none for one that ends nothing.
std::optional<EventKind> ended_by(EventKind kind) {
  switch (kind) {
    case EventKind::instantiate_end: return EventKind::instantiate;
    case EventKind::export_result: return EventKind::export_call;
    case EventKind::import_result: return EventKind::import_call;
    case EventKind::realloc_result: return EventKind::realloc_call;
    case EventKind::task_resolve_end: return EventKind::task_resolve;
    case EventKind::copy_end: return EventKind::copy;
    default: return std::nullopt;
  }
}

bool has_results(EventKind kind) {
  return kind == EventKind::export_result || kind == EventKind::import_result ||
         kind == EventKind::realloc_result;
}

bool begins(EventKind kind) {
  switch (kind) {
    case EventKind::instantiate:
    case EventKind::export_call:
    case EventKind::import_call:
    case EventKind::realloc_call:
    case EventKind::task_resolve:
    case EventKind::copy: return true;
    default: return false;
  }
}

}  // namespace

Result<void> Dumper::block(const Block& block) {
  if (after_gap_) adopt(block.open_calls());
  after_gap_ = false;
  for (const EventView& view : block) {
    if (view.first) {
      event(view);
    } else {
      further_piece(view);
    }
    if (auto handed = lines_.hand_on_much(); !handed) return handed;
  }
  return {};
}

Result<void> Dumper::write(const Item& item) {
  const auto* events = std::get_if<Block>(&item);
  return events == nullptr ? Result<void>{} : block(*events);
}

Result<void> Dumper::flush() {
  settle();
  write_waiting();
  return lines_.flush();
}

Result<void> Dumper::finish() {
  end_body();
  return flush();
}

void Dumper::open_around(const EventView& event, const EventView* next) {
  frames().push_back(opened(event));
  if (next != nullptr && next->sequence < options_.from && next->kind == EventKind::export_enter &&
      next->subject == event.subject && event.kind == EventKind::export_call) {
    text_.append_params(frames().back().text, *next, nullptr);
  }
}

bool Dumper::is_top(EventKind kind, std::uint32_t subject) {
  return !frames().empty() && frames().back().kind == kind && frames().back().subject == subject;
}

void Dumper::event(const EventView& event) {
  end_body();
  last_ = event.sequence;
  shown_ = in_range(event.sequence);
  writes_ = nullptr;
  if (event.kind == EventKind::lift && hold(event)) return;
  settle();
  // A call that began before the range is context from here on.
  if (shown_ && waiting_ && !in_range(frames().back().sequence)) waiting_ = false;
  if (event.kind == EventKind::export_enter) {
    if (waiting_ && is_top(EventKind::export_call, event.subject)) {
      text_.append_params(frames().back().text, event, nullptr);
      return;
    }
  } else if (const auto ended = ended_by(event.kind)) {
    end_call(event, *ended);
    return;
  } else if (event.kind == EventKind::trap) {
    trap(event);
    return;
  }
  write_waiting();
  if (shown_) write_context();
  if (begins(event.kind)) {
    frames().push_back(opened(event));
    waiting_ = true;
    return;
  }
  if (event.kind == EventKind::lower && event.flags != flag_redacted && !frames().empty()) {
    learn(frames().back(), event);
  }
  if (event.kind == EventKind::gap) after_gap_ = true;
  if (shown_) write_single(event);
  if (event.kind == EventKind::thread_start || event.kind == EventKind::thread_switch) {
    switch_to(event.subject);
  }
}

void Dumper::further_piece(const EventView& event) {
  last_ = event.sequence;
  if (writes_ != nullptr) {
    writes_->write(write_at_, event.body);
    write_at_ += event.body.size();
  }
  text_.body().go_on(body_is_held_ ? lines_.held : lines_.written, event);
}

/// What an event opens, its parameters still to come in its text.
Dumper::Frame Dumper::opened(const EventView& event) {
  Frame frame{.kind = event.kind,
              .subject = event.subject,
              .sequence = event.sequence,
              .time = event.time,
              .text = text_.opening(event)};
  if (event.kind == EventKind::import_call || event.kind == EventKind::realloc_call) {
    frame.needs_params =
        event.flags == 0 && event.last && find_function(definitions_, event.subject) != nullptr;
    frame.params.assign(event.body.begin(), event.body.end());
    if (!frame.needs_params) text_.append_params(frame.text, event, nullptr);
  }
  return frame;
}

void Dumper::end_call(const EventView& event, EventKind kind) {
  std::string result;
  if (!is_top(kind, event.subject)) {  // out of order: a line of its own
    write_waiting();
    if (!shown_) return;
    values::GuestBytes unknown;
    if (has_results(event.kind)) text_.append_results(result, event, {}, &unknown);
    fmt::format_to(std::back_inserter(lines_.begin(event.sequence, event.time, frames().size())),
                   "{} {}\n", event_kind_name(event.kind), result);
    return;
  }
  if (shown_ && !waiting_) write_context();
  complete(frames().back());
  Ending ending{.frame = std::move(frames().back()),
                .sequence = event.sequence,
                .time = event.time,
                .joins = std::exchange(waiting_, false),
                .shown = shown_};
  frames().pop_back();
  if (kind == EventKind::realloc_call) move_block(ending.frame, event);
  if (kind == EventKind::export_call && event.flags == 0 && event.last) {
    ending.results.assign(event.body.begin(), event.body.end());
    known_.forget(ending.frame.memory);  // what the host wrote; what it reads follows
    ending_ = std::move(ending);
    return;
  }
  if (has_results(event.kind)) {
    text_.append_results(result, event, ending.frame.params, &ending.frame.memory.bytes);
  }
  write_end(ending, result);
  release();
  known_.forget(ending.frame.memory);
}

/// [TRAP-02]
void Dumper::trap(const EventView& event) {
  write_waiting();
  if (shown_) write_context();
  auto& open = frames();
  const auto drop = [&] {
    known_.forget(open.back().memory);
    open.pop_back();
  };
  while (!open.empty() && open.back().kind != EventKind::export_call &&
         open.back().kind != EventKind::instantiate) {
    drop();
  }
  const bool ends = !open.empty();
  if (ends) drop();
  if (!shown_) return;
  std::string& line = lines_.begin(event.sequence, event.time, open.size());
  line += ends ? "└ " : "";
  text_.append_line(line, event, nullptr);
  line += '\n';
}

void Dumper::switch_to(std::uint32_t thread) {
  thread_ = thread;
  if (threads_.size() > 2 * limits::open_calls) {
    std::erase_if(threads_, [&](const auto& entry) {
      return entry.first != thread_ && entry.second.empty();
    });
  }
}

/// After a gap the block says what is open.
void Dumper::adopt(std::span<const OpenCall> open_calls) {
  write_waiting();
  threads_.clear();
  known_ = {};
  for (const OpenCall& call : open_calls) {
    threads_[call.thread].push_back({.kind = call.kind,
                                     .subject = call.subject,
                                     .sequence = call.event,
                                     .text = call.kind == EventKind::instantiate
                                                 ? instance_text(definitions_, call.subject)
                                                 : function_text(definitions_, call.subject)});
  }
  if (!threads_.contains(thread_) && !threads_.empty()) thread_ = threads_.begin()->first;
}

}  // namespace crossing::text
