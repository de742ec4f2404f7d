#include "instrument/watch.h"

#include "instrument/layout.h"
#include "instrument/modules.h"

namespace crossing::instrument {
namespace {

using enum Op;

// The functions of a memory in the hub's table.
constexpr std::uint32_t kSave = 0, kHash = 1, kCopy = 2, kFunctions = 3;

// The hub's memory: how it begins, the offset past the last entry, how many memories there are, and
// the entries.
constexpr std::uint8_t kMagic[8] = {0x89, 'X', 'H', 'U', 'B', 0x0d, 0x0a, 0x1a};  // [SINK-13]
constexpr std::uint32_t kEnd = 8, kMemories = 12, kEntries = 16;
constexpr std::uint32_t kKey = 0, kOrdinal = 4, kAddress = 8, kSize = 12, kLast = 16;
constexpr std::uint32_t kEntrySize = 24;

CoreSignature hash_signature() { return {{CoreType::i32, CoreType::i32}, {CoreType::i64}, true}; }

/// Appends a loop over the entries; `each` gets the local that has the entry's offset, and leaves
/// it at the next entry.
template <class F>
void for_entries(Code& f, F&& each) {
  const auto at = f.local(CoreType::i32);
  f.i32(kEntries).set(at);
  f.block().loop();
  f.get(at).i32(0).load(kEnd).op(i32_ge_u).branch_if(1);
  each(at);
  f.branch(0).end().end();
}

void call_slot(Code& f, std::uint32_t ordinal, std::uint32_t slot, std::uint32_t type) {
  f.get(ordinal).i32(kFunctions).op(i32_mul).i32(slot).op(i32_add).call_indirect(type);
}

Code save(std::uint32_t type) {
  Code f(signature(0));
  const auto ordinal = f.local(CoreType::i32);
  f.block().loop();
  f.get(ordinal).i32(0).load(kMemories).op(i32_ge_u).branch_if(1);
  call_slot(f, ordinal, kSave, type);
  f.get(ordinal).i32(1).op(i32_add).set(ordinal).branch(0);
  f.end().end();
  return f;
}

Code watch(std::uint32_t hash_type) {
  enum : std::uint32_t { key, ordinal, address, size };
  Code f(signature(4));
  const auto at = f.local(CoreType::i32);
  f.get(size).op(i32_eqz).if_().op(return_).end();
  f.i32(0).load(kEnd).set(at);
  f.memory_size().i32(layout::page_log2).op(i32_shl);
  f.get(at).i32(kEntrySize).op(i32_add).op(i32_lt_u).if_();
  f.i32(1).memory_grow().i32(0xffffffff).op(i32_eq).if_().op(unreachable).end().end();
  f.get(at).get(key).store(kKey);
  f.get(at).get(ordinal).store(kOrdinal);
  f.get(at).get(address).store(kAddress);
  f.get(at).get(size).store(kSize);
  f.get(at).get(address).get(size);
  call_slot(f, ordinal, kHash, hash_type);
  f.store64(kLast);
  f.i32(0).get(at).i32(kEntrySize).op(i32_add).store(kEnd);
  return f;
}

Code unwatch() {
  enum : std::uint32_t { key };
  Code f(signature(1));
  const auto next = f.local(CoreType::i32);
  for_entries(f, [&](std::uint32_t at) {
    f.get(at).i32(kEntrySize).op(i32_add).set(next);
    f.get(at).load(kKey).get(key).op(i32_eq).if_();
    f.get(at).get(next).i32(0).load(kEnd).get(next).op(i32_sub).memory_copy();
    f.i32(0).i32(0).load(kEnd).i32(kEntrySize).op(i32_sub).store(kEnd);
    f.else_().get(next).set(at).end();
  });
  return f;
}

Code changed(std::uint32_t save, std::uint32_t hash_type, std::uint32_t copy_type) {
  Code f(signature(0));
  const auto ordinal = f.local(CoreType::i32);
  const auto now = f.local(CoreType::i64);
  f.call(save);
  for_entries(f, [&](std::uint32_t at) {
    f.get(at).load(kOrdinal).set(ordinal);
    f.get(at).load(kAddress).get(at).load(kSize);
    call_slot(f, ordinal, kHash, hash_type);
    f.set(now).get(now).get(at).load64(kLast).op(i64_ne).if_();
    f.get(at).get(now).store64(kLast);
    f.get(at).load(kAddress).get(at).load(kSize);
    call_slot(f, ordinal, kCopy, copy_type);
    f.end();
    f.get(at).i32(kEntrySize).op(i32_add).set(at);
  });
  return f;
}

/// Bytes of an area as one number: with one word changed it is another for sure, for each step is
/// one to one. An area past the end has 0: the host has not looked at the address yet.
Code hash(std::uint32_t p8, std::uint32_t p64, std::uint32_t bytes) {
  enum : std::uint32_t { address, size };
  constexpr std::uint64_t kSeed = 0x27d4eb2f165667c5, kPrime = 0x9e3779b185ebca87;
  Code f(hash_signature());
  const auto value = f.local(CoreType::i64);
  f.get(address).op(i64_extend_i32_u).get(size).op(i64_extend_i32_u).op(i64_add);
  f.call(bytes).op(i64_gt_u).if_().i64(0).op(return_).end();
  f.i64(kSeed).set(value);
  const auto mix = [&](std::uint32_t by) {
    f.get(value).op(i64_xor).i64(kPrime).op(i64_mul).i64(29).op(i64_rotl).set(value);
    f.get(address).i32(by).op(i32_add).set(address);
    f.get(size).i32(by).op(i32_sub).set(size);
  };
  f.block().loop().get(size).i32(8).op(i32_lt_u).branch_if(1);
  f.get(address).call(p64);
  mix(8);
  f.branch(0).end().end();
  f.block().loop().get(size).op(i32_eqz).branch_if(1);
  f.get(address).call(p8).op(i64_extend_i32_u);
  mix(1);
  f.branch(0).end().end();
  f.get(value);
  return f;
}

}  // namespace

std::vector<std::uint8_t> hub_module(std::uint32_t memories) {
  static constexpr std::uint8_t empty[] = {kEntries, 0, 0, 0};
  ModuleWriter module;
  module.define_table(kFunctions * memories);
  module.define_memory(1);
  module.data(0, kMagic);
  module.data(kEnd, empty);
  const auto nothing = module.type(signature(0));
  const auto hash_type = module.type(hash_signature());
  const auto copy_type = module.type(signature(2));
  Code announce(signature(0));
  announce.i32(0).i32(0).load(kMemories).i32(1).op(i32_add).store(kMemories);
  const auto save_at = module.function(save(nothing));
  module.export_table("table");
  module.export_function("register", module.function(announce));
  module.export_function("save", save_at);
  module.export_function("watch", module.function(watch(hash_type)));
  module.export_function("unwatch", module.function(unwatch()));
  module.export_function("changed", module.function(changed(save_at, hash_type, copy_type)));
  return module.finish();
}

std::vector<std::uint8_t> watcher_module(std::uint32_t ordinal) {
  ModuleWriter module;
  module.import_table("h", "table");
  const auto announce = module.import_function("h", "register", signature(0));
  const auto save_at = module.import_function("a", "save", signature(0));
  const auto copy = module.import_function("c", "copy", signature(2));
  const auto p8 = module.import_function("g", "p8", signature(1, true));
  const auto p64 = module.import_function("g", "p64", {{CoreType::i32}, {CoreType::i64}, true});
  const auto bytes = module.import_function("g", "bytes", {{}, {CoreType::i64}, true});
  module.elements(ordinal * kFunctions, {save_at, module.function(hash(p8, p64, bytes)), copy});
  module.start(announce);
  return module.finish();
}

}  // namespace crossing::instrument
