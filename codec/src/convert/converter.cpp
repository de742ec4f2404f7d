#include "convert/converter.h"

#include <algorithm>

#include "crossing/value.h"
#include "io/bytes.h"
#include "session/replay_values.h"
#include "value/binary.h"
#include "value/cases.h"

namespace crossing::converting {
namespace {

constexpr std::uint64_t known_limit = limits::payload_size;
constexpr std::uint64_t write_cost = 64;  // bytes that keeping a write takes beside its own
constexpr std::size_t live_limit = std::size_t{1} << 20;

tl::unexpected<Error> problem(Verdict verdict, const EventView& event, std::string_view rule,
                              std::string message) {
  return tl::unexpected(Error{
      .verdict = verdict, .message = std::move(message), .event = event.sequence, .rule = rule});
}

/// The bytes of values, with what handles name instead of their indices.
class ThingWriter final : public values::BinaryWriter {
 public:
  ThingWriter(std::vector<std::uint8_t>& out, ThingNames& things, std::uint32_t instance,
              bool to_guest)
      : BinaryWriter(out), things_(things), instance_(instance), to_guest_(to_guest) {}

  void scalar(const Type& type, std::uint64_t bits) override {
    BinaryWriter::scalar(
        type, values::is_handle(type.kind)
                  ? things_.passes(instance_, type, static_cast<std::uint32_t>(bits), to_guest_)
                  : bits);
  }
  void unknown(const Type&, const values::Unknown& what) override {
    complete = false;
    broken = broken || what.broken;
  }

  bool complete = true;
  bool broken = false;

