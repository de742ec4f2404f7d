#include "instrument/analysis.h"

#include <algorithm>

#include "component/evaluator.h"
#include "component/parse.h"

namespace crossing::instrument {
namespace {

using namespace component;

std::string title(const Function& function) {
  if (!function.builtin.empty()) return function.builtin;
  if (function.names.empty()) return "a function without a name";
  const Name& name = function.names[0];
  return '"' + (name.instance_name.empty() ? "" : name.instance_name + "#") + name.function_name +
         '"';
}

bool refuse(Fault& fault, std::uint64_t offset, const std::string& what) {
  return fault.raise(Verdict::unsupported, offset, "instrumenting does not support " + what);
}

/// What generated code does not follow: stacks that are left while something is open on them, and
/// what an engine moves without a call that a wrapper sees.
bool check_functions(const Wiring& wiring, Fault& fault) {
  for (const Function& function : wiring.definitions.functions) {
    const std::string& builtin = function.builtin;
    if (function.role == Role::export_ && function.options.is_async &&
        function.options.callback == none) {
      return refuse(fault, 0, title(function) + ": it is lifted async without a callback");
    }
    if (builtin.starts_with("thread.") && builtin != "thread.yield") {
      return refuse(fault, 0, builtin);
    }
  }
  for (const Memory& memory : wiring.definitions.memories) {
    if (memory.index_type == IndexType::i64) return refuse(fault, 0, "64-bit memories");
    if (memory.shared) return refuse(fault, 0, "shared memories");  // [MEM-02]
    if (memory.page_size_log2 != 16) return refuse(fault, 0, "memories with pages of another size");
  }
  return true;
}

/// Whether a guest's stack may stand still in the call while others go on.
bool may_block(const Function& function, const std::vector<Type>& types) {
  const std::string_view builtin = function.builtin;
  if (function.role == Role::import_) {
    return !function.options.is_async && types[function.type].is_async;
  }
  if (function.role != Role::builtin) return false;
  if (builtin == "waitable-set.wait" || builtin == "thread.yield") return true;
  const bool copies = builtin.ends_with(".read") || builtin.ends_with(".write");
  const bool cancels = builtin.ends_with(".cancel-read") || builtin.ends_with(".cancel-write") ||
                       builtin == "subtask.cancel";
  return (copies && !function.options.is_async) || (cancels && !function.immediates.is_async);
}

/// Calls of functions that are lifted async, as far as they do not simply nest.
bool check_async(const Analysis& a, Fault& fault) {
  for (const Function& function : a.wiring.definitions.functions) {
    if (!a.has_async_lift) break;
    if (a.recorders > 1 && may_block(function, a.wiring.definitions.types)) {
      return refuse(fault, 0,
                    title(function) +
                        " where components with functions that are lifted async are composed: "
                        "another one may go on while it waits");
    }
    const bool reads = function.builtin == "stream.read" || function.builtin == "future.read";
    if (reads && function.immediates.type != none && a.type(function.immediates.type).has_pointer) {
      return refuse(fault, 0,
                    function.builtin +
                        " of strings or lists beside functions that are lifted async: no call may "
                        "be open when their elements are lowered");
    }
  }
  return true;
}

/// Numbers types as the Canonical ABI's table of them does.
void intern_types(Analysis& a) {
  for (Type type : a.wiring.definitions.types) {
    if (type.kind == TypeKind::resource) {
      a.type_ids.push_back(a.types.add_resource());
      continue;
    }
    const auto moved = [&](std::uint32_t& id) {
      if (id != none) id = a.type_ids[id];
    };
    for (Member& member : type.members) moved(member.type);
    moved(type.element);
    moved(type.key);
    type.id = 0;
    type.name.clear();
    a.type_ids.push_back(a.types.intern(std::move(type)));
  }
}

/// Types that mention components would have to mention their sink too.
bool check_body(const Analysis& a, std::uint32_t body, bool is_instantiated, Fault& fault) {
  for (const Item& item : a.binary.bodies[body].items) {
    std::optional<ExternType> type;
    if (const auto* i = std::get_if<ImportItem>(&item.what)) type = i->type;
    if (const auto* i = std::get_if<ExportDeclaration>(&item.what)) type = i->type;
    if (const auto* i = std::get_if<ExportItem>(&item.what)) type = i->type;
    if (type && type->sort == Sort::component) {
      return refuse(fault, item.offset, "components with a declared type");
    }
    if (std::holds_alternative<InstantiateItem>(item.what) && !is_instantiated) {
      return refuse(fault, item.offset,
                    "instances in a component that is itself never instantiated");
    }
  }
  return true;
}

bool has_boundary(const Body& body) {
  return std::ranges::any_of(body.items, [](const Item& item) {
    const auto* type = std::get_if<TypeItem>(&item.what);
    return std::holds_alternative<CanonItem>(item.what) || (type != nullptr && type->destructor);
  });
}

}  // namespace

const Function* Analysis::function(std::uint32_t instance, Role role, std::uint32_t index) const {
  const auto found = functions.find({instance, role, index});
  return found == functions.end() ? nullptr : &wiring.definitions.functions[found->second];
}

std::uint32_t Analysis::child(std::uint32_t instance, std::uint32_t index) const {
  std::vector<std::uint32_t> path = wiring.definitions.instances[instance].path;
  path.push_back(index);
  return instances_by_path.at(path);
}

bool analyze(Bytes input, const ComponentLimits& limits, Fault& fault, Analysis& a) {
  a.binary = parse_binary(input, limits, fault);
  if (!fault.ok()) return false;
  for (const Item& item : a.binary.bodies[a.binary.root].items) {
    const auto* import = std::get_if<ImportItem>(&item.what);
    if (import != nullptr && import->name.starts_with("crossing:recorder/")) {
      return fault.raise(
          Verdict::invalid, item.offset,
          "expected a component that is not instrumented, found one that imports \"" +
              std::string(import->name) + "\": it records itself already");
    }
  }
  {
    Evaluator evaluator(a.binary, limits, fault);
    if (!evaluator.run()) return false;
    a.body_of = evaluator.bodies_of_instances();
    if (!evaluator.finish(input.size(), a.wiring)) return false;
  }
  if (!check_functions(a.wiring, fault)) return false;
  const Definitions& d = a.wiring.definitions;
  a.instances_of.resize(a.binary.bodies.size());
  for (std::uint32_t id = 0; id < a.body_of.size(); ++id) {
    a.instances_of[a.body_of[id]].push_back(id);
    a.instances_by_path.emplace(d.instances[id].path, id);
  }
  for (const Function& function : d.functions) {
    a.functions.emplace(std::tuple(function.instance, function.role, function.index), function.id);
    a.has_destructor = a.has_destructor || function.role == Role::destructor;
    a.has_async_lift =
        a.has_async_lift || (function.role == Role::export_ && function.options.is_async);
  }
  intern_types(a);
  for (std::uint32_t body = 0; body < a.binary.bodies.size(); ++body) {
    if (!check_body(a, body, !a.instances_of[body].empty(), fault)) return false;
  }
  a.records.assign(a.binary.bodies.size(), false);
  a.records[a.binary.root] = true;
  for (std::size_t id = a.body_of.size(); id-- > 0;) {  // who is inside has a greater id
    if (has_boundary(a.binary.bodies[a.body_of[id]])) a.records[a.body_of[id]] = true;
    if (!a.records[a.body_of[id]]) continue;
    std::vector<std::uint32_t> path = d.instances[id].path;
    while (!path.empty()) {
      path.pop_back();
      a.records[a.body_of[a.instances_by_path.at(path)]] = true;
    }
  }
  for (const std::uint32_t body : a.body_of) {
    a.ordinal_of.push_back(a.records[body] ? a.recorders++ : none);
  }
  return check_async(a, fault);
}

}  // namespace crossing::instrument
