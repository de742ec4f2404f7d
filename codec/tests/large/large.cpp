// crossing_large READER CODEC MIB: one process writes a generated trace of that many MiB into a
// pipe, another reads it from there and compares; each fails when it took 64 MiB of memory or more.
// READER: read (all), calls (without bulk bodies), check, json, dump, or recover, for which the
// trace goes through a file that has lost its end. What read takes from the heap is bounded more
// closely: by four blocks, the definitions and an index frame.
// crossing_large record zstd MIB: a recorder of so many MiB, bounded as closely.
// crossing_large seek zstd EVENTS: a trace of that many events in a file, in which some are found.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "../sample.h"
#include "crossing/check.h"
#include "crossing/recorder.h"
#include "crossing/text.h"
#include "crossing/trace.h"
#include "heap.h"

namespace {

using namespace crossing;
using namespace crossing::testing;

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t memory_limit = 64 * mib;
constexpr std::size_t largest_body = 4 * mib;
constexpr std::uint64_t attachment_share = 8;  // one byte of so many is an attachment's

/// Bytes that compress about as well as real ones: words of four bytes, few of them frequent.
const std::vector<std::uint8_t>& pool() {
  static const std::vector<std::uint8_t> bytes = [] {
    std::vector<std::uint8_t> made(largest_body + 4096);
    std::uint32_t state = 1;
    for (std::size_t i = 0; i + 4 <= made.size(); i += 4) {
      state = state * 1664525 + 1013904223;
      const std::uint32_t word = state >> 30 != 0 ? state >> 26 : state;
      std::memcpy(&made[i], &word, 4);
    }
    return made;
  }();
  return bytes;
}

/// Generates the events of one export call that calls an import over and over.
class Generator {
 public:
  explicit Generator(std::uint64_t bytes) : bytes_left_(bytes) {}

  /// The next event; false after the last. Its body lies in the pool.
  bool next(Event& event) {
    static constexpr EventKind opening[] = {EventKind::instantiate, EventKind::instantiate_end,
                                            EventKind::export_call, EventKind::export_enter};
    static constexpr EventKind round[] = {EventKind::import_call, EventKind::realloc_call,
                                          EventKind::realloc_result, EventKind::lower,
                                          EventKind::import_result};
    // realloc(0, 0, 1, 0)
    static constexpr std::uint8_t no_bytes[16] = {0, 0, 0, 0, 0, 0, 0, 0, 1};
    if (ended_) return false;
    const std::uint64_t in_round = number_ < 4 ? 0 : (number_ - 4) % 5;
    event = {};
    if (number_ >= 4 && in_round == 0 && bytes_left_ == 0) {
      ended_ = true;
      event = {.kind = EventKind::export_result, .subject = 1, .body = body(4)};
      return true;
    }
    event.kind = number_ < 4 ? opening[number_] : round[in_round];
    switch (event.kind) {
      case EventKind::export_call: event.subject = 1; break;
      case EventKind::export_enter:
        event.subject = 1;
        event.body = body(4);
        break;
      case EventKind::realloc_call:
        event.subject = 2;
        event.body = no_bytes;
        break;
      case EventKind::realloc_result:
        event.subject = 2;
        event.body = body(4);
        break;
      case EventKind::lower:
        event.detail = number_;
        event.body = body(lower_size());
        break;
      case EventKind::import_call:
      case EventKind::import_result: event.body = body(4); break;
      default: break;
    }
    bytes_left_ -= std::min<std::uint64_t>(bytes_left_, 16 + event.body.size());
    ++number_;
    return true;
  }

 private:
  [[nodiscard]] std::size_t lower_size() const {
    const std::uint64_t round = number_ / 5;
    if (round % 65536 == 0) return largest_body;
    if (round % 1024 == 0) return 100'000;
    if (round % 32 == 0) return 4'000;
    return round % 8 == 0 ? 300 : 24;
  }
  [[nodiscard]] Bytes body(std::size_t size) const {
    return Bytes(pool()).subspan(number_ * 4 % 4096, size);
  }

  std::uint64_t bytes_left_;
  std::uint64_t number_ = 0;
  bool ended_ = false;
};

/// An attachment of repeated pool.
class PoolSource final : public ByteSource {
 public:
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    const std::size_t at = position_ % largest_body;
    const std::size_t size = std::min(into.size(), largest_body - at);
    std::memcpy(into.data(), pool().data() + at, size);
    position_ += size;
    return size;
  }

 private:
  std::uint64_t position_ = 0;
};

class NullSink final : public ByteSink {
 public:
  Result<void> write(Bytes bytes) override {
    size += bytes.size();
    return {};
  }
  std::uint64_t size = 0;
};

void expect(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error("expected " + what);
}

void write(ByteSink& sink, Codec codec, std::uint64_t bytes) {
  auto writer = Writer::create(sink, sample_info(), {.codec = codec, .salt = 1}).value();
  for (const Definition& definition : sample_definitions()) must(writer.define(definition));
  const std::uint64_t attached = bytes / attachment_share;
  PoolSource source;
  writer.attach("large", source, attached).value();
  Generator events(bytes - attached);
  for (Event event; events.next(event);) must(writer.append(event));
  must(writer.finish());
}

