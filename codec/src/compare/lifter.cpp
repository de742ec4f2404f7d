#include "compare/lifter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

#include "session/replay_values.h"

namespace crossing::comparing {
namespace {

constexpr std::uint64_t handle_cost = 256;  // in parts

std::uint64_t align_to(std::uint64_t place, std::uint32_t alignment) {
  return (place + alignment - 1) / alignment * alignment;
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6);
    put(0x80 | (point & 63));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  } else {
    put(0xf0 | (point >> 18 & 7));
    put(0x80 | (point >> 12 & 63));
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  }
}

std::string utf8_of_utf16(Bytes bytes) {
  std::string text;
  const auto unit = [&](std::size_t at) {
    return static_cast<std::uint32_t>(bytes[at] | bytes[at + 1] << 8);
  };
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    std::uint32_t point = unit(at);
    if (point >= 0xd800 && point < 0xdc00 && at + 3 < bytes.size() && unit(at + 2) >= 0xdc00 &&
        unit(at + 2) < 0xe000) {
      point = 0x10000 + ((point - 0xd800) << 10) + (unit(at + 2) - 0xdc00);
      at += 2;
    }
    append_utf8(text, point);
  }
  return text;
}

std::string utf8_of_latin1(Bytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) append_utf8(text, byte);
  return text;
}

template <class Float, class Bits>
std::string float_text(std::uint64_t bits) {
  const auto value = std::bit_cast<Float>(static_cast<Bits>(bits));
  if (std::isnan(value)) return "nan";  // whichever
  std::array<char, 64> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

}  // namespace

FlatValues::FlatValues(const std::vector<CoreType>& signature, Bytes bytes) {
  if (bytes.size() != core_size(signature)) return;
  for (const CoreType type : signature) {
    const std::size_t size = core_size(type);
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes.data(), std::min(size, sizeof bits));
    bits_.push_back(bits);
    bytes = bytes.subspan(size);
  }
  slots_.assign(bits_.size(), Slot::unused);
}

std::uint64_t FlatValues::next(Slot as) {
  if (next_ >= bits_.size()) return 0;
  slots_[next_] = as;
  return bits_[next_++];
}

/// A value in flat values.
class Lifter::FlatPlace {
 public:
  FlatPlace(const LiftContext& context, FlatValues& values) : context_(context), values_(values) {}
  std::optional<std::uint64_t> scalar(std::uint64_t, Slot as) { return values_.next(as); }
  std::optional<std::uint64_t> discriminant(std::uint32_t) { return values_.next(Slot::value); }
  std::optional<std::uint64_t> pointer() { return values_.next(Slot::pointer); }
  std::optional<std::uint64_t> length() { return values_.next(Slot::value); }
  std::uint64_t begin(std::uint32_t) { return values_.position(); }
  void begin_payload(std::uint32_t) {}
  void end(std::uint64_t begin, std::uint32_t type) {
    values_.go_to(begin + context_.types.layout(type, context_.pointer).flat.size());
  }

 private:
  const LiftContext& context_;
  FlatValues& values_;
};

/// A value in guest memory.
class Lifter::MemoryPlace {
 public:
  MemoryPlace(const LiftContext& context, std::uint64_t address)
      : context_(context), address_(address) {}
  std::optional<std::uint64_t> scalar(std::uint64_t size, Slot) {
    if (context_.memory == nullptr) return std::nullopt;
    const auto bytes = context_.memory->read(address_, size);
    if (!bytes) return std::nullopt;
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes->data(), std::min<std::size_t>(bytes->size(), sizeof bits));
    address_ += size;
    return bits;
  }
  std::optional<std::uint64_t> discriminant(std::uint32_t size) {
    return scalar(size, Slot::value);
  }
  std::optional<std::uint64_t> pointer() { return scalar(pointer_size(), Slot::pointer); }
  std::optional<std::uint64_t> length() { return scalar(pointer_size(), Slot::value); }
  std::uint64_t begin(std::uint32_t type) {
    return address_ = align_to(address_, layout(type).alignment);
  }
  void begin_payload(std::uint32_t alignment) { address_ = align_to(address_, alignment); }
  void end(std::uint64_t begin, std::uint32_t type) { address_ = begin + layout(type).size; }

 private:
  [[nodiscard]] const component::Layout& layout(std::uint32_t type) const {
    return context_.types.layout(type, context_.pointer);
  }
  [[nodiscard]] std::uint64_t pointer_size() const {
    return context_.pointer == IndexType::i64 ? 8 : 4;
  }
  const LiftContext& context_;
  std::uint64_t address_;
};

void Lifter::from_flat(std::uint32_t type, FlatValues& values) {
  FlatPlace place(context_, values);
  value(type, place);
}

