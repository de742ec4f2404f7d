#include "check/handle_facts.h"

#include <array>
#include <string_view>

#include "value/call.h"

namespace crossing::checking {
namespace {

struct NamedOp {
  std::string_view name;
  Op op;
  HandleKind end = HandleKind::nothing;
};

using enum HandleKind;
constexpr std::array ops = {
    NamedOp{"resource.new", Op::resource_new},
    NamedOp{"resource.drop", Op::resource_drop},
    NamedOp{"resource.rep", Op::resource_rep},
    NamedOp{"task.return", Op::task_return},
    NamedOp{"task.cancel", Op::task_cancel},
    NamedOp{"subtask.cancel", Op::subtask_cancel},
    NamedOp{"subtask.drop", Op::subtask_drop},
    NamedOp{"backpressure.inc", Op::backpressure_inc},
    NamedOp{"backpressure.dec", Op::backpressure_dec},
    NamedOp{"waitable-set.new", Op::set_new},
    NamedOp{"waitable-set.wait", Op::set_wait},
    NamedOp{"waitable-set.poll", Op::set_poll},
    NamedOp{"waitable-set.drop", Op::set_drop},
    NamedOp{"waitable.join", Op::join},
    NamedOp{"stream.new", Op::end_new, stream_reader},
    NamedOp{"stream.read", Op::end_copy, stream_reader},
    NamedOp{"stream.write", Op::end_copy, stream_writer},
    NamedOp{"stream.cancel-read", Op::end_cancel, stream_reader},
    NamedOp{"stream.cancel-write", Op::end_cancel, stream_writer},
    NamedOp{"stream.drop-readable", Op::end_drop, stream_reader},
    NamedOp{"stream.drop-writable", Op::end_drop, stream_writer},
    NamedOp{"future.new", Op::end_new, future_reader},
    NamedOp{"future.read", Op::end_copy, future_reader},
    NamedOp{"future.write", Op::end_copy, future_writer},
    NamedOp{"future.cancel-read", Op::end_cancel, future_reader},
    NamedOp{"future.cancel-write", Op::end_cancel, future_writer},
    NamedOp{"future.drop-readable", Op::end_drop, future_reader},
    NamedOp{"future.drop-writable", Op::end_drop, future_writer},
    NamedOp{"error-context.new", Op::error_new},
    NamedOp{"error-context.debug-message", Op::error_message},
    NamedOp{"error-context.drop", Op::error_drop},
    NamedOp{"thread.yield", Op::yield},
};

}  // namespace

bool HandleFacts::holds(std::uint32_t type) {
  update_types();
  return type < holds_.size() && holds_[type];
}

bool HandleFacts::moves(std::uint32_t type) {
  update_types();
  return type < moves_.size() && moves_[type];
}

std::vector<std::uint32_t> HandleFacts::moved(std::uint32_t type) {
  std::vector<std::uint32_t> found;
  if (!moves(type)) return found;
  std::vector<bool> seen(std::size_t{type} + 1);
  const auto see = [&](std::uint32_t id) {
    if (id < seen.size() && moves_[id]) seen[id] = true;
  };
  seen[type] = true;
  for (std::uint32_t id = type + 1; id-- != 0;) {  // a type refers to smaller ids only [TYPE-02]
    if (!seen[id]) continue;
    const Type& part = types_[id];
    switch (part.kind) {
      case TypeKind::own:
      case TypeKind::stream:
      case TypeKind::future: found.push_back(id); continue;
      case TypeKind::func: break;
      default: see(part.element); see(part.key);
    }
    for (const Member& member : part.members) see(member.type);
  }
  return found;
}

/// A type refers to smaller ids only [TYPE-02].
void HandleFacts::update_types() {
  while (holds_.size() < types_.size()) {
    const Type& type = types_[static_cast<std::uint32_t>(holds_.size())];
    bool moves = type.kind == TypeKind::own || type.kind == TypeKind::stream ||
                 type.kind == TypeKind::future;
    bool holds = moves || type.kind == TypeKind::borrow || type.kind == TypeKind::error_context;
    const auto part = [&](std::uint32_t id) {
      if (id >= holds_.size()) return;
      holds = holds || holds_[id];
      moves = moves || moves_[id];
    };
    for (const Member& member : type.members) part(member.type);
    if (type.kind != TypeKind::func) part(type.element);
    part(type.key);
    holds_.push_back(holds);
    moves_.push_back(moves);
  }
}

void HandleFacts::update() {
  while (functions_.size() < definitions_.functions.size()) {
    const Function& function = definitions_.functions[functions_.size()];
    functions_.push_back(look_at(function));
    const Op op = functions_.back().op;
    if (function.role == Role::builtin && (function.builtin.starts_with("thread.new") ||
                                           function.builtin.starts_with("thread.spawn"))) {
      has_threads_ = true;
    }
    // Only who defines a resource may make these of it.
    const bool is_own = op == Op::resource_new || op == Op::resource_rep;
    if (is_own || function.role == Role::destructor) {
      ResourceFacts& resource = resources_[function.immediates.type];
      resource.instance = function.instance;
      if (!is_own) resource.destructor = function.id;
    }
  }
}

FunctionFacts HandleFacts::look_at(const Function& function) {
  FunctionFacts facts;
  facts.is_async = function.options.is_async || function.immediates.is_async;
  switch (function.role) {
    case Role::builtin:
      for (const NamedOp& named : ops) {
        if (named.name != function.builtin) continue;
        facts.op = named.op;
        facts.end = named.end;
      }
      if (facts.op == Op::task_return) facts.takes = moves(function.immediates.type);
      return facts;
    case Role::import_:
    case Role::export_:
      if (!values::call_shape(types_, definitions_, function).is_typed) {
        facts.op = Op::opaque;
        return facts;
      }
      facts.takes_any = holds(function.type);
      facts.takes = moves(function.type);
      facts.gives_any = holds(types_[function.type].element);
      facts.gives = moves(types_[function.type].element);
      return facts;
    case Role::core_import:
    case Role::core_export: facts.op = Op::opaque; return facts;
    default: return facts;
  }
}

}  // namespace crossing::checking
