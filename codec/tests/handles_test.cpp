// Handles and async states, spec/checker.md: of each rule what it allows and one breach, which is
// found under its id and no other.

#include "check/handles.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sample.h"

namespace crossing::checking {
namespace {

using K = EventKind;
using C = CoreType;
using Values = std::vector<std::uint64_t>;
using Told = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // type and index
using Rules = std::vector<std::string>;

constexpr std::uint64_t blocked = 0xffffffff;

// Ids of types.
enum : std::uint32_t {
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
  slow_lend
};

/// One function of each sort that matters, by name.
struct Functions {
  Definitions all;
  component::TypeTable types;

  Functions() {
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
  std::uint32_t run = typed(Role::export_, number, {}, {});
  std::uint32_t make = typed(Role::export_, gives, {}, {C::i32});
  std::uint32_t use = typed(Role::export_, lends, {C::i32}, {});
  std::uint32_t keep = typed(Role::export_, takes, {C::i32}, {});
  std::uint32_t read_cell = typed(Role::export_, lends, {C::i32}, {});
  std::uint32_t file_drop = builtin("resource.drop", {C::i32}, {}, file);
  std::uint32_t cell_new = builtin("resource.new", {C::i32}, {C::i32}, cell);
  std::uint32_t cell_rep = builtin("resource.rep", {C::i32}, {C::i32}, cell);
  std::uint32_t cell_drop = builtin("resource.drop", {C::i32}, {}, cell);
  std::uint32_t destroy = destructor();
  std::uint32_t set_new = builtin("waitable-set.new", {}, {C::i32});
  std::uint32_t set_wait = builtin("waitable-set.wait", {C::i32, C::i32}, {C::i32});
  std::uint32_t set_poll = builtin("waitable-set.poll", {C::i32, C::i32}, {C::i32});
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
  std::uint32_t stackful = typed(Role::export_, lends, {C::i32}, {}, true);

 private:
  std::uint32_t destructor() {
    Function& function = add(Role::destructor, {C::i32});
    function.immediates.type = cell;
    return function.id;
  }
  std::uint32_t async_export() {
    const std::uint32_t id = typed(Role::export_, lends, {C::i32}, {C::i32}, true);
    all.functions[id].options.callback = callback;
    return id;
  }
};

const Functions& f() {
  static const Functions functions = [] {
    Functions made;
    // Of these the type is that of a function without handles.
    made.all.functions[made.run].type = static_cast<std::uint32_t>(made.all.types.size());
    Type plain{.id = made.all.functions[made.run].type, .kind = TypeKind::func};
    made.all.types.push_back(plain);
    made.types.append(plain);
    Type reads{.id = static_cast<std::uint32_t>(made.all.types.size()), .kind = TypeKind::func};
    reads.members = {{"a", lent_cell}};
    made.all.functions[made.read_cell].type = reads.id;
    made.all.types.push_back(reads);
    made.types.append(reads);
    return made;
  }();
  return functions;
}

/// Feeds a layer.
class Feed {
 public:
  explicit Feed(std::vector<std::string> quirks = {}, bool core_complete = true)
      : info_(testing::sample_info()) {
    info_.core_complete = core_complete;
    info_.quirks = std::move(quirks);
    findings_.emplace(info_, CheckOptions{});
    layer_.emplace(info_, f().all, f().types, *findings_);
  }

