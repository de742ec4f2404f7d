/// Instances, aliases, imports and exports.

#include "parse.h"

namespace crossing::component {
namespace {

Item begin(const ParseContext& context) {
  Item item;
  item.offset = context.r.offset();
  return item;
}

CoreSort parse_core_sort(ParseContext& context) {
  const std::uint64_t start = context.r.offset();
  const std::uint8_t code = context.r.byte("core sort");
  if (code > 0x04 && (code < 0x10 || code > 0x12)) context.r.unexpected(start, "a core sort", code);
  return static_cast<CoreSort>(code);
}

void refuse_values(ParseContext& context, std::uint64_t offset) {
  context.r.fail_at(offset, Verdict::unsupported, "values are not supported");
}

Sort parse_sort(ParseContext& context, CoreSort& core) {
  const std::uint64_t start = context.r.offset();
  const std::uint8_t code = context.r.byte("sort");
  if (code > 0x05) context.r.unexpected(start, "a sort", code);
  if (code == 0x02) refuse_values(context, start);
  const auto sort = static_cast<Sort>(code);
  if (context.r.ok() && sort == Sort::core) core = parse_core_sort(context);
  return sort;
}

SortIndex parse_sort_index(ParseContext& context) {
  SortIndex item;
  item.sort = parse_sort(context, item.core_sort);
  item.index = context.r.u32("index");
  return item;
}

std::string_view parse_attributes(ParseContext& context, std::string_view what,
                                  Attributes& attributes) {
  Cursor& r = context.r;
  const std::uint64_t start = r.offset();
  const std::uint8_t form = r.byte("name form");
  if (form > 2) r.unexpected(start, "0, 1 or 2 as the form of a name", form);
  const std::string_view name = r.name(what);
  if (form != 2) return name;
  context.each("attribute count", [&] {
    const std::uint64_t place = r.offset();
    const std::uint8_t code = r.byte("attribute");
    if (code > 2) r.unexpected(place, "an attribute from 0 to 2", code);
    context.feature(code == 1 ? "canonical_names" : "implements");
    std::string_view& value = code == 0   ? attributes.implements
                              : code == 1 ? attributes.version_suffix
                                          : attributes.external_id;
    if (value.data() != nullptr) {
      r.fail_at(place, Verdict::invalid, "expected each attribute once, found one twice");
    }
    value = r.name("attribute");
  });
  return name;
}

ExternType parse_extern_type(ParseContext& context) {
  Cursor& r = context.r;
  const std::uint64_t start = r.offset();
  const std::uint8_t code = r.byte("extern type");
  if (!r.ok()) return {};
  switch (code) {
    case 0x00: r.literal(0x11, "module sort"); return {Sort::core, false, r.u32("core type index")};
    case 0x01: return {Sort::func, false, r.u32("function type index")};
    case 0x02: refuse_values(context, start); return {};
    case 0x03: {
      const std::uint64_t place = r.offset();
      const std::uint8_t bound = r.byte("type bound");
      if (bound > 1) r.unexpected(place, "0 or 1 as a type bound", bound);
      return bound == 1 ? ExternType{Sort::type, true, 0}
                        : ExternType{Sort::type, false, r.u32("type index")};
    }
    case 0x04: return {Sort::component, false, r.u32("component type index")};
    case 0x05: return {Sort::instance, false, r.u32("instance type index")};
    default: r.unexpected(start, "an extern type", code); return {};
  }
}

}  // namespace

Item parse_core_instance(ParseContext& context) {
  Cursor& r = context.r;
  Item item = begin(context);
  const std::uint8_t form = r.byte("core instance form");
  if (!r.ok()) return item;
  if (form == 0x00) {
    CoreInstantiateItem instantiate;
    instantiate.module = r.u32("core module index");
    context.each("argument count", [&] {
      CoreInstantiateItem::Argument argument;
      argument.name = r.name("argument name");
      r.literal(0x12, "instance sort of a core argument");
      argument.instance = r.u32("core instance index");
      instantiate.arguments.push_back(argument);
    });
    item.what = std::move(instantiate);
  } else if (form == 0x01) {
    CoreInlineItem instance;
    context.each("export count", [&] {
      CoreInlineItem::Export exported;
      exported.name = r.name("export name");
      exported.sort = parse_core_sort(context);
      exported.index = r.u32("core index");
      instance.exports.push_back(exported);
    });
    item.what = std::move(instance);
  } else {
    r.unexpected(item.offset, "0 or 1 as the form of a core instance", form);
  }
  return item;
}

Item parse_instance(ParseContext& context) {
  Cursor& r = context.r;
  Item item = begin(context);
  const std::uint8_t form = r.byte("instance form");
  if (!r.ok()) return item;
  if (form == 0x00) {
    InstantiateItem instantiate;
    instantiate.component = r.u32("component index");
    context.each("argument count", [&] {
      NamedSortIndex argument;
      argument.name = r.name("argument name");
      argument.item = parse_sort_index(context);
      instantiate.arguments.push_back(argument);
    });
    item.what = std::move(instantiate);
  } else if (form == 0x01) {
    InlineItem instance;
    context.each("export count", [&] {
      NamedSortIndex exported;
      exported.name = parse_attributes(context, "export name", exported.attributes);
      exported.item = parse_sort_index(context);
      instance.exports.push_back(exported);
    });
    item.what = std::move(instance);
  } else {
    r.unexpected(item.offset, "0 or 1 as the form of an instance", form);
  }
  return item;
}

Item parse_alias(ParseContext& context) {
  Cursor& r = context.r;
  Item item = begin(context);
  AliasItem alias;
  alias.sort = parse_sort(context, alias.core_sort);
  const std::uint64_t start = r.offset();
  const std::uint8_t form = r.byte("alias target");
  if (form > 2) r.unexpected(start, "0, 1 or 2 as an alias target", form);
  alias.kind = static_cast<AliasItem::Kind>(form);
  if (alias.kind == AliasItem::Kind::outer) {
    alias.instance = r.u32("outer count");
    alias.index = r.u32("outer index");
  } else {
    alias.instance = r.u32("instance index");
    alias.name = r.name("alias name");
  }
  item.what = alias;
  return item;
}

Item parse_import(ParseContext& context) {
  Item item = begin(context);
  ImportItem import;
  import.name = parse_attributes(context, "import name", import.attributes);
  import.type = parse_extern_type(context);
  item.what = import;
  return item;
}

Item parse_export(ParseContext& context) {
  Item item = begin(context);
  ExportItem exported;
  exported.name = parse_attributes(context, "export name", exported.attributes);
  exported.item = parse_sort_index(context);
  const std::uint64_t start = context.r.offset();
  const std::uint8_t typed = context.r.byte("extern type flag");
  if (typed > 1) context.r.unexpected(start, "0 or 1 before an extern type", typed);
  if (typed == 1) exported.type = parse_extern_type(context);
  item.what = exported;
  return item;
}

Item parse_export_declaration(ParseContext& context) {
  Item item = begin(context);
  ExportDeclaration declaration;
  declaration.name = parse_attributes(context, "export name", declaration.attributes);
  declaration.type = parse_extern_type(context);
  item.what = declaration;
  return item;
}

}  // namespace crossing::component
