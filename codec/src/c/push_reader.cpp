#include "c/items.h"
#include "c/options.h"

using namespace crossing;
using namespace crossing::c;

struct crossing_push_reader {
  explicit crossing_push_reader(ReaderOptions options) : reader(options) {}

  PushReader reader;
  std::optional<TraceInfoMirror> info;
  Items items;
  bool broken = false;
};

crossing_verdict crossing_push_reader_new(const crossing_reader_options* options,
                                          crossing_push_reader** reader, crossing_error* error) {
  *reader = nullptr;
  return guarded(error, [&]() -> Result<void> {
    const auto known = reader_options_of(options);
    if (!known) return tl::unexpected(known.error());
    *reader = new crossing_push_reader(*known);
    return {};
  });
}

void crossing_push_reader_delete(crossing_push_reader* reader) { delete reader; }

crossing_verdict crossing_push_reader_push(crossing_push_reader* reader, crossing_bytes* bytes,
                                           const crossing_item** item, crossing_error* error) {
  *item = nullptr;
  return guarded(reader->broken, error, [&]() -> Result<void> {
    reader->items.reset();
    Bytes rest = from_c(*bytes);
    const auto pushed = reader->reader.push(rest);
    *bytes = to_c(rest);
    if (!pushed) return tl::unexpected(pushed.error());
    if (!reader->info && reader->reader.info() != nullptr) {
      reader->info.emplace(*reader->reader.info());
    }
    if (*pushed) *item = reader->items.take(**pushed, reader->reader.definitions());
    return {};
  });
}

const crossing_event_view* crossing_push_reader_next_event(crossing_push_reader* reader) {
  return reader->items.next_event();
}

crossing_verdict crossing_push_reader_finish(crossing_push_reader* reader, crossing_error* error) {
  return guarded(reader->broken, error, [&] { return reader->reader.finish(); });
}

bool crossing_push_reader_ended(const crossing_push_reader* reader) {
  return reader->reader.ended();
}
const crossing_trace_info* crossing_push_reader_info(const crossing_push_reader* reader) {
  return reader->info ? &reader->info->view : nullptr;
}
const crossing_definitions* crossing_push_reader_definitions(const crossing_push_reader* reader) {
  return &reader->items.definitions;
}
void crossing_push_reader_totals(const crossing_push_reader* reader, crossing_totals* totals) {
  write_sized(totals, to_c(reader->reader.totals()));
}
uint64_t crossing_push_reader_offset(const crossing_push_reader* reader) {
  return reader->reader.offset();
}
