/// Types of every sort but core types, which are copied.

#include <algorithm>

#include "write.h"

namespace crossing::component {
namespace {

std::uint8_t primitive_code(TypeKind kind) {
  return kind == TypeKind::error_context
             ? std::uint8_t{0x64}
             : static_cast<std::uint8_t>(0x7f - static_cast<std::uint8_t>(kind));
}

void write_optional_value_type(ByteWriter& w, const std::optional<ValueType>& type) {
  w.byte(type ? 1 : 0);
  if (type) write_value_type(w, *type);
}

template <class F>
void write_labels(ByteWriter& w, const std::vector<Label>& labels, F&& type) {
  w.u32(labels.size());
  for (const Label& label : labels) {
    w.name(label.name);
    type(label);
  }
}

void write_value(ByteWriter& w, const TypeItem& type) {
  const auto untyped = [](const Label&) {};
  const auto typed = [&](const Label& label) { write_value_type(w, *label.type); };
  switch (type.type_kind) {
    case TypeKind::record:
      w.byte(0x72);
      write_labels(w, type.members, typed);
      break;
    case TypeKind::variant:
      w.byte(0x71);
      write_labels(w, type.members, [&](const Label& label) {
        write_optional_value_type(w, label.type);
        w.byte(0x00);
      });
      break;
    case TypeKind::list:
      w.byte(0x70);
      write_value_type(w, *type.element);
      break;
    case TypeKind::fixed_length_list:
      w.byte(0x67);
      write_value_type(w, *type.element);
      w.u32(type.length);
      break;
    case TypeKind::tuple:
      w.byte(0x6f);
      w.u32(type.members.size());
      for (const Label& label : type.members) write_value_type(w, *label.type);
      break;
    case TypeKind::flags:
      w.byte(0x6e);
      write_labels(w, type.members, untyped);
      break;
    case TypeKind::enum_:
      w.byte(0x6d);
      write_labels(w, type.members, untyped);
      break;
    case TypeKind::option:
      w.byte(0x6b);
      write_value_type(w, *type.element);
      break;
    case TypeKind::result:
      w.byte(0x6a);
      write_optional_value_type(w, type.element);
      write_optional_value_type(w, type.key);
      break;
    case TypeKind::own:
    case TypeKind::borrow:
      w.byte(type.type_kind == TypeKind::own ? 0x69 : 0x68);
      w.u32(type.element->index);
      break;
    case TypeKind::stream:
    case TypeKind::future:
      w.byte(type.type_kind == TypeKind::stream ? 0x66 : 0x65);
      write_optional_value_type(w, type.element);
      break;
    case TypeKind::map:
      w.byte(0x63);
      write_value_type(w, *type.key);
      write_value_type(w, *type.element);
      break;
    default: w.byte(primitive_code(type.type_kind)); break;
  }
}

void write_declaration(ByteWriter& w, const Item& item, const std::vector<Body>& pool) {
  if (const auto* core = std::get_if<CoreTypeItem>(&item.what)) {
    w.byte(0x00);
    w.raw(core->binary);
  } else if (const auto* type = std::get_if<TypeItem>(&item.what)) {
    w.byte(0x01);
    write_type(w, *type, pool);
  } else if (const auto* alias = std::get_if<AliasItem>(&item.what)) {
    w.byte(0x02);
    write_alias(w, *alias);
  } else if (const auto* import = std::get_if<ImportItem>(&item.what)) {
    w.byte(0x03);
    write_import(w, *import);
  } else if (const auto* exported = std::get_if<ExportDeclaration>(&item.what)) {
    w.byte(0x04);
    write_export_declaration(w, *exported);
  }
}

}  // namespace

void write_value_type(ByteWriter& w, const ValueType& type) {
  if (type.is_primitive) {
    w.byte(primitive_code(type.primitive));
  } else {
    w.s64(type.index);  // s33: never mistaken for a primitive
  }
}

void write_result_list(ByteWriter& w, const std::optional<ValueType>& type) {
  w.byte(type ? 0x00 : 0x01);
  if (type) {
    write_value_type(w, *type);
  } else {
    w.byte(0x00);
  }
}

void write_type(ByteWriter& w, const TypeItem& type, const std::vector<Body>& pool) {
  switch (type.kind) {
    case TypeItem::Kind::value: write_value(w, type); break;
    case TypeItem::Kind::func:
      w.byte(type.is_async ? 0x43 : 0x40);
      write_labels(w, type.members, [&](const Label& label) { write_value_type(w, *label.type); });
      write_result_list(w, type.element);
      break;
    case TypeItem::Kind::resource:
      w.byte(0x3f);
      w.byte(type.resource_rep64 ? 0x7e : 0x7f);
      w.byte(type.destructor ? 1 : 0);
      if (type.destructor) w.u32(*type.destructor);
      break;
    case TypeItem::Kind::component:
    case TypeItem::Kind::instance:
      w.byte(type.kind == TypeItem::Kind::component ? 0x41 : 0x42);
      w.u32(pool[type.body].items.size());
      for (const Item& item : pool[type.body].items) write_declaration(w, item, pool);
      break;
  }
}

}  // namespace crossing::component
