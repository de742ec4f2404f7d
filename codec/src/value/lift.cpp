#include "value/lift.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "event/utf8.h"
#include "io/fault.h"
#include "value/cases.h"
#include "value/transcode.h"

namespace crossing::values {
namespace {

constexpr std::uint64_t largest_bytes = (std::uint64_t{1} << 28) - 1;  // of a string or list

constexpr bool is_signed(TypeKind kind) {
  return kind == TypeKind::s8 || kind == TypeKind::s16 || kind == TypeKind::s32;
}

/// The low bytes of `bits` as a number of the kind, extended to 64 bits.
std::uint64_t extended(TypeKind kind, std::uint64_t bits, std::uint64_t size) {
  const auto shift = static_cast<unsigned>(64 - 8 * size);
  return is_signed(kind)
             ? static_cast<std::uint64_t>(static_cast<std::int64_t>(bits << shift) >> shift)
             : bits << shift >> shift;
}

bool is_nan(TypeKind kind, std::uint64_t bits) {
  return kind == TypeKind::f32 ? (bits & 0x7fffffff) > 0x7f800000
                               : kind == TypeKind::f64 && (bits & INT64_MAX) > 0x7ff0000000000000;
}

}  // namespace

/// Where the parts of a value in core values are.
class Lifter::FlatPlace {
 public:
  FlatPlace(FlatValues& values, Law law) : values_(values), law_(law) {}
  static constexpr bool in_memory = false;
  /// What was taken last.
  [[nodiscard]] std::uint64_t where() const { return values_.position() - 1; }

  std::optional<std::uint64_t> scalar(std::uint32_t, Slot as) { return values_.next(as); }
  std::optional<std::uint64_t> pointer() { return values_.next(Slot::pointer); }
  std::optional<std::uint64_t> length() { return values_.next(Slot::value); }
  std::uint64_t begin(const component::Layout&) { return values_.position(); }
  void begin_payload(std::uint64_t, const component::Layout&) {}
  /// Passes over what is left of a value.
  void skip(std::uint64_t begin, const component::Layout& layout) {
    values_.go_to(begin + layout.flat.size());
  }
  /// Passes over the slots of other cases; `unused` is called for each that is not 0.
  void end(std::uint64_t begin, const component::Layout& layout, auto&& unused) {
    const std::uint64_t end = begin + layout.flat.size();
    if (law_ == Law::lower) {
      for (; values_.position() < end && values_.position() < values_.size();
           values_.go_to(values_.position() + 1)) {
        if (values_[values_.position()] != 0) unused(values_.position());
      }
    }
    values_.go_to(end);
  }

 private:
  FlatValues& values_;
  Law law_;
};

/// Where the parts of a value in guest memory are.
class Lifter::MemoryPlace {
 public:
  MemoryPlace(const LiftOptions& options, std::uint64_t address)
      : options_(options), address_(address) {}
  static constexpr bool in_memory = true;
  [[nodiscard]] std::uint64_t where() const { return last_; }

  std::optional<std::uint64_t> scalar(std::uint32_t size, Slot) {
    last_ = address_;
    address_ += size;
    if (options_.memory == nullptr) return std::nullopt;
    const auto bytes = options_.memory->read(last_, size);
    if (!bytes) return std::nullopt;
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes->data(), std::min<std::size_t>(bytes->size(), sizeof bits));
    return bits;
  }
  std::optional<std::uint64_t> pointer() { return scalar(pointer_size(), Slot::pointer); }
  std::optional<std::uint64_t> length() { return scalar(pointer_size(), Slot::value); }
  std::uint64_t begin(const component::Layout& layout) {
    return address_ = component::align_to(address_, layout.alignment);
  }
  void begin_payload(std::uint64_t begin, const component::Layout& layout) {
    address_ = begin + layout.payload_offset;
  }
  void skip(std::uint64_t, const component::Layout&) {}
  void end(std::uint64_t begin, const component::Layout& layout, auto&&) {
    address_ = begin + layout.size;
  }

 private:
  [[nodiscard]] std::uint32_t pointer_size() const {
    return options_.pointer == IndexType::i64 ? 8 : 4;
  }
  const LiftOptions& options_;
  std::uint64_t address_;
  std::uint64_t last_ = address_;
};

void Lifter::breach(std::string_view rule, bool traps, const auto& place, std::string_view expected,
                    std::string_view found) {
  if (options_.breaches == nullptr) return;
  options_.breaches->take({.rule = rule,
                           .traps = traps,
                           .in_memory = place.in_memory,
                           .address = place.where(),
                           .expected = std::string(expected),
                           .found = std::string(found)});
}

