#pragma once

/// Writes one component again, with what records it among its definitions, and the components in
/// it likewise.

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "component/index_map.h"
#include "component/write.h"
#include "instrument/analysis.h"
#include "instrument/ids.h"
#include "instrument/lift.h"
#include "instrument/shims.h"

namespace crossing::instrument {

using component::CanonItem;
using component::CanonOptions;
using component::ComponentWriter;
using component::CoreSort;
using component::IndexMap;
using component::Item;
using component::Space;

/// Functions of a control, in the order in which they are exported; the component's own is last
/// [SINK-08].
std::string drain_name(std::size_t index, std::size_t count);

class Rewriter {
 public:
  /// What all rewriters of one instrumenting share.
  struct Context {
    Bytes input;
    const Analysis& analysis;
    const InstrumentOptions& options;
    Fault& fault;
    Instrumented& counts;
    std::vector<component::Body> pool;            // bodies of types that are written
    std::map<std::uint32_t, std::size_t> drains;  // by body: how many its control has
  };

  /// `parent` is null at the root.
  Rewriter(Context& context, std::uint32_t body, const Rewriter* parent);
  std::vector<std::uint8_t> run();

 private:
  using CoreArgument = std::pair<std::string_view, std::uint32_t>;

  // rewriter.cpp: the pass over the definitions
  void rewrite(const Item& item);
  void copy(const Item& item);
  void rewrite_instantiate(const Item& item);
  void rewrite_resource(const Item& item);
  void note_passive(const std::vector<std::uint32_t>& instances);
  void checkpoint(bool flushes);

  // rewriter_canon.cpp: canonical definitions
  void rewrite_canon(const Item& item);
  void rewrite_lift(const Item& item);
  void rewrite_outward(const Item& item);
  void wrap_realloc(const CanonItem& was, CanonItem& now, std::optional<std::uint32_t> exported);
  /// The function that an option of the lifted function at hand names, in each instance.
  InwardShim shim_of_option(std::uint32_t Options::*option);
  void wrap_post_return(const CanonItem& was, CanonItem& now);
  void wrap_callback(const CanonItem& was, CanonItem& now);
  Waiting waiting(const Function& function, const CanonItem& was);
  bool leaves_before(const Function& function) const;
  /// The function that has this key in each instance; null, with a fault, if there is none.
  const Function* function_slot(Role role, std::uint32_t index, Slot& slot);
  Slot memory_slot(std::uint32_t core_memory, const CanonItem& canon);

  // pieces.cpp: the recorder, and what each definition of it takes
  void begin_recorder();
  void end_recorder();
  void export_control();
  std::uint32_t copier(std::uint32_t core_memory, Slot memory);
  std::uint32_t areas(std::uint32_t core_memory, Slot memory);
  std::uint32_t guest_memory(std::uint32_t core_memory);
  std::uint32_t peek(std::uint32_t core_memory);
  std::uint32_t lifter(std::uint32_t core_memory, Slot memory, const Lifted& lifted);
  /// The ordinal of the memory in the hub.
  std::uint32_t watcher(std::uint32_t core_memory, Slot memory);
  std::uint32_t add_module(Bytes module);
  std::uint32_t add_core_instance(std::uint32_t module, const std::vector<CoreArgument>& arguments);
  /// A core instance that exports one definition.
  std::uint32_t add_core_exports(std::string_view name, CoreSort sort, std::uint32_t index);
  std::uint32_t add_core_alias(CoreSort sort, std::uint32_t instance, std::string_view name);
  std::uint32_t add_alias(component::Sort sort, std::uint32_t instance, std::string_view name);
  std::uint32_t add_canon(CanonItem canon);
  std::uint32_t add_type(component::TypeItem type);
  /// An instance of `shim` around core function `wrapped`; the index of its export `name`.
  std::uint32_t add_shim(Bytes shim, std::string_view name, std::uint32_t wrapped,
                         const std::vector<CoreArgument>& arguments);
  template <class T>
  void write(T what) {
    Item item;
    item.what = std::move(what);
    writer_.definition(item);
  }

  bool refuse(const Item& item, std::string_view what) {
    return context_.fault.raise(Verdict::unsupported, item.offset,
                                "instrumenting does not support " + std::string(what));
  }

  Context& context_;
  const Analysis& analysis_;
  std::uint32_t body_;
  const Rewriter* parent_;
  const std::vector<std::uint32_t>& instances_;
  bool records_;
  bool alone_;  // no other recorder in the composition

  IndexMap map_;
  ComponentWriter writer_;
  Ids ids_;

  // Indices in what is written.
  std::uint32_t sink_ = 0;
  std::uint32_t recorder_ = 0;  // core instance
  std::uint32_t hub_ = none;    // core instance, if calls go on after they returned
  std::uint32_t watchers_ = 0;
  std::size_t memory_place_ = 0;
  std::map<std::vector<std::uint8_t>, std::uint32_t> modules_;
  struct MemoryPieces {
    std::uint32_t guest = none;  // core instances
    std::uint32_t copier = none;
    std::uint32_t areas = none;
    std::uint32_t peek = none;
    std::uint32_t ordinal = none;
  };
  std::map<std::uint32_t, MemoryPieces> memories_;  // by core memory
  /// Core instances that walk what is lifted, by module and core memory.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> lifters_;
  std::map<std::uint32_t, std::uint32_t> post_returns_;  // by core function that was read
  std::map<std::uint32_t, std::uint32_t> callbacks_;     // likewise
  std::vector<std::uint32_t> drains_;                    // functions that let go of what is held
  std::vector<std::pair<std::uint8_t, Slot>> pending_;   // events that nothing has written yet
};

}  // namespace crossing::instrument
