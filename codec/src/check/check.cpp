#include "crossing/check.h"

namespace crossing {
namespace {

constexpr std::uint64_t progress_interval = 4 * 1024 * 1024;

}  // namespace

CheckReport check(ByteSource& trace, const std::function<void(std::uint64_t)>& progress) {
  CheckReport report;
  auto reader = Reader::open(trace);
  if (!reader) {
    report.fault = reader.error();
    return report;
  }
  OrderChecker order(reader->definitions());
  std::uint64_t next_progress = progress_interval;
  for (;;) {
    auto item = reader->next();
    if (!item) {
      report.fault = item.error();
      break;
    }
    if (std::holds_alternative<std::monostate>(*item)) {
      order.finish();
      break;
    }
    if (const auto* block = std::get_if<Block>(&*item)) {
      order.begin_block(block->base_sequence(), block->open_calls());
      for (const EventView& event : *block) order.event(event);
    }
    if (progress && reader->offset() >= next_progress) {
      progress(reader->offset());
      next_progress = reader->offset() + progress_interval;
    }
  }
  report.findings = order.findings();
  report.omitted_findings = order.omitted_findings();
  report.totals = reader->totals();
  return report;
}

}  // namespace crossing
