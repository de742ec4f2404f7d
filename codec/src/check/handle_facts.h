#pragma once

/// What the definitions say that matters to handles, found once for each function and type.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "check/handle_table.h"
#include "component/types.h"
#include "crossing/definitions.h"

namespace crossing::checking {

/// What a function does with handles.
enum class Op : std::uint8_t {
  plain,   ///< nothing, but what its component type says
  opaque,  ///< nobody knows: it has no component type
  resource_new,
  resource_drop,
  resource_rep,
  task_return,
  task_cancel,
  subtask_cancel,
  subtask_drop,
  backpressure_inc,
  backpressure_dec,
  set_new,
  set_wait,
  set_poll,
  set_drop,
  join,
  end_new,
  end_copy,
  end_cancel,
  end_drop,
  error_new,
  error_message,
  error_drop,
  yield
};

struct FunctionFacts {
  Op op = Op::plain;
  HandleKind end = HandleKind::nothing;  ///< of `end_*`
  bool is_async = false;                 ///< the built-in, or how it is lifted or lowered
  bool takes = false;                    ///< its parameters may hold handles that leave their table
  bool gives = false;                    ///< its result may
  bool takes_any = false;                ///< its parameters may hold handles
  bool gives_any = false;
};

/// Of a resource type.
struct ResourceFacts {
  std::uint32_t instance = none;    ///< that defines it; none: the host, as far as one knows
  std::uint32_t destructor = none;  ///< function
};

/// Definitions and types may grow; answers are for what is defined when they are asked for.
class HandleFacts {
 public:
  HandleFacts(const Definitions& definitions, const component::TypeTable& types)
      : definitions_(definitions), types_(types) {}

  /// Of a function that is defined.
  FunctionFacts of(std::uint32_t function) {
    if (function >= functions_.size()) update();
    return functions_[function];
  }
  ResourceFacts resource(std::uint32_t type) {
    update();
    const auto found = resources_.find(type);
    return found == resources_.end() ? ResourceFacts{} : found->second;
  }
  /// Whether values of a type may hold handles at all, or such that leave the table of who hands
  /// them over.
  bool holds(std::uint32_t type);
  bool moves(std::uint32_t type);
  /// The types of all such: `own`, `stream` and `future`.
  std::vector<std::uint32_t> moved(std::uint32_t type);
  /// The trace has functions that make threads.
  [[nodiscard]] bool has_threads() const { return has_threads_; }

 private:
  void update();
  void update_types();
  FunctionFacts look_at(const Function& function);

  const Definitions& definitions_;
  const component::TypeTable& types_;
  std::vector<FunctionFacts> functions_;
  std::vector<bool> holds_;
  std::vector<bool> moves_;
  std::unordered_map<std::uint32_t, ResourceFacts> resources_;
  bool has_threads_ = false;
};

}  // namespace crossing::checking
