#include "trace/frame_stream.h"

#include <algorithm>
#include <random>

#include "event/utf8.h"
#include "io/fault.h"

namespace crossing {
namespace {

std::uint64_t random_salt() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

WriterOptions with_salt(WriterOptions options) {
  if (!options.salt) options.salt = random_salt();
  return options;
}

}  // namespace

Result<FrameStream> FrameStream::create(ByteSink& sink, const TraceInfo& info,
                                        const WriterOptions& options) {
  if (auto good = check_trace_info(info, preamble_size); !good) {
    return tl::unexpected(good.error());
  }
  const Body body = encode_trace_info(info);
  if (auto good = decode_trace_info(body, preamble_size); !good) {
    return tl::unexpected(good.error());
  }
  FrameStream stream(sink, info, with_salt(options));
  if (auto written = stream.frames_.write_preamble(); !written) {
    return tl::unexpected(written.error());
  }
  if (auto written = stream.put(FrameKind::trace_info, body); !written) {
    return tl::unexpected(written.error());
  }
  return stream;
}

Result<void> FrameStream::still_open() const {
  if (failure_) return tl::unexpected(*failure_);
  if (!finished_) return {};
  return fault(Verdict::invalid, frames_.offset(), "END-01",
               "expected nothing after finish, found a further call");
}

tl::unexpected<Error> FrameStream::fail(Error error) {
  failure_ = error;
  return tl::unexpected(std::move(error));
}

Result<FrameHeader> FrameStream::put(FrameKind kind, Bytes body) {
  auto header = frames_.write(kind, body);
  if (!header) return fail(header.error());
  totals_.frame_count = frames_.sequence();
  return header;
}

Result<bool> FrameStream::judge(const Definition& definition) {
  if (auto open = still_open(); !open) return tl::unexpected(open.error());
  // Strings and sizes: what a reader would refuse in the frame.
  const Body alone = encode_definitions({&definition, 1});
  if (auto good = decode_definitions(alone, frames_.offset()); !good) {
    return tl::unexpected(good.error());
  }
  auto added = table_.add(definition, frames_.offset());
  if (!added || !*added) return added;
  definition_bytes_ += alone.size();  // at least what it adds to a frame
  if (definition_bytes_ > limits::definition_bytes) {
    return fail(fault(Verdict::limit, frames_.offset(), "LIMIT-01",
                      "expected definitions of at most " +
                          std::to_string(limits::definition_bytes) + " bytes, found " +
                          std::to_string(definition_bytes_))
                    .value());
  }
  return true;
}

Result<void> FrameStream::define(const Definition& definition) {
  if (!pending_.empty() && definition.index() < pending_.back().index()) {
    if (auto put = put_definitions(); !put) return put;
  }
  pending_.push_back(definition);
  totals_.definition_count = table_.scope().definition_count;
  return {};
}

Result<void> FrameStream::put_definitions() {
  if (pending_.empty()) return {};
  if (auto ended = table_.frame_ends(frames_.offset()); !ended) return fail(ended.error());
  index_.definitions_offsets.push_back(frames_.offset());
  auto written = put(FrameKind::definitions, encode_definitions(pending_));
  pending_.clear();
  return written.map([](const FrameHeader&) {});
}

Result<void> FrameStream::put_block(const EncodedBlock& block) {
  const auto count = [this](const FrameHeader& header) {
    totals_.stored_bytes += header.stored_size;
    totals_.decoded_bytes += header.decoded_size;
  };
  if (!block.bulk.empty()) {
    auto written = put(FrameKind::bulk, block.bulk);
    if (!written) return tl::unexpected(written.error());
    count(*written);
  }
  const std::uint64_t offset = frames_.offset();
  auto written = put(FrameKind::events, block.body);
  if (!written) return tl::unexpected(written.error());
  count(*written);
  ++totals_.block_count;
  index_.entries.push_back({offset, block.base_sequence, block.base_time, block.event_count, 0});
  return index_.entries.size() == limits::index_interval ? put_index() : Result<void>{};
}

Result<void> FrameStream::put_attachment(const AttachmentPiece& piece) {
  if (auto open = still_open(); !open) return open;
  const auto at = frames_.offset();
  Attachments then = attachments_;
  if (auto good = then.add(piece, at); !good) return good;
  if (piece.name.size() > limits::string_size) {
    return fault(Verdict::limit, at, "LIMIT-01",
                 "expected the name of an attachment in at most " +
                     std::to_string(limits::string_size) + " bytes, found " +
                     std::to_string(piece.name.size()));
  }
  if (!is_utf8({reinterpret_cast<const std::uint8_t*>(piece.name.data()), piece.name.size()})) {
    return fault(Verdict::invalid, at, "FRAME-13",
                 "expected the name of an attachment in UTF-8, found other bytes");
  }
  if (auto put = put_definitions(); !put) return put;
  if (auto written = put(FrameKind::attachment, encode_attachment(piece)); !written) {
    return tl::unexpected(written.error());
  }
  attachments_ = std::move(then);
  return {};
}

Result<std::uint32_t> FrameStream::attach(std::string_view name, ByteSource& source,
                                          std::uint64_t size) {
  if (auto open = still_open(); !open) return tl::unexpected(open.error());
  const std::uint32_t id = attachments_.next_id();
  std::vector<std::uint8_t> bytes;
  std::uint64_t offset = 0;
  do {
    bytes.resize(static_cast<std::size_t>(
        std::min<std::uint64_t>(size - offset, limits::attachment_piece_size)));
    for (std::size_t filled = 0; filled < bytes.size();) {
      auto count = source.read(std::span(bytes).subspan(filled));
      if (!count) return fail(count.error());
      if (*count == 0) {
        return fail(Error{.verdict = Verdict::io,
                          .message = "expected " + std::to_string(size) +
                                     " bytes to attach, found " + std::to_string(offset + filled),
                          .offset = {},
                          .event = {}});
      }
      filled += *count;
    }
    if (auto put = put_attachment({id, name, offset, size, bytes}); !put) {
      return tl::unexpected(put.error());
    }
    offset += bytes.size();
  } while (offset < size);
  return id;
}

Result<void> FrameStream::finish() {
  if (auto open = still_open(); !open) return open;
  if (auto whole = attachments_.finish(frames_.offset()); !whole) return whole;
  if (auto put = put_definitions(); !put) return put;
  if (!index_.entries.empty()) {
    if (auto put = put_index(); !put) return put;
  }
  EndBody end;
  end.summary_offset = frames_.offset();
  if (auto written = put(FrameKind::summary, encode_summary(make_summary(totals_, index_offsets_)));
      !written) {
    return tl::unexpected(written.error());
  }
  end.frame_count = frames_.sequence() + std::uint64_t{1};
  end.event_count = totals_.event_count;
  if (auto written = put(FrameKind::end, encode_end(end)); !written) {
    return tl::unexpected(written.error());
  }
  finished_ = true;
  return frames_.flush();
}

Result<void> FrameStream::put_index() {
  const std::uint64_t offset = frames_.offset();
  auto written = put(FrameKind::index, encode_index(index_));
  if (!written) return tl::unexpected(written.error());
  index_offsets_.push_back(offset);
  index_ = {.previous_offset = offset, .entries = {}, .definitions_offsets = {}};
  return {};
}

}  // namespace crossing
