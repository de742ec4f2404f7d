#pragma once

/// Binary to AST, one file per chapter of the binary format. A parser function takes the cursor
/// where its production begins and leaves it where that ends; on a fault what it returns means
/// nothing.

#include "ast.h"
#include "cursor.h"

namespace crossing::component {

/// What all parser functions share.
struct ParseContext {
  Cursor r;
  Binary& binary;
  std::uint32_t& definitions_left;
  std::uint32_t nesting_left;
  std::uint32_t module_limit;

  /// The same over another range, one level deeper. Out of levels, that is a fault.
  ParseContext nested(Cursor inner);
  void feature(std::string_view name) { binary.features.emplace(name); }
  /// Takes one of the definitions that the limits allow.
  bool take_definition();
  /// `vec(T)`: reads the count, then calls `parse` that often.
  template <class F>
  void each(std::string_view count, F&& parse) {
    const std::uint32_t n = r.count(count);
    for (std::uint32_t i = 0; i < n && r.ok() && take_definition(); ++i) parse();
  }
};

/// A whole binary: preamble and sections.
Binary parse_binary(Bytes input, const ComponentLimits& limits, Fault& fault);

// types (parse_types.cpp, parse_type_bodies.cpp)
TypeItem parse_type(ParseContext& context);
ValueType parse_value_type(ParseContext& context);
std::optional<ValueType> parse_optional_value_type(ParseContext& context, std::string_view what);
std::optional<ValueType> parse_result_list(ParseContext& context);
CoreTypeItem parse_core_type(ParseContext& context);
std::uint32_t parse_type_body(ParseContext& context, bool of_component);

// definitions (parse_definitions.cpp, parse_canon.cpp)
Item parse_core_instance(ParseContext& context);
Item parse_instance(ParseContext& context);
Item parse_alias(ParseContext& context);
Item parse_canon(ParseContext& context);
Item parse_import(ParseContext& context);
Item parse_export(ParseContext& context);
Item parse_export_declaration(ParseContext& context);

}  // namespace crossing::component
