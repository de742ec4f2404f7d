/// Size, alignment and flattening of a value type.

#include <algorithm>

#include "types.h"

namespace crossing::component {
namespace {

void scalar(Layout& layout, std::uint32_t size, CoreType type) {
  layout.size = size;
  layout.alignment = size;
  layout.flat.push(type);
}

/// Saturates where the Component Model's own bound is passed anyhow, so that sums cannot overflow.
std::uint64_t bounded(std::uint64_t size) { return std::min(size, kMaxElementSize); }

}  // namespace

void Flat::push(CoreType type) {
  if (size_ == types_.size()) {
    overflow_ = true;
  } else {
    types_[size_++] = type;
  }
}

void Flat::append(const Flat& other) {
  for (std::size_t i = 0; i < other.size_; ++i) push(other.types_[i]);
  overflow_ = overflow_ || other.overflow_;
}

void Flat::join(const Flat& other) {
  for (std::size_t i = 0; i < other.size_; ++i) {
    if (i >= size_) {
      push(other.types_[i]);
      continue;
    }
    CoreType& mine = types_[i];
    const CoreType theirs = other.types_[i];
    if (mine == theirs) continue;
    const auto is_32 = [](CoreType type) { return type == CoreType::i32 || type == CoreType::f32; };
    mine = is_32(mine) && is_32(theirs) ? CoreType::i32 : CoreType::i64;
  }
  overflow_ = overflow_ || other.overflow_;
}

void TypeTable::measure_pointer(const Type& type, IndexType pointer, Layout& layout) const {
  const auto of = [&](std::uint32_t id) -> const Layout& { return this->layout(id, pointer); };
  const auto pair_of_pointers = [&] {
    const CoreType core = pointer == IndexType::i64 ? CoreType::i64 : CoreType::i32;
    layout.alignment = pointer == IndexType::i64 ? 8 : 4;
    layout.size = 2 * layout.alignment;
    layout.flat.push(core);
    layout.flat.push(core);
  };
  const auto record = [&] {
    for (const Member& member : type.members) {
      const Layout& field = of(member.type);
      layout.size = bounded(align_to(layout.size, field.alignment) + field.size);
      layout.alignment = std::max(layout.alignment, field.alignment);
      layout.flat.append(field.flat);
    }
    layout.size = align_to(layout.size, layout.alignment);
  };
  // `payload(f)` calls f with the id of each case's payload.
  const auto variant = [&](std::size_t cases, auto&& payload) {
    const std::uint32_t discriminant = discriminant_size(cases);
    std::uint32_t alignment = 1;
    std::uint64_t size = 0;
    Flat flat;
    payload([&](std::uint32_t id) {
      if (id == none) return;
      alignment = std::max(alignment, of(id).alignment);
      size = std::max(size, of(id).size);
      flat.join(of(id).flat);
    });
    layout.alignment = std::max(discriminant, alignment);
    layout.payload_offset = static_cast<std::uint32_t>(align_to(discriminant, alignment));
    layout.size = align_to(bounded(layout.payload_offset + size), layout.alignment);
    layout.flat.push(CoreType::i32);
    layout.flat.append(flat);
  };
  switch (type.kind) {
    case TypeKind::bool_:
    case TypeKind::s8:
    case TypeKind::u8: scalar(layout, 1, CoreType::i32); break;
    case TypeKind::s16:
    case TypeKind::u16: scalar(layout, 2, CoreType::i32); break;
    case TypeKind::s32:
    case TypeKind::u32:
    case TypeKind::char_:
    case TypeKind::error_context:
    case TypeKind::own:
    case TypeKind::borrow:
    case TypeKind::stream:
    case TypeKind::future: scalar(layout, 4, CoreType::i32); break;
    case TypeKind::s64:
    case TypeKind::u64: scalar(layout, 8, CoreType::i64); break;
    case TypeKind::f32: scalar(layout, 4, CoreType::f32); break;
    case TypeKind::f64: scalar(layout, 8, CoreType::f64); break;
    case TypeKind::string_:
    case TypeKind::list:
    case TypeKind::map: pair_of_pointers(); break;
    case TypeKind::fixed_length_list: {
      const Layout& element = of(type.element);
      layout.alignment = element.alignment;
      layout.size = bounded(element.size * type.length);
      // One more than fit is enough to know that they do not.
      const std::uint32_t shown = std::min<std::uint32_t>(type.length, kMaxFlatParams + 1);
      for (std::uint32_t i = 0; i < shown; ++i) layout.flat.append(element.flat);
      break;
    }
    case TypeKind::record:
    case TypeKind::tuple: record(); break;
    case TypeKind::flags: {
      const std::size_t n = type.members.size();
      scalar(layout, n <= 8 ? 1 : n <= 16 ? 2 : 4, CoreType::i32);
      break;
    }
    case TypeKind::variant:
      variant(type.members.size(), [&](auto&& use) {
        for (const Member& member : type.members) use(member.type);
      });
      break;
    case TypeKind::enum_: variant(type.members.size(), [](auto&&) {}); break;
    case TypeKind::option: variant(2, [&](auto&& use) { use(type.element); }); break;
    case TypeKind::result:
      variant(2, [&](auto&& use) {
        use(type.element);
        use(type.key);
      });
      break;
    case TypeKind::func: record_params(type, pointer, layout); break;
    case TypeKind::resource: break;
  }
}

/// Parameters are laid out as a tuple where they are passed through memory.
void TypeTable::record_params(const Type& func, IndexType pointer, Layout& layout) const {
  Type tuple;
  tuple.kind = TypeKind::tuple;
  tuple.members = func.members;
  measure_pointer(tuple, pointer, layout);
}

}  // namespace crossing::component
