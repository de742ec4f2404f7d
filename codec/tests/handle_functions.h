#pragma once

/// Definitions that have one function of each sort that matters to handles, for tests.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "component/types.h"
#include "crossing/definitions.h"

namespace crossing::testing {

/// Ids of types.
enum HandleTypes : std::uint32_t {
  file,
  own_file,
  lent_file,
  cell,
  own_cell,
  lent_cell,
  number,
  numbers,
  later,
  failure,
  opens,
  lends,
  takes,
  gives,
  waits,
  slow_lend,
  plain,
  reads_cell,
  keeps_cell,
  calls
};

/// By name.
struct HandleFunctions {
  using C = CoreType;

  Definitions all;
  component::TypeTable types;

  HandleFunctions() {
    const auto type = [&](TypeKind kind, std::uint32_t element = none,
                          std::vector<Member> members = {}) {
      Type added{.id = static_cast<std::uint32_t>(all.types.size()), .kind = kind};
      added.element = element;
      added.members = std::move(members);
      all.types.push_back(added);
      types.append(added);
    };
    using T = TypeKind;
    type(T::resource);
    type(T::own, file);
    type(T::borrow, file);
    type(T::resource);
    type(T::own, cell);
    type(T::borrow, cell);
    type(T::u32);
    type(T::stream, number);
    type(T::future, number);
    type(T::error_context);
    type(T::func, own_file);
    type(T::func, none, {{"a", lent_file}});
    type(T::func, none, {{"a", own_file}});
    type(T::func, own_cell);
    type(T::func, none, {{"a", numbers}, {"b", later}, {"c", failure}});
    type(T::func, number, {{"a", lent_file}});
    type(T::func);
    type(T::func, none, {{"a", lent_cell}});
    type(T::func, none, {{"a", own_cell}});
    type(T::func, none, {{"a", lent_file}});
    all.instances.resize(2);
    all.memories.resize(1);
  }

  Function& add(Role role, std::vector<C> params = {}, std::vector<C> results = {}) {
    Function function;
    function.id = static_cast<std::uint32_t>(all.functions.size());
    function.role = role;
    function.core_params = std::move(params);
    function.core_results = std::move(results);
    all.functions.push_back(function);
    return all.functions.back();
  }
  std::uint32_t typed(Role role, std::uint32_t type, std::vector<C> params, std::vector<C> results,
                      bool is_async = false) {
    Function& function = add(role, std::move(params), std::move(results));
    function.type = type;
    function.options.is_async = is_async;
    return function.id;
  }
  std::uint32_t in_memory(std::uint32_t function) {
    all.functions[function].options.memory = 0;
    return function;
  }
  std::uint32_t builtin(const char* name, std::vector<C> params, std::vector<C> results,
                        std::uint32_t type = none, bool is_async = false) {
    Function& function = add(Role::builtin, std::move(params), std::move(results));
    function.builtin = name;
    function.immediates.type = type;
    function.immediates.cancellable = true;
    function.options.is_async = is_async;
    return function.id;
  }

  // Of instance 0.
  std::uint32_t open = typed(Role::import_, opens, {}, {C::i32});
  std::uint32_t lend = typed(Role::import_, lends, {C::i32}, {});
  std::uint32_t give = typed(Role::import_, takes, {C::i32}, {});
  std::uint32_t give_ends = typed(Role::import_, waits, {C::i32, C::i32, C::i32}, {});
  std::uint32_t slow = typed(Role::import_, slow_lend, {C::i32, C::i32}, {C::i32}, true);
  std::uint32_t slow_give = typed(Role::import_, takes, {C::i32}, {C::i32}, true);
  std::uint32_t run = typed(Role::export_, plain, {}, {});
  std::uint32_t make = typed(Role::export_, gives, {}, {C::i32});
  std::uint32_t use = typed(Role::export_, lends, {C::i32}, {});
  std::uint32_t keep_cell = typed(Role::export_, keeps_cell, {C::i32}, {});
  std::uint32_t read_cell = typed(Role::export_, reads_cell, {C::i32}, {});
  std::uint32_t file_drop = builtin("resource.drop", {C::i32}, {}, file);
  std::uint32_t cell_new = builtin("resource.new", {C::i32}, {C::i32}, cell);
  std::uint32_t cell_rep = builtin("resource.rep", {C::i32}, {C::i32}, cell);
  std::uint32_t cell_drop = builtin("resource.drop", {C::i32}, {}, cell);
  std::uint32_t destroy = destructor();
  std::uint32_t set_new = builtin("waitable-set.new", {}, {C::i32});
  std::uint32_t set_wait = in_memory(builtin("waitable-set.wait", {C::i32, C::i32}, {C::i32}));
  std::uint32_t set_poll = in_memory(builtin("waitable-set.poll", {C::i32, C::i32}, {C::i32}));
  std::uint32_t set_drop = builtin("waitable-set.drop", {C::i32}, {});
  std::uint32_t join = builtin("waitable.join", {C::i32, C::i32}, {});
  std::uint32_t stream_new = builtin("stream.new", {}, {C::i64}, number);
  std::uint32_t stream_read =
      builtin("stream.read", {C::i32, C::i32, C::i32}, {C::i32}, number, true);
  std::uint32_t stream_write =
      builtin("stream.write", {C::i32, C::i32, C::i32}, {C::i32}, number, true);
  std::uint32_t sync_read = builtin("stream.read", {C::i32, C::i32, C::i32}, {C::i32}, number);
  std::uint32_t cancel_read = builtin("stream.cancel-read", {C::i32}, {C::i32}, number, true);
  std::uint32_t drop_reader = builtin("stream.drop-readable", {C::i32}, {}, number);
  std::uint32_t drop_writer = builtin("stream.drop-writable", {C::i32}, {}, number);
  std::uint32_t future_new = builtin("future.new", {}, {C::i64}, number);
  std::uint32_t future_read = builtin("future.read", {C::i32, C::i32}, {C::i32}, number, true);
  std::uint32_t future_write = builtin("future.write", {C::i32, C::i32}, {C::i32}, number, true);
  std::uint32_t drop_future_writer = builtin("future.drop-writable", {C::i32}, {}, number);
  std::uint32_t subtask_drop = builtin("subtask.drop", {C::i32}, {});
  std::uint32_t subtask_cancel = builtin("subtask.cancel", {C::i32}, {C::i32}, none, true);
  std::uint32_t error_new = builtin("error-context.new", {C::i32, C::i32}, {C::i32});
  std::uint32_t error_drop = builtin("error-context.drop", {C::i32}, {});
  std::uint32_t task_return = builtin("task.return", {}, {});
  std::uint32_t task_cancel = builtin("task.cancel", {}, {});
  std::uint32_t yield = builtin("thread.yield", {}, {C::i32});
  std::uint32_t pressure = builtin("backpressure.inc", {}, {});
  std::uint32_t relief = builtin("backpressure.dec", {}, {});
  std::uint32_t callback = add(Role::callback, {C::i32, C::i32, C::i32}, {C::i32}).id;
  std::uint32_t task = async_export();
  std::uint32_t stackful = typed(Role::export_, calls, {C::i32}, {}, true);

 private:
  std::uint32_t destructor() {
    Function& function = add(Role::destructor, {C::i32});
    function.immediates.type = cell;
    return function.id;
  }
  std::uint32_t async_export() {
    const std::uint32_t id = typed(Role::export_, calls, {C::i32}, {C::i32}, true);
    all.functions[id].options.callback = callback;
    return id;
  }
};

}  // namespace crossing::testing
