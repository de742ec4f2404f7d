/// Types that have definitions of their own inside: component, instance and core module types.

#include "parse.h"

namespace crossing::component {
namespace {

/// `core:moduledecl`, in the index space of the module type.
void parse_module_declaration(ParseContext& context, CoreModuleBinary& module) {
  Cursor& r = context.r;
  const std::uint64_t start = r.offset();
  const std::uint8_t code = r.byte("module declaration");
  if (!r.ok()) return;
  switch (code) {
    case 0x00:
      r.name("import module");
      r.name("import name");
      parse_core_extern_type(r, module);
      break;
    case 0x01: parse_core_rec_type(r, module.types, module.proposals); break;
    case 0x02:
      // The target's signature is only needed where a core function is defined, never in a type.
      r.literal(0x10, "type sort of an alias in a module type");
      r.literal(0x01, "outer alias in a module type");
      r.u32("outer count");
      r.u32("outer index");
      module.types.push_back({true, {{}, {}, false}});
      break;
    case 0x03:
      r.name("export name");
      parse_core_extern_type(r, module);
      break;
    default: r.unexpected(start, "a module declaration", code);
  }
}

/// `instancedecl`, and for a component type also `importdecl`.
Item parse_declaration(ParseContext& context, bool of_component) {
  Cursor& r = context.r;
  Item item;
  item.offset = r.offset();
  const std::uint8_t code = r.byte("declaration");
  if (!r.ok()) return item;
  switch (code) {
    case 0x00: item.what = parse_core_type(context); return item;
    case 0x01: {
      TypeItem type = parse_type(context);
      if (type.kind == TypeItem::Kind::resource) {
        r.fail_at(item.offset, Verdict::invalid,
                  "expected a declaration, found a resource type definition, which only components "
                  "may have");
      }
      item.what = std::move(type);
      return item;
    }
    case 0x02: return parse_alias(context);
    case 0x04: return parse_export_declaration(context);
    case 0x03:
      if (of_component) return parse_import(context);
      [[fallthrough]];
    default:
      r.unexpected(
          item.offset,
          of_component ? "a declaration of a component type" : "a declaration of an instance type",
          code);
      return item;
  }
}

}  // namespace

CoreTypeItem parse_core_type(ParseContext& context) {
  Cursor& r = context.r;
  CoreTypeItem item;
  const std::uint64_t start = r.offset();
  if (r.peek() == 0x50) {
    r.byte("module type");
    item.is_module = true;
    CoreModuleBinary module;
    context.each("declaration count", [&] { parse_module_declaration(context, module); });
    item.binary = r.since(start);
    return item;
  }
  if (r.peek() == 0x00) {  // the prefix that tells a sub type from a module type
    r.byte("sub type prefix");
    if (r.peek() != 0x50) r.unexpected(r.offset(), "a sub type after its prefix", r.peek());
  }
  std::set<std::string> proposals;
  parse_core_rec_type(r, item.types, proposals);
  item.binary = r.since(start);
  return item;
}

std::uint32_t parse_type_body(ParseContext& context, bool of_component) {
  ParseContext inner = context.nested(context.r);
  Body body;
  inner.each("declaration count",
             [&] { body.items.push_back(parse_declaration(inner, of_component)); });
  context.r = inner.r;
  context.binary.bodies.push_back(std::move(body));
  return static_cast<std::uint32_t>(context.binary.bodies.size() - 1);
}

}  // namespace crossing::component
