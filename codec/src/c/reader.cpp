#include "c/definitions.h"
#include "c/events.h"
#include "c/io.h"

using namespace crossing;
using namespace crossing::c;

struct crossing_reader {
  explicit crossing_reader(Reader opened) : reader(std::move(opened)), info(reader.info()) {}

  Reader reader;
  TraceInfoMirror info;
  crossing_definitions definitions;
  bool broken = false;

  // What `crossing_reader_next` gave, and what it refers to.
  crossing_item item = {};
  std::vector<crossing_definition> new_definitions;
  std::vector<crossing_open_call> open_calls;
  Block block;
  std::optional<Block::Iterator> next_event;
  crossing_event_view event = {};

  void take(std::monostate) { item.kind = CROSSING_ITEM_END; }

  void take(NewDefinitions found) {
    definitions.add_rest(reader.definitions());
    for (const Definition& definition : found) {
      new_definitions.push_back({static_cast<crossing_definition_kind>(definition.index()),
                                 std::visit([](const auto& one) { return one.id; }, definition)});
    }
    item.kind = CROSSING_ITEM_DEFINITIONS;
    item.definitions = new_definitions.data();
    item.definition_count = new_definitions.size();
  }

  void take(const AttachmentPiece& piece) {
    item.kind = CROSSING_ITEM_ATTACHMENT;
    item.attachment = to_c(piece);
  }

  void take(const Block& found) {
    block = found;
    next_event = block.begin();
    for (const OpenCall& call : block.open_calls()) open_calls.push_back(to_c(call));
    item.kind = CROSSING_ITEM_BLOCK;
    item.base_sequence = block.base_sequence();
    item.base_time = block.base_time();
    item.event_count = block.size();
    item.open_calls = open_calls.data();
    item.open_call_count = open_calls.size();
  }
};

namespace {

static_assert(
    std::is_same_v<std::variant_alternative_t<CROSSING_DEFINITION_TYPE, Definition>, Type>);
static_assert(
    std::is_same_v<std::variant_alternative_t<CROSSING_DEFINITION_FUNCTION, Definition>, Function>);

Result<ReaderOptions> options_of(const crossing_reader_options* given) {
  if (given == nullptr) return ReaderOptions{};
  return read_sized(*given, "crossing_reader_options")
      .map([](const crossing_reader_options& known) {
        return ReaderOptions{.bulk = !known.skip_bulk};
      });
}

}  // namespace

crossing_verdict crossing_reader_open(crossing_source* source,
                                      const crossing_reader_options* options,
                                      crossing_reader** reader, crossing_error* error) {
  *reader = nullptr;
  return guarded(error, [&]() -> Result<void> {
    const auto known = options_of(options);
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
  return &reader->definitions;
}
void crossing_reader_format_version(const crossing_reader* reader, uint16_t* major,
                                    uint16_t* minor) {
  std::tie(*major, *minor) = reader->reader.format_version();
}
void crossing_reader_totals(const crossing_reader* reader, crossing_totals* totals) {
  write_sized(totals, to_c(reader->reader.totals()));
}
uint64_t crossing_reader_offset(const crossing_reader* reader) { return reader->reader.offset(); }

crossing_verdict crossing_reader_next(crossing_reader* reader, const crossing_item** item,
                                      crossing_error* error) {
  *item = nullptr;
  reader->next_event.reset();
  return guarded(reader->broken, error, [&]() -> Result<void> {
    reader->item = {};
    reader->item.struct_size = sizeof reader->item;
    reader->new_definitions.clear();
    reader->open_calls.clear();
    const auto next = reader->reader.next();
    if (!next) return tl::unexpected(next.error());
    std::visit([&](const auto& found) { reader->take(found); }, *next);
    *item = &reader->item;
    return {};
  });
}

const crossing_event_view* crossing_reader_next_event(crossing_reader* reader) {
  if (!reader->next_event || *reader->next_event == std::default_sentinel) return nullptr;
  reader->event = to_c(**reader->next_event);
  ++*reader->next_event;
  return &reader->event;
}