/// Reads to the end and compares everything with what was generated.
void read(ByteSource& source, ReaderOptions options, std::uint64_t bytes) {
  auto reader = Reader::open(source, options).value();
  const std::uint64_t attached = bytes / attachment_share;
  PoolSource attachment;
  std::vector<std::uint8_t> piece_expected(limits::attachment_piece_size);
  std::uint64_t attachment_bytes = 0;
  Generator events(bytes - attached);
  Event expected;
  std::uint64_t body_offset = 0;
  for (;;) {
    const Item item = reader.next().value();
    if (std::holds_alternative<std::monostate>(item)) break;
    if (const auto* piece = std::get_if<AttachmentPiece>(&item)) {
      for (std::size_t filled = 0; filled < piece->bytes.size();) {
        filled +=
            attachment.read(std::span(piece_expected).first(piece->bytes.size()).subspan(filled))
                .value();
      }
      expect(std::memcmp(piece_expected.data(), piece->bytes.data(), piece->bytes.size()) == 0,
             "the attachment's bytes");
      attachment_bytes += piece->bytes.size();
    }
    const auto* block = std::get_if<Block>(&item);
    if (block == nullptr) continue;
    for (const EventView& event : *block) {
      if (event.first) {
        expect(events.next(expected), "no more events");
        body_offset = 0;
        expect(event.kind == expected.kind && event.subject == expected.subject &&
                   event.detail == expected.detail && event.body_size == expected.body.size(),
               "event " + std::to_string(event.sequence) + " as it was generated");
      }
      if (event.body.empty()) continue;
      expect(body_offset + event.body.size() <= expected.body.size() &&
                 std::memcmp(event.body.data(), expected.body.data() + body_offset,
                             event.body.size()) == 0,
             "the body of event " + std::to_string(event.sequence));
      body_offset += event.body.size();
    }
  }
  expect(!events.next(expected), "all events");
  expect(attachment_bytes == attached, "all of the attachment");
}

/// Of the reader alone: what it reads into and decodes, beside what was there before.
void read_within(ByteSource& source, std::uint64_t bytes) {
  constexpr std::uint64_t largest_block = 256 * 1024 + limits::piece_size + 4096;
  constexpr std::uint64_t index_frame = limits::index_interval * 32;
  // Of an index there are the entries to come, the frame and what it says.
  constexpr std::uint64_t limit = 4 * largest_block + 3 * index_frame + 64 * 1024;
  const heap::Watch watch;
  read(source, {}, bytes);
  std::printf("reader   %.2f MiB of heap at most, %.2f allowed\n",
              static_cast<double>(watch.peak()) / static_cast<double>(mib),
              static_cast<double>(limit) / static_cast<double>(mib));
  expect(watch.peak() <= limit, "a reader within its bound of memory");
}

void consume(const std::string& reader, ByteSource& source, std::uint64_t bytes) {
  NullSink null;
  if (reader == "read") return read_within(source, bytes);
  if (reader == "calls") return read(source, {.bulk = false}, bytes);
  if (reader == "json") return must(write_json(source, null));
  if (reader == "dump") return must(dump_text(source, null));
  expect(reader == "check", "a reader's name");
  const CheckReport report = check(source);
  if (const auto first = report.first()) throw std::runtime_error(first->text());
}

std::uint64_t peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

/// Runs one half, says what it took, and is its process's exit code.
template <class Half>
int measured(const char* name, Half half) {
  const auto start = std::chrono::steady_clock::now();
  try {
    half();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const std::uint64_t peak = peak_memory();
  std::printf("%-8s %6.2f s, at most %.1f MiB of memory\n", name, took.count(),
              static_cast<double>(peak) / static_cast<double>(mib));
  std::fflush(stdout);
  if (peak < memory_limit) return 0;
  std::fprintf(stderr, "%s: expected less than %llu MiB of memory\n", name,
               static_cast<unsigned long long>(memory_limit / mib));
  return 1;
}

/// A trace in a file, less its last bytes, recovered into nothing.
int recover_from_file(Codec codec, std::uint64_t bytes) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("crossing-large-" + std::to_string(::getpid())))
          .string();
  const int failed =
      measured("write",
               [&] {
                 write(*create_sink(path, IfExists::replace).value(), codec, bytes);
                 std::filesystem::resize_file(path, std::filesystem::file_size(path) - 100);
               }) ||
      measured("recover", [&] {
        const auto source = open_seekable(path).value();
        NullSink null;
        const Recovery found = recover(*source, null).value();
        expect(!found.whole && found.tail_lost && found.lost_events == 0,
               "only the end to be lost");
        expect(found.lost_bytes < 1024, "all but the end to be kept");
      });
  std::filesystem::remove(path);
  return failed;
}

