#pragma once

/// AST to binary: the mirror of parse.h, one function per production. What is written has the
/// meaning of what was parsed, not its bytes: LEB128 numbers are the shortest, sections of one kind
/// that follow each other are one, and custom sections are left out but for the component's name.

#include "ast.h"
#include "byte_writer.h"

namespace crossing::component {

/// One component in the making. Definitions are written in the order of the calls, each as it
/// stands: its indices are those of the component that is written.
class ComponentWriter {
 public:
  /// `pool` holds the bodies that component and instance types refer to.
  explicit ComponentWriter(const std::vector<Body>& pool) : pool_(pool) {}

  /// Any definition but a core module or a component, which stand as bytes.
  void definition(const Item& item);
  void core_module(Bytes module);
  void component(Bytes component);
  /// A core module whose bytes come later, by `fill`; the place to fill.
  std::size_t reserve_core_module();
  void fill(std::size_t place, std::vector<std::uint8_t> module);

  /// The binary with its preamble; `name` goes into a component-name section unless it is empty.
  std::vector<std::uint8_t> finish(std::string_view name);

 private:
  struct Section {
    std::uint8_t id = 0;
    std::uint32_t count = 0;  // of definitions; 0 where the body is no vector of them
    ByteWriter body;
  };
  Section& section(std::uint8_t id);

  const std::vector<Body>& pool_;
  std::vector<Section> sections_;
};

/// The whole of a parsed component, nested ones included. `input` is what it was parsed from.
std::vector<std::uint8_t> write_component(const Binary& binary, std::uint32_t body, Bytes input);

// types (write_types.cpp)
void write_type(ByteWriter& w, const TypeItem& type, const std::vector<Body>& pool);
void write_value_type(ByteWriter& w, const ValueType& type);
void write_result_list(ByteWriter& w, const std::optional<ValueType>& type);

// definitions (write_definitions.cpp)
void write_core_instantiate(ByteWriter& w, const CoreInstantiateItem& item);
void write_core_inline(ByteWriter& w, const CoreInlineItem& item);
void write_instantiate(ByteWriter& w, const InstantiateItem& item);
void write_inline(ByteWriter& w, const InlineItem& item);
void write_alias(ByteWriter& w, const AliasItem& item);
void write_import(ByteWriter& w, const ImportItem& item);
void write_export(ByteWriter& w, const ExportItem& item);
void write_export_declaration(ByteWriter& w, const ExportDeclaration& item);

// canonical definitions (write_canon.cpp)
void write_canon(ByteWriter& w, const CanonItem& item);

}  // namespace crossing::component
