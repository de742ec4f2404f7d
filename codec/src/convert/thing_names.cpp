#include "convert/thing_names.h"

namespace crossing::converting {
namespace {

// Tables of things that are no resources; no type has such an id.
constexpr std::uint32_t waitables = none - 1;
constexpr std::uint32_t error_contexts = none - 2;

}  // namespace

/// The name of a handle; a new one where none is known.
std::uint32_t ThingNames::known(Names& names, const Key& key) {
  std::uint32_t& name = names[key];
  if (name == 0) name = ++count_;
  return name;
}

std::uint32_t ThingNames::passes(std::uint32_t instance, const Type& type, std::uint32_t index,
                                 bool to_guest) {
  const bool is_resource = type.kind == TypeKind::own || type.kind == TypeKind::borrow;
  const std::uint32_t table = is_resource                            ? type.element
                              : type.kind == TypeKind::error_context ? error_contexts
                                                                     : waitables;
  const Key key{instance, table, index};
  if (to_guest) {
    // A borrow that is lent to who defines the resource is its representation.
    if (type.kind == TypeKind::borrow && representations_.contains(key)) {
      return representations_[key];
    }
    return handles_[key] = ++count_;
  }
  const std::uint32_t name = known(handles_, key);
  if (type.kind != TypeKind::borrow && type.kind != TypeKind::error_context) handles_.erase(key);
  return name;
}

void ThingNames::builtin(const Function& function, std::uint64_t param, std::uint64_t result) {
  const std::uint32_t instance = function.instance;
  const std::uint32_t type = function.immediates.type;
  const auto low = [](std::uint64_t bits) { return static_cast<std::uint32_t>(bits); };
  const std::string& name = function.builtin;
  if (name == "resource.new") {
    const std::uint32_t thing = ++count_;
    handles_[{instance, type, low(result)}] = thing;
    representations_[{instance, type, low(param)}] = thing;
  } else if (name == "resource.rep") {  // an own that came back has a newer name
    const auto handle = handles_.find({instance, type, low(param)});
    if (handle != handles_.end()) representations_[{instance, type, low(result)}] = handle->second;
  } else if (name == "resource.drop") {
    handles_.erase({instance, type, low(param)});
  } else if (name == "stream.new" || name == "future.new") {  // both ends, the readable one first
    handles_[{instance, waitables, low(result)}] = ++count_;
  } else if (name == "stream.drop-readable" || name == "future.drop-readable") {
    handles_.erase({instance, waitables, low(param)});
  } else if (name == "error-context.new") {
    handles_[{instance, error_contexts, low(result)}] = ++count_;
  } else if (name == "error-context.drop") {
    handles_.erase({instance, error_contexts, low(param)});
  }
}

std::uint32_t ThingNames::destroyed(std::uint32_t instance, std::uint32_t resource,
                                    std::uint32_t representation) {
  const auto thing = representations_.extract({instance, resource, representation});
  return thing ? thing.mapped() : ++count_;
}

}  // namespace crossing::converting