void Lifter::lift_flat(std::uint32_t type, FlatValues& values) {
  FlatPlace place(values, options_.law);
  value(type, place);
}

void Lifter::load(std::uint32_t type, std::uint64_t address) {
  const component::Layout& area = layout(type);
  MemoryPlace place(options_, address);
  // [ABI-06]
  if (reachable("ABI-06", "the place of a value", address, area.size, area.alignment, place)) {
    value(type, place);
  } else if (budget_.spend()) {
    into_.unknown(options_.types[type], {.broken = true});
  }
}

void Lifter::value(std::uint32_t id, auto& place) {
  if (!budget_.spend()) return;
  const Type& type = options_.types[id];
  const component::Layout& what = layout(id);
  const std::uint64_t begin = place.begin(what);
  switch (type.kind) {
    case TypeKind::string_:
    case TypeKind::list:
    case TypeKind::map: pointed(type, place); break;
    case TypeKind::record:
    case TypeKind::tuple:
    case TypeKind::func:
      parts(
          type, type.members.size(), [&](std::uint64_t i) { return type.members[i].type; }, place);
      break;
    case TypeKind::fixed_length_list: {
      if constexpr (std::remove_reference_t<decltype(place)>::in_memory) {
        if (type.length != 0 && (options_.memory == nullptr || !options_.memory->read(begin, 1))) {
          into_.unknown(type, {.address = begin});
        } else {
          elements(type, begin, type.length, layout(type.element).size);
        }
      } else {
        parts(
            type, type.length, [&](std::uint64_t) { return type.element; }, place);
      }
      break;
    }
    case TypeKind::variant:
    case TypeKind::option:
    case TypeKind::result: variant(type, what, place); break;
    case TypeKind::resource: into_.unknown(type, {.broken = true}); break;  // no value has it
    default: {
      const auto bits = place.scalar(static_cast<std::uint32_t>(what.size),
                                     is_handle(type.kind) ? Slot::handle : Slot::value);
      bits ? scalar(type, *bits, place) : into_.unknown(type, {.address = place.where()});
      break;
    }
  }
  place.end(begin, what, [&](std::size_t slot) {  // [ABI-12]
    if (options_.breaches != nullptr) {
      options_.breaches->take({.rule = "ABI-12",
                               .address = slot,
                               .expected = "0 in a slot that the case does not use",
                               .found = "another value"});
    }
  });
}

void Lifter::parts(const Type& type, std::uint64_t count, auto&& type_of, auto& place) {
  // A list of bytes in core values is one part all the same.
  if (type.kind == TypeKind::fixed_length_list && is_bytes(type, &options_.types[type.element])) {
    std::vector<std::uint8_t> bytes;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(count, component::kMaxFlatParams); ++i) {
      const std::uint64_t bits = *place.scalar(1, Slot::value);
      judge_integer(options_.types[type.element], bits, bits & 0xff, place);
      bytes.push_back(static_cast<std::uint8_t>(bits));
    }
    return into_.bytes(type, bytes);
  }
  into_.begin(type, count);
  for (std::uint64_t i = 0; i < count && !budget_.is_spent; ++i) value(type_of(i), place);
  into_.end(type);
}

// --- scalars -----------------------------------------------------------------

/// [ABI-09] The upper bits of a core value are those that a lowering gives it.
void Lifter::judge_integer(const Type& type, std::uint64_t bits, std::uint64_t value,
                           const auto& place) {
  if constexpr (!std::remove_cvref_t<decltype(place)>::in_memory) {
    if (options_.law != Law::lower) return;
    const bool wide =
        type.kind == TypeKind::s64 || type.kind == TypeKind::u64 || type.kind == TypeKind::f64;
    const std::uint64_t expected = wide ? value : value & 0xffffffff;
    if (bits == expected) return;
    breach(bits >> 32 != 0 ? "ABI-13" : "ABI-09", false, place,
           "the number " + std::to_string(expected), bits);
  }
}

