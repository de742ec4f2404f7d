#include "crossing/check.h"

namespace crossing {

CheckReport check(ByteSource& trace) {
  CheckReport report;
  auto reader = Reader::open(trace);
  if (!reader) {
    report.fault = reader.error();
    return report;
  }
  OrderChecker order(reader->definitions());
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
  }
  report.findings = order.findings();
  report.omitted_findings = order.omitted_findings();
  report.totals = reader->totals();
  return report;
}

}  // namespace crossing
