#include "check/value_layers.h"
#include "event/flags.h"

#include <algorithm>
#include <utility>

#include "session/replay_values.h"

namespace crossing::checking {
namespace {

constexpr std::uint64_t known_limit = limits::payload_size;
constexpr std::uint64_t write_cost = 64;  // bytes that keeping a write takes beside its own
// Parts that a byte of a trace can stand for: every part of a value has bytes of its own, but for
// the types around it.
constexpr std::uint64_t parts_per_byte = limits::type_depth;
constexpr std::size_t most_held = 64;  // findings of one value
constexpr std::size_t thread_limit = 2 * limits::open_calls;

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Whether `bit` is one bit, and set.
constexpr bool one_of(std::uint64_t bit, std::uint64_t bits) {
  return (bit & bits) != 0 && (bit & (bit - 1)) == 0;
}

}  // namespace

ValueLayers::ValueLayers(const TraceInfo& info, const Definitions& definitions, Layers layers,
                         Findings& findings)
    : definitions_(definitions),
      layers_(layers),
      findings_(findings),
      canonical_nans_(info.determinism.nan == NanMode::canonical),
      is_async_(has(info.features, "async")) {
  message_.append({.kind = TypeKind::string_});
}

void ValueLayers::begin_block(std::span<const OpenCall> open_calls) {
  if (!after_gap_) return;
  after_gap_ = false;
  for (const OpenCall& call :
       open_calls.first(std::min<std::size_t>(open_calls.size(), limits::open_calls))) {
    thread_ = &threads_[call.thread];
    push({.kind = call.kind, .subject = call.subject});
    top()->is_whole = false;
    top()->knows_context = false;
  }
}

void ValueLayers::event(const EventView& event) {
  if (is_stopped_) return;
  credit_ += (event.body.size() + write_cost) * parts_per_byte;
  if (event.first) return first_piece(event);
  if (writes_ == nullptr) return;
  writes_->write(write_at_, event.body);
  write_at_ += event.body.size();
}

void ValueLayers::first_piece(const EventView& event) {
  writes_ = nullptr;
  switch (event.kind) {
    case EventKind::lift:
      if (is_given_ && (event.flags & replaced_flags) == 0 && event.detail <= ~event.body_size) {
        if (event.body_size + write_cost > known_limit - given_.bytes) {
          given_.is_hidden = true;
          return;
        }
        given_.bytes += event.body_size + write_cost;
        writes_ = &given_.memory;
        write_at_ = event.detail;
        writes_->write(write_at_, event.body);
        write_at_ += event.body.size();
      }
      return;
    case EventKind::marker:
    case EventKind::digest: return;
    default: break;
  }
  if (is_given_ || !unless_trap_.empty()) {
    // Of what lies in a gap nobody knows: it may have been the trap.
    settle(event.kind == EventKind::trap || event.kind == EventKind::gap);
  }
  switch (event.kind) {
    case EventKind::instantiate:
    case EventKind::export_call:
    case EventKind::task_resolve:
    case EventKind::copy: return push(event);
    case EventKind::import_call: return import_call(event);
    case EventKind::export_enter: return export_enter(event);
    case EventKind::import_result: return import_result(event);
    case EventKind::export_result: return export_result(event);
    case EventKind::realloc_call: return realloc_call(event);
    case EventKind::realloc_result: return realloc_result(event);
    case EventKind::lower: return lower(event);
    case EventKind::instantiate_end:
      if (top(EventKind::instantiate, event.subject) != nullptr) pop();
      return;
    case EventKind::task_resolve_end:
      if (top(EventKind::task_resolve, event.subject) != nullptr) pop();
      return hide(definitions_.functions[event.subject], shapes_.of(event.subject).result,
                  Law::lower);
    case EventKind::copy_end:
      if (top(EventKind::copy, event.subject) != nullptr) pop();
      return;
    case EventKind::trap: return trap();
    case EventKind::thread_start:
    case EventKind::thread_switch:
      if (threads_.size() > thread_limit) {
        std::erase_if(threads_, [](const auto& entry) { return entry.second.depth == 0; });
      }
      thread_ = &threads_[event.subject];
      return;
    case EventKind::gap:
      threads_.clear();
      thread_ = &threads_[0];
      known_ = 0;
      open_ = 0;
      outstanding_.lose();
      after_gap_ = true;
      return;
    default: return;
  }
}

void ValueLayers::finish() { settle(false); }

// --- frames ------------------------------------------------------------------

void ValueLayers::push(const EventView& event) {
  Thread& thread = *thread_;
  if (open_ == limits::open_calls) {  // [LIMIT-01], found by the order layer
    is_stopped_ = true;
    return;
  }
  ++open_;
  if (thread.depth == thread.frames.size()) thread.frames.emplace_back();
  Frame& frame = thread.frames[thread.depth++];
  frame.kind = event.kind;
  frame.subject = event.subject;
  frame.event = event.sequence;
  frame.is_whole = true;
  frame.is_traced = false;
  frame.is_matched = true;
  frame.area = 0;
  frame.has_copies = false;
  frame.context = {};
  frame.context_of_realloc = {};
  frame.knows_context = false;
  if (event.kind == EventKind::export_call) {
    const Function& function = definitions_.functions[event.subject];
    frame.knows_context = function.role == Role::export_ && !function.options.is_async;
  }
  if (event.kind == EventKind::task_resolve) {  // what it writes belongs to the call
    for (std::size_t i = thread.depth - 1; i-- > 0;) {
      Frame& call = thread.frames[i];
      if (call.kind == EventKind::import_call && call.subject == event.subject) {
        call.is_whole = false;
      }
    }
  }
  if (event.kind == EventKind::copy && thread.depth > 1) {
    thread.frames[thread.depth - 2].has_copies = true;
  }
  frame.has_params = false;
}

void ValueLayers::pop() {
  Frame& frame = *top();
  known_ -= std::exchange(frame.bytes, 0);
  frame.lowering.clear();
  frame.exact.clear();
  frame.held.clear();
  --thread_->depth;
  --open_;
}

ValueLayers::Frame* ValueLayers::top() {
  return thread_->depth == 0 ? nullptr : &thread_->frames[thread_->depth - 1];
}

/// The nearest frame that an event ends, which is the innermost then; null: there is none.
ValueLayers::Frame* ValueLayers::top(EventKind kind, std::uint32_t subject) {
  const auto matches = [&](const Frame& frame) {
    return frame.kind == kind && frame.subject == subject;
  };
  if (Frame* frame = top(); frame != nullptr && matches(*frame)) return frame;
  std::size_t depth = thread_->depth;  // [ORDER-02] is broken
  while (depth != 0 && !matches(thread_->frames[depth - 1])) --depth;
  if (depth == 0) return nullptr;
  while (thread_->depth != depth) pop();
  top()->is_whole = false;
  return top();
}

/// [TRAP-02]
void ValueLayers::trap() {
  while (Frame* frame = top()) {
    const bool ends =
        frame->kind == EventKind::export_call || frame->kind == EventKind::instantiate;
    pop();
    if (ends) return;
  }
}

// --- calls -------------------------------------------------------------------

void ValueLayers::import_call(const EventView& event) {
  push(event);
  Frame* frame = top();
  if (frame == nullptr || frame->event != event.sequence) return;
  const Function& function = definitions_.functions[event.subject];
  judge_signature(function, event);
  const values::CallShape& how = shapes_.of(function.id);
  if ((event.flags & replaced_flags) != 0) {
    outstanding_.lose();
    return give(function, event);
  }
  frame->params.assign(event.body.begin(), event.body.end());
  frame->has_params = true;
  if (function.result_area_param != none) {
    if (const auto area =
            core_integer(function.core_params, frame->params, function.result_area_param)) {
      frame->area = *area;
      frame->lowering.add_area(*area, function.result_area_size);
    }
  }
  frame->is_traced = how.is_typed || function.role == Role::builtin;
  name_areas(function, *frame);
  if (how.is_typed && function.options.is_async && how.result != none &&
      shapes_.types().info(how.result).has_pointer) {
    has_late_results_ = true;
  }
  if (has_late_results_) frame->is_matched = false;  // blocks may be those of another call
  if (how.params != none) give(function, event);
}

/// Keeps what the guest gave until its bytes are known.
void ValueLayers::give(const Function& function, const EventView& event) {
  if (!shapes_.of(function.id).is_typed) return;
  given_.function = function.id;
  given_.kind = event.kind;
  given_.event = event.sequence;
  given_.is_hidden = (event.flags & replaced_flags) != 0;
  given_.bytes = 0;
  given_.body.assign(event.body.begin(), event.body.end());
  is_given_ = true;
}

void ValueLayers::export_enter(const EventView& event) {
  Frame* frame = top(EventKind::export_call, event.subject);
  if (frame == nullptr) return;
  const Function& function = definitions_.functions[event.subject];
  judge_signature(function, event);
  if (function.role == Role::post_return) judge_post_return(function, event);
  if (frame->is_whole && (event.flags & replaced_flags) == 0) {
    frame->params.assign(event.body.begin(), event.body.end());
    judge_lowering(*frame, event, false);
  } else {
    hide(function, shapes_.of(function.id).params, Law::lower);
  }
  known_ -= std::exchange(frame->bytes, 0);
  frame->lowering.clear();
  frame->exact.clear();
  frame->is_whole = false;  // it was judged; what is lowered from here on is out of order
}

void ValueLayers::import_result(const EventView& event) {
  Frame* frame = top(EventKind::import_call, event.subject);
  if (frame == nullptr) return;
  const Function& callee = definitions_.functions[event.subject];
  // Arguments of an async call that is STARTING (0) are lifted later, and may never be.
  const auto packed = core_integer(callee.core_results, event.body, 0);
  if (callee.options.is_async && callee.role == Role::import_ && packed && (*packed & 15) == 0) {
    frame->held.clear();
  }
  for (Finding& finding : frame->held) findings_.take(std::move(finding));
  if (callee.role == Role::builtin) judge_builtin(callee, *frame, event);
  if (frame->is_whole && frame->has_params && (event.flags & replaced_flags) == 0) {
    judge_lowering(*frame, event, true);
  } else if (const Function& function = definitions_.functions[event.subject];
             !function.options.is_async) {
    hide(function, shapes_.of(function.id).result, Law::lower);
  }
  pop();
}

void ValueLayers::export_result(const EventView& event) {
  Frame* frame = top(EventKind::export_call, event.subject);
  if (frame == nullptr) return;
  pop();
  const Function& function = definitions_.functions[event.subject];
  thread_->returned = event.subject;
  thread_->has_results = (event.flags & replaced_flags) == 0;
  thread_->results.assign(event.body.begin(), event.body.end());
  const values::CallShape& how = shapes_.of(function.id);
  if (how.result != none && !function.options.is_async) give(function, event);
}

/// [ABI-16]
void ValueLayers::judge_post_return(const Function& function, const EventView& event) {
  if (thread_->returned == none || !thread_->has_results || (event.flags & replaced_flags) != 0)
    return;
  const Function& returned = definitions_.functions[thread_->returned];
  if (returned.options.post_return != function.id ||  // [ORDER-07]
      returned.core_results != function.core_params ||
      std::equal(event.body.begin(), event.body.end(), thread_->results.begin(),
                 thread_->results.end())) {
    return;
  }
  find({.function = &function, .event = event.sequence, .kind = event.kind}, Layer::abi, "ABI-16",
       "the core results " + core_text(returned.core_results, thread_->results),
       core_text(function.core_params, event.body));
}

// --- lowering ----------------------------------------------------------------

void ValueLayers::realloc_call(const EventView& event) {
  push(event);
  if (thread_->depth < 2) return;
  Frame& frame = thread_->frames[thread_->depth - 2];
  const Function& function = definitions_.functions[event.subject];
  const auto param = [&](std::size_t index) {
    return core_integer(function.core_params, event.body, index).value_or(0);
  };
  if (!frame.is_whole || !keep(frame, sizeof(Realloc) + write_cost, event)) return;
  const Realloc call{.event = event.sequence,
                     .old = param(0),
                     .old_size = param(1),
                     .alignment = param(2),
                     .new_size = param(3),
                     .pointer = {}};
  judge_realloc(frame, call, event);
  frame.lowering.begin_realloc(call);
}

/// Of the blocks that a lowering may ask for, each as its bit.
std::uint64_t ValueLayers::alignments(const Function& function, bool is_result) {
  const values::CallShape& how = shapes_.of(function.id);
  const component::TypeTable& types = shapes_.types();
  const std::uint64_t of_string = function.options.string_encoding == StringEncoding::utf8 ? 1 : 2;
  if (!how.is_typed) return of_string;  // of a message
  const std::uint32_t type = is_result ? how.result : how.params;
  if (type == none) return 0;
  const IndexType pointer = values::pointer_of(definitions_, function);
  std::uint64_t found = types.info(type).list_alignments[static_cast<std::size_t>(pointer)];
  if (types.info(type).has_string) found |= of_string;
  if (!is_result && how.flat.params_in_memory) found |= types.layout(type, pointer).alignment;
  return found;
}

/// What is known of a call before the lowering is complete, which it may never be.
void ValueLayers::judge_realloc(Frame& frame, const Realloc& call, const EventView& event) {
  const bool is_import = frame.kind == EventKind::import_call;
  if (!is_import && frame.kind != EventKind::export_call) return;
  const Function& function = definitions_.functions[frame.subject];
  if (!shapes_.of(function.id).is_typed && !is_message(function)) return;
  const Subject subject{.function = &function, .event = event.sequence, .kind = event.kind};
  const auto& before = frame.lowering.reallocs();
  const bool is_first = call.old == 0 && call.old_size == 0;
  const bool goes_on = !before.empty() && call.old_size == before.back().new_size &&
                       call.old == before.back().pointer.value_or(call.old);
  if (!is_first && !goes_on && frame.is_matched) {  // [REALLOC-02]
    frame.is_matched = false;
    find(subject, Layer::abi, "REALLOC-02",
         before.empty() ? "a new block" : "a new block, or the one of " + before.back().text(),
         call.text());
  }
  if (is_first && frame.is_matched && !one_of(call.alignment, alignments(function, is_import))) {
    frame.is_matched = false;
    find(subject, Layer::abi, "REALLOC-02", "the alignment of something that is lowered",
         call.text());
  }
  const std::uint32_t alignment = function.result_area_alignment;
  if (is_import && frame.is_traced && alignment != 0 && frame.area % alignment != 0 &&
      before.empty()) {  // [ABI-06]
    Subject guest = subject;
    guest.law = Law::lift;
    find(guest, Layer::abi, "ABI-06",
         "a trap, as the result area is no multiple of " + std::to_string(alignment), call.text());
  }
}

void ValueLayers::realloc_result(const EventView& event) {
  Frame* realloc = top(EventKind::realloc_call, event.subject);
  if (realloc == nullptr) return;
  const bool is_whole = realloc->is_whole;
  pop();
  Frame* frame = top();
  if (frame == nullptr || !is_whole || !frame->is_whole || frame->lowering.reallocs().empty())
    return;
  const Realloc& call = frame->lowering.reallocs().back();
  const Function& function = definitions_.functions[event.subject];
  const auto pointer = (event.flags & replaced_flags) != 0
                           ? std::nullopt
                           : core_integer(function.core_results, event.body, 0);
  if (pointer) {
    const bool wide = !function.core_results.empty() && function.core_results[0] == CoreType::i64;
    const std::uint64_t end = wide ? ~std::uint64_t{0} : std::uint64_t{1} << 32;
    const bool is_aligned = call.alignment == 0 || *pointer % call.alignment == 0;
    if (!is_aligned || *pointer > end || call.new_size > end - *pointer) {  // [REALLOC-03]
      into_ = &unless_trap_;
      find({.function = &function, .event = event.sequence, .kind = event.kind, .law = Law::lift},
           Layer::abi, "REALLOC-03",
           "a block of " + std::to_string(call.new_size) + " bytes in memory, aligned to " +
               std::to_string(call.alignment) + ", or a trap",
           "it at " + std::to_string(*pointer));
      into_ = nullptr;
    }
  }
  if (const auto& all = frame->lowering.reallocs(); all.size() > 1 && call.old_size != 0) {
    frame->lowering.set_old_extent(
        frame->exact.forget(call.old, call.old_size, all[all.size() - 2].event));
  }
  if (const std::uint64_t moved = frame->lowering.end_realloc(pointer)) keep(*frame, moved, event);
}

/// Whether a frame may hold so many bytes more.
bool ValueLayers::keep(Frame& frame, std::uint64_t size, const EventView& event) {
  if (size > known_limit - std::min(known_, known_limit)) {
    if (frame.is_whole) {
      find({.event = event.sequence, .kind = event.kind}, Layer::abi, "LIMIT-01",
           "at most " + std::to_string(known_limit) + " bytes written in open calls", "more", {},
           Verdict::limit);
    }
    frame.is_whole = false;
    return false;
  }
  known_ += size;
  frame.bytes += size;
  return true;
}

void ValueLayers::lower(const EventView& event) {
  Frame* frame = top();
  if (frame == nullptr || !frame->is_whole) return;
  const bool is_export = frame->kind == EventKind::export_call;
  if (!is_export && frame->kind != EventKind::import_call) return;
  const Function& function = definitions_.functions[frame->subject];
  const bool is_own = event.subject == function.options.memory;
  if ((event.flags & replaced_flags) != 0) {
    frame->lowering.is_redacted = frame->lowering.is_redacted || is_own;
    return;
  }
  if (event.detail > ~event.body_size) return;
  if (!is_own || !frame->lowering.may_write(event.detail, event.body_size)) {
    const bool of_another = is_async_ && (event.flags & flag_snapshot) != 0 &&
                            outstanding_.may_write(event.subject, event.detail, event.body_size);
    const bool is_judged = is_export ? function.role == Role::export_ : frame->is_traced;
    if (is_judged && !of_another) {
      find({.function = &function, .event = event.sequence, .kind = event.kind, .law = Law::lower},
           Layer::abi, "WRITE-01", "bytes inside a block or the result area of the lowering",
           std::to_string(event.body_size) + " bytes at " + std::to_string(event.detail) +
               " of memory " + std::to_string(event.subject));
      frame->is_whole = false;  // once is enough
      return;
    }
    if (!is_own) return;
  }
  if (!keep(*frame, event.body_size + write_cost, event)) return;
  if ((event.flags & flag_snapshot) == 0) {
    frame->exact.add({.event = event.sequence, .address = event.detail, .size = event.body_size});
  }
  writes_ = &frame->lowering.memory();
  write_at_ = event.detail;
  writes_->write(write_at_, event.body);
  write_at_ += event.body.size();
}

// --- findings ----------------------------------------------------------------

void ValueLayers::find(const Subject& subject, Layer layer, std::string_view rule,
                       std::string expected, std::string found, std::string_view quirk,
                       Verdict verdict) {
  if (!layers_.has(layer)) return;
  Finding finding{.layer = layer,
                  .verdict = verdict,
                  .rule = rule,
                  .event = subject.event,
                  .kind = subject.kind,
                  .function = subject.function ? subject.function->id : none,
                  .law = subject.function ? std::optional(subject.law) : std::nullopt,
                  .quirk = quirk,
                  .expected = std::move(expected),
                  .found = std::move(found)};
  if (into_ != nullptr) {
    if (into_->size() < most_held) into_->push_back(std::move(finding));
  } else {
    findings_.take(std::move(finding));
  }
}

}  // namespace crossing::checking
