#include "instrument/shims.h"

#include <string>

#include "crossing/event.h"
#include "instrument/append.h"
#include "instrument/layout.h"
#include "instrument/modules.h"
#include "instrument/watch.h"

namespace crossing::instrument {
namespace {

/// Functions of the hub, and `resolved`.
struct Hub {
  std::uint32_t save = none, changed = none, watch = none, unwatch = none, resolved = none;
};

constexpr std::uint32_t kBlocked = 0xffffffff;
constexpr std::uint32_t kReturned = 2;                                   // state of a subtask
constexpr std::uint32_t kSubtask = 1, kStreamRead = 2, kFutureRead = 4;  // codes of events

void add_to_word(Code& f, std::uint32_t address, std::uint32_t amount) {
  f.i32(0).i32(0).load(address).i32(amount).op(Op::i32_add).store(address);
}

/// What every shim imports, and how it writes events.
class ShimModule {
 public:
  /// `flushes`: it may let go of what is held [SINK-07].
  explicit ShimModule(const Ids& ids, bool flushes = false)
      : ids_(ids),
        next_(begin(module_)),
        flush_(flushes ? import("r", "flush", 0) : none),
        appender_(ids, next_, flush_) {}

  std::uint32_t import(std::string_view module, std::string_view name, std::size_t params) {
    return module_.import_function(module, name, instrument::signature(params));
  }
  std::uint32_t import_wrapped(const CoreSignature& signature) {
    return module_.import_function("x", "f", signature);
  }

  /// An event without a body.
  static NewEvent event(EventKind kind, Slot function) {
    return {.word = event_word(static_cast<std::uint8_t>(kind)), .subject = function};
  }

  /// One with the values of locals from `first` on as its body [PAY-05].
  static NewEvent event(EventKind kind, Slot function, const std::vector<CoreType>& types,
                        std::uint32_t first) {
    NewEvent event = ShimModule::event(kind, function);
    for (const CoreType type : types) event.size += width(type);
    event.body = [&types, first](Code& f, std::uint32_t to, std::uint32_t offset) {
      for (std::uint32_t i = 0; i < types.size(); ++i) {
        f.get(to).get(first + i).store(types[i], offset);
        offset += width(types[i]);
      }
    };
    return event;
  }

  /// A `lower` of what the host wrote into a result area of the guest's memory, which is memory 1.
  static NewEvent area(const ResultArea& area) {
    return {.word = event_word(static_cast<std::uint8_t>(EventKind::lower), flag_snapshot),
            .subject = *area.in_place,
            .detail = area.param,
            .size = area.size,
            .body = [&area](Code& f, std::uint32_t to, std::uint32_t offset) {
              std::uint32_t at = 0;
              for (; at + 8 <= area.size; at += 8) {
                f.get(to).get(area.param).load64_of(1, at).store64(offset + at);
              }
              for (; at < area.size; ++at) {
                f.get(to).get(area.param).load8_of(1, at).store8(offset + at);
              }
            }};
  }

  /// An event of the function whose body is one word.
  static NewEvent event_of_word(EventKind kind, Slot function, std::uint32_t word) {
    NewEvent event = ShimModule::event(kind, function);
    event.size = 4;
    event.body = [word](Code& f, std::uint32_t to, std::uint32_t offset) {
      f.get(to).i32(word).store(offset);
    };
    return event;
  }

  void append(Code& f, const std::vector<NewEvent>& events, Room room = Room::next) {
    appender_.append(f, room, events);
  }
  [[nodiscard]] std::uint32_t flush() const { return flush_; }

  /// Calls what is wrapped with the shim's own parameters; results go to locals, the first of
  /// which is returned.
  static std::uint32_t call_wrapped(Code& f, std::uint32_t wrapped) {
    const CoreSignature& signature = f.signature();
    std::uint32_t first = none;
    for (const CoreType type : signature.results) {
      const std::uint32_t local = f.local(type);
      if (first == none) first = local;
    }
    for (std::uint32_t i = 0; i < signature.params.size(); ++i) f.get(i);
    f.call(wrapped);
    for (auto i = static_cast<std::uint32_t>(signature.results.size()); i-- > 0;) f.set(first + i);
    return first;
  }

