/// Built-ins that name memory or hold values: `stream.read` and its like, `context.get` and
/// `context.set`.

#include "check/value_layers.h"
#include "event/flags.h"
#include "session/replay_values.h"

namespace crossing::checking {
namespace {

constexpr std::uint64_t most_elements = (std::uint64_t{1} << 28) - 1;
constexpr std::uint64_t blocked = 0xffffffff;

/// A built-in that copies elements of a stream or the value of a future.
struct Transfer {
  bool is_stream = false;
  bool reads = false;
};

std::optional<Transfer> transfer_of(const Function& function) {
  if (function.role != Role::builtin) return std::nullopt;
  if (function.builtin == "stream.read") return Transfer{true, true};
  if (function.builtin == "stream.write") return Transfer{true, false};
  if (function.builtin == "future.read") return Transfer{false, true};
  if (function.builtin == "future.write") return Transfer{false, false};
  return std::nullopt;
}

/// Built-ins that always write their whole area.
bool fills_area(const Function& function) {
  return function.role == Role::builtin && function.result_area_param != none &&
         (function.builtin == "waitable-set.wait" || function.builtin == "waitable-set.poll");
}

}  // namespace

/// What a call names that the host may write later.
void ValueLayers::name_areas(const Function& function, Frame& frame) {
  const std::uint32_t memory = function.options.memory;
  if (function.role != Role::builtin) {
    if (is_async_ && function.options.is_async && function.result_area_param != none) {
      outstanding_.add(memory, frame.area, function.result_area_size);
    }
    return;
  }
  if (function.builtin == "error-context.new") return judge_message(function, frame);
  const auto transfer = transfer_of(function);
  const std::uint32_t type = function.immediates.type;
  if (!transfer || type == none) return;
  const auto address = core_integer(function.core_params, frame.params, 1);
  const auto count = transfer->is_stream ? core_integer(function.core_params, frame.params, 2) : 1;
  if (!shapes_.types().has(type) || !address || !count) return outstanding_.lose();
  const component::Layout& element =
      shapes_.types().layout(type, values::pointer_of(definitions_, function));
  judge_buffer(function, frame, *address, *count, element);
  if (transfer->reads) outstanding_.add(memory, *address, element.size * *count);
}

/// [ABI-04] of a string that the guest gives without a type.
void ValueLayers::judge_message(const Function& function, Frame& frame) {
  const auto units = core_integer(function.core_params, frame.params, 1);
  if (!units) return;
  const bool narrow = values::pointer_of(definitions_, function) == IndexType::i32;
  const std::uint64_t tag = std::uint64_t{1} << (narrow ? 31 : 63);
  const bool compact = function.options.string_encoding == StringEncoding::latin1_utf16;
  const bool wide =
      function.options.string_encoding == StringEncoding::utf16 || (compact && (*units & tag) != 0);
  const std::uint64_t length = compact ? *units & ~tag : *units;
  const std::uint64_t most = most_elements / (wide ? 2 : 1);
  if (length <= most) return;
  into_ = &frame.held;
  find({.function = &function,
        .event = frame.event,
        .kind = EventKind::import_call,
        .law = Law::lift},
       Layer::abi, "ABI-04", "at most " + std::to_string(most) + " code units, or a trap",
       std::to_string(length));
  into_ = nullptr;
}

/// [BUFFER-01]
void ValueLayers::judge_buffer(const Function& function, Frame& frame, std::uint64_t address,
                               std::uint64_t count, const component::Layout& element) {
  const IndexType pointer = values::pointer_of(definitions_, function);
  const std::uint64_t end = pointer == IndexType::i64 ? ~std::uint64_t{0} : std::uint64_t{1} << 32;
  if (count == 0 || (count <= most_elements && address % element.alignment == 0 && address <= end &&
                     element.size * count <= end - address)) {
    return;
  }
  into_ = &frame.held;
  find({.function = &function,
        .event = frame.event,
        .kind = EventKind::import_call,
        .law = Law::lift},
       Layer::abi, "BUFFER-01",
       "at most " + std::to_string(most_elements) + " elements in memory, aligned to " +
           std::to_string(element.alignment) + ", or a trap",
       std::to_string(count) + " at " + std::to_string(address));
  into_ = nullptr;
}

/// The call of a built-in returned.
void ValueLayers::judge_builtin(const Function& function, Frame& frame, const EventView& event) {
  if (!frame.is_whole || !frame.has_params || (event.flags & replaced_flags) != 0) return;
  if (function.builtin == "context.get" || function.builtin == "context.set") {
    judge_context(function, frame, event);
  } else if (const auto transfer = transfer_of(function); transfer && transfer->reads) {
    judge_copied(function, frame, event);
  } else if (fills_area(function) && !frame.lowering.is_redacted &&
             !frame.lowering.memory().read(frame.area, function.result_area_size)) {  // [LOWER-02]
    find({.function = &function, .event = event.sequence, .kind = event.kind}, Layer::abi,
         "LOWER-02", "all bytes of the event to be written in the call",
         "some missing at " + std::to_string(frame.area));
  }
}

/// [CONTEXT-01] Some engines let an export see what `realloc` set.
void ValueLayers::judge_context(const Function& function, const Frame& frame,
                                const EventView& event) {
  if (thread_->depth < 2) return;
  const std::size_t slot = function.immediates.slot;
  Frame& around = thread_->frames[thread_->depth - 2];
  const bool sets = function.builtin == "context.set";
  if (around.kind == EventKind::realloc_call && sets) {
    for (std::size_t i = thread_->depth - 2; i-- > 0;) {
      if (thread_->frames[i].kind != EventKind::export_call) continue;
      if (slot < around.context.size()) {
        thread_->frames[i].context_of_realloc[slot] =
            core_integer(function.core_params, frame.params, 0);
      }
      return;
    }
  }
  if (around.kind != EventKind::export_call || !around.knows_context ||
      slot >= around.context.size()) {
    return;
  }
  if (sets) {
    around.context[slot] = core_integer(function.core_params, frame.params, 0).value_or(0);
    around.context_of_realloc[slot].reset();
    return;
  }
  const auto found = core_integer(function.core_results, event.body, 0);
  if (!found || *found == around.context[slot] || found == around.context_of_realloc[slot]) return;
  find({.function = &function, .event = event.sequence, .kind = event.kind}, Layer::abi,
       "CONTEXT-01", std::to_string(around.context[slot]) + ", as the slot was set",
       std::to_string(*found));
}

/// [LOWER-02] What a read gives at once was written in its call, where no `copy` says it.
void ValueLayers::judge_copied(const Function& function, Frame& frame, const EventView& event) {
  const std::uint32_t type = function.immediates.type;
  const auto packed = core_integer(function.core_results, event.body, 0);
  const auto address = core_integer(function.core_params, frame.params, 1);
  if (type == none || !packed || !address || *packed == blocked || frame.has_copies ||
      frame.lowering.is_redacted || !shapes_.types().has(type)) {
    return;
  }
  const bool is_stream = function.builtin == "stream.read";
  const std::uint64_t count = is_stream ? *packed >> 4 : *packed == 0 ? 1 : 0;
  const std::uint64_t size =
      count * shapes_.types().layout(type, values::pointer_of(definitions_, function)).size;
  if (size == 0 || frame.lowering.memory().read(*address, size)) return;
  find({.function = &function, .event = event.sequence, .kind = event.kind}, Layer::abi, "LOWER-02",
       "all bytes of " + std::to_string(count) + " elements to be written in the call",
       "some missing at " + std::to_string(*address));
}

}  // namespace crossing::checking
