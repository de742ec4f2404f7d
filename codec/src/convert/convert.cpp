#include "crossing/convert.h"

#include "convert/converter.h"

namespace crossing {
namespace {

using converting::Converter;
using converting::WholeEvent;

/// [PROF-05]
TraceInfo converted(TraceInfo info) {
  info.profile = Profile::values;
  info.recorded_by = RecordedBy::converted;
  info.core_complete = false;
  info.needs_stacks = false;
  return info;
}

/// Takes the events of a block, the pieces of each together.
Result<void> take_block(const Block& block, WholeEvent& whole, Converter& converter) {
  for (const EventView& view : block) {
    if (view.first) {
      whole.view = view;
      whole.body.clear();
    }
    whole.body.insert(whole.body.end(), view.body.begin(), view.body.end());
    whole.view.body = {};
    if (!view.last) continue;
    if (auto taken = converter.take(whole); !taken) return taken;
  }
  return {};
}

}  // namespace

Result<Conversion> convert_to_values(ByteSource& abi, ByteSink& values, WriterOptions options) {
  auto reader = Reader::open(abi);
  if (!reader) return tl::unexpected(reader.error());
  if (reader->info().profile != Profile::abi) {
    return tl::unexpected(Error{.verdict = Verdict::unsupported,
                                .message = "expected a trace of the profile abi, found values",
                                .rule = "PROF-05"});
  }
  auto writer = Writer::create(values, converted(reader->info()), options);
  if (!writer) return tl::unexpected(writer.error());
  Converter converter(reader->definitions(), *writer);
  WholeEvent whole;
  for (;;) {
    const auto item = reader->next();
    if (!item) return tl::unexpected(item.error());
    Result<void> done;
    if (std::holds_alternative<std::monostate>(*item)) break;
    if (const auto* definitions = std::get_if<NewDefinitions>(&*item)) {
      for (const Definition& definition : *definitions) {
        if (done) done = writer->define(definition);
      }
    } else if (const auto* piece = std::get_if<AttachmentPiece>(&*item)) {
      done = writer->attach_piece(*piece);
    } else {
      done = take_block(std::get<Block>(*item), whole, converter);
    }
    if (!done) return tl::unexpected(done.error());
  }
  if (auto settled = converter.finish(); !settled) return tl::unexpected(settled.error());
  if (auto finished = writer->finish(); !finished) return tl::unexpected(finished.error());
  return converter.outcome();
}

}  // namespace crossing