 private:
  ThingNames& things_;
  std::uint32_t instance_;
  bool to_guest_;
};

std::optional<EventKind> opened_by(EventKind kind) {
  switch (kind) {
    case EventKind::instantiate_end: return EventKind::instantiate;
    case EventKind::export_result: return EventKind::export_call;
    case EventKind::import_result: return EventKind::import_call;
    case EventKind::realloc_result: return EventKind::realloc_call;
    default: return std::nullopt;
  }
}

}  // namespace

Conversion Converter::outcome() const {
  return {.events = writer_.totals().event_count, .omitted = omitted_, .things = things_.count()};
}

Result<void> Converter::take(const WholeEvent& event) {
  const EventView& view = event.view;
  if (view.kind == EventKind::lift) {
    if (pending_ && view.flags == 0 && view.detail <= ~view.body_size) {
      pending_->memory.write(view.detail, event.body);
    }
    return {};
  }
  if (auto settled = settle(); !settled) return settled;
  if (things_.live() > live_limit || frames_.size() > limits::open_calls) {
    return problem(Verdict::limit, view, "LIMIT-01",
                   "expected fewer open calls and live handles, found more");
  }
  switch (view.kind) {
    case EventKind::instantiate:
    case EventKind::export_call:
    case EventKind::import_call:
    case EventKind::realloc_call: return call(event);
    case EventKind::instantiate_end:
    case EventKind::export_result:
    case EventKind::import_result:
    case EventKind::realloc_result: return result(event);
    case EventKind::export_enter:
      if (frames_.empty() || frames_.back().kind != EventKind::export_call ||
          frames_.back().subject != view.subject) {
        return problem(Verdict::invalid, view, "ORDER-04",
                       "expected an export_enter behind its export_call, found it elsewhere");
      }
      return entered(event, frames_.back());
    case EventKind::lower: return lower(event);
    case EventKind::trap: return trap(event);
    case EventKind::grow:
    case EventKind::digest:
    case EventKind::marker: return append(event, view.flags, event.body);
    case EventKind::gap:
      return problem(Verdict::unsupported, view, "PROF-05",
                     "expected a trace without gaps, found one");
    default:
      if (static_cast<std::uint8_t>(view.kind) > 127) return append(event, view.flags, event.body);
      return problem(
          Verdict::unsupported, view, "PROF-05",
          "expected synchronous calls alone, found " + std::string(event_kind_name(view.kind)));
  }
}

Result<void> Converter::append(const WholeEvent& event, std::uint8_t flags, Bytes body) {
  return writer_.append({.kind = event.view.kind,
                         .flags = flags,
                         .time = event.view.time,
                         .subject = event.view.subject,
                         .detail = event.view.detail,
                         .body = body});
}

// --- calls -------------------------------------------------------------------

/// [PROF-05] A destructor inside a call that is not kept is what the engine makes of
/// `resource.drop`.
bool Converter::is_kept(const Function& function) const {
  return function.role == Role::import_ || function.role == Role::export_ ||
         (function.role == Role::destructor && (frames_.empty() || frames_.back().is_kept));
}

Result<void> Converter::call(const WholeEvent& event) {
  const EventView& view = event.view;
  Frame frame{.kind = view.kind, .subject = view.subject, .params = event.body};
  if (view.kind == EventKind::instantiate) {
    frame.is_kept = true;
  } else {
    const Function& function = definitions_.functions[view.subject];
    frame.is_kept = is_kept(function);
    const bool is_typed = function.role == Role::destructor || shapes_.of(view.subject).is_typed;
    if (frame.is_kept && (function.options.is_async || !is_typed)) {
      return problem(Verdict::unsupported, view, "PROF-05",
                     "expected a synchronous function with a component type, found " +
                         function_title(function));
    }
  }
  const bool is_kept = frame.is_kept;
  frames_.push_back(std::move(frame));
  if (!is_kept) return {};
  if (view.kind != EventKind::import_call) return append(event, 0, {});
  pending_ = Pending{.event = event, .memory = {}};
  return {};
}

Result<void> Converter::entered(const WholeEvent& event, Frame& frame) {
  const Function& function = definitions_.functions[frame.subject];
  if (function.role != Role::destructor) {
    return frame.is_kept ? given(event, frame) : Result<void>{};
  }
  const std::uint8_t flags = event.view.flags;
  const auto representation =
      flags == 0 ? core_integer(function.core_params, event.body, 0) : std::nullopt;
  const std::uint32_t thing = representation
                                  ? things_.destroyed(function.instance, function.immediates.type,
                                                      static_cast<std::uint32_t>(*representation))
                                  : 0;
  if (!frame.is_kept) return {};
  if (flags != 0) return append(event, flags, event.body);
  if (!representation) {
    return problem(Verdict::invalid, event.view, "PAY-06",
                   "expected a representation as the parameter of a destructor, found none");
  }
  std::vector<std::uint8_t> body;
  values::BinaryWriter(body).scalar(Type{.kind = TypeKind::own}, thing);
  return append(event, 0, body);
}

Result<void> Converter::result(const WholeEvent& event) {
  const EventView& view = event.view;
  auto frame = pop(*opened_by(view.kind), view.subject);
  if (!frame) {
    return problem(Verdict::invalid, view, "ORDER-02",
                   "expected the end of the innermost call, found another");
  }
  if (!frame->is_kept) {
    not_kept(event, *frame);
  } else if (view.kind == EventKind::instantiate_end) {
    return append(event, 0, {});
  } else if (view.kind == EventKind::export_result) {
    pending_ = Pending{.event = event, .memory = {}};
  } else {
    auto told = given(event, *frame);
    forget(*frame);
    return told;
  }
  forget(*frame);
  return {};
}

/// What a call that the new trace has not does to handles and blocks.
void Converter::not_kept(const WholeEvent& event, const Frame& frame) {
  const Function& function = definitions_.functions[frame.subject];
  const auto param = [&](std::size_t index) {
    return core_integer(function.core_params, frame.params, index).value_or(0);
  };
  const std::uint64_t result = core_integer(function.core_results, event.body, 0).value_or(0);
  if (function.role == Role::builtin) {
    things_.builtin(function, param(0), result);
  } else if (function.role == Role::realloc && !frames_.empty() && event.view.flags == 0) {
    Frame& lowering = frames_.back();
    const std::uint64_t size = std::min(param(1), param(3));
    if (size == 0 || size > known_limit - std::min(known_, known_limit)) return;
    lowering.bytes += size;
    known_ += size;
    lowering.memory.copy(param(0), size, result);  // [ABI-15]
  }
}

std::optional<Converter::Frame> Converter::pop(EventKind kind, std::uint32_t subject) {
  if (frames_.empty() || frames_.back().kind != kind || frames_.back().subject != subject) {
    return std::nullopt;
  }
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  return frame;
}

/// [TRAP-02] The function of a trap is that of the innermost call that it ends, of those kept; one
/// that ends no kept call of the host is left out.
Result<void> Converter::trap(const WholeEvent& event) {
  std::optional<std::uint32_t> innermost = std::exchange(trapped_, std::nullopt);
  bool is_kept = frames_.empty();
  while (!frames_.empty()) {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    forget(frame);
    is_kept = frame.is_kept;
    if (is_kept && !innermost) {
      innermost = frame.kind == EventKind::instantiate ? none : frame.subject;
    }
    if (frame.kind == EventKind::export_call || frame.kind == EventKind::instantiate) break;
  }
  if (!is_kept) {
    trapped_ = innermost;  // the caller of this one traps too
    return {};
  }
  WholeEvent kept = event;
  if (innermost) kept.view.subject = *innermost;
  return append(kept, kept.view.flags, kept.body);
}

// --- values ------------------------------------------------------------------

Result<void> Converter::lower(const WholeEvent& event) {
  const EventView& view = event.view;
  if (frames_.empty()) return {};
  Frame& frame = frames_.back();
  const std::uint32_t memory = frame.kind == EventKind::instantiate
                                   ? none
                                   : definitions_.functions[frame.subject].options.memory;
  if (!frame.is_kept || memory != view.subject) return {};
  if ((view.flags & flag_redacted) != 0) {
    frame.is_redacted = true;
    return {};
  }
  const std::uint64_t cost = event.body.size() + write_cost;
  if (cost > known_limit - std::min(known_, known_limit)) {
    return problem(Verdict::limit, view, "LIMIT-01",
                   "expected at most " + std::to_string(known_limit) +
                       " bytes written in open calls, found more");
  }
  if (view.detail > ~view.body_size) {
    return problem(Verdict::invalid, view, "LOWER-01",
                   "expected bytes inside a memory, found an end past 2^64");
  }
  frame.bytes += cost;
  known_ += cost;
  frame.memory.write(view.detail, event.body);
  return {};
}

void Converter::forget(Frame& frame) {
  known_ -= std::min(known_, std::exchange(frame.bytes, 0));
  frame.memory = {};
}

Result<Converter::Encoded> Converter::encoded(const WholeEvent& event, bool to_guest, Bytes params,
                                              values::GuestMemory& memory) {
  const EventView& view = event.view;
  const Function& function = definitions_.functions[view.subject];
  const values::CallShape& how = shapes_.of(view.subject);
  Encoded out;
  ThingWriter writer(out.bytes, things_, function.instance, to_guest);
  const values::LiftOptions options{.types = shapes_.types(),
                                    .pointer = values::pointer_of(definitions_, function),
                                    .encoding = function.options.string_encoding,
                                    .law = to_guest ? Law::lower : Law::lift,
                                    .memory = &memory};
  values::Budget budget{.parts = limits::value_parts, .bytes = limits::payload_size};
  values::Lifter lifter(options, writer, budget);
  if (view.kind == EventKind::export_enter || view.kind == EventKind::import_call) {
    values::FlatValues flat(function.core_params, event.body);
    values::lift_params(how, lifter, flat);
  } else {
    values::FlatValues arguments(function.core_params, params);
    values::FlatValues results(function.core_results, event.body);
    values::lift_result(how, lifter, arguments, results);
  }
  if (budget.is_spent) {
    return problem(
        Verdict::limit, view, "VALUE-04",
        "expected values of at most " + std::to_string(limits::value_parts) + " parts, found more");
  }
  if (writer.broken && to_guest) {
    return problem(Verdict::invalid, view, "ABI-01",
                   "expected values as the Canonical ABI has them, found others");
  }
  out.is_complete = writer.complete;
  return out;
}

/// Values that the host gave.
Result<void> Converter::given(const WholeEvent& event, Frame& frame) {
  if (event.view.flags != 0) return append(event, event.view.flags, event.body);
  auto out = encoded(event, true, frame.params, frame.memory);
  if (!out) return tl::unexpected(out.error());
  const bool is_redacted = frame.is_redacted;
  forget(frame);
  if (out->is_complete) return append(event, 0, out->bytes);
  if (is_redacted) {
    const std::vector<std::uint8_t> unknown(16);  // a HashPayload without size and hash
    return append(event, flag_redacted, unknown);
  }
  return problem(Verdict::unsupported, event.view, "PROF-05",
                 "expected all bytes of the values that the host gave, found some missing");
}

/// Values that the guest gave, once the host has read them [PROF-06].
Result<void> Converter::settle() {
  if (!pending_) return {};
  Pending pending = std::move(*pending_);
  pending_.reset();
  const std::uint8_t flags = pending.event.view.flags;
  if (flags != 0) return append(pending.event, flags, pending.event.body);
  auto out = encoded(pending.event, false, {}, pending.memory);
  if (!out) return tl::unexpected(out.error());
  if (out->is_complete) return append(pending.event, 0, out->bytes);
  ++omitted_;
  return append(pending.event, flag_omitted, {});
}

}  // namespace crossing::converting
