#include "c/io.h"
#include "c/items.h"
#include "c/options.h"

using namespace crossing;
using namespace crossing::c;

struct crossing_reader {
  explicit crossing_reader(Reader opened) : reader(std::move(opened)), info(reader.info()) {}

  Reader reader;
  TraceInfoMirror info;
  Items items;
  bool broken = false;
};

namespace {

static_assert(
    std::is_same_v<std::variant_alternative_t<CROSSING_DEFINITION_TYPE, Definition>, Type>);
static_assert(
    std::is_same_v<std::variant_alternative_t<CROSSING_DEFINITION_FUNCTION, Definition>, Function>);

}  // namespace

Result<ReaderOptions> crossing::c::reader_options_of(const crossing_reader_options* given) {
  if (given == nullptr) return ReaderOptions{};
  return read_sized(*given, "crossing_reader_options")
      .map([](const crossing_reader_options& known) {
        return ReaderOptions{.bulk = !known.skip_bulk, .threads = known.threads};
      });
}

crossing_verdict crossing_reader_open(crossing_source* source,
                                      const crossing_reader_options* options,
                                      crossing_reader** reader, crossing_error* error) {
  *reader = nullptr;
  return guarded(error, [&]() -> Result<void> {
    const auto known = reader_options_of(options);
    if (!known) return tl::unexpected(known.error());
    auto opened = Reader::open(*source->source, *known);
    if (!opened) return tl::unexpected(opened.error());
    *reader = new crossing_reader(std::move(*opened));
    return {};
  });
}

void crossing_reader_delete(crossing_reader* reader) { delete reader; }

const crossing_trace_info* crossing_reader_info(const crossing_reader* reader) {
  return &reader->info.view;
}
const crossing_definitions* crossing_reader_definitions(const crossing_reader* reader) {
  return &reader->items.definitions;
}
void crossing_reader_format_version(const crossing_reader* reader, uint16_t* major,
                                    uint16_t* minor) {
  std::tie(*major, *minor) = reader->reader.format_version();
}
void crossing_reader_totals(const crossing_reader* reader, crossing_totals* totals) {
  write_sized(totals, to_c(reader->reader.totals()));
}
uint64_t crossing_reader_offset(const crossing_reader* reader) { return reader->reader.offset(); }

crossing_verdict crossing_reader_seek(crossing_reader* reader, uint64_t number,
                                      crossing_error* error) {
  return guarded(reader->broken, error, [&]() -> Result<void> {
    reader->items.reset();
    return reader->reader.seek(number);
  });
}

crossing_verdict crossing_reader_seek_time(crossing_reader* reader, uint64_t time,
                                           crossing_error* error) {
  return guarded(reader->broken, error, [&]() -> Result<void> {
    reader->items.reset();
    return reader->reader.seek_time(time);
  });
}

crossing_verdict crossing_reader_next(crossing_reader* reader, const crossing_item** item,
                                      crossing_error* error) {
  *item = nullptr;
  return guarded(reader->broken, error, [&]() -> Result<void> {
    reader->items.reset();
    const auto next = reader->reader.next();
    if (!next) return tl::unexpected(next.error());
    *item = reader->items.take(*next, reader->reader.definitions());
    return {};
  });
}

const crossing_event_view* crossing_reader_next_event(crossing_reader* reader) {
  return reader->items.next_event();
}
