#include "dump/event_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "dump/titles.h"
#include "text/json_text.h"
#include "text/members.h"
#include "text/printable.h"

namespace crossing::text {
namespace {

constexpr std::size_t message_width = 200;

std::string task_state(const EventView& event) {
  switch (number_at<std::uint32_t>(event.body, 0)) {
    case 2: return ": returned";
    case 3: return ": cancelled before it started";
    case 4: return ": cancelled before it returned";
    default: return ": state " + std::to_string(number_at<std::uint32_t>(event.body, 0));
  }
}

std::string copy_text(const EventView& event) {
  constexpr std::string_view results[] = {"completed", "dropped", "cancelled"};
  const auto result = number_at<std::uint8_t>(event.body, 1);
  return fmt::format(
      "{} {} {}: {} element{}, {}",
      number_at<std::uint8_t>(event.body, 2) != 0 ? "future" : "stream", handle_text(event),
      number_at<std::uint8_t>(event.body, 0) == 0 ? "into the guest" : "out of the guest",
      number_at<std::uint32_t>(event.body, 4),
      number_at<std::uint32_t>(event.body, 4) == 1 ? "" : "s", result < 3 ? results[result] : "?");
}

}  // namespace

std::string EventText::opening(const EventView& event) const {
  std::string_view color = color_.host;
  std::string out;
  const auto function = [&] { return function_text(definitions_, event.subject); };
  switch (event.kind) {
    case EventKind::instantiate: out = instance_text(definitions_, event.subject); break;
    case EventKind::export_call: out = function() + call_id_text(event.detail); break;
    case EventKind::import_call:
      color = color_.guest;
      out = function() + call_id_text(event.detail);
      break;
    case EventKind::realloc_call:
      color = color_.memory;
      out = function();
      break;
    case EventKind::task_resolve:
      out = "resolve " + function() + call_id_text(event.detail) + task_state(event);
      break;
    case EventKind::copy: out = "copy " + copy_text(event); break;
    default: break;
  }
  std::string text(color);
  text += out;
  text += color_.reset;
  return text;
}

// --- values ------------------------------------------------------------------

void EventText::append_params(std::string& out, const EventView& event,
                              values::GuestMemory* memory) {
  const Function* callee = find_function(definitions_, event.subject);
  out += '(';
  if (!append_flagged(out, event)) {
    if (callee == nullptr || !event.last) {
      append_preview(out, event.body, event.body_size);
    } else {
      calls_.append_params(out, *callee, event.body, memory);
    }
  }
  out += ')';
}

void EventText::append_params(std::string& out, std::uint32_t function, Bytes params,
                              values::GuestMemory* memory) {
  out += '(';
  if (const Function* callee = find_function(definitions_, function)) {
    calls_.append_params(out, *callee, params, memory);
  }
  out += ')';
}

void EventText::append_results(std::string& out, const EventView& event, Bytes params,
                               values::GuestMemory* memory) {
  out += "→ ";
  if (append_flagged(out, event)) return;
  if (!event.last) return append_preview(out, event.body, event.body_size);
  append_values(out, event.subject, params, event.body, memory);
}

void EventText::append_results(std::string& out, std::uint32_t function, Bytes params,
                               Bytes results, values::GuestMemory* memory) {
  out += "→ ";
  append_values(out, function, params, results, memory);
}

void EventText::append_values(std::string& out, std::uint32_t function, Bytes params, Bytes results,
                              values::GuestMemory* memory) {
  const Function* callee = find_function(definitions_, function);
  if (callee == nullptr) return append_preview(out, results, results.size());
  calls_.append_results(out, *callee, params, results, memory);
}

// --- lines -------------------------------------------------------------------

void EventText::append_line(std::string& out, const EventView& event, values::GuestMemory* memory) {
  const auto into = std::back_inserter(out);
  const Bytes body = event.body;
  switch (event.kind) {
    case EventKind::export_enter:
      out += "enter";
      append_params(out, event, memory);
      break;
    case EventKind::lift:
    case EventKind::lower: append_memory(out, event); break;
    case EventKind::trap: append_trap(out, event); break;
    case EventKind::task_start:
    case EventKind::task_cancel:
      fmt::format_to(into, "{}{}{} {}{}", color_.host,
                     event.kind == EventKind::task_start ? "start" : "cancel", color_.reset,
                     function_text(definitions_, event.subject), call_id_text(event.detail));
      break;
    case EventKind::end_dropped: fmt::format_to(into, "end dropped {}", handle_text(event)); break;
    case EventKind::thread_switch:
      fmt::format_to(into, "{}thread {} goes on{}", color_.note, event.subject, color_.reset);
      break;
    case EventKind::thread_start:
      fmt::format_to(into, "{}thread {} begins{}{}", color_.note, event.subject, color_.reset,
                     call_id_text(event.detail));
      break;
    case EventKind::grow:
      fmt::format_to(into, "grow {} {} by {} → {}", event.detail == 0 ? "memory" : "table",
                     event.subject, number_at<std::uint64_t>(body, 0),
                     number_at<std::int64_t>(body, 8));
      break;
    case EventKind::gap: append_gap(out, event); break;
    case EventKind::digest:
      fmt::format_to(into, "digest of memory {}: {} bytes, {:016x}", event.subject,
                     number_at<std::uint64_t>(body, 0), number_at<std::uint64_t>(body, 8));
      break;
    case EventKind::marker: append_marker(out, event); break;
    default: {
      const std::string_view known = event_kind_name(event.kind);
      if (known.empty()) {
        fmt::format_to(into, "kind {}", static_cast<int>(event.kind));
      } else {
        out += known;
      }
      fmt::format_to(into, " {}, {}", event.subject, event.detail);
      body_.begin(out, event, body);
    }
  }
}

void EventText::append_memory(std::string& out, const EventView& event) {
  fmt::format_to(std::back_inserter(out), "{}{}{}{} 0x{:x}", color_.memory,
                 event_kind_name(event.kind), (event.flags & flag_snapshot) != 0 ? "~" : "",
                 color_.reset, event.detail);
  if (definitions_.memories.size() > 1) {
    fmt::format_to(std::back_inserter(out), " in memory {}", event.subject);
  }
  body_.begin(out, event, event.body);
}

void EventText::append_trap(std::string& out, const EventView& event) const {
  const auto code = static_cast<TrapCode>(event.detail);
  const bool exit = code == TrapCode::exit;
  constexpr std::string_view origins[] = {"guest", "host", "engine"};
  const auto origin = number_at<std::uint8_t>(event.body, 0);
  const auto status = number_at<std::int32_t>(event.body, 4);
  out += exit ? color_.note : color_.alarm;
  if (exit) {
    fmt::format_to(std::back_inserter(out), "exit {}", status);
  } else {
    const std::string_view known =
        event.detail <= 0xffffffff ? trap_code_name(code) : std::string_view();
    out += "trap ";
    if (known.empty()) {
      append_decimal(out, event.detail);
    } else {
      out += known;
    }
    fmt::format_to(std::back_inserter(out), " ({})", origin < 3 ? origins[origin] : "?");
  }
  out += color_.reset;
  if (event.body.size() > 8) {
    const Bytes message = event.body.subspan(8);
    out += ": ";
    append_printable(out, {reinterpret_cast<const char*>(message.data()), message.size()},
                     full_ ? message.size() : message_width, false);
  }
}

void EventText::append_gap(std::string& out, const EventView& event) const {
  const auto count = number_at<std::uint64_t>(event.body, 0);
  const std::string_view reason = gap_reason_name(static_cast<GapReason>(event.detail));
  out += color_.alarm;
  if (count == 0) {
    out += "gap: events";
  } else {
    fmt::format_to(std::back_inserter(out), "gap: {} event{}", count, count == 1 ? "" : "s");
  }
  fmt::format_to(std::back_inserter(out), " {}{}", reason == "ring" ? "no longer kept" : reason,
                 color_.reset);
}

void EventText::append_marker(std::string& out, const EventView& event) {
  const std::size_t size =
      static_cast<std::size_t>(std::min<std::uint64_t>(event.detail, event.body.size()));
  fmt::format_to(std::back_inserter(out), "{}marker ", color_.note);
  append_printable(out, {reinterpret_cast<const char*>(event.body.data()), size}, title_width,
                   false);
  out += color_.reset;
  body_.begin(out, event, event.body.subspan(size), size);
}

}  // namespace crossing::text