void Lifter::from_memory(std::uint32_t type, std::uint64_t address) {
  MemoryPlace place(context_, address);
  value(type, place);
}

void Lifter::params_from_memory(const Type& func, std::uint64_t address) {
  MemoryPlace place(context_, address);
  for (const Member& member : func.members) {
    into_.add(" ");
    value(member.type, place);
  }
}

bool Lifter::spend() {
  if (budget_ == 0) return false;
  --budget_;
  return true;
}

void Lifter::unknown(std::uint64_t length) { into_.add("?[" + std::to_string(length) + "]"); }

void Lifter::value(std::uint32_t id, auto& place) {
  if (!spend()) return;
  const std::uint64_t begin = place.begin(id);
  value_at(id, place);
  place.end(begin, id);
}

void Lifter::value_at(std::uint32_t id, auto& place) {
  const Type& type = context_.types[id];
  const component::Layout& layout = context_.types.layout(id, context_.pointer);
  const auto sequence = [&](auto&& name, std::size_t count, auto&& type_of) {
    into_.add("{");
    for (std::size_t i = 0; i < count; ++i) {
      if (i != 0) into_.add(", ");
      into_.add(name(i));
      value(type_of(i), place);
    }
    into_.add("}");
  };
  switch (type.kind) {
    case TypeKind::string_:
    case TypeKind::list:
    case TypeKind::map: {
      const auto address = place.pointer();
      const auto length = address ? place.length() : std::nullopt;
      if (!length) return into_.add("?");
      if (type.kind == TypeKind::string_) return string(*address, *length);
      if (type.kind == TypeKind::list) return list(type.element, *address, *length);
      return map(type, *address, *length);
    }
    case TypeKind::record:
    case TypeKind::tuple:
      return sequence(
          [&](std::size_t i) {
            const std::string& name = type.members[i].name;
            return name.empty() ? name : name + ": ";
          },
          type.members.size(), [&](std::size_t i) { return type.members[i].type; });
    case TypeKind::fixed_length_list:
      return sequence([](std::size_t) { return ""; }, std::min<std::uint64_t>(type.length, budget_),
                      [&](std::size_t) { return type.element; });
    case TypeKind::variant:
    case TypeKind::enum_:
    case TypeKind::option:
    case TypeKind::result: return variant(type, place);
    case TypeKind::own:
    case TypeKind::borrow:
    case TypeKind::stream:
    case TypeKind::future:
    case TypeKind::error_context: {
      const auto index = place.scalar(4, Slot::handle);
      return index ? handle(type, *index & 0xffffffff) : into_.add("?");
    }
    case TypeKind::resource:
    case TypeKind::func: return into_.add("?");  // no value has these types
    default: {
      const auto bits = place.scalar(layout.size, Slot::value);
      return bits ? scalar(type, *bits) : into_.add("?");
    }
  }
}

void Lifter::scalar(const Type& type, std::uint64_t bits) {
  const auto text = [&](auto number) { into_.add(std::to_string(number)); };
  switch (type.kind) {
    case TypeKind::bool_: return into_.add((bits & 0xffffffff) != 0 ? "true" : "false");
    case TypeKind::s8: return text(static_cast<std::int8_t>(bits));
    case TypeKind::u8: return text(static_cast<std::uint8_t>(bits));
    case TypeKind::s16: return text(static_cast<std::int16_t>(bits));
    case TypeKind::u16: return text(static_cast<std::uint16_t>(bits));
    case TypeKind::s32: return text(static_cast<std::int32_t>(bits));
    case TypeKind::u32: return text(static_cast<std::uint32_t>(bits));
    case TypeKind::s64: return text(static_cast<std::int64_t>(bits));
    case TypeKind::u64: return text(bits);
    case TypeKind::f32: return into_.add(float_text<float, std::uint32_t>(bits));
    case TypeKind::f64: return into_.add(float_text<double, std::uint64_t>(bits));
    case TypeKind::char_: {
      std::string character = "'";
      append_utf8(character, static_cast<std::uint32_t>(bits) & 0x1fffff);
      return into_.add(character + "'");
    }
    default: {  // flags
      std::string labels = "{";
      for (std::size_t i = 0; i < type.members.size() && i < 32; ++i) {
        if ((bits >> i & 1) != 0) labels += (labels.size() > 1 ? ", " : "") + type.members[i].name;
      }
      return into_.add(labels + "}");
    }
  }
}