void Lifter::scalar(const Type& type, std::uint64_t bits, const auto& place) {
  const std::uint64_t size = layout(type.id).size;
  const auto broken = [&] { into_.unknown(type, {.broken = true}); };
  switch (type.kind) {
    case TypeKind::bool_: {
      const bool is_true = (bits & 0xffffffff) != 0;
      if (options_.law == Law::lower && bits != (is_true ? 1 : 0)) {
        breach("ABI-08", false, place, "a bool of 0 or 1", bits);
      }
      return into_.scalar(type, is_true ? 1 : 0);
    }
    case TypeKind::char_: {
      const std::uint64_t code = bits & 0xffffffff;
      if (!is_scalar_value(code)) {
        breach("ABI-02", true, place, "a Unicode scalar value", code);
        return broken();
      }
      judge_integer(type, bits, code, place);
      return into_.scalar(type, code);
    }
    case TypeKind::enum_: {
      const std::uint64_t index = bits & 0xffffffff;
      if (index >= type.members.size()) {
        breach("ABI-03", true, place, "a discriminant below " + std::to_string(type.members.size()),
               index);
        return broken();
      }
      judge_integer(type, bits, index, place);
      return into_.scalar(type, index);
    }
    case TypeKind::flags: {
      const std::size_t labels = std::min<std::size_t>(type.members.size(), 32);
      const std::uint64_t set = bits & ((std::uint64_t{1} << labels) - 1);
      if (options_.law == Law::lower && bits != set) {
        breach("ABI-10", false, place, "no flags but the first " + std::to_string(labels),
               "bits " + std::to_string(bits));
      }
      return into_.scalar(type, set);
    }
    default: {
      const std::uint64_t value = extended(type.kind, bits, size);
      judge_integer(type, bits, value, place);
      if (options_.canonical_nans && options_.law == Law::lower && is_nan(type.kind, value) &&
          value != canonical_nan(type.kind)) {
        breach("ABI-14", false, place, "the canonical NaN", hex(value, size == 4 ? 8 : 16));
      }
      return into_.scalar(type, value);
    }
  }
}

void Lifter::variant(const Type& type, const component::Layout& layout, auto& place) {
  const std::uint64_t begin = place.begin(layout);
  const std::size_t cases = case_count(type);
  const auto discriminant = place.scalar(component::discriminant_size(cases), Slot::value);
  if (!discriminant) return into_.unknown(type, {.address = place.where()});
  const std::uint64_t index = *discriminant & 0xffffffff;
  if (index >= cases) {
    breach("ABI-03", true, place, "a discriminant below " + std::to_string(cases), index);
    place.skip(begin, layout);
    return into_.unknown(type, {.broken = true});
  }
  judge_integer(type, *discriminant, index, place);
  into_.begin_case(type, static_cast<std::uint32_t>(index));
  if (const std::uint32_t payload = case_payload(type, index); payload != none) {
    place.begin_payload(begin, layout);
    value(payload, place);
  }
  into_.end(type);
}

// --- what lies elsewhere -----------------------------------------------------

void Lifter::pointed(const Type& type, auto& place) {
  const auto wide = [&](std::uint64_t bits) {  // a 32-bit pointer in a slot that it shares
    if (options_.pointer == IndexType::i64) return bits;
    if (options_.law == Law::lower && bits >> 32 != 0) {
      breach("ABI-13", false, place, "32 bits", bits);
    }
    return bits & 0xffffffff;
  };
  auto address = place.pointer();
  if (address) address = wide(*address);
  auto length = place.length();
  if (length) length = wide(*length);
  if (!address || !length) return into_.unknown(type, {.address = place.where()});
  if (type.kind == TypeKind::string_) return string(type, *address, *length, place);
  list(type, *address, *length, place);
}

/// Whether `size` bytes at an address are aligned and inside the memory; tells of it if not.
bool Lifter::reachable(std::string_view rule, std::string_view what, std::uint64_t address,
                       std::uint64_t size, std::uint32_t alignment, const auto& place) {
  if (address % alignment != 0) {
    breach(rule, true, place, std::string(what) + " at a multiple of " + std::to_string(alignment),
           address);
    return false;
  }
  const bool narrow = options_.pointer == IndexType::i32;
  const std::uint64_t end = options_.memory_size != 0 ? options_.memory_size
                            : narrow                  ? std::uint64_t{1} << 32
                                                      : ~std::uint64_t{0};
  if (address > end || size > end - address) {
    if (options_.breaches != nullptr) {
      options_.breaches->take(
          {.rule = rule,
           .traps = true,
           .out_of_bounds = true,
           .in_memory = place.in_memory,
           .address = place.where(),
           .expected = std::string(what) + " below " + std::to_string(end),
           .found = std::to_string(size) + " bytes at " + std::to_string(address)});
    }
    return false;
  }
  return true;
}

