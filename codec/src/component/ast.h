#pragma once

/// A component as it stands in the binary, before any index is followed. Names are views into the
/// binary. Nested things lie in pools of `Binary` and are referred to by index, so that no
/// destructor recurses.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core_module.h"
#include "crossing/component.h"
#include "crossing/io.h"

namespace crossing::component {

enum class CoreSort : std::uint8_t {
  func = 0,
  table = 1,
  memory = 2,
  global = 3,
  tag = 4,
  type = 0x10,
  module = 0x11,
  instance = 0x12
};
enum class Sort : std::uint8_t {
  core = 0,
  func = 1,
  value = 2,
  type = 3,
  component = 4,
  instance = 5
};

struct SortIndex {
  Sort sort = Sort::func;
  CoreSort core_sort = CoreSort::func;  // where sort is core
  std::uint32_t index = 0;
};

// ------------------------------------------------------------------ types

/// A primitive type, or an index into the type index space.
struct ValueType {
  bool is_primitive = false;
  TypeKind primitive = TypeKind::bool_;
  std::uint32_t index = 0;
};

struct Label {
  std::string_view name;
  std::optional<ValueType> type;
};

/// `deftype`. Which members count depends on `kind`, as in crossing::Type.
struct TypeItem {
  enum class Kind : std::uint8_t { value, func, resource, component, instance };
  Kind kind = Kind::value;
  TypeKind type_kind = TypeKind::bool_;  // value
  std::vector<Label> members;
  std::optional<ValueType> element;  // for own and borrow an index
  std::optional<ValueType> key;
  std::uint32_t length = 0;
  bool is_async = false;
  bool resource_rep64 = false;
  std::optional<std::uint32_t> destructor;
  std::uint32_t body = 0;  // component, instance: index into Binary::bodies
};

/// `core:deftype`; one item can make several indices.
struct CoreTypeItem {
  bool is_module = false;
  std::vector<CoreTypeDefinition> types;
  Bytes binary;  // what it was read from
};

// ------------------------------------------------------------ definitions

struct CoreModuleItem {
  std::uint32_t module = 0;  // index into Binary::modules
};
struct ComponentItem {
  std::uint32_t body = 0;  // index into Binary::bodies
};
struct CoreInstantiateItem {
  struct Argument {
    std::string_view name;
    std::uint32_t instance = 0;
  };
  std::uint32_t module = 0;
  std::vector<Argument> arguments;
};
struct CoreInlineItem {
  struct Export {
    std::string_view name;
    CoreSort sort = CoreSort::func;
    std::uint32_t index = 0;
  };
  std::vector<Export> exports;
};
/// Those without data are not there; an empty one has data.
struct Attributes {
  std::string_view implements;
  std::string_view version_suffix;
  std::string_view external_id;
};
struct NamedSortIndex {
  std::string_view name;
  SortIndex item;
  Attributes attributes;  // of an inline export
};
struct InstantiateItem {
  std::uint32_t component = 0;
  std::vector<NamedSortIndex> arguments;
};
struct InlineItem {
  std::vector<NamedSortIndex> exports;
};
struct AliasItem {
  enum class Kind : std::uint8_t { export_, core_export, outer };
  Kind kind = Kind::export_;
  Sort sort = Sort::func;
  CoreSort core_sort = CoreSort::func;
  std::uint32_t instance = 0;  // outer: how many scopes out
  std::uint32_t index = 0;     // outer
  std::string_view name;
};

/// `externtype`
struct ExternType {
  Sort sort = Sort::func;  // core stands for core module
  bool fresh_resource = false;
  std::uint32_t index = 0;
};
struct ImportItem {
  std::string_view name;
  Attributes attributes;
  ExternType type;
};
struct ExportItem {
  std::string_view name;
  Attributes attributes;
  SortIndex item;
  std::optional<ExternType> type;
};
/// `exportdecl`, in the body of a component or instance type.
struct ExportDeclaration {
  std::string_view name;
  Attributes attributes;
  ExternType type;
};

struct CanonOptions {
  StringEncoding string_encoding = StringEncoding::utf8;
  std::optional<std::uint32_t> memory;
  std::optional<std::uint32_t> realloc;
  std::optional<std::uint32_t> post_return;
  std::optional<std::uint32_t> callback;
  bool is_async = false;
};
struct CanonItem {
  std::uint8_t opcode = 0;
  std::uint32_t index = 0;  // function lifted or lowered; type; context slot
  std::uint32_t table = 0;
  std::uint32_t type = 0;  // lift
  bool cancellable = false;
  bool is_async = false;
  bool shared = false;
  bool context64 = false;
  std::optional<ValueType> result;  // task.return
  CanonOptions options;
};

struct Item {
  std::uint64_t offset = 0;
  std::variant<CoreModuleItem, CoreInstantiateItem, CoreInlineItem, CoreTypeItem, ComponentItem,
               InstantiateItem, InlineItem, AliasItem, TypeItem, CanonItem, ImportItem, ExportItem,
               ExportDeclaration>
      what;
};

/// A component, or the body of a component or instance type: definitions in binary order.
struct Body {
  std::vector<Item> items;
};

struct Binary {
  std::vector<Body> bodies;
  std::uint32_t root = 0;
  std::vector<CoreModuleBinary> modules;  // in binary order
  std::set<std::string> features;
  std::string_view name;  // from the component-name section
};

}  // namespace crossing::component
