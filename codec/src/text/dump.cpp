#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "call_text.h"
#include "crossing/text.h"
#include "json_text.h"
#include "members.h"
#include "printable.h"
#include "value/guest_bytes.h"

namespace crossing {
namespace text {
namespace {

constexpr std::size_t buffer_size = 64 * 1024;
constexpr std::size_t name_width = 120;
constexpr std::size_t deepest_indent = 40;
constexpr std::size_t held_size = 1024 * 1024;
constexpr std::uint64_t known_size = 64 * 1024 * 1024;  // of guest memory that is kept
constexpr std::uint64_t write_cost = 256;  // what keeping a write takes beside its bytes

/// ANSI sequences, or nothing.
struct Palette {
  explicit Palette(bool color) {
    if (!color) return;
    reset = "\x1b[0m";
    faint = "\x1b[2m";
    host = "\x1b[36m";
    guest = "\x1b[32m";
    memory = "\x1b[34m";
    alarm = "\x1b[1;31m";
    note = "\x1b[33m";
  }
  std::string_view reset, faint, host, guest, memory, alarm, note;
};

/// Reads a struct's members from the start of a body; zero where it is too short.
template <class T>
T number_at(Bytes body, std::size_t offset) {
  T value = 0;
  if (offset + sizeof value <= body.size()) std::memcpy(&value, body.data() + offset, sizeof value);
  return value;
}

/// A call, or a lowering with an end of its own.
struct Frame {
  EventKind kind = EventKind::export_call;
  std::uint32_t subject = 0;
  std::uint64_t sequence = 0;
  std::uint64_t time = 0;
  std::string text;           // of its first line
  bool needs_params = false;  // its parameters are still to come in it
  std::vector<std::uint8_t> params;
  values::GuestBytes memory;  // what the host wrote, or read for its parameters
  std::uint64_t known = 0;    // its cost
};

/// The end of a call that waits for what the host reads of the result.
struct Ending {
  Frame frame;
  std::uint64_t sequence = 0;
  std::uint64_t time = 0;
  bool joins = false;  // the call has no line yet
  bool shown = false;
  std::vector<std::uint8_t> results;
};

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

/// Turns events into lines. The line of a call waits for the next event: where that is its result
/// the two are one line.
class Dumper final : public ItemWriter {
 public:
  Dumper(const TraceInfo& info, const Definitions& definitions, ByteSink& sink,
         const DumpOptions& options)
      : definitions_(definitions),
        clock_unit_(info.clock_unit),
        calls_(definitions, info.profile, options.full),
        options_(options),
        color_(options.color),
        sink_(sink) {}

  Result<void> block(const Block& block) {
    if (after_gap_) adopt(block.open_calls());
    after_gap_ = false;
    for (const EventView& view : block) {
      if (view.first) {
        event(view);
      } else {
        further_piece(view);
      }
      if (out_.size() >= buffer_size) {
        if (auto handed = hand_on(); !handed) return handed;
      }
    }
    return {};
  }

  Result<void> write(const Item& item) override {
    const auto* events = std::get_if<Block>(&item);
    return events == nullptr ? Result<void>{} : block(*events);
  }

  Result<void> flush() override {
    settle();
    write_waiting();
    if (auto handed = hand_on(); !handed) return handed;
    return sink_.flush();
  }

  Result<void> finish() override {
    end_bytes();
    return flush();
  }

  /// Takes a call that is open where the range begins, from its first event on; outer ones first.
  void open_around(const EventView& event, const EventView* next) {
    frames().push_back(opened(event));
    if (next != nullptr && next->sequence < options_.from &&
        next->kind == EventKind::export_enter && next->subject == event.subject &&
        event.kind == EventKind::export_call) {
      frames().back().text += params(*next, nullptr);
    }
  }

  [[nodiscard]] bool past_end() const { return last_ >= options_.to; }

 private:
  std::vector<Frame>& frames() { return threads_[thread_]; }
  [[nodiscard]] bool in_range(std::uint64_t sequence) const {
    return sequence >= options_.from && sequence <= options_.to;
  }
  auto into() { return std::back_inserter(out_); }

  Result<void> hand_on() {
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(out_.data()), out_.size());
    auto written = sink_.write(bytes);
    out_.clear();
    return written;
  }

  // ------------------------------------------------------------ lines

