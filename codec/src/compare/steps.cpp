#include "compare/steps.h"

#include <algorithm>

#include "compare/builtin_values.h"
#include "io/bytes.h"
#include "session/replay_values.h"

namespace crossing::comparing {
namespace {

constexpr std::size_t kept_reallocs = 4096;
constexpr std::uint64_t write_cost = 64;  // bytes that keeping a write takes beside its own

std::string path_of(const Instance& instance) {
  std::string text;
  for (const std::uint32_t step : instance.path) text += "/" + std::to_string(step);
  return text;
}

}  // namespace

StepReader::StepReader(ByteSource& trace, const CompareOptions& options)
    : trace_(trace), options_(options) {}

bool StepReader::open() {
  auto reader = Reader::open(trace_);
  if (!reader) {
    fault_ = reader.error();
    over_ = true;
    return false;
  }
  reader_ = std::move(*reader);
  return true;
}

void StepReader::fail(Verdict verdict, std::uint64_t event, std::string message) {
  if (!fault_) fault_ = Error{.verdict = verdict, .message = std::move(message), .event = event};
  over_ = true;
}

/// Goes to the next event; false: there is none.
bool StepReader::advance() {
  if (at_) {
    ++*at_;
    if (*at_ != std::default_sentinel) return true;
    at_.reset();
  }
  while (!over_) {
    auto item = reader_->next();
    if (!item) {
      fault_ = item.error();
      break;
    }
    if (std::holds_alternative<std::monostate>(*item)) break;
    if (const auto* definitions = std::get_if<NewDefinitions>(&*item)) define(*definitions);
    if (const auto* block = std::get_if<Block>(&*item)) {
      block_ = *block;
      at_ = block_->begin();
      if (*at_ != std::default_sentinel) return true;
    }
  }
  over_ = true;
  return false;
}

void StepReader::define(NewDefinitions definitions) {
  for (const Definition& definition : definitions) {
    if (const auto* type = std::get_if<Type>(&definition)) {
      if (type->id == types_.size()) types_.append(*type);
    } else if (const auto* instance = std::get_if<Instance>(&definition)) {
      paths_.push_back(path_of(*instance));
    } else if (const auto* function = std::get_if<Function>(&definition)) {
      subjects_.push_back(paths_[function->instance] + " " +
                          std::to_string(static_cast<int>(function->role)) + " " +
                          std::to_string(static_cast<int>(function->index_space)) + " " +
                          std::to_string(function->index));
      titles_.push_back(function_title(*function));
      shapes_.push_back(values::call_shape(types_, reader_->definitions(), *function));
      if (function->builtin == "resource.new" || function->builtin == "resource.rep") {
        own_.emplace(function->instance, function->immediates.type);
      }
    }
  }
}

std::optional<Step> StepReader::next() {
  while (!over_ && advance()) {
    const EventView event = **at_;
    if (!event.first) continue;
    ++events_;
    if (frames_.size() > limits::open_calls) {
      fail(Verdict::limit, event.sequence,
           "expected at most " + std::to_string(limits::open_calls) + " open calls, found more");
      break;
    }
    switch (event.kind) {
      case EventKind::marker: continue;
      case EventKind::lift: lift(event); continue;
      case EventKind::digest:
        if (pending_) {
          pending_->digests.push_back({event.subject, load<std::uint64_t>(event.body.data()),
                                       load<std::uint64_t>(&event.body[8])});
        }
        continue;
      case EventKind::lower: lower(event); continue;
      case EventKind::realloc_call: realloc(event); continue;
      case EventKind::realloc_result: realloc_result(event); continue;
      case EventKind::export_call:
        frames_.push_back({.kind = event.kind, .subject = event.subject});
        continue;  // with its arguments it is a step
      default: break;
    }
    if (static_cast<std::uint8_t>(event.kind) > 127) continue;
    auto step = take(event);
    if (step) return step;
  }
  complete_pending();
  return std::exchange(pending_, std::nullopt);
}

/// Makes a step of an event; gives the step before it, which is complete now.
std::optional<Step> StepReader::take(const EventView& event) {
  complete_pending();
  std::optional<Step> before = std::exchange(pending_, std::nullopt);
  budget_ = {.parts = options_.value_parts, .bytes = limits::payload_size};
  pending_.emplace();
  Step& step = *pending_;
  step.kind = event.kind;
  step.event = event.sequence;
  pending_function_ = none;
  pending_read_ = {};
  const auto named = [&](const std::string& subject, const std::string& title) {
    step.subject = subject;
    step.title = title;
  };
  const auto plain = [&](std::string_view text) {
    named(std::to_string(event.subject), std::string(event_kind_name(event.kind)));
    step.meaning.add(text);
  };
  switch (event.kind) {
    case EventKind::instantiate:
    case EventKind::instantiate_end:
      named(paths_[event.subject], "instance " + paths_[event.subject]);
      if (event.kind == EventKind::instantiate) {
        frames_.push_back({.kind = event.kind, .subject = event.subject});
      } else {
        pop(EventKind::instantiate, event.subject);
      }
      break;
    case EventKind::export_enter:
      named(subjects_[event.subject], titles_[event.subject]);
      if (!frames_.empty()) export_enter(step, event, frames_.back());
      break;
    case EventKind::export_result:
      named(subjects_[event.subject], titles_[event.subject]);
      pop(EventKind::export_call, event.subject);
      if (event.flags == 0) given_away(step, event.subject, event.body, true);
      break;
    case EventKind::import_call:
      named(subjects_[event.subject], titles_[event.subject]);
      if (event.flags == 0) given_away(step, event.subject, event.body, false);
      frames_.push_back({.kind = event.kind,
                         .subject = event.subject,
                         .params = {event.body.begin(), event.body.end()},
                         .has_params = event.flags == 0});
      break;
    case EventKind::import_result:
      named(subjects_[event.subject], titles_[event.subject]);
      if (auto frame = pop(EventKind::import_call, event.subject)) {
        import_result(step, event, *frame);
        kept_bytes_ -= std::min(kept_bytes_, frame->bytes);
      }
      break;
    case EventKind::trap: trap(step, event); break;
    case EventKind::gap:
      plain("gap");
      has_gap_ = true;
      frames_.clear();
      kept_bytes_ = 0;
      break;
    case EventKind::task_start:
    case EventKind::task_resolve:
    case EventKind::task_resolve_end:
    case EventKind::task_cancel:
      named(subjects_[event.subject], titles_[event.subject]);
      step.meaning.add_bytes(event.body);
      break;
    default:  // copy, ends, threads, grow
      plain("");
      step.meaning.add_bytes(event.body);
      break;
  }
  return before;
}

/// Closes the innermost call of that kind and subject, if it is the innermost one.
std::optional<StepReader::Frame> StepReader::pop(EventKind kind, std::uint32_t subject) {
  if (frames_.empty() || frames_.back().kind != kind || frames_.back().subject != subject) {
    return std::nullopt;
  }
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  return frame;
}

void StepReader::trap(Step& step, const EventView& event) {
  const std::string_view name = trap_code_name(static_cast<TrapCode>(event.detail));
  step.subject = event.subject == none ? "" : subjects_[event.subject];
  step.title = event.subject == none ? "the guest" : titles_[event.subject];
  step.meaning.add(name.empty() ? "unknown" : name);
  if (static_cast<TrapCode>(event.detail) == TrapCode::exit) {
    step.meaning.add(" " + std::to_string(load<std::int32_t>(&event.body[4])));
  }
  while (!frames_.empty()) {  // [TRAP-02]
    const EventKind kind = frames_.back().kind;
    kept_bytes_ -= std::min(kept_bytes_, frames_.back().bytes);
    frames_.pop_back();
    if (kind == EventKind::export_call || kind == EventKind::instantiate) break;
  }
}

// --- guest memory ------------------------------------------------------------

void StepReader::lower(const EventView& event) {
  if (frames_.empty() || (event.flags & flag_redacted) != 0) return;
  const std::uint64_t cost = event.body_size + write_cost;
  if (cost > options_.lowering_bytes - std::min(kept_bytes_, options_.lowering_bytes)) {
    return fail(Verdict::limit, event.sequence,
                "expected at most " + std::to_string(options_.lowering_bytes) +
                    " bytes written in open calls, found more");
  }
  if (event.detail > ~std::uint64_t{0} - event.body_size) {
    return fail(Verdict::invalid, event.sequence,
                "expected bytes inside a memory, found an end past 2^64");
  }
  // The frame may move while pieces are read: nothing is pushed meanwhile.
  Frame& frame = frames_.back();
  frame.snapshot = frame.snapshot || (event.flags & flag_snapshot) != 0;
  frame.bytes += cost;
  kept_bytes_ += cost;
  GuestBytes& memory = frame.memory[event.subject];
  std::uint64_t address = event.detail;
  memory.write(address, event.body);
  address += event.body.size();
  for (bool last = event.last; !last && advance();) {
    const EventView& piece = **at_;
    memory.write(address, piece.body);
    address += piece.body.size();
    last = piece.last;
  }
}

void StepReader::lift(const EventView& event) {
  if (event.flags != 0 || !pending_ || event.body_size > options_.lowering_bytes ||
      event.detail > ~std::uint64_t{0} - event.body_size) {
    return;
  }
  std::uint64_t address = event.detail;
  pending_read_.write(address, event.body);
  address += event.body.size();
  for (bool last = event.last; !last && advance();) {
    const EventView& piece = **at_;
    pending_read_.write(address, piece.body);
    address += piece.body.size();
    last = piece.last;
  }
}

void StepReader::realloc(const EventView& event) {
  Frame frame{.kind = event.kind, .subject = event.subject};
  const FlatValues params(definitions().functions[event.subject].core_params, event.body);
  for (std::size_t i = 0; i < 4 && i < params.size(); ++i) frame.asked[i] = params[i];
  frames_.push_back(std::move(frame));
}

/// A block that moved takes what the host wrote in it along.
void StepReader::moved(Frame& lowering, std::uint64_t from, std::uint64_t size, std::uint64_t to) {
  if (lowering.kind == EventKind::instantiate) return;
  const auto memory =
      lowering.memory.find(definitions().functions[lowering.subject].options.memory);
  const std::uint64_t cost = size + write_cost;
  if (memory == lowering.memory.end() || from == to ||
      cost > options_.lowering_bytes - std::min(kept_bytes_, options_.lowering_bytes)) {
    return;
  }
  lowering.bytes += cost;
  kept_bytes_ += cost;
  memory->second.copy(from, size, to);
}

void StepReader::realloc_result(const EventView& event) {
  const auto frame = pop(EventKind::realloc_call, event.subject);
  if (!frame || frames_.empty()) return;
  Frame& lowering = frames_.back();
  const auto& [old, old_size, alignment, new_size] = frame->asked;
  const FlatValues results(definitions().functions[event.subject].core_results,
                           event.flags == 0 ? event.body : Bytes());
  if (old_size != 0 && results.size() == 1)
    moved(lowering, old, std::min(old_size, new_size), results[0]);
  Realloc block{.old_size = old_size, .alignment = alignment, .new_size = new_size};
  if (old_size != 0) {
    const auto known = lowering.blocks.find(old);
    if (known != lowering.blocks.end()) block.moves = known->second;
  }
  if (lowering.reallocs.size() == kept_reallocs) {
    lowering.realloc_rest.add(std::to_string(old_size) + " " + std::to_string(alignment) + " " +
                              std::to_string(new_size) + "; ");
    return;
  }
  if (results.size() == 1) {
    lowering.blocks[results[0]] = static_cast<std::uint32_t>(lowering.reallocs.size());
  }
  lowering.reallocs.push_back(block);
}

// --- values ------------------------------------------------------------------

/// Whether the values are those of a component function, lifted or lowered synchronously.
bool StepReader::is_typed(const Function& function) const {
  return shapes_[function.id].is_typed && function.role != Role::builtin &&
         !function.options.is_async;
}

/// Values of a function with a component type, from `step.flat` and `memory`.
void StepReader::typed(Step& step, const Function& function, bool results, bool to_guest,
                       const Frame* frame, GuestBytes* memory, Meaning& into) {
  const values::LiftOptions options{.types = types_,
                                    .pointer = values::pointer_of(definitions(), function),
                                    .encoding = function.options.string_encoding,
                                    .memory = memory};
  MeaningWriter writer({types_, own_, function.instance, to_guest}, into, budget_);
  values::Lifter lifter(options, writer, budget_);
  const values::CallShape& shape = shapes_[function.id];
  if (!results) return values::lift_params(shape, lifter, step.flat);
  FlatValues params;
  if (frame != nullptr && frame->has_params) {
    params = FlatValues(function.core_params, frame->params);
  } else if (shape.has_result_area()) {
    return into.add("?");
  }
  values::lift_result(shape, lifter, params, step.flat);
}

void StepReader::builtin(Step& step, const Function& function, bool results, Meaning& into) {
  using Kind = HandleTable::Kind;
  FlatValues& flat = step.flat;
  flat.go_to(0);
  std::string_view letters;
  if (function.role == Role::destructor && !results) letters = "r";
  if (function.role == Role::post_return) letters = "................";
  if (function.role == Role::callback) letters = results ? "c" : "vwv";
  for (const BuiltinValues& one : builtin_values) {
    if (one.name == function.builtin) letters = results ? one.results : one.params;
  }
  const auto handle = [&](Kind kind, std::uint64_t index, bool creates) {
    const std::uint32_t type =
        kind == Kind::resource || kind == Kind::representation ? function.immediates.type : 0;
    into.add_handle({{function.instance, type, kind}, index, creates});
    into.add(" handle");
  };
  for (std::size_t i = 0; i < flat.size(); ++i) {
    const char letter = i < letters.size() ? letters[i] : 'v';
    const std::uint64_t bits = flat.next(letter == 'v'   ? Slot::value
                                         : letter == '.' ? Slot::pointer
                                                         : Slot::handle);
    switch (letter) {
      case 'h':
      case 'H': handle(Kind::resource, bits, letter == 'H'); break;
      case 'r':
      case 'R': handle(Kind::representation, bits, letter == 'R'); break;
      case 'w': bits == 0 ? into.add(" none") : handle(Kind::waitable, bits, false); break;
      case 's':
      case 'S': bits == 0 ? into.add(" none") : handle(Kind::set, bits, letter == 'S'); break;
      case 'c':  // a callback's code, and the set that it waits for
        into.add(" " + std::to_string(bits & 15));
        if (bits >> 4 != 0) handle(Kind::set, bits >> 4, false);
        break;
      case 'e':
      case 'E': handle(Kind::error_context, bits, letter == 'E'); break;
      case 'P':
        handle(Kind::waitable, bits & 0xffffffff, true);
        handle(Kind::waitable, bits >> 32, true);
        break;
      case '.': break;
      default: into.add(" " + std::to_string(bits)); break;
    }
  }
}

/// Arguments of an import, or results of an export.
void StepReader::given_away(Step& step, std::uint32_t id, Bytes bytes, bool results) {
  const Function& function = definitions().functions[id];
  step.flat = FlatValues(results ? function.core_results : function.core_params, bytes);
  pending_function_ = id;
  pending_results_ = results;
  if (is_typed(function)) {
    typed(step, function, results, false, nullptr, nullptr, step.meaning);
  } else {
    builtin(step, function, results, step.meaning);
  }
}

void StepReader::export_enter(Step& step, const EventView& event, Frame& frame) {
  if (frame.kind != EventKind::export_call || frame.subject != event.subject) return;
  const Function& function = definitions().functions[event.subject];
  if (event.flags == 0) {
    step.flat = FlatValues(function.core_params, event.body);
    if (is_typed(function)) {
      GuestBytes& memory = frame.memory[function.options.memory];
      typed(step, function, false, true, &frame, &memory, step.meaning);
    } else {
      builtin(step, function, false, step.meaning);
    }
  }
  end_of_lowering(step, frame);
}

void StepReader::import_result(Step& step, const EventView& event, Frame& frame) {
  const Function& function = definitions().functions[event.subject];
  if (event.flags == 0) {
    step.flat = FlatValues(function.core_results, event.body);
    if (is_typed(function)) {
      GuestBytes& memory = frame.memory[function.options.memory];
      typed(step, function, true, true, &frame, &memory, step.meaning);
    } else {
      builtin(step, function, true, step.meaning);
      untyped(step, frame);
    }
  }
  end_of_lowering(step, frame);
}

/// What was written for a call without a component type means what its bytes say.
void StepReader::untyped(Step& step, Frame& frame) {
  for (auto& [memory, bytes] : frame.memory) {
    for (const auto& [address, range] : bytes.ranges()) step.meaning.add_bytes(range);
  }
}

/// What the host wrote, as the guest finds it, and the blocks that it asked for.
void StepReader::end_of_lowering(Step& step, Frame& frame) {
  for (auto& [memory, bytes] : frame.memory) {
    for (const auto& [address, range] : bytes.ranges()) {
      step.places.add(std::to_string(memory) + ":" + std::to_string(address) + " ");
      step.written.add_bytes(range);
      step.written.add("; ");
    }
  }
  step.reallocs = std::move(frame.reallocs);
  step.realloc_rest = std::move(frame.realloc_rest);
  step.snapshot = frame.snapshot;
  kept_bytes_ -= std::min(kept_bytes_, frame.bytes);
  frame.memory.clear();
  frame.reallocs.clear();
  frame.realloc_rest = {};
  frame.blocks.clear();
  frame.bytes = 0;
}

/// The host has read what it wanted.
void StepReader::complete_pending() {
  if (!pending_) return;
  Step& step = *pending_;
  if (pending_function_ != none && !pending_read_.empty()) {
    const Function& function = definitions().functions[pending_function_];
    if (is_typed(function)) {
      typed(step, function, pending_results_, false, nullptr, &pending_read_, step.read);
    }
  }
  if (budget_.is_spent) {
    fail(Verdict::limit, step.event,
         "expected values of at most " + std::to_string(options_.value_parts) +
             " parts, found more");
  }
  for (Meaning* meaning :
       {&step.meaning, &step.read, &step.realloc_rest, &step.places, &step.written}) {
    meaning->finish();
  }
}

}  // namespace crossing::comparing