  /// The shim returns what the wrapped function did, and the module is whole.
  std::vector<std::uint8_t> finish(Code& f, std::uint32_t first_result,
                                   std::string_view name = "f") {
    for (std::uint32_t i = 0; i < f.signature().results.size(); ++i) f.get(first_result + i);
    module_.export_function(name, module_.function(f));
    return module_.finish();
  }

  /// A resolution that is going on ends here: what it lowered is saved [TASK-01].
  void end_resolution(Code& f, const Hub& hub) const {
    f.i32(0).load(layout::resolving_at).if_().call(hub.save).call(hub.resolved).end();
  }

  Hub import_hub() {
    return {import("h", "save", 0), import("h", "changed", 0), import("h", "watch", 4),
            import("h", "unwatch", 1), import("r", "resolved", 0)};
  }

  const Ids& ids() const { return ids_; }
  ModuleWriter& module() { return module_; }

 private:
  static std::uint32_t begin(ModuleWriter& module) {
    module.import_memory("r", "memory");
    return module.import_function("r", "next", instrument::signature(0));
  }

  const Ids& ids_;
  ModuleWriter module_;
  std::uint32_t next_, flush_;
  Appender appender_;
};

/// Pushes the key of what `handle` names.
void push_key(Code& f, std::uint32_t handle, std::uint32_t kind) {
  f.get(handle).i32(1).op(Op::i32_shl).i32(kind).op(Op::i32_or);
}

/// What the guest is told of is its own again. All are locals.
void told(Code& f, const Hub& hub, std::uint32_t event, std::uint32_t handle, std::uint32_t state) {
  f.get(event).i32(kStreamRead).op(Op::i32_eq);
  f.get(event).i32(kFutureRead).op(Op::i32_eq).op(Op::i32_or).if_();
  push_key(f, handle, reads);
  f.call(hub.unwatch).end();
  f.get(event).i32(kSubtask).op(Op::i32_eq);
  f.get(state).i32(kReturned).op(Op::i32_ge_u).op(Op::i32_and).if_();
  push_key(f, handle, 0);
  f.call(hub.unwatch).end();
}

/// Before the guest goes on after `call`: what the host wrote, or may write later.
struct AfterCall {
  ShimModule& module;
  Code& f;
  const OutwardShim& shim;
  const Hub& hub;
  std::uint32_t copy;
  std::uint32_t peek;    // p32
  std::uint32_t result;  // local

  void result_area() const {
    if (!shim.area) return;
    if (shim.area->in_place) {
      module.append(f, {ShimModule::area(*shim.area)});  // [RECORD-04]
      return;
    }
    const auto copy_it = [&] { f.get(shim.area->param).i32(shim.area->size).call(copy); };
    if (shim.waiting.kind != Waiting::Kind::lower) {
      copy_it();  // [RECORD-04]
      return;
    }
    f.get(result).i32(0xf).op(Op::i32_and).i32(kReturned).op(Op::i32_eq).if_();
    copy_it();
    f.else_();
    f.get(result).i32(4).op(Op::i32_shr_u).if_();  // a subtask
    f.get(result).i32(4).op(Op::i32_shr_u).i32(1).op(Op::i32_shl).i32(shim.waiting.ordinal);
    f.get(shim.area->param).i32(shim.area->size).call(hub.watch).end();
    f.end();
  }

  void buffers() const {
    using Kind = Waiting::Kind;
    switch (shim.waiting.kind) {
      case Kind::stream_read:
      case Kind::future_read: read(); return;
      case Kind::cancel_read: unless_blocked(reads); return;
      case Kind::cancel_subtask: unless_blocked(0); return;
      case Kind::drop_readable: unwatch(reads); return;
      case Kind::drop_subtask: unwatch(0); return;
      case Kind::wait: {
        const auto handle = f.local(CoreType::i32);
        const auto state = f.local(CoreType::i32);
        f.get(shim.area->param).call(peek).set(handle);
        f.get(shim.area->param).i32(4).op(Op::i32_add).call(peek).set(state);
        told(f, hub, result, handle, state);
        return;
      }
      case Kind::nothing:
      case Kind::lower: return;
    }
  }

 private:
  enum : std::uint32_t { handle, address, capacity };

  void unwatch(std::uint32_t kind) const {
    push_key(f, handle, kind);
    f.call(hub.unwatch);
  }