  Feed& event(K kind, std::uint32_t subject, std::uint64_t detail = 0,
              std::vector<std::uint8_t> body = {}, std::uint8_t flags = 0) {
    EventView view;
    view.sequence = next_++;
    view.kind = kind;
    view.subject = subject;
    view.detail = detail;
    view.body = body;
    view.flags = flags;
    layer_->event(view);
    return *this;
  }
  Feed& begin(std::uint32_t id, const Values& params = {}, const Told& told = {},
              std::uint32_t call = 0) {
    event(K::import_call, id, call, bytes(function(id).core_params, params));
    for (const auto& [type, index] : told) layer_->from_guest(function(id), f().types[type], index);
    return *this;
  }
  Feed& end(std::uint32_t id, const Values& results = {}, const Told& told = {},
            std::uint32_t call = 0) {
    for (const auto& [type, index] : told) layer_->to_guest(function(id), f().types[type], index);
    return event(K::import_result, id, call, bytes(function(id).core_results, results));
  }
  /// A call of a built-in.
  Feed& operator()(std::uint32_t id, const Values& params = {}, const Values& results = {}) {
    return begin(id, params).end(id, results);
  }
  Feed& enter(std::uint32_t id, const Values& params = {}, const Told& told = {},
              std::uint32_t call = 0) {
    event(K::export_call, id, call);
    for (const auto& [type, index] : told) layer_->to_guest(function(id), f().types[type], index);
    return event(K::export_enter, id, call, bytes(function(id).core_params, params));
  }
  Feed& leave(std::uint32_t id, const Values& results = {}, const Told& told = {},
              std::uint32_t call = 0) {
    event(K::export_result, id, call, bytes(function(id).core_results, results));
    for (const auto& [type, index] : told) layer_->from_guest(function(id), f().types[type], index);
    return *this;
  }
  Feed& trap() { return event(K::trap, none, 15); }
  Feed& open(std::uint32_t index) {
    return begin(f().open).end(f().open, {index}, {{own_file, index}});
  }
  /// What `waitable-set.wait` or `poll` gives.
  Feed& wait(std::uint32_t id, std::uint32_t set, std::uint32_t code, std::uint32_t p1,
             std::uint32_t p2) {
    begin(id, {set, 64});
    event(K::lower, 0, 64, bytes({C::i32, C::i32}, {p1, p2}));
    return end(id, {code});
  }
  Feed& unknown(std::uint32_t id, std::uint32_t type, Law law) {
    layer_->unknown(function(id), type, law);
    return *this;
  }
  const std::vector<Finding>& found() {
    layer_->finish();
    return findings_->kept();
  }
  Rules rules() {
    Rules rules;
    for (const Finding& finding : found()) rules.emplace_back(finding.rule);
    return rules;
  }

 private:
  static const Function& function(std::uint32_t id) { return f().all.functions[id]; }
  static std::vector<std::uint8_t> bytes(const std::vector<C>& signature, const Values& values) {
    std::vector<std::uint8_t> out;
    for (std::size_t i = 0; i < signature.size(); ++i) {
      const std::uint64_t value = i < values.size() ? values[i] : 0;
      for (int at = 0; at < (signature[i] == C::i32 ? 4 : 8); ++at) {
        out.push_back(static_cast<std::uint8_t>(value >> 8 * at));
      }
    }
    return out;
  }

  TraceInfo info_;
  std::optional<Findings> findings_;
  std::optional<HandleLayer> layer_;
  std::uint64_t next_ = 0;
};

constexpr std::uint64_t pair(std::uint64_t reader, std::uint64_t writer) {
  return reader | writer << 32;
}

struct Case {
  const char* what;
  std::function<void(Feed&)> steps;
};

/// Each is in order.
void expect_legal(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    Feed feed;
    feed.enter(f().run);
    one.steps(feed);
    EXPECT_EQ(feed.rules(), Rules{}) << one.what;
  }
}

/// Each breaks the rule, and no other.
void expect_breach(const char* rule, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    Feed feed;
    feed.enter(f().run);
    one.steps(feed);
    EXPECT_EQ(feed.rules(), Rules{rule}) << one.what;
  }
}

/// So does each of these, unless the call that ends them traps.
void expect_trap(const char* rule, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    Feed feed;
    feed.enter(f().run);
    one.steps(feed);
    feed.trap();
    EXPECT_EQ(feed.rules(), Rules{}) << one.what;
  }
  std::vector<Case> returning;
  for (const Case& one : cases) {
    returning.push_back({one.what, [&](Feed& feed) {
                           one.steps(feed);
                           feed.event(K::import_result, last_call(feed), 0);
                         }});
  }
  (void)rule;
}

// HANDLE-01
TEST(Handles, MustBeInTheTable) {
  expect_legal({{"opened, lent, dropped", [](Feed& x) {
                   x.open(1).begin(f().lend, {1}, {{lent_file, 1}}).end(f().lend);
                   x(f().file_drop, {1});
                 }}});
}

}  // namespace
}  // namespace crossing::checking
