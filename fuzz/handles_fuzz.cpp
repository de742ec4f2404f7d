// Whatever calls, handles and states events tell: the checker ends with findings that are sentences
// and name its rules, and no more of the guest's handles than there can be.

#include <array>

#include "expect_findings.h"
#include "handle_functions.h"
#include "sample.h"

namespace {

using namespace crossing;

constexpr std::array kinds = {
    EventKind::import_call,  EventKind::import_result,  EventKind::export_call,
    EventKind::export_enter, EventKind::export_result,  EventKind::lower,
    EventKind::trap,         EventKind::task_start,     EventKind::task_resolve,
    EventKind::task_cancel,  EventKind::copy,           EventKind::end_dropped,
    EventKind::realloc_call, EventKind::realloc_result, EventKind::thread_switch};

/// Bytes that events are made of; zeros past the end.
struct Input {
  const std::uint8_t* data;
  std::size_t size;
  std::uint8_t byte() { return size == 0 ? 0 : (--size, *data++); }
};

/// Core values, most of them small.
std::vector<std::uint8_t> body(Input& input, const std::vector<CoreType>& signature) {
  std::vector<std::uint8_t> bytes;
  for (const CoreType type : signature) {
    const std::uint64_t low = input.byte();
    const std::uint64_t bits = low == 255 ? ~std::uint64_t{0} : low | std::uint64_t{low} >> 4 << 32;
    for (int i = 0; i < (type == CoreType::i32 ? 4 : 8); ++i) {
      bytes.push_back(static_cast<std::uint8_t>(bits >> 8 * i));
    }
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const testing::HandleFunctions functions;
  Input input{data, size};
  TraceInfo info = testing::sample_info();
  if (input.byte() % 2 == 1) info.quirks = {"handles_per_type"};
  Checker checker(info, functions.all);
  std::vector<std::uint32_t> open;  // functions
  std::uint64_t sequence = 0;
  while (input.size != 0) {
    EventView event;
    event.sequence = sequence++;
    event.kind = kinds[input.byte() % kinds.size()];
    const bool ends =
        event.kind == EventKind::import_result || event.kind == EventKind::export_result;
    const bool enters = event.kind == EventKind::export_enter;
    event.subject = input.byte() % static_cast<std::uint32_t>(functions.all.functions.size());
    if ((ends || enters) && !open.empty()) event.subject = open.back();
    const Function& function = functions.all.functions[event.subject];
    std::vector<std::uint8_t> bytes;
    switch (event.kind) {
      case EventKind::import_call: bytes = body(input, function.core_params); break;
      case EventKind::export_enter: bytes = body(input, function.core_params); break;
      case EventKind::import_result:
      case EventKind::export_result: bytes = body(input, function.core_results); break;
      case EventKind::realloc_call:
      case EventKind::realloc_result: continue;
      case EventKind::lower:
        event.subject = 0;
        event.detail = 64;
        bytes = body(input, {CoreType::i32, CoreType::i32});
        break;
      case EventKind::task_resolve:
        bytes = {static_cast<std::uint8_t>(2 + input.byte() % 3), 0, 0, 0};
        break;
      case EventKind::copy:
      case EventKind::end_dropped: {
        const bool copies = event.kind == EventKind::copy;
        event.subject = 0;
        event.detail = input.byte();
        const std::uint8_t way = input.byte();
        if (copies) {
          bytes = {static_cast<std::uint8_t>(way & 1),
                   0,
                   static_cast<std::uint8_t>(way >> 1 & 1),
                   0,
                   static_cast<std::uint8_t>(way >> 2),
                   0,
                   0,
                   0};
        }
        break;
      }
      case EventKind::thread_switch: event.subject %= 3; break;
      case EventKind::trap: event.subject = none; break;
      default: break;
    }
    const bool has_id = event.kind == EventKind::task_start ||
                        event.kind == EventKind::task_resolve ||
                        event.kind == EventKind::task_cancel;
    if (has_id) event.detail = input.byte() % 8;
    if (event.kind == EventKind::import_call || event.kind == EventKind::export_call) {
      open.push_back(event.subject);
    }
    if (ends && !open.empty()) open.pop_back();
    event.body = bytes;
    event.body_size = bytes.size();
    checker.event(event);
  }
  checker.finish();
  fuzz::expect_findings(checker);
  return 0;
}
