#include "c/definitions.h"
#include "c/events.h"
#include "c/io.h"
#include "c/options.h"

using namespace crossing;
using namespace crossing::c;

struct crossing_writer {
  Writer writer;
  bool broken = false;
};

static_assert(CROSSING_CODEC_ZSTD == static_cast<int>(Codec::zstd));

Result<WriterOptions> crossing::c::writer_options_of(const crossing_writer_options* given) {
  WriterOptions options;
  if (given == nullptr) return options;
  const auto known = read_sized(*given, "crossing_writer_options");
  if (!known) return tl::unexpected(known.error());
  if (known->codec > CROSSING_CODEC_ZSTD) {
    return usage("expected a codec of 0 or 1, found " + std::to_string(known->codec));
  }
  options.codec = static_cast<Codec>(known->codec);
  options.level = known->level;
  options.block_size = known->block_size;
  if (known->has_salt) options.salt = known->salt;
  return options;
}

void crossing_writer_options_init(crossing_writer_options* options, size_t size) {
  const WriterOptions defaults;
  crossing_writer_options start = {};
  start.codec = static_cast<crossing_codec>(defaults.codec);
  start.level = defaults.level;
  start.block_size = defaults.block_size;
  start_sized(options, size, start);
}

crossing_verdict crossing_writer_create(crossing_sink* sink, const crossing_trace_info* info,
                                        const crossing_writer_options* options,
                                        crossing_writer** writer, crossing_error* error) {
  *writer = nullptr;
  return guarded(error, [&]() -> Result<void> {
    const auto known_info = from_c(*info);
    if (!known_info) return tl::unexpected(known_info.error());
    const auto known_options = writer_options_of(options);
    if (!known_options) return tl::unexpected(known_options.error());
    auto made = Writer::create(*sink->sink, *known_info, *known_options);
    if (!made) return tl::unexpected(made.error());
    *writer = new crossing_writer{std::move(*made)};
    return {};
  });
}

void crossing_writer_delete(crossing_writer* writer) { delete writer; }

crossing_verdict crossing_writer_define(crossing_writer* writer,
                                        const crossing_definitions* definitions,
                                        crossing_error* error) {
  return guarded(writer->broken, error, [&]() -> Result<void> {
    for (const Definition& definition : definitions->list()) {
      if (auto defined = writer->writer.define(definition); !defined) return defined;
    }
    return {};
  });
}

crossing_verdict crossing_writer_append(crossing_writer* writer, const crossing_event* event,
                                        crossing_error* error) {
  return guarded(writer->broken, error, [&]() -> Result<void> {
    const auto known = read_sized(*event, "crossing_event");
    if (!known) return tl::unexpected(known.error());
    return writer->writer.append({.kind = static_cast<EventKind>(known->kind),
                                  .flags = known->flags,
                                  .time = known->time,
                                  .subject = known->subject,
                                  .detail = known->detail,
                                  .body = from_c(known->body)});
  });
}

crossing_verdict crossing_writer_resume(crossing_writer* writer,
                                        const crossing_open_call* open_calls,
                                        size_t open_call_count, crossing_error* error) {
  return guarded(writer->broken, error, [&]() -> Result<void> {
    std::vector<OpenCall> calls;
    for (const crossing_open_call& call : std::span(open_calls, open_call_count)) {
      calls.push_back(from_c(call));
    }
    writer->writer.resume(calls);
    return {};
  });
}

crossing_verdict crossing_writer_attach(crossing_writer* writer, crossing_string name,
                                        crossing_source* source, uint64_t size, uint32_t* id,
                                        crossing_error* error) {
  return guarded(writer->broken, error, [&]() -> Result<void> {
    const auto attached = writer->writer.attach(from_c(name), *source->source, size);
    if (!attached) return tl::unexpected(attached.error());
    if (id != nullptr) *id = *attached;
    return {};
  });
}

crossing_verdict crossing_writer_attach_piece(crossing_writer* writer,
                                              const crossing_attachment_piece* piece,
                                              crossing_error* error) {
  return guarded(writer->broken, error,
                 [&] { return writer->writer.attach_piece(from_c(*piece)); });
}

crossing_verdict crossing_writer_flush(crossing_writer* writer, crossing_error* error) {
  return guarded(writer->broken, error, [&] { return writer->writer.flush(); });
}

crossing_verdict crossing_writer_finish(crossing_writer* writer, crossing_error* error) {
  return guarded(writer->broken, error, [&] { return writer->writer.finish(); });
}

void crossing_writer_totals(const crossing_writer* writer, crossing_totals* totals) {
  write_sized(totals, to_c(writer->writer.totals()));
}

uint64_t crossing_writer_next_sequence(const crossing_writer* writer) {
  return writer->writer.next_sequence();
}
