#pragma once

/// What the core values of a built-in are: one letter each.
///   h handle of the resource   r its representation   w waitable   s waitable set   e error
///   context v value   . address, or a value of the guest's own   capital: it comes to be here P
///   two new waitables in one i64   c a callback's code and waitable set

#include <string_view>

namespace crossing::comparing {

struct BuiltinValues {
  std::string_view name;
  std::string_view params;
  std::string_view results;
};

/// Those that take or give anything but plain values.
inline constexpr BuiltinValues builtin_values[] = {
    {"resource.new", "R", "H"},        {"resource.drop", "h", ""},
    {"resource.rep", "h", "r"},        {"context.get", "", "."},
    {"context.set", ".", ""},          {"waitable-set.new", "", "S"},
    {"waitable-set.wait", "s.", "v"},  {"waitable-set.poll", "s.", "v"},
    {"waitable-set.drop", "s", ""},    {"waitable.join", "ws", ""},
    {"stream.new", "", "P"},           {"stream.read", "w.v", "v"},
    {"stream.write", "w.v", "v"},      {"stream.cancel-read", "w", "v"},
    {"stream.cancel-write", "w", "v"}, {"stream.drop-readable", "w", ""},
    {"stream.drop-writable", "w", ""}, {"future.new", "", "P"},
    {"future.read", "w.", "v"},        {"future.write", "w.", "v"},
    {"future.cancel-read", "w", "v"},  {"future.cancel-write", "w", "v"},
    {"future.drop-readable", "w", ""}, {"future.drop-writable", "w", ""},
    {"subtask.drop", "w", ""},         {"subtask.cancel", "w", "v"},
    {"error-context.new", ".v", "E"},  {"error-context.debug-message", "e.", ""},
    {"error-context.drop", "e", ""},   {"task.return", "................", ""},
};

}  // namespace crossing::comparing
