#pragma once

/// A trace of handles and of asynchronous calls that breaks no rule.

#include "scene.h"

namespace crossing::testing::handle {

/// Functions of `scene()`, by id.
enum : std::uint32_t {
  open,          // import, () -> own<file>; the host has files
  lend,          // import, (borrow<file>)
  give,          // import, (own<file>)
  run,           // export, ()
  use,           // export, (borrow<file>)
  peek,          // export, (borrow<cell>); the guest has cells
  file_drop,     // resource.drop
  cell_new,      // resource.new
  cell_rep,      // resource.rep
  cell_drop,     // resource.drop
  destroy,       // the destructor of a cell
  slow,          // import, (), async
  task,          // export, (), async, with a callback
  callback,      // its callback
  task_return,   // task.return
  subtask_drop,  // subtask.drop
  set_new,       // waitable-set.new
  set_wait,      // waitable-set.wait
  set_drop,      // waitable-set.drop
  join,          // waitable.join
  stream_new,    // stream.new
  stream_read,   // stream.read, async
  cancel_read,   // stream.cancel-read, async
  drop_reader,   // stream.drop-readable
  inc,           // backpressure.inc
  dec,           // backpressure.dec
};

Scene scene();

/// The n-th call of a function that the guest calls, and its result.
Step& called(Scene& all, std::uint32_t function, std::size_t n = 0);
Step& result(Scene& all, std::uint32_t function, std::size_t n = 0);
/// Where the n-th call of a function begins.
std::size_t place(const Scene& all, std::uint32_t function, std::size_t n = 0);
/// Takes the n-th call of a function out, with all that is inside.
void erase_call(Scene& all, std::uint32_t function, std::size_t n = 0);

}  // namespace crossing::testing::handle