/// Finds events and times in a file of `count` events, each with what it took.
int seek_in_file(Codec codec, std::uint64_t count) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("crossing-seek-" + std::to_string(::getpid())))
          .string();
  const auto time_of = [](std::uint64_t number) { return number / 3; };
  const int failed =
      measured("write",
               [&] {
                 const auto sink = create_sink(path, IfExists::replace).value();
                 auto writer = Writer::create(*sink, sample_info(Clock::per_event),
                                              {.codec = codec, .salt = 1})
                                   .value();
                 for (const Definition& definition : sample_definitions()) {
                   must(writer.define(definition));
                 }
                 const std::vector<std::uint8_t> body(24, 7);
                 for (std::uint64_t i = 0; i < count; ++i) {
                   must(writer.append(
                       {.kind = EventKind::lower, .time = time_of(i), .detail = i, .body = body}));
                 }
                 must(writer.finish());
               }) ||
      measured("seek", [&] {
        const auto source = open_seekable(path).value();
        auto reader = Reader::open(*source).value();
        ReadCounts most;
        std::uint64_t state = 1;
        const auto find = [&](std::uint64_t number, bool by_time) {
          const ReadCounts before = reader.counts();
          must(by_time ? reader.seek_time(time_of(number)) : reader.seek(number));
          Item item = reader.next().value();
          const auto* block = std::get_if<Block>(&item);
          expect(block != nullptr, "a block");
          bool found = false;
          for (const EventView& event : *block) {
            found = found || (event.detail == number && event.sequence == number);
          }
          expect(found || by_time, "event " + std::to_string(number) + " in that block");
          expect(block->base_time() <= time_of(number), "a block that begins in time");
          most.blocks = std::max(most.blocks, reader.counts().blocks - before.blocks);
          most.indexes = std::max(most.indexes, reader.counts().indexes - before.indexes);
        };
        for (int i = 0; i < 1000; ++i) {
          state = state * 6364136223846793005 + 1442695040888963407;
          find(i == 0 ? 0 : i == 1 ? count - 1 : (state >> 20) % count, i % 4 == 3);
        }
        std::printf("at most %llu blocks and %llu index frames decoded to find one\n",
                    static_cast<unsigned long long>(most.blocks),
                    static_cast<unsigned long long>(most.indexes));
        expect(most.blocks <= 2 && most.indexes <= 2, "at most 2 of each");
      });
  std::filesystem::remove(path);
  return failed;
}

/// Of a recorder alone, whose pool writes to nothing: its slots, and what it encodes into.
int record_within(std::uint64_t bytes) {
  constexpr std::uint64_t largest_block = 640 * 1024;  // events, payloads, bulk [OPEN-02]
  constexpr std::uint64_t index_frame = limits::index_interval * 32;
  constexpr std::uint64_t limit = 4 * largest_block + 3 * index_frame + 64 * 1024;
  return measured("record", [&] {
    const heap::Watch watch;
    NullSink sink;
    RecorderPool threads;
    auto recorder = Recorder::create(sink, sample_info(), {.pool = &threads}).value();
    must(recorder->define(sample_definitions()));
    Generator events(bytes);
    for (Event event; events.next(event);) {
      recorder->append(event.kind, event.subject, event.detail, event.body, event.flags);
    }
    must(recorder->finish());
    std::printf("recorder %.2f MiB of heap at most, %.2f allowed; %llu events in %.0f MiB\n",
                static_cast<double>(watch.peak()) / static_cast<double>(mib),
                static_cast<double>(limit) / static_cast<double>(mib),
                static_cast<unsigned long long>(recorder->next_sequence()),
                static_cast<double>(sink.size) / static_cast<double>(mib));
    expect(watch.peak() <= limit, "a recorder within its bound of memory");
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs(
        "usage: crossing_large read|calls|check|json|dump|recover none|zstd MIB\n"
        "       crossing_large seek none|zstd EVENTS\n"
        "       crossing_large record zstd MIB\n",
        stderr);
    return 2;
  }
  const std::string reader = argv[1];
  const Codec codec = std::string(argv[2]) == "zstd" ? Codec::zstd : Codec::none;
  if (reader == "seek") return seek_in_file(codec, std::stoull(argv[3]));
  const std::uint64_t bytes = std::stoull(argv[3]) * mib;
  std::printf("%s MiB, %s:\n", argv[3], argv[2]);
  std::fflush(stdout);
  pool();
  if (reader == "record") return record_within(bytes);
  if (reader == "recover") return recover_from_file(codec, bytes);

  int ends[2];
  if (::pipe(ends) != 0) return 2;
  const pid_t child = ::fork();
  if (child < 0) return 2;
  if (child == 0) {
    ::close(ends[0]);
    return measured("write", [&] {
      const auto sink = create_sink("/dev/fd/" + std::to_string(ends[1]), IfExists::replace);
      ::close(ends[1]);
      write(**sink, codec, bytes);
    });
  }
  ::close(ends[1]);
  const int reading = measured(reader.c_str(), [&] {
    const auto source = open_source("/dev/fd/" + std::to_string(ends[0]));
    ::close(ends[0]);
    consume(reader, **source, bytes);
  });
  int writing = 0;
  ::waitpid(child, &writing, 0);
  return reading != 0 || writing != 0 ? 1 : 0;
}
