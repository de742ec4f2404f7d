#include "types.h"

#include <algorithm>

namespace crossing::component {
namespace {

/// Everything that makes two types different, as a string.
std::string structure_of(const Type& type) {
  std::string key;
  const auto number = [&](std::uint32_t value) {
    for (unsigned shift = 0; shift < 32; shift += 8) key += static_cast<char>(value >> shift);
  };
  key += static_cast<char>(type.kind);
  key += type.is_async ? '\1' : '\0';
  number(type.element);
  number(type.key);
  number(type.length);
  for (const Member& member : type.members) {
    number(static_cast<std::uint32_t>(member.name.size()));
    key += member.name;
    number(member.type);
  }
  return key;
}

}  // namespace

std::uint32_t TypeTable::intern(Type type) {
  std::string key = structure_of(type);
  if (const auto found = by_structure_.find(key); found != by_structure_.end())
    return found->second;
  const std::uint32_t id = add(std::move(type));
  by_structure_.emplace(std::move(key), id);
  return id;
}

std::uint32_t TypeTable::add_resource() {
  Type type;
  type.kind = TypeKind::resource;
  return add(std::move(type));
}

void TypeTable::suggest_name(std::uint32_t id, std::string_view name) {
  if (types_[id].name.empty()) types_[id].name = name;
}

std::uint32_t TypeTable::add(Type type) {
  const auto id = static_cast<std::uint32_t>(types_.size());
  type.id = id;
  infos_.push_back(measure(type));
  types_.push_back(std::move(type));
  return id;
}

TypeInfo TypeTable::measure(const Type& type) const {
  TypeInfo info;
  const auto include = [&](std::uint32_t id) {
    if (id == none) return;
    info.depth = std::max(info.depth, infos_[id].depth + 1);
    info.has_borrow = info.has_borrow || infos_[id].has_borrow;
    info.has_resource = info.has_resource || infos_[id].has_resource;
    info.has_pointer = info.has_pointer || infos_[id].has_pointer;
  };
  const auto hold = [&](std::uint32_t id) {
    if (id == none) return;
    info.has_string = info.has_string || infos_[id].has_string;
    for (std::size_t i = 0; i < info.list_alignments.size(); ++i) {
      info.list_alignments[i] |= infos_[id].list_alignments[i];
    }
  };
  const bool holds_element =
      type.kind != TypeKind::func && type.kind != TypeKind::stream && type.kind != TypeKind::future;
  for (const Member& member : type.members) hold(member.type);
  if (holds_element) hold(type.element);
  hold(type.key);
  if (type.kind == TypeKind::string_) info.has_string = true;
  if (type.kind == TypeKind::list || type.kind == TypeKind::map) {
    for (const IndexType pointer : {IndexType::i32, IndexType::i64}) {
      std::uint32_t alignment = layout(type.element, pointer).alignment;
      if (type.key != none) alignment = std::max(alignment, layout(type.key, pointer).alignment);
      info.list_alignments[static_cast<std::size_t>(pointer)] |=
          static_cast<std::uint8_t>(alignment);
    }
  }
  for (const Member& member : type.members) include(member.type);
  include(type.element);
  include(type.key);
  switch (type.kind) {
    case TypeKind::borrow: info.has_borrow = true; break;
    case TypeKind::resource: info.has_resource = true; break;
    case TypeKind::string_:
    case TypeKind::list:
    case TypeKind::map: info.has_pointer = true; break;
    // What a stream or future carries lies in no memory of the value itself.
    case TypeKind::stream:
    case TypeKind::future: info.has_pointer = false; break;
    default: break;
  }
  for (const IndexType pointer : {IndexType::i32, IndexType::i64}) {
    measure_pointer(type, pointer, info.layout[static_cast<std::size_t>(pointer)]);
  }
  return info;
}

}  // namespace crossing::component