void Lifter::string(const Type& type, std::uint64_t address, std::uint64_t units,
                    const auto& place) {
  bool wide = options_.encoding == StringEncoding::utf16;
  const bool compact = options_.encoding == StringEncoding::latin1_utf16;
  if (compact) {
    const std::uint64_t tag = std::uint64_t{1} << (options_.pointer == IndexType::i64 ? 63 : 31);
    wide = (units & tag) != 0;
    units &= ~tag;
  }
  Unknown what{.broken = true, .has_place = true, .address = address, .length = units};
  const std::uint64_t most = wide ? largest_bytes / 2 : largest_bytes;
  if (units > most) {  // [ABI-04]
    breach("ABI-04", true, place, "at most " + std::to_string(most) + " code units", units);
    return into_.unknown(type, what);
  }
  const std::uint64_t size = units << (wide ? 1 : 0);
  const std::uint32_t alignment = options_.encoding == StringEncoding::utf8 ? 1 : 2;
  if (!reachable("ABI-04", "a string", address, size, alignment, place)) {
    return into_.unknown(type, what);
  }
  if (!budget_.spend(size)) return;
  std::optional<Bytes> bytes = Bytes();
  if (size != 0)
    bytes = options_.memory == nullptr ? std::nullopt : options_.memory->read(address, size);
  if (!bytes) {
    what.broken = false;
    return into_.unknown(type, what);
  }
  std::optional<std::string> text;  // [ABI-05]
  if (wide) {
    text = utf8_of_utf16(*bytes);
  } else if (compact) {
    text = utf8_of_latin1(*bytes);
  } else if (is_utf8(*bytes)) {
    const std::string_view known(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    if (options_.places != nullptr) options_.places->string(address, known, wide);
    return into_.string(known);
  }
  if (!text) {
    breach("ABI-05", true, place,
           wide ? "well-formed UTF-16 in a string" : "well-formed UTF-8 in a string",
           "other bytes at " + std::to_string(address));
    return into_.unknown(type, what);
  }
  // [ABI-11] UTF-8 has bytes over 0xc3 exactly for characters over U+00FF.
  if (compact && wide && options_.law == Law::lower &&
      std::none_of(text->begin(), text->end(),
                   [](char c) { return static_cast<unsigned char>(c) > 0xc3; })) {
    breach("ABI-11", false, place, "the tag of UTF-16 only with a character over U+00FF",
           "it without one");
  }
  if (options_.places != nullptr) options_.places->string(address, *text, wide);
  into_.string(*text);
}

void Lifter::list(const Type& type, std::uint64_t address, std::uint64_t count, const auto& place) {
  const component::Layout& value = layout(type.element);
  std::uint64_t size = value.size;
  std::uint32_t alignment = value.alignment;
  if (type.kind == TypeKind::map) {  // as a tuple of both
    const component::Layout& key = layout(type.key);
    alignment = std::max(key.alignment, value.alignment);
    size = component::align_to(component::align_to(key.size, value.alignment) + size, alignment);
  }
  Unknown what{.broken = true, .has_place = true, .address = address, .length = count};
  const std::uint64_t most = size == 0 ? 0 : largest_bytes / size;
  if (count > most) {  // [ABI-04]
    breach("ABI-04", true, place, "at most " + std::to_string(most) + " elements", count);
    return into_.unknown(type, what);
  }
  if (!reachable("ABI-04", "a list", address, count * size, alignment, place)) {
    return into_.unknown(type, what);
  }
  // Every element begins with a byte that means something.
  if (count != 0 && (options_.memory == nullptr || !options_.memory->read(address, 1))) {
    what.broken = false;
    return into_.unknown(type, what);
  }
  if (options_.places != nullptr) options_.places->list(address, count * size, alignment);
  elements(type, address, count, size);
}

void Lifter::elements(const Type& type, std::uint64_t address, std::uint64_t count,
                      std::uint64_t size) {
  if (is_bytes(type, &options_.types[type.element])) {
    if (!budget_.spend(count)) return;
    const auto bytes = count == 0                   ? std::optional(Bytes())
                       : options_.memory == nullptr ? std::nullopt
                                                    : options_.memory->read(address, count);
    if (bytes) return into_.bytes(type, *bytes);
    return into_.unknown(type, {.has_place = true, .address = address, .length = count});
  }
  into_.begin(type, count);
  for (std::uint64_t i = 0; i < count && !budget_.is_spent; ++i) {
    MemoryPlace place(options_, address + i * size);
    if (type.kind == TypeKind::map) value(type.key, place);
    value(type.element, place);
  }
  into_.end(type);
}

}  // namespace crossing::values