  void unless_blocked(std::uint32_t kind) const {
    f.get(result).i32(kBlocked).op(Op::i32_ne).if_();
    unwatch(kind);
    f.end();
  }

  void read() const {
    const bool is_stream = shim.waiting.kind == Waiting::Kind::stream_read;
    const auto count = f.local(CoreType::i32);
    f.get(result).i32(kBlocked).op(Op::i32_eq).if_();
    push_key(f, handle, reads);
    f.i32(shim.waiting.ordinal).get(address);
    if (is_stream) f.get(capacity);
    f.i32(shim.waiting.size);
    if (is_stream) f.op(Op::i32_mul);
    f.call(hub.watch).else_();
    if (is_stream) {
      f.get(result).i32(4).op(Op::i32_shr_u).set(count);
    } else {  // COMPLETED
      f.get(result).i32(0xf).op(Op::i32_and).op(Op::i32_eqz).set(count);
    }
    f.get(address).get(count).i32(shim.waiting.size).op(Op::i32_mul).call(copy).end();
  }
};

}  // namespace

std::vector<std::uint8_t> outward_shim(const Ids& ids, const OutwardShim& shim) {
  using Kind = Waiting::Kind;
  const bool reads_buffer =
      shim.waiting.kind == Kind::stream_read || shim.waiting.kind == Kind::future_read;
  ShimModule m(ids, shim.flushes_before || shim.settles);
  const auto save = shim.saves_areas ? m.import("a", "save", 0) : none;
  const bool in_place = shim.area && shim.area->in_place;
  if (in_place) m.module().import_memory("m", "memory");
  const auto copy = (shim.area && !in_place) || reads_buffer ? m.import("c", "copy", 2) : none;
  const auto peek = shim.has_hub && shim.waiting.kind == Kind::wait
                        ? m.module().import_function("g", "p32", instrument::signature(1, true))
                        : none;
  const Hub hub = shim.has_hub ? m.import_hub() : Hub();
  const auto lift =
      shim.lifts ? m.module().import_function("l", "lift", shim.lifts->signature) : none;
  const auto wrapped = m.import_wrapped(shim.signature);
  Code f(shim.signature);
  m.append(f, {m.event(EventKind::import_call, shim.function, shim.signature.params, 0)});
  if (shim.lifts) {
    for (std::uint32_t i = 0; i < shim.signature.params.size(); ++i) f.get(i);
    f.call(lift);
  }
  if (shim.flushes_before) f.call(m.flush());
  if (shim.has_hub) add_to_word(f, layout::depth_at, 1);
  const auto results = ShimModule::call_wrapped(f, wrapped);
  if (shim.has_hub) add_to_word(f, layout::depth_at, 0xffffffff);
  if (shim.saves_areas) f.call(save);
  std::vector<NewEvent> ending;
  if (shim.has_hub) {
    const AfterCall after{m, f, shim, hub, copy, peek, results};
    after.result_area();
    if (shim.settles) f.call(hub.changed);
    after.buffers();
  } else if (in_place) {
    ending.push_back(m.area(*shim.area));  // [RECORD-04]
  } else if (shim.area) {
    f.get(shim.area->param).i32(shim.area->size).call(copy);
  }
  ending.push_back(
      m.event(EventKind::import_result, shim.function, shim.signature.results, results));
  m.append(f, ending, shim.settles ? Room::flush : Room::next);
  if (shim.settles && (shim.saves_areas || copy != none || shim.has_hub || shim.lifts)) {
    push_enough(f);
    f.if_().call(m.flush()).end();
  }
  return m.finish(f, results);
}

std::vector<std::uint8_t> inward_shim(const Ids& ids, const InwardShim& shim) {
  using After = InwardShim::After;
  ShimModule m(ids);
  const auto leave = shim.after == After::nothing
                         ? none
                         : m.import("r", shim.after == After::flush ? "flush" : "settle", 0);
  const auto save = shim.saves_areas ? m.import("a", "save", 0) : none;
  const Hub hub = shim.has_hub ? m.import_hub() : Hub();
  const auto lift =
      shim.lifts ? m.module().import_function("l", "lift", shim.lifts->signature) : none;
  const auto wrapped = m.import_wrapped(shim.signature);
  Code f(shim.signature);
  if (shim.has_hub) m.end_resolution(f, hub);
  const NewEvent call = m.event(EventKind::export_call, shim.function);
  std::vector<NewEvent> beginning;
  if (shim.saves_areas) {  // its realloc may have announced the call
    f.i32(0).load(layout::lowering_at);
    ids.push(f, shim.function);
    f.i32(1).op(Op::i32_add).op(Op::i32_ne).if_();
    m.append(f, {call});
    f.end().i32(0).i32(0).store(layout::lowering_at).call(save);
  } else if (shim.has_hub) {
    m.append(f, {call});
  } else {
    beginning.push_back(call);
  }
  if (shim.has_hub) f.call(hub.changed);
  if (shim.has_hub && shim.is_callback) told(f, hub, 0, 1, 2);
  beginning.push_back(m.event(EventKind::export_enter, shim.function, shim.signature.params, 0));
  m.append(f, beginning);
  if (shim.saves_areas) {
    push_enough(f);
    f.if_().call(leave).end();
  }
  const auto results = ShimModule::call_wrapped(f, wrapped);
  m.append(f, {m.event(EventKind::export_result, shim.function, shim.signature.results, results)});
  if (shim.lifts) f.get(results).call(lift);
  if (leave != none) f.call(leave);
  return m.finish(f, results, "enter");
}

std::vector<std::uint8_t> realloc_shim(const Ids& ids, const ReallocShim& shim) {
  enum : std::uint32_t { old, old_size, alignment, new_size };
  const CoreSignature signature = instrument::signature(4, true);
  ShimModule m(ids);
  const auto take = m.import("a", "take", 2);
  const auto add = m.import("a", "add", 2);
  const Hub hub = shim.has_hub ? m.import_hub() : Hub();
  const auto wrapped = m.import_wrapped(signature);
  Code f(signature);
  if (shim.resolves) {
    // No call of the guest is open: this is no lowering of a call's own results.
    f.i32(0).load(layout::depth_at).op(Op::i32_eqz);
    f.i32(0).load(layout::resolving_at);
    ids.push(f, *shim.resolves);
    f.i32(1).op(Op::i32_add).op(Op::i32_ne).op(Op::i32_and).if_();
    m.end_resolution(f, hub);
    m.append(f, {m.event_of_word(EventKind::task_resolve, *shim.resolves, kReturned)});
    f.i32(0);
    ids.push(f, *shim.resolves);
    f.i32(1).op(Op::i32_add).store(layout::resolving_at).end();
  }
  if (shim.lowers_arguments_of && shim.has_hub) m.end_resolution(f, hub);
  if (shim.lowers_arguments_of) {
    f.i32(0).load(layout::lowering_at);
    ids.push(f, *shim.lowers_arguments_of);
    f.i32(1).op(Op::i32_add).op(Op::i32_ne).if_();
    m.append(f, {m.event(EventKind::export_call, *shim.lowers_arguments_of)});
    f.i32(0);
    ids.push(f, *shim.lowers_arguments_of);
    f.i32(1).op(Op::i32_add).store(layout::lowering_at).end();
  }
  f.get(old).get(old_size).call(take);  // [RECORD-02]: it may move
  m.append(f, {m.event(EventKind::realloc_call, shim.function, signature.params, 0)});
  const auto result = ShimModule::call_wrapped(f, wrapped);
  m.append(f, {m.event(EventKind::realloc_result, shim.function, signature.results, result)});
  f.get(result).get(new_size).call(add);  // [RECORD-02]: it may overlap earlier ones
  return m.finish(f, result);
}

std::vector<std::uint8_t> checkpoint_module(
    const Ids& ids, const std::vector<std::pair<std::uint8_t, Slot>>& events, bool flushes) {
  ModuleWriter module;
  module.import_memory("r", "memory");
  const auto event = module.import_function("r", "event", signature(4, true));
  const auto flush = module.import_function("r", "flush", signature(0));
  Code f(signature(0));
  for (const auto& [kind, subject] : events) {
    f.i32(event_word(kind));
    ids.push(f, subject);
    f.i32(0).i32(0).call(event).op(Op::drop);
  }
  if (flushes) f.call(flush);
  module.start(module.function(f));
  return module.finish();
}

}  // namespace crossing::instrument