void Lifter::handle(const Type& type, std::uint64_t index) {
  using Kind = HandleTable::Kind;
  HandleUse use{.table = {.instance = context_.instance}, .index = index};
  use.creates = context_.to_guest;
  switch (type.kind) {
    case TypeKind::own:
    case TypeKind::borrow: {
      use.table.type = type.element;
      // A borrow that is lent to who defines the resource is its representation.
      if (type.kind == TypeKind::borrow && context_.to_guest &&
          context_.own.contains({context_.instance, type.element})) {
        use.table.kind = Kind::representation;
        use.creates = false;
      }
      into_.add(type.kind == TypeKind::own ? "own " : "borrow ");
      into_.add(context_.types.has(type.element) ? context_.types[type.element].name : "");
      break;
    }
    case TypeKind::error_context:
      use.table.kind = Kind::error_context;
      into_.add("error-context");
      break;
    default:
      use.table.kind = Kind::waitable;
      into_.add(type.kind == TypeKind::stream ? "stream" : "future");
      break;
  }
  into_.add_handle(use);
  budget_ -= std::min(budget_, handle_cost);
}

void Lifter::string(std::uint64_t address, std::uint64_t length) {
  const int tag_bit = context_.pointer == IndexType::i64 ? 63 : 31;
  bool wide = context_.encoding == StringEncoding::utf16;
  if (context_.encoding == StringEncoding::latin1_utf16) {
    wide = (length >> tag_bit & 1) != 0;
    length &= ~(std::uint64_t{1} << tag_bit);
  }
  if (length > limits::payload_size) return unknown(length);
  if (length == 0) return into_.add("\"\"");
  const auto bytes =
      context_.memory == nullptr ? std::nullopt : context_.memory->read(address, length << wide);
  if (!bytes) return unknown(length);
  into_.add("\"");
  if (wide) {
    into_.add(utf8_of_utf16(*bytes));
  } else if (context_.encoding == StringEncoding::latin1_utf16) {
    into_.add(utf8_of_latin1(*bytes));
  } else {
    into_.add({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  }
  into_.add("\"");
}

void Lifter::list(std::uint32_t element, std::uint64_t address, std::uint64_t length) {
  const std::uint64_t size = context_.types.layout(element, context_.pointer).size;
  if (length > limits::payload_size || (length != 0 && context_.memory == nullptr)) {
    return unknown(length);
  }
  const TypeKind kind = context_.types[element].kind;
  if (length != 0 && (kind == TypeKind::u8 || kind == TypeKind::s8)) {
    const auto bytes = context_.memory->read(address, length);
    return bytes ? into_.add_bytes(*bytes) : unknown(length);
  }
  into_.add("[");
  for (std::uint64_t i = 0; i < length && budget_ != 0; ++i) {
    if (i != 0) into_.add(", ");
    from_memory(element, address + i * size);
  }
  into_.add("]");
}

void Lifter::map(const Type& type, std::uint64_t address, std::uint64_t length) {
  const component::Layout& key = context_.types.layout(type.key, context_.pointer);
  const component::Layout& element = context_.types.layout(type.element, context_.pointer);
  const std::uint64_t offset = align_to(key.size, element.alignment);
  const std::uint64_t size =
      align_to(offset + element.size, std::max(key.alignment, element.alignment));
  if (length > limits::payload_size || (length != 0 && context_.memory == nullptr)) {
    return unknown(length);
  }
  into_.add("{");
  for (std::uint64_t i = 0; i < length && spend(); ++i) {
    if (i != 0) into_.add(", ");
    from_memory(type.key, address + i * size);
    into_.add(": ");
    from_memory(type.element, address + i * size + offset);
  }
  into_.add("}");
}

void Lifter::variant(const Type& type, auto& place) {
  struct Case {
    std::string_view name;
    std::uint32_t payload;
  };
  std::vector<Case> cases;
  if (type.kind == TypeKind::option) {
    cases = {{"none", none}, {"some", type.element}};
  } else if (type.kind == TypeKind::result) {
    cases = {{"ok", type.element}, {"error", type.key}};
  } else {
    for (const Member& member : type.members) cases.push_back({member.name, member.type});
  }
  const auto discriminant = place.discriminant(cases.size() <= 0x100     ? 1
                                               : cases.size() <= 0x10000 ? 2
                                                                         : 4);
  if (!discriminant) return into_.add("?");
  const std::uint64_t chosen = *discriminant & 0xffffffff;
  if (chosen >= cases.size()) return into_.add("case " + std::to_string(chosen));
  into_.add(cases[chosen].name);
  if (const std::uint32_t payload = cases[chosen].payload; payload != none) {
    std::uint32_t alignment = 1;
    for (const Case& one : cases) {
      if (one.payload != none) {
        alignment =
            std::max(alignment, context_.types.layout(one.payload, context_.pointer).alignment);
      }
    }
    place.begin_payload(alignment);
    into_.add("(");
    value(payload, place);
    into_.add(")");
  }
}

}  // namespace crossing::comparing
