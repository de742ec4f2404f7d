#include "workload.h"

#include <zstd.h>

#include <cstring>
#include <stdexcept>

namespace crossing::bench {
namespace {

constexpr std::size_t header_size = 32;

void must(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().text());
}

template <class T>
T number_at(Bytes bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

}  // namespace

Workload calls_of_24_bytes() {
  constexpr std::uint32_t count = 3 * 6144;
  constexpr std::size_t body_size = 24;
  Workload workload;
  workload.name = "24-byte bodies";
  workload.rounds = 32;
  workload.info.producer_name = "bench";
  workload.info.uuid.assign(16, 0);
  workload.info.recorded_by = RecordedBy::synthetic;
  workload.definitions = {
      Component{.id = 0, .name = "bench", .digest = std::vector<std::uint8_t>(32, 0)},
      Instance{.id = 0, .component = 0, .path = {}, .bindings = {}}, Memory{.id = 0, .instance = 0},
      Function{.id = 0,
               .instance = 0,
               .role = Role::import_,
               .names = {{"host", "f"}},
               .core_params = std::vector<CoreType>(6, CoreType::i32)}};
  workload.bodies.resize(count * body_size);
  std::uint32_t state = 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    state = state * 1664525 + 1013904223;
    const std::uint32_t values[] = {i, 1048576 + (i % 512) * 64, 24, state >> 20, 1, 0};
    static_assert(sizeof values == body_size);
    std::memcpy(&workload.bodies[i * body_size], values, body_size);
    const Bytes body = Bytes(workload.bodies).subspan(i * body_size, body_size);
    switch (i % 3) {
      case 0: workload.events.push_back({.kind = EventKind::import_call, .body = body}); break;
      case 1:
        workload.events.push_back({.kind = EventKind::lower, .detail = values[1], .body = body});
        break;
      default: workload.events.push_back({.kind = EventKind::import_result}); break;
    }
  }
  return workload;
}

Workload load_trace(const std::string& path) {
  Workload workload;
  workload.name = path.substr(path.rfind('/') + 1);
  const auto source = open_source(path);
  if (!source) throw std::runtime_error(source.error().text());
  auto reader = Reader::open(**source);
  if (!reader) throw std::runtime_error(reader.error().text());
  workload.info = reader->info();
  workload.info.clock = Clock::none;
  workload.info.clock_unit = workload.info.start_time = 0;
  std::vector<std::size_t> sizes;
  for (;;) {
    const auto item = reader->next();
    if (!item) throw std::runtime_error(item.error().text());
    if (std::holds_alternative<std::monostate>(*item)) break;
    if (const auto* definitions = std::get_if<NewDefinitions>(&*item)) {
      workload.definitions.insert(workload.definitions.end(), definitions->begin(),
                                  definitions->end());
    }
    const auto* block = std::get_if<Block>(&*item);
    if (block == nullptr) continue;
    for (const EventView& event : *block) {
      if (event.first) {
        workload.events.push_back({event.kind, event.flags, 0, event.subject, event.detail, {}});
        sizes.push_back(event.body_size);
      }
      workload.bodies.insert(workload.bodies.end(), event.body.begin(), event.body.end());
    }
  }
  Bytes rest(workload.bodies);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    workload.events[i].body = rest.first(sizes[i]);
    rest = rest.subspan(sizes[i]);
  }
  // A run as long as it is worth recording: what beginning and ending cost is not what is measured.
  constexpr std::size_t long_run = 32 << 20;
  workload.rounds =
      static_cast<int>(1 + long_run / (workload.bodies.size() + workload.events.size() * 16 + 1));
  return workload;
}

void write_into(ByteSink& sink, const Workload& workload, const WriterOptions& options) {
  auto writer = Writer::create(sink, workload.info, options);
  if (!writer) throw std::runtime_error(writer.error().text());
  for (const Definition& definition : workload.definitions) must(writer->define(definition));
  for (int round = 0; round < workload.rounds; ++round) {
    for (const Event& event : workload.events) must(writer->append(event));
  }
  must(writer->finish());
}

Written write_whole(const Workload& workload, const WriterOptions& options) {
  Written written;
  MemorySink sink;
  write_into(sink, workload, options);
  written.trace = sink.take();
  const Bytes trace(written.trace);
  for (std::size_t at = header_size; at < trace.size();) {  // the preamble is as long as a header
    const std::uint8_t kind = trace[at + 4];
    const auto stored_size = number_at<std::uint32_t>(trace, at + 8);
    const auto decoded_size = number_at<std::uint32_t>(trace, at + 12);
    const Bytes stored = trace.subspan(at + header_size, stored_size);
    at += header_size + (stored_size + 7) / 8 * 8;
    const bool in_block = kind == 3 || kind == 4;  // events and bulk
    StoredBody body{stored_size != decoded_size, {stored.begin(), stored.end()}, {}};
    body.decoded.resize(decoded_size);
    if (body.compressed) {
      ZSTD_decompress(body.decoded.data(), decoded_size, stored.data(), stored.size());
    } else {
      body.decoded = body.stored;
    }
    if (in_block) written.decoded_bytes += decoded_size;
    (in_block ? written.bodies : written.others).push_back(std::move(body));
  }
  return written;
}

}  // namespace crossing::bench
