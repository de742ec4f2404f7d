#include "checked.h"

#include "component/flatten.h"
#include "crossing/check.h"

namespace crossing::testing {
namespace {

using Body = std::vector<std::uint8_t>;

void put(Body& body, CoreType type, std::uint64_t bits) {
  const bool wide = type == CoreType::i64 || type == CoreType::f64;
  for (int shift = 0; shift < (wide ? 64 : 32); shift += 8) {
    body.push_back(static_cast<std::uint8_t>(bits >> shift));
  }
}

class Feed {
 public:
  explicit Feed(Checker& checker) : checker_(checker) {}

  void event(EventKind kind, std::uint32_t subject, const Body& body = {},
             std::uint64_t detail = 0) {
    EventView view;
    view.sequence = next_++;
    view.kind = kind;
    view.subject = subject;
    view.detail = detail;
    view.body = body;
    view.body_size = body.size();
    checker_.event(view);
  }

 private:
  Checker& checker_;
  std::uint64_t next_ = 0;
};

}  // namespace

std::string check_lowered(const ValueCase& one, const std::vector<std::uint64_t>& flat,
                          const std::vector<LowerEvent>& events) {
  const CoreType address = component::address_type(one.pointer);
  Definitions definitions;
  definitions.types = one.types;
  Type func{.id = static_cast<std::uint32_t>(one.types.size()), .kind = TypeKind::func};
  if (one.flat) {
    func.members.push_back({.name = "value", .type = one.type});
  } else {
    func.element = one.type;
  }
  definitions.types.push_back(func);
  component::TypeTable table;
  for (const Type& type : definitions.types) table.append(type);
  const auto signature = component::flatten_func(
      table, func.id, one.flat ? component::Direction::lift : component::Direction::lower, false,
      false, one.pointer);
  if (!one.flat && signature.result_area_param == none) return "";
  definitions.memories.push_back({.index_type = one.pointer});
  Function realloc{.id = 0, .role = Role::realloc};
  realloc.core_params.assign(4, address);
  realloc.core_results = {address};
  Function callee{.id = 1, .role = one.flat ? Role::export_ : Role::import_, .type = func.id};
  callee.options = {.string_encoding = one.encoding, .memory = 0, .realloc = 0};
  callee.core_params = signature.signature.params;
  callee.core_results = signature.signature.results;
  if (!one.flat) {
    const component::Layout& layout = table.layout(one.type, one.pointer);
    callee.result_area_param = signature.result_area_param;
    callee.result_area_size = static_cast<std::uint32_t>(layout.size);
    callee.result_area_alignment = layout.alignment;
  }
  definitions.functions = {realloc, callee};

  Checker checker({}, definitions, {.layers = {Layer::types, Layer::abi}});
  Feed feed(checker);
  Body params;
  if (one.flat) {
    feed.event(EventKind::export_call, 1);
    for (std::size_t i = 0; i < flat.size(); ++i) put(params, callee.core_params[i], flat[i]);
  } else {
    put(params, address, one.address);
    feed.event(EventKind::import_call, 1, params);
  }
  for (const LowerEvent& event : events) {
    if (!event.is_realloc) {
      feed.event(EventKind::lower, 0, event.bytes, event.address);
      continue;
    }
    Body arguments;
    for (const std::uint64_t argument :
         {event.old, event.old_size, event.alignment, event.new_size}) {
      put(arguments, address, argument);
    }
    Body pointer;
    put(pointer, address, event.address);
    feed.event(EventKind::realloc_call, 0, arguments);
    feed.event(EventKind::realloc_result, 0, pointer);
  }
  if (one.flat) {
    feed.event(EventKind::export_enter, 1, params);
    feed.event(EventKind::export_result, 1);
  } else {
    feed.event(EventKind::import_result, 1);
  }
  checker.finish();
  return checker.findings().empty() ? "" : checker.findings().front().error().text();
}

}  // namespace crossing::testing
