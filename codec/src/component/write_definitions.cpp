/// Instances, aliases, imports and exports.

#include "write.h"

namespace crossing::component {
namespace {

void write_sort(ByteWriter& w, Sort sort, CoreSort core) {
  w.byte(static_cast<std::uint8_t>(sort));
  if (sort == Sort::core) w.byte(static_cast<std::uint8_t>(core));
}

void write_sort_index(ByteWriter& w, const SortIndex& item) {
  write_sort(w, item.sort, item.core_sort);
  w.u32(item.index);
}

void write_name(ByteWriter& w, std::string_view name, const Attributes& attributes) {
  const std::string_view values[] = {attributes.implements, attributes.version_suffix,
                                     attributes.external_id};
  std::uint32_t count = 0;
  for (const std::string_view value : values) count += value.data() != nullptr ? 1 : 0;
  w.byte(count == 0 ? 0 : 2);
  w.name(name);
  if (count == 0) return;
  w.u32(count);
  for (std::uint8_t code = 0; code < 3; ++code) {
    if (values[code].data() == nullptr) continue;
    w.byte(code);
    w.name(values[code]);
  }
}

void write_extern_type(ByteWriter& w, const ExternType& type) {
  w.byte(static_cast<std::uint8_t>(type.sort));
  if (type.sort == Sort::core) w.byte(static_cast<std::uint8_t>(CoreSort::module));
  if (type.sort == Sort::type) w.byte(type.fresh_resource ? 1 : 0);
  if (!type.fresh_resource) w.u32(type.index);
}

}  // namespace

void write_core_instantiate(ByteWriter& w, const CoreInstantiateItem& item) {
  w.byte(0x00);
  w.u32(item.module);
  w.u32(item.arguments.size());
  for (const auto& argument : item.arguments) {
    w.name(argument.name);
    w.byte(static_cast<std::uint8_t>(CoreSort::instance));
    w.u32(argument.instance);
  }
}

void write_core_inline(ByteWriter& w, const CoreInlineItem& item) {
  w.byte(0x01);
  w.u32(item.exports.size());
  for (const auto& exported : item.exports) {
    w.name(exported.name);
    w.byte(static_cast<std::uint8_t>(exported.sort));
    w.u32(exported.index);
  }
}

void write_instantiate(ByteWriter& w, const InstantiateItem& item) {
  w.byte(0x00);
  w.u32(item.component);
  w.u32(item.arguments.size());
  for (const NamedSortIndex& argument : item.arguments) {
    w.name(argument.name);
    write_sort_index(w, argument.item);
  }
}

void write_inline(ByteWriter& w, const InlineItem& item) {
  w.byte(0x01);
  w.u32(item.exports.size());
  for (const NamedSortIndex& exported : item.exports) {
    write_name(w, exported.name, exported.attributes);
    write_sort_index(w, exported.item);
  }
}

void write_alias(ByteWriter& w, const AliasItem& item) {
  write_sort(w, item.sort, item.core_sort);
  w.byte(static_cast<std::uint8_t>(item.kind));
  w.u32(item.instance);
  if (item.kind == AliasItem::Kind::outer) {
    w.u32(item.index);
  } else {
    w.name(item.name);
  }
}

void write_import(ByteWriter& w, const ImportItem& item) {
  write_name(w, item.name, item.attributes);
  write_extern_type(w, item.type);
}

void write_export(ByteWriter& w, const ExportItem& item) {
  write_name(w, item.name, item.attributes);
  write_sort_index(w, item.item);
  w.byte(item.type ? 1 : 0);
  if (item.type) write_extern_type(w, *item.type);
}

void write_export_declaration(ByteWriter& w, const ExportDeclaration& item) {
  write_name(w, item.name, item.attributes);
  write_extern_type(w, item.type);
}

}  // namespace crossing::component
