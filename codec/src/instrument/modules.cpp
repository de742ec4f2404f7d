#include "instrument/modules.h"

#include "crossing/event.h"
#include "crossing/limits.h"
#include "instrument/append.h"
#include "instrument/layout.h"

namespace crossing::instrument {
namespace {

using enum Op;
namespace areas = layout::areas;

constexpr std::uint8_t kContinued = 1;  // EventFlags
constexpr std::uint8_t kSnapshot = 64;

void put_word(std::vector<std::uint8_t>& bytes, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    bytes.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

/// Grows the memory so that it holds `bytes` (on the stack's top) more pages; out of memory, traps.
void grow(Code& code, std::uint32_t pages) {
  code.i32(pages).memory_grow().i32(0xffffffff).op(i32_eq).if_().op(unreachable).end();
}

/// Sets `segment` to the last one's address.
void last_segment(Code& f, std::uint32_t segment) {
  f.i32(0).load(layout::cursor_at).i32(~(layout::page - 1)).op(i32_and).set(segment);
}

/// Appends what ends `segment`, the last one: its sizes are in it.
void close_segment(Code& f, std::uint32_t segment) {
  f.get(segment).i32(0).load(layout::cursor_at).get(segment).op(i32_sub);
  f.i32(layout::events).op(i32_sub).store(layout::events_size_at);
  f.get(segment).i32(0).load(layout::cursor_at + 4).get(segment).op(i32_sub);
  f.i32(layout::payloads).op(i32_sub).store(layout::payloads_size_at);
}

/// Appends what makes `segment` the last one, and empty.
void open_segment(Code& f, std::uint32_t segment) {
  f.get(segment).i32(0).store(layout::bulk_size_at);
  f.i32(0).get(segment).i32(layout::events).op(i32_add).store(layout::cursor_at);
  f.i32(0).get(segment).i32(layout::payloads).op(i32_add).store(layout::cursor_at + 4);
}

/// `next()`: a further segment, empty, is the last.
Code next_segment() {
  Code f(signature(0));
  const auto segment = f.local(CoreType::i32);
  last_segment(f, segment);
  close_segment(f, segment);
  f.get(segment).i32(layout::segment_size).op(i32_add).set(segment);
  f.memory_size().i32(layout::page_log2).op(i32_shl);
  f.get(segment).i32(layout::segment_size).op(i32_add).op(i32_lt_u).if_();
  grow(f, layout::segment_size / layout::page);
  f.end();
  open_segment(f, segment);
  return f;
}

/// Pushes 1 if the part of the cursor cannot move on by what `amount` pushes, less than 64 KiB:
/// each arena ends where a page does.
template <class F>
void overfull(Code& f, std::uint32_t cursor, F&& amount) {
  f.i32(0).load(cursor);
  amount(f);
  f.op(i32_add).i32(0).load(cursor).op(i32_xor).i32(layout::page).op(i32_ge_u);
}

/// Moves the part of the cursor on by what `amount` pushes.
template <class F>
void move_on(Code& f, std::uint32_t cursor, F&& amount) {
  f.i32(0).i32(0).load(cursor);
  amount(f);
  f.op(i32_add).store(cursor);
}

void push_event_size(Code& f) { f.i32(layout::event_size); }

/// Stores the event struct in a segment that has room for it and for as much of a payload as
/// `payload` pushes, and without committing it.
template <class Payload, class BulkOverfull>
void begin_event(Code& f, std::uint32_t next, std::uint32_t size, Payload&& payload,
                 BulkOverfull&& bulk_overfull) {
  const auto event = f.local(CoreType::i32);
  overfull(f, layout::cursor_at, push_event_size);
  overfull(f, layout::cursor_at + 4, payload);
  f.op(i32_or);
  bulk_overfull();
  f.if_().call(next).end();
  f.i32(0).load(layout::cursor_at).set(event);
  f.get(event).get(0).store(0);
  f.get(event).get(1).store(4);
  f.get(event).get(2).store(8);
  f.get(event).get(size).store(12);
}

/// The event counts from here on.
void commit_event(Code& f) { move_on(f, layout::cursor_at, push_event_size); }

Code event(std::uint32_t next) {
  enum : std::uint32_t { word, subject, detail, size };
  Code f(signature(4, true));
  const auto push_size = [](Code& c) { c.get(size); };
  begin_event(f, next, size, push_size, [] {});
  f.i32(0).load(layout::cursor_at + 4);
  move_on(f, layout::cursor_at + 4, push_size);
  commit_event(f);
  return f;
}

Code bulk(std::uint32_t next) {
  enum : std::uint32_t { word, subject, detail, total, size };
  Code f(signature(5, true));
  const auto segment = f.local(CoreType::i32);
  const auto address = f.local(CoreType::i32);
  const auto push_prefix = [](Code& c) { c.i32(8); };
  begin_event(f, next, size, push_prefix, [&] {
    last_segment(f, segment);
    f.get(segment).load(layout::bulk_size_at).get(size).op(i32_add);
    f.i32(layout::bulk_capacity).op(i32_gt_u).op(i32_or);
  });
  last_segment(f, segment);
  f.get(total).if_();  // [PAY-03]: the last prefix of a first piece
  f.i32(0).load(layout::cursor_at + 4).get(total).op(i64_extend_i32_u).store64(0);
  move_on(f, layout::cursor_at + 4, push_prefix);
  f.end();
  f.get(segment).i32(layout::bulk).op(i32_add);
  f.get(segment).load(layout::bulk_size_at).op(i32_add).set(address);
  f.get(segment).get(segment).load(layout::bulk_size_at).get(size).op(i32_add);
  f.store(layout::bulk_size_at);
  commit_event(f);
  f.get(address);
  return f;
}

/// Segments leave in their order, those without events not at all. What is handed over is the
/// sink's: it is held no more, also when the sink traps.
Code flush(std::uint32_t write) {
  Code f(signature(0));
  const auto segment = f.local(CoreType::i32);
  const auto last = f.local(CoreType::i32);
  const auto size = f.local(CoreType::i32);
  last_segment(f, last);
  close_segment(f, last);
  f.i32(layout::first_segment).set(segment);
  f.loop();
  f.get(segment).load(layout::events_size_at).tee(size).if_();
  f.get(segment).i32(0).store(layout::events_size_at);
  f.i32(0).load(layout::instance_at);
  f.get(segment).i32(layout::events).op(i32_add).get(size);
  f.get(segment).i32(layout::payloads).op(i32_add).get(segment).load(layout::payloads_size_at);
  f.get(segment).i32(layout::bulk).op(i32_add).get(segment).load(layout::bulk_size_at);
  f.get(segment).get(last).op(i32_eq).if_();
  open_segment(f, segment);
  f.end().call(write).end();
  f.get(segment).i32(layout::segment_size).op(i32_add).tee(segment);
  f.get(last).op(i32_le_u).branch_if(0).end();
  f.i32(layout::first_segment).set(segment);
  open_segment(f, segment);
  return f;
}

Code settle(std::uint32_t flush) {
  Code f(signature(0));
  push_enough(f);
  f.if_().call(flush).end();
  return f;
}

/// [TASK-01]
Code resolved(std::uint32_t event) {
  Code f(signature(0));
  f.i32(event_word(static_cast<std::uint8_t>(EventKind::task_resolve_end)));
  f.i32(0).load(layout::resolving_at).i32(1).op(i32_sub);
  f.i32(0).i32(0).call(event).op(drop);
  f.i32(0).i32(0).store(layout::resolving_at);
  return f;
}

/// Finds out which instance this is, and says that it begins.
Code open_recorder(const Ids& ids, std::uint32_t open, std::uint32_t event) {
  Code f(signature(0));
  const auto ordinal = f.local(CoreType::i32);
  const auto row = f.local(CoreType::i32);
  const auto left = f.local(CoreType::i32);
  f.call(open).set(ordinal);
  if (!ids.is_constant()) {
    f.i32(layout::rows).set(row);
    f.i32(0).load(layout::row_count_at).set(left);
    f.block().loop();
    f.get(left).op(i32_eqz).if_().op(unreachable).end();  // the sink opened another's
    f.get(row).load(0).get(ordinal).op(i32_eq).branch_if(1);
    f.get(row).i32(0).load(layout::row_size_at).op(i32_add).set(row);
    f.get(left).i32(1).op(i32_sub).set(left).branch(0);
    f.end().end();
    f.i32(0).get(row).i32(4).op(i32_add).store(layout::row_at);
  }
  f.i32(0);
  ids.push(f, 0);
  f.store(layout::instance_at);
  f.i32(event_word(static_cast<std::uint8_t>(EventKind::instantiate)));
  ids.push(f, 0);
  f.i32(0).i32(0).call(event).op(drop);
  return f;
}

/// Appends what moves `size` bytes into memory 0, all three being locals. `load8` and `load64` put
/// what lies at the address on the stack's top in its place.
template <class Load8, class Load64>
void move_by_loads(Code& f, Load8&& load8, Load64&& load64) {
  enum : std::uint32_t { to, from, size };
  const auto advance = [&](std::uint32_t by) {
    f.get(to).i32(by).op(i32_add).set(to);
    f.get(from).i32(by).op(i32_add).set(from);
    f.get(size).i32(by).op(i32_sub).set(size);
  };
  f.block().loop().get(size).i32(8).op(i32_lt_u).branch_if(1);
  f.get(to).get(from);
  load64(f);
  f.store64(0);
  advance(8);
  f.branch(0).end().end();
  f.block().loop().get(size).op(i32_eqz).branch_if(1);
  f.get(to).get(from);
  load8(f);
  f.store8(0);
  advance(1);
  f.branch(0).end().end();
}

/// `move(to, from, size)`: into memory 0, by functions that load.
Code move(std::uint32_t p8, std::uint32_t p64) {
  Code f(signature(3));
  move_by_loads(
      f, [p8](Code& c) { c.call(p8); }, [p64](Code& c) { c.call(p64); });
  return f;
}

/// The same, from memory 1. A `memory.copy` may be a call of the engine: not for a few words.
Code move() {
  enum : std::uint32_t { to, from, size };
  constexpr std::uint32_t few = 64;
  Code f(signature(3));
  f.get(size).i32(few).op(i32_gt_u).if_();
  f.get(to).get(from).get(size).memory_copy(0, 1);
  f.op(return_).end();
  move_by_loads(
      f, [](Code& c) { c.load8_of(1); }, [](Code& c) { c.load64_of(1); });
  return f;
}

/// How `copy` writes, and what it calls.
struct Copying {
  EventKind kind = EventKind::lower;
  std::uint8_t flags = kSnapshot;
  std::uint32_t event = 0, bulk = 0, move = 0;
  std::uint32_t settle = none;  // after each piece, where the sink may be called
};

/// `copy(address, size)`
Code copy(const Ids& ids, Slot id, const Copying& how) {
  enum : std::uint32_t { from, size };
  const auto word = [&](std::uint8_t flags) {
    return event_word(static_cast<std::uint8_t>(how.kind), flags);
  };
  Code f(signature(2));
  const auto address = f.local(CoreType::i32);
  const auto piece = f.local(CoreType::i32);
  const auto flags = f.local(CoreType::i32);
  const auto settle = [&] {
    if (how.settle != none) f.call(how.settle);
  };
  const auto moved = [&](std::uint32_t amount) {
    f.set(address).get(address).get(from).get(amount).call(how.move);
    settle();
  };
  f.get(size).op(i32_eqz).if_().op(return_).end();
  f.get(size).i32(limits::bulk_threshold).op(i32_lt_u).if_();
  f.i32(word(how.flags));
  ids.push(f, id);
  f.get(from).get(size).call(how.event);
  moved(size);
  f.op(return_).end();
  f.get(size).i32(limits::piece_size).op(i32_le_u).if_();
  f.i32(word(how.flags));
  ids.push(f, id);
  f.get(from).i32(0).get(size).call(how.bulk);
  moved(size);
  f.op(return_).end();
  // [PAY-03]: the first piece has flags, address and size of the whole; further ones have none.
  f.i32(limits::piece_size).set(piece);
  f.i32(word(how.flags | kContinued));
  ids.push(f, id);
  f.get(from).get(size).get(piece).call(how.bulk);
  moved(piece);
  f.loop();
  f.get(from).get(piece).op(i32_add).set(from);
  f.get(size).get(piece).op(i32_sub).set(size);
  f.i32(word(kContinued)).set(flags);
  f.get(size).i32(limits::piece_size).op(i32_le_u).if_();
  f.i32(word(0)).set(flags).get(size).set(piece).end();
  f.get(piece).i32(limits::bulk_threshold).op(i32_lt_u).if_();  // [EVENT-03]
  f.get(flags);
  ids.push(f, id);
  f.i32(0).get(piece).call(how.event).set(address).else_();
  f.get(flags);
  ids.push(f, id);
  f.i32(0).i32(0).get(piece).call(how.bulk).set(address).end();
  f.get(address).get(from).get(piece).call(how.move);
  settle();
  f.get(size).get(piece).op(i32_ne).branch_if(0).end();
  return f;
}

/// Offset of the first entry that ends after `start`.
Code find() {
  enum : std::uint32_t { start };
  Code f(signature(1, true));
  const auto low = f.local(CoreType::i32);
  const auto high = f.local(CoreType::i32);
  const auto middle = f.local(CoreType::i32);
  f.i32(0).load(areas::end_at).set(high);
  f.i32(areas::entries).set(low);
  // A guest that gives blocks in ascending order appends.
  f.get(high).i32(areas::entries).op(i32_gt_u).if_();
  f.get(high).i32(8).op(i32_sub).load(4).get(start).op(i32_le_u).if_();
  f.get(high).op(return_).end().end();
  f.block().loop().get(low).get(high).op(i32_ge_u).branch_if(1);
  // Both are multiples of 8.
  f.get(low).get(high).op(i32_add).i32(1).op(i32_shr_u).i32(0xfffffff8).op(i32_and).set(middle);
  f.get(middle).load(4).get(start).op(i32_gt_u).if_();
  f.get(middle).set(high).else_();
  f.get(middle).i32(8).op(i32_add).set(low).end();
  f.branch(0).end().end();
  f.get(low);
  return f;
}

/// `resize(at, from, to)`: what begins at `from` begins at `to` from here on.
Code resize() {
  enum : std::uint32_t { from, to };
  Code f(signature(2));
  const auto end = f.local(CoreType::i32);
  f.i32(0).load(areas::end_at).set(end);
  f.memory_size().i32(layout::page_log2).op(i32_shl);
  f.get(end).i32(16).op(i32_add).op(i32_lt_u).if_();
  grow(f, 1);
  f.end();
  f.get(to).get(from).get(end).get(from).op(i32_sub).memory_copy();
  f.i32(0).get(end).get(to).op(i32_add).get(from).op(i32_sub).store(areas::end_at);
  return f;
}

Code take(std::uint32_t copy, std::uint32_t find, std::uint32_t resize) {
  enum : std::uint32_t { start, size };
  Code f(signature(2));
  const auto end = f.local(CoreType::i32);
  const auto first = f.local(CoreType::i32);
  const auto last = f.local(CoreType::i32);  // past the last
  const auto from = f.local(CoreType::i32);
  const auto until = f.local(CoreType::i32);
  const auto write = f.local(CoreType::i32);
  f.get(start).get(size).op(i32_add).set(end);
  f.get(start).get(end).op(i32_ge_u).if_().op(return_).end();
  f.get(start).call(find).tee(first).set(last);
  f.block().loop();
  f.get(last).i32(0).load(areas::end_at).op(i32_ge_u).branch_if(1);
  f.get(last).load(0).get(end).op(i32_ge_u).branch_if(1);
  f.get(last).load(0).get(last).load(4).get(last).load(0).op(i32_sub).call(copy);
  f.get(last).i32(8).op(i32_add).set(last).branch(0);
  f.end().end();
  f.get(first).get(last).op(i32_eq).if_().op(return_).end();
  f.get(first).load(0).set(from);
  f.get(last).i32(8).op(i32_sub).load(4).set(until);
  // What is left on either side stays: up to two entries in the place of those taken.
  f.get(last).get(first);
  f.get(from).get(start).op(i32_lt_u).get(end).get(until).op(i32_lt_u).op(i32_add);
  f.i32(8).op(i32_mul).op(i32_add).call(resize);
  f.get(first).set(write);
  f.get(from).get(start).op(i32_lt_u).if_();
  f.get(write).get(from).store(0).get(write).get(start).store(4);
  f.get(write).i32(8).op(i32_add).set(write).end();
  f.get(end).get(until).op(i32_lt_u).if_();
  f.get(write).get(end).store(0).get(write).get(until).store(4).end();
  return f;
}

Code add(std::uint32_t take, std::uint32_t find, std::uint32_t resize) {
  enum : std::uint32_t { start, size };
  Code f(signature(2));
  const auto at = f.local(CoreType::i32);
  f.get(start).get(start).get(size).op(i32_add).op(i32_ge_u).if_().op(return_).end();
  f.get(start).get(size).call(take);
  f.get(start).call(find).tee(at);
  f.get(at).i32(8).op(i32_add).call(resize);
  f.get(at).get(start).store(0);
  f.get(at).get(start).get(size).op(i32_add).store(4);
  return f;
}

Code save(std::uint32_t copy) {
  Code f(signature(0));
  const auto at = f.local(CoreType::i32);
  f.i32(areas::entries).set(at);
  f.block().loop();
  f.get(at).i32(0).load(areas::end_at).op(i32_ge_u).branch_if(1);
  f.get(at).load(0).get(at).load(4).get(at).load(0).op(i32_sub).call(copy);
  f.get(at).i32(8).op(i32_add).set(at).branch(0);
  f.end().end();
  f.i32(0).i32(areas::entries).store(areas::end_at);
  return f;
}

}  // namespace

CoreSignature signature(std::size_t params, bool result) {
  return {std::vector<CoreType>(params, CoreType::i32),
          std::vector<CoreType>(result ? 1 : 0, CoreType::i32), true};
}

std::uint32_t event_word(std::uint8_t kind, std::uint8_t flags) {
  return kind | std::uint32_t{flags} << 8;
}

std::vector<std::uint8_t> memory_module(const Ids& ids) {
  std::vector<std::uint8_t> header(layout::magic, layout::magic + sizeof layout::magic);
  put_word(header, layout::version);
  put_word(header, 0);
  put_word(header, layout::first_segment + layout::events);  // cursor
  put_word(header, layout::first_segment + layout::payloads);
  for (int i = 0; i < 2; ++i) put_word(header, 0);  // lowering, row
  put_word(header, ids.row_count());
  put_word(header, ids.row_size());
  ModuleWriter module;
  module.define_memory((layout::first_segment + layout::segment_size) / layout::page);
  module.export_memory("memory");
  module.data(0, header);
  if (const auto rows = ids.rows(); !rows.empty()) module.data(layout::rows, rows);
  return module.finish();
}

std::vector<std::uint8_t> recorder_module(const Ids& ids) {
  ModuleWriter module;
  module.import_memory("r", "memory");
  const auto open = module.import_function("s", "open", signature(0, true));
  const auto write = module.import_function("s", "write", signature(7));
  const auto next = module.function(next_segment());
  const auto event_at = module.function(event(next));
  const auto bulk_at = module.function(bulk(next));
  const auto flush_at = module.function(flush(write));
  module.export_function("next", next);
  module.export_function("event", event_at);
  module.export_function("bulk", bulk_at);
  module.export_function("flush", flush_at);
  module.export_function("settle", module.function(settle(flush_at)));
  module.export_function("resolved", module.function(resolved(event_at)));
  module.start(module.function(open_recorder(ids, open, event_at)));
  return module.finish();
}

std::vector<std::uint8_t> peek_module() {
  ModuleWriter module;
  module.import_memory("g", "memory");
  Code p8(signature(1, true));
  p8.get(0).load8(0);
  Code p64({{CoreType::i32}, {CoreType::i64}, true});
  p64.get(0).load64(0);
  Code p16(signature(1, true));
  p16.get(0).load16(0);
  Code p32(signature(1, true));
  p32.get(0).load(0);
  Code bytes({{}, {CoreType::i64}, true});
  bytes.memory_size().op(i64_extend_i32_u).i64(layout::page_log2).op(i64_shl);
  module.export_function("p8", module.function(p8));
  module.export_function("p16", module.function(p16));
  module.export_function("p32", module.function(p32));
  module.export_function("p64", module.function(p64));
  module.export_function("bytes", module.function(bytes));
  return module.finish();
}

std::vector<std::uint8_t> copier_module(const Ids& ids, Slot id, bool single_memory, bool lifts) {
  ModuleWriter module;
  module.import_memory("r", "memory");
  Copying copying;
  copying.event = module.import_function("r", "event", signature(4, true));
  copying.bulk = module.import_function("r", "bulk", signature(5, true));
  const auto settle = lifts ? module.import_function("r", "settle", signature(0)) : none;
  if (single_memory) {
    const auto p8 = module.import_function("g", "p8", signature(1, true));
    const auto p64 = module.import_function("g", "p64", {{CoreType::i32}, {CoreType::i64}, true});
    copying.move = module.function(move(p8, p64));
  } else {
    module.import_memory("g", "memory");
    copying.move = module.function(move());
  }
  module.export_function("copy", module.function(copy(ids, id, copying)));
  if (lifts) {
    copying.kind = EventKind::lift;
    copying.flags = 0;
    copying.settle = settle;
    module.export_function("lift", module.function(copy(ids, id, copying)));
  }
  Code memory(signature(0, true));
  ids.push(memory, id);
  module.export_function("memory", module.function(memory));
  return module.finish();
}

std::vector<std::uint8_t> areas_module() {
  std::vector<std::uint8_t> header(areas::magic, areas::magic + sizeof areas::magic);
  put_word(header, layout::version);
  put_word(header, 0);
  put_word(header, areas::entries);
  ModuleWriter module;
  const auto copy = module.import_function("c", "copy", signature(2));
  const auto memory = module.import_function("c", "memory", signature(0, true));
  module.define_memory(1);
  module.data(0, header);
  Code start(signature(0));
  start.i32(0).call(memory).store(areas::memory_at);
  module.start(module.function(start));
  module.export_memory("memory");
  const auto find_at = module.function(find());
  const auto resize_at = module.function(resize());
  const auto take_at = module.function(take(copy, find_at, resize_at));
  module.export_function("take", take_at);
  module.export_function("add", module.function(add(take_at, find_at, resize_at)));
  module.export_function("save", module.function(save(copy)));
  return module.finish();
}

}  // namespace crossing::instrument
