#include <cstdio>
#include <memory>
#include <variant>

#include "crossing/text.h"
#include "lines.h"

namespace crossing {
namespace text {
namespace {

constexpr std::size_t buffer_size = 256 * 1024;
constexpr std::size_t spool_threshold = 16 * 1024 * 1024;

/// A temporary file that is gone when it is closed.
using TemporaryFile = std::unique_ptr<std::FILE, decltype([](std::FILE* file) { fclose(file); })>;

Error temporary_file_failed() {
  return {.verdict = Verdict::io,
          .message = "temporary file: cannot hold a line of more than 16 MiB",
          .offset = {},
          .event = {}};
}

/// Hands whole lines to a sink. A line is begun, grows and is ended or dropped; while it is open it
/// is held back, in memory and then in a temporary file, because an event of which a piece is
/// missing has no line.
class LineWriter {
 public:
  explicit LineWriter(ByteSink& sink) : sink_(sink) { text_.reserve(buffer_size + 4096); }

  /// What the open line grows by is appended here.
  std::string& text() { return text_; }

  /// Call after each growth.
  Result<void> grown() {
    if (text_.size() - line_ < spool_threshold) return {};
    if (!spool_) spool_.reset(std::tmpfile());
    const std::size_t size = text_.size() - line_;
    if (!spool_ || std::fwrite(text_.data() + line_, 1, size, spool_.get()) != size) {
      return tl::unexpected(temporary_file_failed());
    }
    text_.resize(line_);
    return {};
  }

  Result<void> end_line() {
    text_ += '\n';
    if (spool_) {
      if (auto copied = copy_spool(); !copied) return copied;
    }
    line_ = text_.size();
    return text_.size() >= buffer_size ? hand_on() : Result<void>{};
  }

  /// Hands on all whole lines.
  Result<void> flush() {
    if (auto handed = hand_on(); !handed) return handed;
    return sink_.flush();
  }

  /// Drops the open line and hands on all whole ones.
  Result<void> finish() {
    text_.resize(line_);
    return flush();
  }

 private:
  Result<void> hand_on() {
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(text_.data()), line_);
    if (auto written = sink_.write(bytes); !written) return written;
    text_.erase(0, line_);
    line_ = 0;
    return {};
  }

  /// Writes the lines before the open one, and the part of it that is in the file.
  Result<void> copy_spool() {
    if (auto handed = hand_on(); !handed) return handed;
    std::rewind(spool_.get());
    std::vector<std::uint8_t> buffer(buffer_size);
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), spool_.get())) {
      if (auto written = sink_.write(Bytes(buffer.data(), size)); !written) return written;
    }
    if (std::ferror(spool_.get()) != 0) return tl::unexpected(temporary_file_failed());
    spool_.reset();
    return {};
  }

  ByteSink& sink_;
  std::string text_;
  std::size_t line_ = 0;  // where the open line begins
  TemporaryFile spool_;
};

template <class Record>
Result<void> write_line(LineWriter& lines, const Record& record) {
  std::string& out = lines.text();
  out += '{';
  append_json(out, line_name(&record));
  out += ':';
  append_json(out, record);
  out += '}';
  return lines.end_line();
}

Result<void> write_items(LineWriter& lines, NewDefinitions definitions) {
  for (const Definition& definition : definitions) {
    auto written =
        std::visit([&](const auto& record) { return write_line(lines, record); }, definition);
    if (!written) return written;
  }
  return {};
}

Result<void> write_items(LineWriter& lines, const AttachmentPiece& piece) {
  return write_line(lines, AttachmentLine{.id = piece.id,
                                          .name = std::string(piece.name),
                                          .offset = piece.offset,
                                          .total_size = piece.total_size,
                                          .bytes = {piece.bytes.begin(), piece.bytes.end()}});
}

Result<void> write_items(LineWriter& lines, const Block& block) {
  constexpr std::string_view payload_end = "\"}";
  std::string& out = lines.text();
  for (const EventView& event : block) {
    if (event.first) {
      const EventLine line{.sequence = event.sequence,
                           .kind = event.kind,
                           .flags = {event.flags},
                           .time = event.time,
                           .subject = event.subject,
                           .detail = event.detail,
                           .payload = {}};
      out += "{\"event\":";
      append_json(out, line);
      out.resize(out.size() - payload_end.size());  // the payload is its last member
    }
    append_hex(out, event.body);
    if (auto grown = lines.grown(); !grown) return grown;
    if (!event.last) continue;
    out += payload_end;
    out += '}';
    if (auto ended = lines.end_line(); !ended) return ended;
  }
  return {};
}

Result<void> write_items(LineWriter&, std::monostate) { return {}; }

class JsonWriter final : public ItemWriter {
 public:
  JsonWriter(const TraceInfo& info, ByteSink& sink)
      : lines_(sink), begun_(write_line(lines_, info)) {}

  Result<void> write(const Item& item) override {
    if (!begun_) return begun_;
    return std::visit([&](const auto& content) { return write_items(lines_, content); }, item);
  }
  Result<void> flush() override { return lines_.flush(); }
  Result<void> finish() override { return lines_.finish(); }

 private:
  LineWriter lines_;
  Result<void> begun_;
};

/// Writes until the end or the first fault, of the trace or of the output.
Result<void> write_lines(Reader& reader, JsonWriter& lines) {
  for (;;) {
    auto item = reader.next();
    if (!item) return tl::unexpected(item.error());
    if (std::holds_alternative<std::monostate>(*item)) return {};
    if (auto written = lines.write(*item); !written) return written;
  }
}

}  // namespace
}  // namespace text

std::unique_ptr<ItemWriter> json_writer(const TraceInfo& info, ByteSink& json) {
  return std::make_unique<text::JsonWriter>(info, json);
}

Result<void> write_json(ByteSource& trace, ByteSink& json) {
  auto reader = Reader::open(trace);
  if (!reader) return tl::unexpected(reader.error());
  text::JsonWriter lines(reader->info(), json);
  auto written = text::write_lines(*reader, lines);
  auto finished = lines.finish();
  return written ? finished : written;
}

}  // namespace crossing
