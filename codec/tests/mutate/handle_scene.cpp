#include "handle_scene.h"

#include <stdexcept>

namespace crossing::testing::handle {
namespace {

using C = CoreType;
using Values = std::vector<std::uint64_t>;

enum : std::uint32_t {
  file,
  own_file,
  lent_file,
  cell,
  own_cell,
  lent_cell,
  u32,
  opens,
  lends,
  takes,
  peeks,
  nothing,
  slowly
};

Definitions definitions() {
  Definitions all;
  const auto type = [&](TypeKind kind, std::uint32_t element = none,
                        std::vector<Member> members = {}) -> Type& {
    all.types.push_back({.id = static_cast<std::uint32_t>(all.types.size()),
                         .kind = kind,
                         .members = std::move(members),
                         .element = element});
    return all.types.back();
  };
  using T = TypeKind;
  type(T::resource);
  type(T::own, file);
  type(T::borrow, file);
  type(T::resource);
  type(T::own, cell);
  type(T::borrow, cell);
  type(T::u32);
  type(T::func, own_file);
  type(T::func, none, {{"file", lent_file}});
  type(T::func, none, {{"file", own_file}});
  type(T::func, none, {{"cell", lent_cell}});
  type(T::func);
  type(T::func).is_async = true;

  all.components.push_back({.id = 0, .digest = std::vector<std::uint8_t>(32), .size = 8});
  all.instances.push_back({.id = 0});
  all.memories.push_back({.id = 0, .export_name = "memory"});

  const auto function = [&](Role role, std::vector<C> params, std::vector<C> results) -> Function& {
    Function one;
    one.id = static_cast<std::uint32_t>(all.functions.size());
    one.index = one.id;
    one.role = role;
    one.core_params = std::move(params);
    one.core_results = std::move(results);
    all.functions.push_back(one);
    return all.functions.back();
  };
  const auto typed = [&](Role role, std::uint32_t of, std::vector<C> params,
                         std::vector<C> results = {}) -> Function& {
    Function& one = function(role, std::move(params), std::move(results));
    one.type = of;
    return one;
  };
  const auto builtin = [&](const char* name, std::vector<C> params, std::vector<C> results = {},
                           std::uint32_t of = none) -> Function& {
    Function& one = function(Role::builtin, std::move(params), std::move(results));
    one.builtin = name;
    one.immediates.type = of;
    return one;
  };
  const std::vector<C> i32 = {C::i32};
  typed(Role::import_, opens, {}, i32);
  typed(Role::import_, lends, i32);
  typed(Role::import_, takes, i32);
  typed(Role::export_, nothing, {});
  typed(Role::export_, lends, i32);
  typed(Role::export_, peeks, i32);
  builtin("resource.drop", i32, {}, file);
  builtin("resource.new", i32, i32, cell);
  builtin("resource.rep", i32, i32, cell);
  builtin("resource.drop", i32, {}, cell);
  function(Role::destructor, i32, {}).immediates.type = cell;
  typed(Role::import_, slowly, {}, i32).options.is_async = true;
  Options& options = typed(Role::export_, slowly, {}, i32).options;
  options.is_async = true;
  options.callback = callback;
  function(Role::callback, std::vector<C>(3, C::i32), i32);
  builtin("task.return", {});
  builtin("subtask.drop", i32);
  builtin("waitable-set.new", {}, i32);
  Function& waits = builtin("waitable-set.wait", {C::i32, C::i32}, i32);
  waits.options.memory = 0;
  waits.result_area_param = 1;
  waits.result_area_size = 8;
  waits.result_area_alignment = 4;
  builtin("waitable-set.drop", i32);
  builtin("waitable.join", {C::i32, C::i32});
  builtin("stream.new", {}, {C::i64}, u32);
  Options& reads = builtin("stream.read", std::vector<C>(3, C::i32), i32, u32).options;
  reads.memory = 0;
  reads.is_async = true;
  builtin("stream.cancel-read", i32, i32, u32).immediates.is_async = true;
  builtin("stream.drop-readable", i32, {}, u32);
  builtin("backpressure.inc", {});
  builtin("backpressure.dec", {});
  return all;
}

std::vector<std::uint8_t> body(const std::vector<C>& signature, const Values& values) {
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i < signature.size(); ++i) {
    const std::size_t size = signature[i] == C::i32 ? 4 : 8;
    out.resize(out.size() + size);
    put_number(out, out.size() - size, values.at(i), size);
  }
  return out;
}

/// Writes calls, each with an id of its own.
class Script {
 public:
  Script() {
    all_.definitions = definitions();
    all_.info.core_complete = true;
  }