  /// Number, time and the bars of the calls around.
  void begin_line(std::uint64_t sequence, std::uint64_t time, std::size_t depth) {
    fmt::format_to(into(), "{}{:>9}  ", color_.faint, sequence);
    if (clock_unit_ != 0) {
      const double seconds = static_cast<double>(time) * static_cast<double>(clock_unit_) / 1e9;
      fmt::format_to(into(), "{:>12.6f}  ", seconds);
    }
    for (std::size_t i = 0; i < std::min(depth, deepest_indent); ++i) out_ += "│ ";
    if (depth > deepest_indent) fmt::format_to(into(), "(+{}) ", depth - deepest_indent);
    out_ += color_.reset;
  }

  void write_line(Frame& frame, std::size_t depth, std::string_view mark) {
    complete(frame);
    begin_line(frame.sequence, frame.time, depth);
    out_ += mark;
    out_ += frame.text;
    out_ += '\n';
  }

  /// The calls around the first event of the range, so that it is seen in its place.
  void write_context() {
    if (context_written_) return;
    context_written_ = true;
    for (std::size_t i = 0; i < frames().size(); ++i) {
      if (frames()[i].sequence < options_.from) write_line(frames()[i], i, "┌ ");
    }
  }

  void write_waiting() {
    if (!waiting_) return;
    waiting_ = false;
    if (!frames().empty() && in_range(frames().back().sequence)) {
      write_line(frames().back(), frames().size() - 1, "┌ ");
    }
    release();
  }

  /// Puts the parameters into the text of a call, now that all that is known of them is.
  void complete(Frame& frame) {
    if (!std::exchange(frame.needs_params, false)) return;
    frame.text += '(';
    if (const Function* callee = function(frame.subject)) {
      calls_.append_params(frame.text, *callee, frame.params, &frame.memory);
    }
    frame.text += ')';
    if (frame.kind == EventKind::import_call) {  // what the host writes from here on is the result
      forget(frame);
    }
  }

  /// Lines that stand behind one which is not written yet.
  void release() {
    out_ += held_;
    held_.clear();
    holds_ = false;
  }

  /// Writes the end of a call that waited.
  void settle() {
    if (!ending_) return;
    Ending ending = std::move(*ending_);
    ending_.reset();
    std::string result = "→ ";
    append_results(result, ending.frame, ending.results);
    write_end(ending, result);
    release();
    forget(ending.frame);
  }

  // ------------------------------------------------------------ events

