#include "builtins.h"

#include <array>

namespace crossing::component {
namespace {

using enum Immediate;

constexpr std::array kBuiltins = {
    Builtin{0x02, "resource.new", resource, "", "r:i"},
    Builtin{0x03, "resource.drop", resource, "", "i:"},
    Builtin{0x04, "resource.rep", resource, "", "i:r"},
    Builtin{0x05, "task.cancel", nothing, "async", ":"},
    Builtin{0x06, "subtask.cancel", async_flag, "async", "i:i"},
    Builtin{0x09, "task.return", result_options, "async", "*:"},
    Builtin{0x0a, "context.get", context, "async", ":c"},
    Builtin{0x0b, "context.set", context, "async", "c:"},
    Builtin{0x0c, "thread.yield", cancel, "async", ":i"},
    Builtin{0x0d, "subtask.drop", nothing, "async", "i:"},
    Builtin{0x0e, "stream.new", element, "async", ":I"},
    Builtin{0x0f, "stream.read", element_options, "async", "ipp:p"},
    Builtin{0x10, "stream.write", element_options, "async", "ipp:p"},
    Builtin{0x11, "stream.cancel-read", element_async, "async", "i:i"},
    Builtin{0x12, "stream.cancel-write", element_async, "async", "i:i"},
    Builtin{0x13, "stream.drop-readable", element, "async", "i:"},
    Builtin{0x14, "stream.drop-writable", element, "async", "i:"},
    Builtin{0x15, "future.new", element, "async", ":I"},
    Builtin{0x16, "future.read", element_options, "async", "ip:i"},
    Builtin{0x17, "future.write", element_options, "async", "ip:i"},
    Builtin{0x18, "future.cancel-read", element_async, "async", "i:i"},
    Builtin{0x19, "future.cancel-write", element_async, "async", "i:i"},
    Builtin{0x1a, "future.drop-readable", element, "async", "i:"},
    Builtin{0x1b, "future.drop-writable", element, "async", "i:"},
    Builtin{0x1c, "error-context.new", options, "error_context", "pp:i"},
    Builtin{0x1d, "error-context.debug-message", options, "error_context", "ip:"},
    Builtin{0x1e, "error-context.drop", nothing, "error_context", "i:"},
    Builtin{0x1f, "waitable-set.new", nothing, "async", ":i"},
    Builtin{0x20, "waitable-set.wait", cancel_memory, "async", "ip:i"},
    Builtin{0x21, "waitable-set.poll", cancel_memory, "async", "ip:i"},
    Builtin{0x22, "waitable-set.drop", nothing, "async", "i:"},
    Builtin{0x23, "waitable.join", nothing, "async", "ii:"},
    Builtin{0x24, "backpressure.inc", nothing, "async", ":"},
    Builtin{0x25, "backpressure.dec", nothing, "async", ":"},
    Builtin{0x26, "thread.index", nothing, "threads", ":i"},
    Builtin{0x27, "thread.new-indirect", func_table, "threads", "xt:i"},
    Builtin{0x28, "thread.resume-later", nothing, "threads", "i:"},
    Builtin{0x29, "thread.suspend", cancel, "threads", ":i"},
    Builtin{0x2a, "thread.suspend-then-resume", cancel, "threads", "i:i"},
    Builtin{0x2b, "thread.yield-then-resume", cancel, "threads", "i:i"},
    Builtin{0x2c, "thread.suspend-then-promote", cancel, "threads", "i:i"},
    Builtin{0x2d, "thread.yield-then-promote", cancel, "threads", "i:i"},
    Builtin{0x40, "thread.spawn-ref", shared_func, "threads", "ft:i"},
    Builtin{0x41, "thread.spawn-indirect", shared_func_table, "threads", "xt:i"},
    Builtin{0x42, "thread.available-parallelism", shared_only, "threads", ":i"},
};

}  // namespace

const Builtin* find_builtin(std::uint8_t opcode) {
  for (const Builtin& builtin : kBuiltins) {
    if (builtin.opcode == opcode) return &builtin;
  }
  return nullptr;
}

}  // namespace crossing::component
