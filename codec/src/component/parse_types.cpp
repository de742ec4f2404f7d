/// Value, function and resource types. See parse_type_bodies.cpp for component and instance types.

#include "parse.h"

namespace crossing::component {
namespace {

std::optional<TypeKind> primitive(std::uint8_t code) {
  switch (code) {
    case 0x7f: return TypeKind::bool_;
    case 0x7e: return TypeKind::s8;
    case 0x7d: return TypeKind::u8;
    case 0x7c: return TypeKind::s16;
    case 0x7b: return TypeKind::u16;
    case 0x7a: return TypeKind::s32;
    case 0x79: return TypeKind::u32;
    case 0x78: return TypeKind::s64;
    case 0x77: return TypeKind::u64;
    case 0x76: return TypeKind::f32;
    case 0x75: return TypeKind::f64;
    case 0x74: return TypeKind::char_;
    case 0x73: return TypeKind::string_;
    case 0x64: return TypeKind::error_context;
    default: return std::nullopt;
  }
}

void note_primitive(ParseContext& context, TypeKind kind) {
  if (kind == TypeKind::error_context) context.feature("error_context");
}

/// `vec` of labels, each with what `type` reads for it; at least one, unless `may_be_empty`.
template <class F>
std::vector<Label> parse_labels(ParseContext& context, std::string_view count, bool may_be_empty,
                                F&& type) {
  std::vector<Label> labels;
  const std::uint64_t start = context.r.offset();
  context.each(count, [&] {
    Label label;
    label.name = context.r.name("label");
    type(label);
    labels.push_back(label);
  });
  if (context.r.ok() && labels.empty() && !may_be_empty) {
    context.r.unexpected(start, "a " + std::string(count) + " of at least 1", 0);
  }
  return labels;
}

TypeItem parse_func(ParseContext& context, bool is_async) {
  TypeItem item;
  item.kind = TypeItem::Kind::func;
  item.is_async = is_async;
  if (is_async) context.feature("async");
  item.members = parse_labels(context, "parameter count", true,
                              [&](Label& label) { label.type = parse_value_type(context); });
  item.element = parse_result_list(context);
  return item;
}

TypeItem parse_resource(ParseContext& context) {
  TypeItem item;
  item.kind = TypeItem::Kind::resource;
  const std::uint64_t start = context.r.offset();
  const std::uint8_t representation = context.r.byte("resource representation");
  if (representation == 0x7e) {
    item.resource_rep64 = true;
    context.feature("memory64");
  } else if (representation != 0x7f) {
    context.r.unexpected(start, "i32 or i64 as a resource's representation", representation);
  }
  const std::uint64_t place = context.r.offset();
  const std::uint8_t has_destructor = context.r.byte("destructor flag");
  if (has_destructor > 1) context.r.unexpected(place, "0 or 1 before a destructor", has_destructor);
  if (has_destructor == 1) item.destructor = context.r.u32("destructor");
  return item;
}

TypeItem value_item(TypeKind kind) {
  TypeItem item;
  item.type_kind = kind;
  return item;
}

TypeItem parse_defined(ParseContext& context, std::uint8_t code, std::uint64_t start) {
  Cursor& r = context.r;
  TypeItem item;
  const auto untyped = [](Label&) {};
  switch (code) {
    case 0x72:
      item = value_item(TypeKind::record);
      item.members = parse_labels(context, "field count", false,
                                  [&](Label& label) { label.type = parse_value_type(context); });
      break;
    case 0x71:
      item = value_item(TypeKind::variant);
      item.members = parse_labels(context, "case count", false, [&](Label& label) {
        label.type = parse_optional_value_type(context, "a case's payload");
        r.literal(0, "end of a case");
      });
      break;
    case 0x70:
      item = value_item(TypeKind::list);
      item.element = parse_value_type(context);
      break;
    case 0x67: {
      context.feature("fixed_length_lists");
      item = value_item(TypeKind::fixed_length_list);
      item.element = parse_value_type(context);
      const std::uint64_t place = r.offset();
      item.length = r.u32("list length");
      if (r.ok() && item.length == 0) r.unexpected(place, "a list length of at least 1", 0);
      break;
    }
    case 0x6f: {
      item = value_item(TypeKind::tuple);
      const std::uint64_t place = r.offset();
      context.each("element count", [&] {
        item.members.push_back({{}, parse_value_type(context)});
      });
      if (r.ok() && item.members.empty()) r.unexpected(place, "an element count of at least 1", 0);
      break;
    }
    case 0x6e: {
      item = value_item(TypeKind::flags);
      const std::uint64_t place = r.offset();
      item.members = parse_labels(context, "flag count", false, untyped);
      if (item.members.size() > 32)
        r.unexpected(place, "a flag count of at most 32", item.members.size());
      break;
    }
    case 0x6d:
      item = value_item(TypeKind::enum_);
      item.members = parse_labels(context, "case count", false, untyped);
      break;
    case 0x6b:
      item = value_item(TypeKind::option);
      item.element = parse_value_type(context);
      break;
    case 0x6a:
      item = value_item(TypeKind::result);
      item.element = parse_optional_value_type(context, "an ok type");
      item.key = parse_optional_value_type(context, "an error type");
      break;
    case 0x69:
    case 0x68:
      item = value_item(code == 0x69 ? TypeKind::own : TypeKind::borrow);
      item.element = ValueType{false, {}, r.u32("resource type index")};
      break;
    case 0x66:
    case 0x65:
      context.feature("async");
      item = value_item(code == 0x66 ? TypeKind::stream : TypeKind::future);
      item.element = parse_optional_value_type(context, "an element type");
      break;
    case 0x63:
      context.feature("map");
      item = value_item(TypeKind::map);
      item.key = parse_value_type(context);
      item.element = parse_value_type(context);
      break;
    default: r.unexpected(start, "a component type", code);
  }
  return item;
}

}  // namespace

ValueType parse_value_type(ParseContext& context) {
  const std::uint64_t start = context.r.offset();
  const std::int64_t value = context.r.s33("value type");
  if (!context.r.ok()) return {};
  if (value >= 0) return {false, {}, static_cast<std::uint32_t>(value)};
  const auto code = static_cast<std::uint8_t>(value & 0x7f);
  const auto kind = value >= -64 ? primitive(code) : std::nullopt;
  if (!kind) {
    context.r.unexpected(start, "a value type", code);
    return {};
  }
  note_primitive(context, *kind);
  return {true, *kind, 0};
}

std::optional<ValueType> parse_optional_value_type(ParseContext& context, std::string_view what) {
  const std::uint64_t start = context.r.offset();
  const std::uint8_t present = context.r.byte(what);
  if (present > 1) context.r.unexpected(start, "0 or 1 before " + std::string(what), present);
  if (present == 1) return parse_value_type(context);
  return std::nullopt;
}

std::optional<ValueType> parse_result_list(ParseContext& context) {
  const std::uint64_t start = context.r.offset();
  const std::uint8_t code = context.r.byte("result list");
  if (code == 0x00) return parse_value_type(context);
  if (code != 0x01) context.r.unexpected(start, "0 or 1 as a result list", code);
  context.r.literal(0, "empty result list");
  return std::nullopt;
}

TypeItem parse_type(ParseContext& context) {
  const std::uint64_t start = context.r.offset();
  const std::uint8_t code = context.r.byte("type");
  if (!context.r.ok()) return {};
  if (const auto kind = primitive(code)) {
    note_primitive(context, *kind);
    return value_item(*kind);
  }
  switch (code) {
    case 0x40: return parse_func(context, false);
    case 0x43: return parse_func(context, true);
    case 0x3f: return parse_resource(context);
    case 0x41:
    case 0x42: {
      TypeItem item;
      item.kind = code == 0x41 ? TypeItem::Kind::component : TypeItem::Kind::instance;
      item.body = parse_type_body(context, code == 0x41);
      return item;
    }
    default: return parse_defined(context, code, start);
  }
}

}  // namespace crossing::component