  void event(const EventView& event) {
    end_bytes();
    last_ = event.sequence;
    shown_ = in_range(event.sequence);
    writes_ = nullptr;
    if (event.kind == EventKind::lift && hold(event)) return;
    settle();
    // A call that began before the range is context from here on.
    if (shown_ && waiting_ && !in_range(frames().back().sequence)) waiting_ = false;
    if (event.kind == EventKind::export_enter) {
      if (waiting_ && is_top(EventKind::export_call, event.subject)) {
        frames().back().text += params(event, nullptr);
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
    if (shown_) {
      begin_line(event.sequence, event.time, frames().size());
      single(event);
      end_line();
    }
    if (event.kind == EventKind::thread_start || event.kind == EventKind::thread_switch) {
      switch_to(event.subject);
    }
  }

  /// What an event opens, its parameters still to come in its text.
  Frame opened(const EventView& event) {
    Frame frame{event.kind, event.subject, event.sequence, event.time, opening(event)};
    if (event.kind == EventKind::import_call || event.kind == EventKind::realloc_call) {
      frame.needs_params = event.flags == 0 && event.last && function(event.subject) != nullptr;
      frame.params.assign(event.body.begin(), event.body.end());
      if (!frame.needs_params) frame.text += params(event, nullptr);
    }
    return frame;
  }

  bool is_top(EventKind kind, std::uint32_t subject) {
    return !frames().empty() && frames().back().kind == kind && frames().back().subject == subject;
  }

  void end_call(const EventView& event, EventKind kind) {
    if (!is_top(kind, event.subject)) {  // out of order: a line of its own
      write_waiting();
      if (!shown_) return;
      begin_line(event.sequence, event.time, frames().size());
      Frame unknown{kind, event.subject};
      fmt::format_to(into(), "{} {}\n", event_kind_name(event.kind), closing(event, unknown));
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
      forget(ending.frame);  // what the host wrote; what it reads follows
      ending_ = std::move(ending);
      return;
    }
    write_end(ending, closing(event, ending.frame));
    release();
    forget(ending.frame);
  }

  void write_end(Ending& ending, const std::string& result) {
    if (!ending.joins) {
      if (!ending.shown) return;
      begin_line(ending.sequence, ending.time, frames().size());
      fmt::format_to(into(), "└{}{}\n", result.empty() ? "" : " ", result);
      return;
    }
    if (!in_range(ending.frame.sequence)) return;
    if (!result.empty()) ending.frame.text += " " + result;
    write_line(ending.frame, frames().size(), "");
  }

  // ------------------------------------------------------------ guest memory

  /// Takes a `lift` that stands behind a call or a result, which waits for it; its line comes after
  /// that one. False: nothing waits.
  bool hold(const EventView& event) {
    const bool for_params = waiting_ && !ending_ && !frames().empty() &&
                            frames().back().kind == EventKind::import_call &&
                            frames().back().needs_params;
    if ((!for_params && !ending_) || held_.size() > held_size) return false;
    if (event.flags == 0) learn(for_params ? frames().back() : ending_->frame, event);
    if (!shown_) return true;
    out_.swap(held_);
    begin_line(event.sequence, event.time, frames().size());
    single(event);
    end_line();
    out_.swap(held_);
    holds_ = full_ != Full::no;
    return true;
  }

  /// Keeps bytes of the memory of a call's values.
  void learn(Frame& frame, const EventView& event) {
    const Function* callee =
        frame.kind == EventKind::instantiate ? nullptr : function(frame.subject);
    if (callee == nullptr || callee->options.memory != event.subject ||
        event.body_size > known_size - std::min(known_, known_size - write_cost) - write_cost ||
        event.detail > ~event.body_size) {
      return;
    }
    frame.known += event.body_size + write_cost;
    known_ += event.body_size + write_cost;
    frame.memory.write(event.detail, event.body);
    writes_ = &frame.memory;
    write_at_ = event.detail + event.body.size();
  }

  void forget(Frame& frame) {
    known_ -= std::exchange(frame.known, 0);
    frame.memory = {};
  }

  /// A block that moved has the bytes of the old one [ABI-15].
  void move_block(const Frame& realloc, const EventView& result) {
    const Bytes asked = realloc.params;
    const bool wide = asked.size() == 32;
    if (frames().empty() || (!wide && asked.size() != 16) || result.flags != 0) return;
    const auto number = [&](Bytes body, std::size_t index) {
      return wide ? number_at<std::uint64_t>(body, 8 * index)
                  : std::uint64_t{number_at<std::uint32_t>(body, 4 * index)};
    };
    const std::uint64_t size = std::min(number(asked, 1), number(asked, 3));
    Frame& lowering = frames().back();
    if (size == 0 || size > known_size - std::min(known_, known_size - write_cost) - write_cost)
      return;
    lowering.known += size + write_cost;
    known_ += size + write_cost;
    lowering.memory.copy(number(asked, 0), size, number(result.body, 0));
  }

  /// [TRAP-02]
  void trap(const EventView& event) {
    write_waiting();
    if (shown_) write_context();
    auto& open = frames();
    const auto drop = [&] {
      forget(open.back());
      open.pop_back();
    };
    while (!open.empty() && open.back().kind != EventKind::export_call &&
           open.back().kind != EventKind::instantiate) {
      drop();
    }
    const bool ends = !open.empty();
    if (ends) drop();
    if (!shown_) return;
    begin_line(event.sequence, event.time, open.size());
    out_ += ends ? "└ " : "";
    single(event);
    out_ += '\n';
  }

  void switch_to(std::uint32_t thread) {
    thread_ = thread;
    if (threads_.size() > 2 * limits::open_calls) {
      std::erase_if(threads_, [&](const auto& entry) {
        return entry.first != thread_ && entry.second.empty();
      });
    }
  }

  /// After a gap the block says what is open.
  void adopt(std::span<const OpenCall> open_calls) {
    write_waiting();
    threads_.clear();
    known_ = 0;
    for (const OpenCall& call : open_calls) {
      threads_[call.thread].push_back(
          {call.kind, call.subject, call.event, 0,
           call.kind == EventKind::instantiate ? instance(call.subject) : name(call.subject)});
    }
    if (!threads_.contains(thread_) && !threads_.empty()) thread_ = threads_.begin()->first;
  }

  // ------------------------------------------------------------ names

  [[nodiscard]] const Function* function(std::uint32_t id) const {
    return id < definitions_.functions.size() ? &definitions_.functions[id] : nullptr;
  }

  [[nodiscard]] std::string name(std::uint32_t id) const {
    std::string out;
    const Function* callee = function(id);
    if (callee == nullptr) return "function " + std::to_string(id);
    if (callee->role == Role::builtin) {
      append_printable(out, callee->builtin, name_width, false);
      if (callee->names.empty()) append_resource(out, callee->immediates.type);
    } else {
      out += enumerator_name(callee->role);
    }
    if (callee->role == Role::realloc) return out;
    if (!callee->names.empty()) {
      const Name& first = callee->names.front();
      out += first.instance_name.empty() ? "" : " ";
      append_printable(out, first.instance_name, name_width, false);
      out += ' ';
      append_printable(out, first.function_name, name_width, false);
    } else if (!callee->core_export.empty()) {
      out += ' ';
      append_printable(out, callee->core_export, name_width, false);
    } else if (callee->builtin.empty()) {
      out += " of function " + std::to_string(id);
    }
    return out;
  }

  void append_resource(std::string& out, std::uint32_t type) const {
    if (type >= definitions_.types.size() || definitions_.types[type].name.empty()) return;
    out += ' ';
    append_printable(out, definitions_.types[type].name, name_width, false);
  }

  [[nodiscard]] std::string instance(std::uint32_t id) const {
    std::string out = "instantiate " + std::to_string(id);
    if (id >= definitions_.instances.size()) return out;
    const Instance& entry = definitions_.instances[id];
    if (entry.component < definitions_.components.size()) {
      const std::string& component = definitions_.components[entry.component].name;
      if (!component.empty()) out += ' ';
      append_printable(out, component, name_width, false);
    }
    for (const std::uint32_t step : entry.path) out += '/' + std::to_string(step);
    return out;
  }

  static std::string handle(const EventView& event) {
    return fmt::format("#{} of instance {}", event.detail, event.subject);
  }

  static std::string call_id(std::uint64_t id) {
    return id == 0 ? std::string() : fmt::format(" ·{}", id);
  }

  // ------------------------------------------------------------ contents

  /// The first line of what begins here.
  std::string opening(const EventView& event) {
    std::string_view color = color_.host;
    std::string out;
    switch (event.kind) {
      case EventKind::instantiate: out = instance(event.subject); break;
      case EventKind::export_call: out = name(event.subject) + call_id(event.detail); break;
      case EventKind::import_call:
        color = color_.guest;
        out = name(event.subject) + call_id(event.detail);
        break;
      case EventKind::realloc_call:
        color = color_.memory;
        out = name(event.subject);
        break;
      case EventKind::task_resolve:
        out = "resolve " + name(event.subject) + call_id(event.detail) + task_state(event);
        break;
      case EventKind::copy: out = "copy " + copy_text(event); break;
      default: break;
    }
    std::string text(color);
    text += out;
    text += color_.reset;
    return text;
  }

  /// What an end adds.
  std::string closing(const EventView& event, Frame& frame) {
    switch (event.kind) {
      case EventKind::export_result:
      case EventKind::import_result:
      case EventKind::realloc_result: break;
      default: return "";
    }
    std::string out = "→ ";
    if (append_flagged(out, event)) return out;
    if (event.last) {
      append_results(out, frame, event.body);
    } else {
      append_preview(out, event.body, event.body_size);
    }
    return out;
  }

  void append_results(std::string& out, Frame& frame, Bytes body) {
    const Function* callee = function(frame.subject);
    if (callee == nullptr) return append_preview(out, body, body.size());
    calls_.append_results(out, *callee, frame.params, body, &frame.memory);
  }

  std::string params(const EventView& event, values::GuestMemory* memory) {
    std::string out = "(";
    const Function* callee = function(event.subject);
    if (!append_flagged(out, event)) {
      if (callee == nullptr || !event.last) {
        append_preview(out, event.body, event.body_size);
      } else {
        calls_.append_params(out, *callee, event.body, memory);
      }
    }
    return out + ")";
  }

  /// Says what stands for a body that is not there.
  bool append_flagged(std::string& out, const EventView& event) {
    if ((event.flags & flag_omitted) != 0) {
      out += "omitted";
    } else if ((event.flags & (flag_redacted | flag_hashed)) != 0) {
      fmt::format_to(std::back_inserter(out), "{} {} bytes, hash {:016x}",
                     (event.flags & flag_redacted) != 0 ? "redacted:" : "hashed:",
                     number_at<std::uint64_t>(event.body, 0),
                     number_at<std::uint64_t>(event.body, 8));
    } else {
      return false;
    }
    return true;
  }

  /// An event that is a line by itself.
  void single(const EventView& event) {
    const Bytes body = event.body;
    switch (event.kind) {
      case EventKind::export_enter:
        fmt::format_to(into(), "enter{}",
                       params(event, frames().empty() ? nullptr : &frames().back().memory));
        if (!frames().empty()) forget(frames().back());
        break;
      case EventKind::lift:
      case EventKind::lower:
        fmt::format_to(into(), "{}{}{}{} 0x{:x}", color_.memory, event_kind_name(event.kind),
                       (event.flags & flag_snapshot) != 0 ? "~" : "", color_.reset, event.detail);
        if (definitions_.memories.size() > 1) {
          fmt::format_to(into(), " in memory {}", event.subject);
        }
        bytes(event, body);
        break;
      case EventKind::trap: trap_text(event); break;
      case EventKind::task_start:
      case EventKind::task_cancel:
        fmt::format_to(into(), "{}{}{} {}{}", color_.host,
                       event.kind == EventKind::task_start ? "start" : "cancel", color_.reset,
                       name(event.subject), call_id(event.detail));
        break;
      case EventKind::end_dropped: fmt::format_to(into(), "end dropped {}", handle(event)); break;
      case EventKind::thread_switch:
        fmt::format_to(into(), "{}thread {} goes on{}", color_.note, event.subject, color_.reset);
        break;
      case EventKind::thread_start:
        fmt::format_to(into(), "{}thread {} begins{}{}", color_.note, event.subject, color_.reset,
                       call_id(event.detail));
        break;
      case EventKind::grow:
        fmt::format_to(into(), "grow {} {} by {} → {}", event.detail == 0 ? "memory" : "table",
                       event.subject, number_at<std::uint64_t>(body, 0),
                       number_at<std::int64_t>(body, 8));
        break;
      case EventKind::gap: gap_text(event); break;
      case EventKind::digest:
        fmt::format_to(into(), "digest of memory {}: {} bytes, {:016x}", event.subject,
                       number_at<std::uint64_t>(body, 0), number_at<std::uint64_t>(body, 8));
        break;
      case EventKind::marker: marker_text(event); break;
      default: {
        const std::string_view known = event_kind_name(event.kind);
        if (known.empty()) {
          fmt::format_to(into(), "kind {}", static_cast<int>(event.kind));
        } else {
          out_ += known;
        }
        fmt::format_to(into(), " {}, {}", event.subject, event.detail);
        bytes(event, body);
      }
    }
  }

  void trap_text(const EventView& event) {
    const auto code = static_cast<TrapCode>(event.detail);
    const bool exit = code == TrapCode::exit;
    constexpr std::string_view origins[] = {"guest", "host", "engine"};
    const auto origin = number_at<std::uint8_t>(event.body, 0);
    const auto status = number_at<std::int32_t>(event.body, 4);
    out_ += exit ? color_.note : color_.alarm;
    if (exit) {
      fmt::format_to(into(), "exit {}", status);
    } else {
      const std::string_view known =
          event.detail <= 0xffffffff ? trap_code_name(code) : std::string_view();
      out_ += "trap ";
      if (known.empty()) {
        append_decimal(out_, event.detail);
      } else {
        out_ += known;
      }
      fmt::format_to(into(), " ({})", origin < 3 ? origins[origin] : "?");
    }
    out_ += color_.reset;
    if (event.body.size() > 8) {
      const Bytes message = event.body.subspan(8);
      out_ += ": ";
      append_printable(out_, {reinterpret_cast<const char*>(message.data()), message.size()},
                       options_.full ? message.size() : 200, false);
    }
  }

  void gap_text(const EventView& event) {
    const auto count = number_at<std::uint64_t>(event.body, 0);
    const std::string_view reason = gap_reason_name(static_cast<GapReason>(event.detail));
    out_ += color_.alarm;
    if (count == 0) {
      out_ += "gap: events";
    } else {
      fmt::format_to(into(), "gap: {} event{}", count, count == 1 ? "" : "s");
    }
    fmt::format_to(into(), " {}{}", reason == "ring" ? "no longer kept" : reason, color_.reset);
  }

  void marker_text(const EventView& event) {
    const std::size_t size =
        static_cast<std::size_t>(std::min<std::uint64_t>(event.detail, event.body.size()));
    fmt::format_to(into(), "{}marker ", color_.note);
    append_printable(out_, {reinterpret_cast<const char*>(event.body.data()), size}, name_width,
                     false);
    out_ += color_.reset;
    bytes(event, event.body.subspan(size), size);
  }

  static std::string task_state(const EventView& event) {
    switch (number_at<std::uint32_t>(event.body, 0)) {
      case 2: return ": returned";
      case 3: return ": cancelled before it started";
      case 4: return ": cancelled before it returned";
      default: return ": state " + std::to_string(number_at<std::uint32_t>(event.body, 0));
    }
  }

  static std::string copy_text(const EventView& event) {
    constexpr std::string_view results[] = {"completed", "dropped", "cancelled"};
    const auto result = number_at<std::uint8_t>(event.body, 1);
    return fmt::format(
        "{} {} {}: {} element{}, {}",
        number_at<std::uint8_t>(event.body, 2) != 0 ? "future" : "stream", handle(event),
        number_at<std::uint8_t>(event.body, 0) == 0 ? "into the guest" : "out of the guest",
        number_at<std::uint32_t>(event.body, 4),
        number_at<std::uint32_t>(event.body, 4) == 1 ? "" : "s",
        result < 3 ? results[result] : "?");
  }

  // ------------------------------------------------------------ bytes

  /// ", 12 bytes: …" of a body without its first `skipped` bytes; in full where it is asked for,
  /// and then further pieces go on with it.
  void bytes(const EventView& event, Bytes body, std::uint64_t skipped = 0) {
    const std::uint64_t size = event.body_size - skipped;
    if ((event.flags & (flag_omitted | flag_redacted | flag_hashed)) != 0) {
      out_ += ", ";
      append_flagged(out_, event);
      return;
    }
    fmt::format_to(into(), ", {} byte{}", size, size == 1 ? "" : "s");
    if (size == 0) return;
    out_ += ": ";
    out_ += color_.faint;
    if (!options_.full) {
      append_preview(out_, body, size);
    } else {
      full_ = looks_like_text(body) ? Full::text : Full::hex;
      if (full_ == Full::text) out_ += '"';
      append_full(body);
      if (!event.last) return;
      close_full();
    }
    out_ += color_.reset;
  }

  void append_full(Bytes body) {
    if (full_ == Full::hex) {
      append_hex(out_, body);
    } else {
      append_printable(out_, {reinterpret_cast<const char*>(body.data()), body.size()}, body.size(),
                       true);
    }
  }

  void close_full() {
    if (full_ == Full::text) out_ += '"';
    full_ = Full::no;
  }

  void further_piece(const EventView& event) {
    last_ = event.sequence;
    if (writes_ != nullptr) {
      writes_->write(write_at_, event.body);
      write_at_ += event.body.size();
    }
    if (full_ == Full::no) return;
    if (holds_) out_.swap(held_);
    append_full(event.body);
    if (event.last) {
      close_full();
      out_ += color_.reset;
      out_ += '\n';
    }
    if (holds_) out_.swap(held_);
  }

  /// Ends the line of an event, unless further pieces go on with it.
  void end_line() {
    if (full_ == Full::no) out_ += '\n';
  }

  /// Ends the line of an event whose last piece is missing.
  void end_bytes() {
    const bool held = std::exchange(holds_, false);
    if (full_ == Full::no) return;
    if (held) out_.swap(held_);
    close_full();
    out_ += "…";
    out_ += color_.reset;
    out_ += '\n';
    if (held) out_.swap(held_);
  }

  enum class Full : std::uint8_t { no, text, hex };

  const Definitions& definitions_;
  const std::uint64_t clock_unit_;
  CallText calls_;
  const DumpOptions options_;
  const Palette color_;
  ByteSink& sink_;
  std::string out_;
  std::map<std::uint32_t, std::vector<Frame>> threads_;
  std::uint32_t thread_ = 0;
  std::uint64_t last_ = 0;
  bool waiting_ = false;  // the innermost call has no line yet
  bool shown_ = false;    // the event is in the range
  bool context_written_ = false;
  bool after_gap_ = false;
  Full full_ = Full::no;  // how a long body goes on
  std::optional<Ending> ending_;
  std::string held_;    // lines behind one that waits
  bool holds_ = false;  // the long body is there
  std::uint64_t known_ = 0;
  values::GuestBytes* writes_ = nullptr;  // where further pieces go
  std::uint64_t write_at_ = 0;
};

/// The next block, if there is one.
Result<std::optional<Block>> next_block(Reader& reader) {
  for (;;) {
    auto item = reader.next();
    if (!item) return tl::unexpected(item.error());
    if (std::holds_alternative<std::monostate>(*item)) return std::nullopt;
    if (const auto* block = std::get_if<Block>(&*item)) return *block;
  }
}

/// Hands the event that opened a call, with the one after it, to the dumper.
Result<void> look_up(Reader& reader, Dumper& dumper, const OpenCall& call) {
  if (auto sought = reader.seek(call.event); !sought) return sought;
  auto block = next_block(reader);
  if (!block) return tl::unexpected(block.error());
  if (!*block) return {};
  std::optional<EventView> opened;
  for (auto at = (*block)->begin(); at != (*block)->end(); ++at) {
    if (opened) {
      dumper.open_around(*opened, &*at);
      return {};
    }
    if (at->sequence == call.event && at->kind == call.kind) opened = *at;
  }
  if (!opened) return {};
  const Block kept = std::move(**block);  // the event's body is in it
  auto following = next_block(reader);
  if (!following) return tl::unexpected(following.error());
  const bool more = following->has_value();
  const auto first = more ? std::optional((*following)->begin()) : std::nullopt;
  dumper.open_around(*opened, more ? &**first : nullptr);
  return {};
}

/// Goes to the first event of the range, by way of the calls that are open there.
Result<void> begin_range(Reader& reader, Dumper& dumper, std::uint64_t from) {
  if (auto sought = reader.seek(from); !sought) return sought;
  auto block = next_block(reader);
  if (!block) return tl::unexpected(block.error());
  if (*block) {
    const auto calls = (*block)->open_calls();
    // Which thread goes on is told only by the events before.
    const bool threads = std::any_of(calls.begin(), calls.end(),
                                     [](const OpenCall& call) { return call.thread != 0; });
    if (threads) return reader.seek(0);
    for (const OpenCall& call : calls) {
      if (auto found = look_up(reader, dumper, call); !found) return found;
    }
  }
  return reader.seek(from);
}

Result<void> dump_items(Reader& reader, Dumper& dumper) {
  while (!dumper.past_end()) {
    auto item = reader.next();
    if (!item) return tl::unexpected(item.error());
    if (std::holds_alternative<std::monostate>(*item)) return {};
    if (const auto* block = std::get_if<Block>(&*item)) {
      if (auto dumped = dumper.block(*block); !dumped) return dumped;
    }
  }
  return {};
}

}  // namespace
}  // namespace text

std::unique_ptr<ItemWriter> dump_writer(const TraceInfo& info, const Definitions& definitions,
                                        ByteSink& text, const DumpOptions& options) {
  return std::make_unique<text::Dumper>(info, definitions, text, options);
}

Result<void> dump_text(ByteSource& trace, ByteSink& text, const DumpOptions& options) {
  auto reader = Reader::open(trace);
  if (!reader) return tl::unexpected(reader.error());
  text::Dumper dumper(reader->info(), reader->definitions(), text, options);
  const bool seeks = options.from != 0 && trace.seekable() != nullptr;
  auto dumped = seeks ? text::begin_range(*reader, dumper, options.from) : Result<void>{};
  if (dumped) dumped = text::dump_items(*reader, dumper);
  auto finished = dumper.finish();
  return dumped ? finished : dumped;
}

}  // namespace crossing
