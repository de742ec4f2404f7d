#pragma once

/// The tables of handles that component instances have, as the Canonical ABI keeps them.

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "crossing/definitions.h"
#include "crossing/limits.h"

namespace crossing::checking {

enum class HandleKind : std::uint8_t {
  nothing,
  own,
  borrow,
  abroad,  ///< a resource that the host holds and whose index stays taken: `handles_per_type`
  waitable_set,
  subtask,
  stream_reader,
  stream_writer,
  future_reader,
  future_writer,
  error_context
};

constexpr bool is_resource(HandleKind kind) {
  return kind == HandleKind::own || kind == HandleKind::borrow || kind == HandleKind::abroad;
}
constexpr bool is_end(HandleKind kind) {
  return kind >= HandleKind::stream_reader && kind <= HandleKind::future_writer;
}
constexpr bool is_waitable(HandleKind kind) { return kind == HandleKind::subtask || is_end(kind); }
constexpr bool is_future(HandleKind kind) {
  return kind == HandleKind::future_reader || kind == HandleKind::future_writer;
}
constexpr bool is_reader(HandleKind kind) {
  return kind == HandleKind::stream_reader || kind == HandleKind::future_reader;
}
/// "an own handle", "the readable end of a stream"; for people.
const char* text_of(HandleKind kind);

/// As the Canonical ABI numbers them.
enum class Subtask : std::uint8_t {
  starting,
  started,
  returned,
  cancelled_before_started,
  cancelled_before_returned
};
enum class Copy : std::uint8_t { idle, copying, cancelling, done };

struct Use;

/// What the guest has under an index.
struct Handle {
  HandleKind kind = HandleKind::nothing;
  Subtask subtask = Subtask::starting;  ///< as the guest was told
  Copy copy = Copy::idle;               ///< of an end
  bool is_delivered = false;            ///< of a subtask: its resolution was told
  bool is_cancelled = false;            ///< of a subtask: the guest asked for it
  bool is_started = false;              ///< of a subtask: its arguments were taken
  bool is_resolved = false;             ///< of a subtask: `resolution` is known
  bool is_waited_for = false;           ///< of a waitable: by a synchronous call
  bool is_peer_dropped = false;         ///< of an end: the host dropped the other
  bool is_peer_gone = false;            ///< of an end: the guest dropped the other
  bool is_late = false;                 ///< of a copy: it began after that
  bool has_representation = false;
  Subtask resolution = Subtask::returned;
  std::uint32_t type = none;      ///< the resource, or the element of a stream or future
  std::uint32_t lends = 0;        ///< calls that a resource is lent to
  std::uint32_t set = 0;          ///< that a waitable is in, or 0; of a set: how many are in it
  std::uint32_t waits = 0;        ///< of a set: who waits for it
  std::uint32_t peer = 0;         ///< of an end: the other one, while the guest has both
  std::uint32_t asked = 0;        ///< elements of the outstanding copy
  std::uint32_t copied = 0;       ///< of these, as far as `copy` events tell
  std::uint32_t function = none;  ///< of a subtask: which was called
  std::uint32_t call = 0;         ///< of a subtask: its call id
  std::uint64_t born = 0;         ///< the event that it came with
  std::uint64_t task = 0;         ///< of a borrow: that has to drop it
  std::uint64_t representation = 0;
  std::unique_ptr<std::vector<Use>> uses;  ///< of a subtask: what is lent to it, or will be taken
};

/// A handle that a call was given.
struct Use {
  std::uint32_t index = 0;
  std::unique_ptr<Handle> taken;  ///< null: it was lent
  HandleKind space = HandleKind::own;
  std::uint32_t type = none;
};

/// One table: indices from 1, those freed last given first [HANDLE-05]. It is loose when some were
/// freed and nobody knows which: then any free index may come next.
class HandleSpace {
 public:
  /// The index of what comes next.
  [[nodiscard]] std::uint32_t next() const {
    return free_.empty() ? static_cast<std::uint32_t>(slots_.size()) + 1 : free_.back();
  }
  /// Null: nothing is there.
  Handle* find(std::uint32_t index) {
    if (index == 0 || index > slots_.size()) return nullptr;
    Handle& handle = slots_[index - 1];
    return handle.kind == HandleKind::nothing ? nullptr : &handle;
  }
  /// Whether what comes next may be there.
  [[nodiscard]] bool may_be_next(std::uint32_t index);
  /// Puts it where it may be. `grown`: that is a slot more.
  Handle& add(Handle handle, std::uint32_t index, bool& grown);
  /// Takes out what is there.
  Handle remove(std::uint32_t index);
  /// Undoes the last `remove`; false: that was of another index.
  bool restore(std::uint32_t index, Handle handle);
  /// The other end of a stream or future, where the guest surely has both; else null.
  Handle* peer_of(const Handle& end);
  [[nodiscard]] std::size_t size() const { return slots_.size(); }
  [[nodiscard]] bool is_loose() const { return !unsure_.empty(); }
  /// Handles of that kind, and of an own that resource, may have been given away up to an event.
  void loosen(HandleKind kind, std::uint32_t type, std::uint64_t event);
  /// Whether it may be gone.
  [[nodiscard]] bool is_unsure(const Handle& handle) const;

 private:
  std::vector<Handle> slots_;
  std::vector<std::uint32_t> free_;  // empty when loose
  std::map<std::pair<HandleKind, std::uint32_t>, std::uint64_t> unsure_;
};

/// The handles of one component instance.
class InstanceHandles {
 public:
  /// Whose indices are counted together: everything, or where tables are per type the handles of
  /// one resource, and all that is no resource.
  HandleSpace& space(HandleKind kind, std::uint32_t type, bool per_type) {
    return per_type && is_resource(kind) ? by_type_[type] : common_;
  }
  [[nodiscard]] std::size_t slots() const;
  void clear();
  /// The host holds the resource at this index from now on, or no more.
  void hold_abroad(std::uint32_t index, Handle& handle);
  void bring_home(std::uint32_t index, Handle& handle);
  /// The host destroyed what it held; false: which one is not known.
  bool destroy_abroad(std::uint32_t type, std::uint64_t representation);

  bool is_blind = false;  ///< what is in it is not known any more
  std::uint32_t backpressure = 0;
  /// How many came of each resource, and of everything else (none).
  std::map<std::uint32_t, std::uint32_t> made;

 private:
  HandleSpace common_;
  std::map<std::uint32_t, HandleSpace> by_type_;
  std::multimap<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t> abroad_;
};

}  // namespace crossing::checking
