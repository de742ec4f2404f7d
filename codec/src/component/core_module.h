#pragma once

/// What can be seen of a core module from outside: its imports, exports, and the types of the
/// functions, tables, memories and globals among them. Code and data are skipped.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "crossing/component.h"
#include "cursor.h"

namespace crossing::component {

/// A core function type. `exact` is false when it has reference types that CoreType cannot name:
/// such a signature equals none of the Canonical ABI's.
struct CoreSignature {
  std::vector<CoreType> params;
  std::vector<CoreType> results;
  bool exact = true;
  bool operator==(const CoreSignature&) const = default;
};

/// "(i32, i64) -> (i32)"
std::string signature_text(const CoreSignature& signature);

/// One index of a core type index space.
struct CoreTypeDefinition {
  bool is_func = false;
  CoreSignature signature;
};

struct CoreMemoryType {
  IndexType index_type = IndexType::i32;
  std::uint8_t page_size_log2 = 16;
  bool shared = false;
};

struct CoreTableType {
  IndexType index_type = IndexType::i32;
  bool is_funcref = false;
};

/// Imports come first in each index space.
struct CoreModuleBinary {
  struct Import {
    std::string_view module;
    std::string_view name;
    CoreKind kind = CoreKind::func;
    std::uint32_t index = 0;  // in the index space of its kind
  };
  struct Export {
    std::string_view name;
    CoreKind kind = CoreKind::func;
    std::uint32_t index = 0;
  };
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::vector<CoreTypeDefinition> types;
  std::vector<Import> imports;
  std::vector<Export> exports;
  std::unordered_map<std::string_view, std::uint32_t> export_by_name;
  std::vector<std::uint32_t> functions;  // type indices
  std::vector<CoreTableType> tables;
  std::vector<CoreMemoryType> memories;
  std::uint32_t global_count = 0;
  std::uint32_t tag_count = 0;
  std::uint32_t imported[5] = {};  // by CoreKind
  std::set<std::string> proposals;

  [[nodiscard]] const CoreSignature& signature(std::uint32_t function) const {
    return types[functions[function]].signature;
  }
};

/// Reads `core:rectype`, or one function type, and appends the types it makes.
void parse_core_rec_type(Cursor& r, std::vector<CoreTypeDefinition>& types,
                         std::set<std::string>& proposals);

/// Reads `core:importdesc` without its names, in a module or in a module type; the kind comes out,
/// and the type is added to `module`.
CoreKind parse_core_extern_type(Cursor& r, CoreModuleBinary& module);

/// The same for one definition of a table, memory or tag section.
void parse_core_table_type(Cursor& r, CoreModuleBinary& module);
void parse_core_memory_type(Cursor& r, CoreModuleBinary& module);
void parse_core_tag_type(Cursor& r, CoreModuleBinary& module);

/// Reads a whole core module. Each type, import, export, table and memory takes one of
/// `definitions_left`; when none is left, that is a limit.
CoreModuleBinary parse_core_module(Cursor r, std::uint32_t& definitions_left);

}  // namespace crossing::component
