#include "session/block_writer.h"

#include "io/bytes.h"

namespace crossing {

Result<void> BlockWriter::put(const FilledBlock& block) {
  if (auto open = stream_.still_open(); !open) return open;
  if (block.dropped != 0) {
    if (auto gap = put_gap(block.dropped); !gap) return gap;
  }
  if (block.open_calls) calls_.restart(*block.open_calls);
  BatchHead head;
  head.base_sequence = block.base_sequence;
  head.base_time = block.base_time;
  head.continued_size = block.continued_size;
  head.open_calls = calls_.list();
  if (auto put = put_batch(head, block.events, block.payloads, block.bulk); !put) return put;
  calls_.apply(block.events, block.base_sequence, block.continued_size != 0);
  return {};
}

Result<void> BlockWriter::put_gap(std::uint64_t dropped) {
  const EventStruct gap{.kind = static_cast<std::uint8_t>(EventKind::gap),
                        .subject = none,
                        .detail = static_cast<std::uint32_t>(GapReason::dropped),
                        .payload_size = sizeof dropped};
  BatchHead head;
  head.base_sequence = judge_.next_sequence();
  head.base_time = judge_.last_time();
  head.open_calls = calls_.list();
  return put_batch(head, Bytes(reinterpret_cast<const std::uint8_t*>(&gap), sizeof gap),
                   Bytes(reinterpret_cast<const std::uint8_t*>(&dropped), sizeof dropped), {});
}

Result<void> BlockWriter::put_batch(const BatchHead& given, Bytes events, Bytes payloads,
                                    Bytes bulk) {
  BatchHead head = given;
  head.definitions = stream_.totals().definition_count;
  const Bytes body = builder_.build(head, events, payloads, bulk.size());
  auto block = judge_.decode(body, bulk, std::nullopt, stream_.scope(), stream_.offset());
  if (!block) return stream_.fail(block.error());
  auto put = stream_.put_block({.body = body,
                                .bulk = bulk,
                                .base_sequence = head.base_sequence,
                                .base_time = head.base_time,
                                .event_count = block->size()});
  if (!put) return put;
  judge_.count(*block, stream_.totals());
  return {};
}

}  // namespace crossing
