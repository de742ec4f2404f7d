#include "instrument/shims.h"

#include <string>

#include "crossing/event.h"
#include "instrument/layout.h"
#include "instrument/modules.h"

namespace crossing::instrument {
namespace {

/// What every shim imports, and how it writes an event.
class ShimModule {
 public:
  explicit ShimModule(const Ids& ids) : ids_(ids) {
    module_.import_memory("r", "memory");
    event_ = module_.import_function("r", "event", instrument::signature(4, true));
  }

  std::uint32_t import(std::string_view module, std::string_view name, std::size_t params) {
    return module_.import_function(module, name, instrument::signature(params));
  }
  std::uint32_t import_wrapped(const CoreSignature& signature) {
    return module_.import_function("x", "f", signature);
  }

  /// An event of the function, with the values of locals from `first` on as its body [PAY-05].
  void event(Code& f, EventKind kind, Slot function, const std::vector<CoreType>& types,
             std::uint32_t first) {
    std::uint32_t size = 0;
    for (const CoreType type : types) size += width(type);
    f.i32(event_word(static_cast<std::uint8_t>(kind)));
    ids_.push(f, function);
    f.i32(0).i32(size).call(event_);
    if (types.empty()) {
      f.op(Op::drop);
      return;
    }
    if (address_ == none) address_ = f.local(CoreType::i32);
    f.set(address_);
    std::uint32_t offset = 0;
    for (std::uint32_t i = 0; i < types.size(); ++i) {
      f.get(address_).get(first + i).store(types[i], offset);
      offset += width(types[i]);
    }
  }

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
  std::vector<std::uint8_t> finish(Code& f, std::uint32_t first_result) {
    for (std::uint32_t i = 0; i < f.signature().results.size(); ++i) f.get(first_result + i);
    module_.export_function("f", module_.function(f));
    return module_.finish();
  }

  const Ids& ids() const { return ids_; }
  ModuleWriter& module() { return module_; }

 private:
  const Ids& ids_;
  ModuleWriter module_;
  std::uint32_t event_;
  std::uint32_t address_ = none;  // local
};

}  // namespace

std::vector<std::uint8_t> outward_shim(const Ids& ids, const OutwardShim& shim) {
  ShimModule m(ids);
  const auto flush = shim.flushes_before ? m.import("r", "flush", 0) : none;
  const auto settle = shim.settles ? m.import("r", "settle", 0) : none;
  const auto save = shim.saves_areas ? m.import("a", "save", 0) : none;
  const auto copy = shim.area ? m.import("c", "copy", 2) : none;
  const auto wrapped = m.import_wrapped(shim.signature);
  Code f(shim.signature);
  m.event(f, EventKind::import_call, shim.function, shim.signature.params, 0);
  if (shim.flushes_before) f.call(flush);
  const auto results = ShimModule::call_wrapped(f, wrapped);
  if (shim.saves_areas) f.call(save);
  if (shim.area) f.get(shim.area->param).i32(shim.area->size).call(copy);  // [RECORD-04]
  m.event(f, EventKind::import_result, shim.function, shim.signature.results, results);
  if (shim.settles) f.call(settle);
  return m.finish(f, results);
}

std::vector<std::uint8_t> inward_shim(const Ids& ids, const InwardShim& shim) {
  using After = InwardShim::After;
  ShimModule m(ids);
  const auto leave = shim.after == After::nothing
                         ? none
                         : m.import("r", shim.after == After::flush ? "flush" : "settle", 0);
  const auto save = shim.saves_areas ? m.import("a", "save", 0) : none;
  const auto wrapped = m.import_wrapped(shim.signature);
  Code f(shim.signature);
  if (shim.saves_areas) {  // its realloc may have announced the call
    f.i32(0).load(layout::lowering_at);
    ids.push(f, shim.function);
    f.i32(1).op(Op::i32_add).op(Op::i32_ne).if_();
    m.event(f, EventKind::export_call, shim.function, {}, 0);
    f.end().i32(0).i32(0).store(layout::lowering_at).call(save);
  } else {
    m.event(f, EventKind::export_call, shim.function, {}, 0);
  }
  m.event(f, EventKind::export_enter, shim.function, shim.signature.params, 0);
  const auto results = ShimModule::call_wrapped(f, wrapped);
  m.event(f, EventKind::export_result, shim.function, shim.signature.results, results);
  if (leave != none) f.call(leave);
  return m.finish(f, results);
}

std::vector<std::uint8_t> realloc_shim(const Ids& ids, const ReallocShim& shim) {
  enum : std::uint32_t { old, old_size, alignment, new_size };
  const CoreSignature signature = instrument::signature(4, true);
  ShimModule m(ids);
  const auto take = m.import("a", "take", 2);
  const auto add = m.import("a", "add", 2);
  const auto wrapped = m.import_wrapped(signature);
  Code f(signature);
  if (shim.lowers_arguments_of) {
    f.i32(0).load(layout::lowering_at);
    ids.push(f, *shim.lowers_arguments_of);
    f.i32(1).op(Op::i32_add).op(Op::i32_ne).if_();
    m.event(f, EventKind::export_call, *shim.lowers_arguments_of, {}, 0);
    f.i32(0);
    ids.push(f, *shim.lowers_arguments_of);
    f.i32(1).op(Op::i32_add).store(layout::lowering_at).end();
  }
  f.get(old).get(old_size).call(take);  // [RECORD-02]: it may move
  m.event(f, EventKind::realloc_call, shim.function, signature.params, 0);
  const auto result = ShimModule::call_wrapped(f, wrapped);
  m.event(f, EventKind::realloc_result, shim.function, signature.results, result);
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

std::vector<std::uint8_t> drain_module(std::size_t count) {
  ModuleWriter module;
  Code f(signature(0));
  for (std::size_t i = 0; i < count; ++i) {
    f.call(module.import_function("d", std::to_string(i), signature(0)));
  }
  f.call(module.import_function("r", "flush", signature(0)));
  module.export_function("f", module.function(f));
  return module.finish();
}

}  // namespace crossing::instrument