  /// Begins a call, of either side, and gives its id.
  std::uint32_t begin(std::uint32_t id, const Values& params = {}) {
    const Function& one = all_.definitions.functions[id];
    const std::uint32_t number = next_++;
    const auto values = body(one.core_params, params);
    if (one.role == Role::import_ || one.role == Role::builtin) {
      add({K::import_call, id, number, values});
    } else {
      add({K::export_call, id, number});
      add({K::export_enter, id, number, values});
    }
    return number;
  }
  void end(std::uint32_t id, std::uint32_t number, const Values& results = {}) {
    const Function& one = all_.definitions.functions[id];
    const bool by_guest = one.role == Role::import_ || one.role == Role::builtin;
    add({by_guest ? K::import_result : K::export_result, id, number,
         body(one.core_results, results)});
  }
  void operator()(std::uint32_t id, const Values& params = {}, const Values& results = {}) {
    end(id, begin(id, params), results);
  }
  void add(Step step) { all_.steps.push_back(std::move(step)); }
  Scene take() { return std::move(all_); }

 private:
  Scene all_;
  std::uint32_t next_ = 1;
};

void resources(Script& script) {
  const auto running = script.begin(run);
  script(cell_new, {700}, {1});
  script(cell_rep, {1}, {700});
  script(open, {}, {2});
  const auto lending = script.begin(lend, {2});
  script(run);
  script.end(lend, lending);
  script(give, {2});
  const auto dropping = script.begin(cell_drop, {1});
  script(destroy, {700});
  script.end(cell_drop, dropping);
  script(cell_new, {800}, {1});
  script.end(run, running);
  const auto using_it = script.begin(use, {2});
  script(file_drop, {2});
  script.end(use, using_it);
  script(peek, {800});
}

void subtask(Script& script) {
  const auto running = script.begin(run);
  script(set_new, {}, {2});
  const auto started = script.begin(slow);
  script.add({K::task_start, slow, started});
  script.end(slow, started, {1 | 3 << 4});
  script(join, {3, 2});
  const auto waiting = script.begin(set_wait, {2, 64});
  script.add({K::task_resolve, slow, started, cores({2})});
  script.add({K::task_resolve_end, slow, started});
  script.add({K::lower, 0, 64, cores({3, 2})});
  script.end(set_wait, waiting, {1});
  script(subtask_drop, {3});
  script(stream_new, {}, {3 | std::uint64_t{4} << 32});
  script(join, {3, 2});
  script(join, {3, 0});
  script(set_drop, {2});
  script(stream_read, {3, 64, 4}, {0xffffffff});
  script(cancel_read, {3}, {2});
  script(drop_reader, {3});
  script(inc);
  script(dec);
  script.end(run, running);
}

}  // namespace

Scene scene() {
  Script script;
  script.add({K::instantiate});
  script.add({K::instantiate_end});
  resources(script);
  subtask(script);
  const auto starting = script.begin(task);
  script(task_return);
  script.end(task, starting, {0});
  return script.take();
}

std::size_t place(const Scene& all, std::uint32_t function, std::size_t n) {
  for (std::size_t i = 0; i < all.steps.size(); ++i) {
    const Step& step = all.steps[i];
    const bool begins = step.kind == K::import_call || step.kind == K::export_call;
    if (begins && step.subject == function && n-- == 0) return i;
  }
  throw std::runtime_error("no such call");
}

Step& called(Scene& all, std::uint32_t function, std::size_t n) {
  return all.steps[place(all, function, n)];
}

namespace {

std::size_t end_of(const Scene& all, std::size_t begin) {
  const Step& call = all.steps[begin];
  for (std::size_t i = begin + 1; i < all.steps.size(); ++i) {
    const Step& step = all.steps[i];
    const bool ends = step.kind == K::import_result || step.kind == K::export_result;
    if (ends && step.subject == call.subject && step.detail == call.detail) return i;
  }
  throw std::runtime_error("no such result");
}

}  // namespace

Step& result(Scene& all, std::uint32_t function, std::size_t n) {
  return all.steps[end_of(all, place(all, function, n))];
}

void erase_call(Scene& all, std::uint32_t function, std::size_t n) {
  const std::size_t begin = place(all, function, n);
  const auto first = all.steps.begin() + static_cast<std::ptrdiff_t>(begin);
  all.steps.erase(first, all.steps.begin() + static_cast<std::ptrdiff_t>(end_of(all, begin) + 1));
}

}  // namespace crossing::testing::handle
