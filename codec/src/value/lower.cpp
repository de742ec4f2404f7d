#include "value/lower.h"

#include <algorithm>

#include "io/bytes.h"
#include "value/cases.h"

namespace crossing::values {
namespace {

constexpr std::uint64_t largest_bytes = (std::uint64_t{1} << 28) - 1;

Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Result<void> Lowerer::outcome(auto&& lower) {
  fault_ = nullptr;
  lower();
  if (fault_ == nullptr) return {};
  return tl::unexpected(Error{.verdict = Verdict::invalid, .message = fault_});
}

Result<void> Lowerer::lower_flat(std::uint32_t type, const Value& value,
                                 std::vector<std::uint64_t>& flat) {
  return outcome([&] { flat_value(type, value, flat); });
}

Result<void> Lowerer::store(std::uint32_t type, const Value& value, std::uint64_t address) {
  return outcome([&] { stored(type, value, address); });
}

const Value& Lowerer::part(const Value& value, std::size_t index) {
  static const Value nothing;
  if (index < value.parts.size()) return value.parts[index];
  fault_ = "expected a value of the type, found one with fewer parts";
  return nothing;
}

void Lowerer::flat_value(std::uint32_t id, const Value& value, std::vector<std::uint64_t>& flat) {
  const Type& type = options_.types[id];
  const component::Flat& slots = options_.types.layout(id, options_.pointer).flat;
  const std::size_t end = flat.size() + slots.size();
  switch (type.kind) {
    case TypeKind::string_:
    case TypeKind::list:
    case TypeKind::map: {
      const Range range = pointed(type, value);
      flat.insert(flat.end(), {range.address, range.length});
      return;
    }
    case TypeKind::record:
    case TypeKind::tuple:
    case TypeKind::func:
      for (std::size_t i = 0; i < type.members.size() && fault_ == nullptr; ++i) {
        flat_value(type.members[i].type, part(value, i), flat);
      }
      return;
    case TypeKind::fixed_length_list:
      for (std::size_t i = 0; i < type.length && fault_ == nullptr; ++i) {
        if (is_bytes(type, &options_.types[type.element])) {
          flat.push_back(i < value.text.size() ? static_cast<std::uint8_t>(value.text[i]) : 0);
        } else {
          flat_value(type.element, part(value, i), flat);
        }
      }
      return;
    case TypeKind::variant:
    case TypeKind::option:
    case TypeKind::result: {
      flat.push_back(value.bits);
      if (value.bits >= case_count(type)) {
        fault_ = "expected a case of the type, found another";
        return;
      }
      if (const std::uint32_t payload = case_payload(type, value.bits); payload != none) {
        flat_value(payload, part(value, 0), flat);
      }
      flat.resize(end);  // 0 in slots of other cases
      return;
    }
    default: {
      const bool wide =
          type.kind == TypeKind::s64 || type.kind == TypeKind::u64 || type.kind == TypeKind::f64;
      flat.push_back(wide ? value.bits : value.bits & 0xffffffff);
    }
  }
}

void Lowerer::stored(std::uint32_t id, const Value& value, std::uint64_t address) {
  const Type& type = options_.types[id];
  const component::Layout& layout = options_.types.layout(id, options_.pointer);
  switch (type.kind) {
    case TypeKind::string_:
    case TypeKind::list:
    case TypeKind::map: {
      const Range range = pointed(type, value);
      write_number(address, range.address, pointer_size());
      return write_number(address + pointer_size(), range.length, pointer_size());
    }
    case TypeKind::record:
    case TypeKind::tuple:
    case TypeKind::func:
      for (std::size_t i = 0; i < type.members.size() && fault_ == nullptr; ++i) {
        const std::uint32_t member = type.members[i].type;
        const component::Layout& field = options_.types.layout(member, options_.pointer);
        address = component::align_to(address, field.alignment);
        stored(member, part(value, i), address);
        address += field.size;
      }
      return;
    case TypeKind::fixed_length_list:
      return elements(type, value, address,
                      options_.types.layout(type.element, options_.pointer).size);
    case TypeKind::variant:
    case TypeKind::option:
    case TypeKind::result: {
      write_number(address, value.bits, component::discriminant_size(case_count(type)));
      if (value.bits >= case_count(type)) {
        fault_ = "expected a case of the type, found another";
        return;
      }
      if (const std::uint32_t payload = case_payload(type, value.bits); payload != none) {
        stored(payload, part(value, 0), address + layout.payload_offset);
      }
      return;
    }
    default: return write_number(address, value.bits, static_cast<std::uint32_t>(layout.size));
  }
}

void Lowerer::write_number(std::uint64_t address, std::uint64_t bits, std::uint32_t size) {
  std::uint8_t bytes[8];
  crossing::store(bytes, bits);
  target_.write(address, Bytes(bytes, size));
}

std::uint64_t Lowerer::block(std::uint64_t old, std::uint64_t old_size, std::uint32_t alignment,
                             std::uint64_t new_size) {
  const std::uint64_t address = target_.realloc(old, old_size, alignment, new_size);
  if (address % alignment != 0) fault_ = "expected an aligned block, found another";
  return address;
}

Lowerer::Range Lowerer::pointed(const Type& type, const Value& value) {
  return type.kind == TypeKind::string_ ? string(value.text) : list(type, value);
}

Lowerer::Range Lowerer::list(const Type& type, const Value& value) {
  const component::Layout& element = options_.types.layout(type.element, options_.pointer);
  std::uint64_t size = element.size;
  std::uint32_t alignment = element.alignment;
  std::uint64_t count = value.parts.size();
  if (type.kind == TypeKind::map) {
    const component::Layout& key = options_.types.layout(type.key, options_.pointer);
    alignment = std::max(alignment, key.alignment);
    size = component::align_to(component::align_to(key.size, element.alignment) + size, alignment);
    count /= 2;
  } else if (is_bytes(type, &options_.types[type.element])) {
    count = value.text.size();
  }
  if (size == 0 || count > largest_bytes / size) {
    fault_ = "expected a list of at most 2^28 - 1 bytes, found a longer one";
    return {};
  }
  const std::uint64_t address = block(0, 0, alignment, count * size);
  if (count != 0) elements(type, value, address, size);
  return {address, count};
}

void Lowerer::elements(const Type& type, const Value& value, std::uint64_t address,
                       std::uint64_t size) {
  if (is_bytes(type, &options_.types[type.element])) {
    return target_.write(address, bytes_of(value.text));
  }
  if (type.kind == TypeKind::map) {
    const component::Layout& key = options_.types.layout(type.key, options_.pointer);
    const component::Layout& element = options_.types.layout(type.element, options_.pointer);
    for (std::size_t i = 0; i < value.parts.size() && fault_ == nullptr; i += 2, address += size) {
      stored(type.key, value.parts[i], address);
      stored(type.element, part(value, i + 1),
             address + component::align_to(key.size, element.alignment));
    }
    return;
  }
  const std::size_t count =
      type.kind == TypeKind::fixed_length_list ? type.length : value.parts.size();
  for (std::size_t i = 0; i < count && fault_ == nullptr; ++i, address += size) {
    stored(type.element, part(value, i), address);
  }
}

}  // namespace crossing::values
