#pragma once

/// Definitions in C and in C++. Both directions stand in mirror files, members in the order of
/// definitions.h.

#include <deque>
#include <vector>

#include "c/sized.h"
#include "crossing/definitions.h"

namespace crossing::c {

Result<TraceInfo> from_c(const crossing_trace_info& given);
Result<Type> from_c(const crossing_type& given);
Result<Component> from_c(const crossing_component& given);
Result<Instance> from_c(const crossing_instance& given);
Result<Memory> from_c(const crossing_memory& given);
Result<Function> from_c(const crossing_function& given);

/// A value, and the C struct that views it. Stays where it is: the views point into the value.
struct TraceInfoMirror {
  explicit TraceInfoMirror(TraceInfo info);
  TraceInfoMirror(const TraceInfoMirror&) = delete;
  TraceInfoMirror& operator=(const TraceInfoMirror&) = delete;

  TraceInfo value;
  std::vector<crossing_string> features, quirks, core_proposals;
  crossing_trace_info view;
};

struct TypeMirror {
  explicit TypeMirror(Type type);
  TypeMirror(const TypeMirror&) = delete;
  TypeMirror& operator=(const TypeMirror&) = delete;

  Type value;
  std::vector<crossing_member> members;
  crossing_type view;
};

struct ComponentMirror {
  explicit ComponentMirror(Component component);
  ComponentMirror(const ComponentMirror&) = delete;
  ComponentMirror& operator=(const ComponentMirror&) = delete;

  Component value;
  crossing_component view;
};

struct InstanceMirror {
  explicit InstanceMirror(Instance instance);
  InstanceMirror(const InstanceMirror&) = delete;
  InstanceMirror& operator=(const InstanceMirror&) = delete;

  Instance value;
  std::vector<crossing_binding> bindings;
  crossing_instance view;
};

struct MemoryMirror {
  explicit MemoryMirror(Memory memory);
  MemoryMirror(const MemoryMirror&) = delete;
  MemoryMirror& operator=(const MemoryMirror&) = delete;

  Memory value;
  crossing_memory view;
};

struct FunctionMirror {
  explicit FunctionMirror(Function function);
  FunctionMirror(const FunctionMirror&) = delete;
  FunctionMirror& operator=(const FunctionMirror&) = delete;

  Function value;
  std::vector<crossing_name> names;
  crossing_function view;
};

}  // namespace crossing::c

/// The ids of each list count on from that of its first, and nothing in it moves.
struct crossing_definitions {
  std::deque<crossing::c::TypeMirror> types;
  std::deque<crossing::c::ComponentMirror> components;
  std::deque<crossing::c::InstanceMirror> instances;
  std::deque<crossing::c::MemoryMirror> memories;
  std::deque<crossing::c::FunctionMirror> functions;

  void add(const crossing::Definition& definition);

  /// Adds what `all`, whose ids count from zero, has besides these.
  void add_rest(const crossing::Definitions& all);

  /// All, in the order in which they share a frame.
  [[nodiscard]] std::vector<crossing::Definition> list() const;
};
