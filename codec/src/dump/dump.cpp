#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "crossing/text.h"
#include "dump/dumper.h"

namespace crossing {
namespace text {
namespace {

/// The next block, if there is one.
Result<std::optional<Block>> next_block(Reader& reader) {
  for (;;) {
    auto item = reader.next();
    if (!item) return tl::unexpected(item.error());
    if (std::holds_alternative<std::monostate>(*item)) return std::nullopt;
    if (const auto* block = std::get_if<Block>(&*item)) return *block;
  }
}

/// Hands the event that opened a call, with the one after it, to the dumper.
Result<void> look_up(Reader& reader, Dumper& dumper, const OpenCall& call) {
  if (auto sought = reader.seek(call.event); !sought) return sought;
  auto block = next_block(reader);
  if (!block) return tl::unexpected(block.error());
  if (!*block) return {};
  std::optional<EventView> opened;
  for (auto at = (*block)->begin(); at != (*block)->end(); ++at) {
    if (opened) {
      dumper.open_around(*opened, &*at);
      return {};
    }
    if (at->sequence == call.event && at->kind == call.kind) opened = *at;
  }
  if (!opened) return {};
  const Block kept = std::move(**block);  // the event's body is in it
  auto following = next_block(reader);
  if (!following) return tl::unexpected(following.error());
  const bool more = following->has_value();
  const auto first = more ? std::optional((*following)->begin()) : std::nullopt;
  dumper.open_around(*opened, more ? &**first : nullptr);
  return {};
}

/// Goes to the first event of the range, by way of the calls that are open there.
Result<void> begin_range(Reader& reader, Dumper& dumper, std::uint64_t from) {
  if (auto sought = reader.seek(from); !sought) return sought;
  auto block = next_block(reader);
  if (!block) return tl::unexpected(block.error());
  if (*block) {
    const auto calls = (*block)->open_calls();
    // Which thread goes on is told only by the events before.
    const bool threads = std::any_of(calls.begin(), calls.end(),
                                     [](const OpenCall& call) { return call.thread != 0; });
    if (threads) return reader.seek(0);
    for (const OpenCall& call : calls) {
      if (auto found = look_up(reader, dumper, call); !found) return found;
    }
  }
  return reader.seek(from);
}

Result<void> dump_items(Reader& reader, Dumper& dumper) {
  while (!dumper.past_end()) {
    auto item = reader.next();
    if (!item) return tl::unexpected(item.error());
    if (std::holds_alternative<std::monostate>(*item)) return {};
    if (const auto* block = std::get_if<Block>(&*item)) {
      if (auto dumped = dumper.block(*block); !dumped) return dumped;
    }
  }
  return {};
}

}  // namespace
}  // namespace text

std::unique_ptr<ItemWriter> dump_writer(const TraceInfo& info, const Definitions& definitions,
                                        ByteSink& text, const DumpOptions& options) {
  return std::make_unique<text::Dumper>(info, definitions, text, options);
}

Result<void> dump_text(ByteSource& trace, ByteSink& text, const DumpOptions& options) {
  auto reader = Reader::open(trace);
  if (!reader) return tl::unexpected(reader.error());
  text::Dumper dumper(reader->info(), reader->definitions(), text, options);
  const bool seeks = options.from != 0 && trace.seekable() != nullptr;
  auto dumped = seeks ? text::begin_range(*reader, dumper, options.from) : Result<void>{};
  if (dumped) dumped = text::dump_items(*reader, dumper);
  auto finished = dumper.finish();
  return dumped ? finished : dumped;
}

}  // namespace crossing
