#include "flat.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <iterator>
#include <optional>
#include <vector>

#include "event/scope.h"
#include "printable.h"

namespace crossing::text {
namespace {

constexpr std::size_t name_width = 40;
constexpr int work_limit = 4096;  // types looked at for one call

/// The core values of a signature, each as its bits; none when `bytes` do not fit it.
std::optional<std::vector<std::uint64_t>> slots_of(const std::vector<CoreType>& signature,
                                                   Bytes bytes) {
  std::vector<std::uint64_t> slots;
  for (const CoreType type : signature) {
    const std::size_t size = core_size(type);
    if (size > bytes.size()) return std::nullopt;
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes.data(), std::min(size, sizeof bits));  // of v128 the low half
    slots.push_back(bits);
    bytes = bytes.subspan(size);
  }
  if (!bytes.empty()) return std::nullopt;
  return slots;
}

template <class Float, class Bits>
void append_float(std::string& out, Bits bits) {
  const auto value = std::bit_cast<Float>(bits);
  if (value != value) {
    fmt::format_to(std::back_inserter(out), "nan:0x{:x}", bits);  // its payload may matter
  } else {
    fmt::format_to(std::back_inserter(out), "{}", value);
  }
}

void append_core(std::string& out, CoreType type, std::uint64_t bits, Bytes bytes) {
  const auto into = std::back_inserter(out);
  switch (type) {
    case CoreType::i32: fmt::format_to(into, "{}", static_cast<std::int32_t>(bits)); break;
    case CoreType::i64: fmt::format_to(into, "{}", static_cast<std::int64_t>(bits)); break;
    case CoreType::f32: append_float<float>(out, static_cast<std::uint32_t>(bits)); break;
    case CoreType::f64: append_float<double>(out, bits); break;
    case CoreType::v128:
      out += "0x";
      for (std::size_t i = bytes.size(); i-- > 0;) fmt::format_to(into, "{:02x}", bytes[i]);
      break;
    case CoreType::funcref:
    case CoreType::externref: out += "ref"; break;
  }
}

void append_raw(std::string& out, const std::vector<CoreType>& signature,
                const std::vector<std::uint64_t>& slots, Bytes bytes) {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (i != 0) out += ", ";
    const std::size_t size = core_size(signature[i]);
    append_core(out, signature[i], slots[i], bytes.first(size));
    bytes = bytes.subspan(size);
  }
}

/// Takes component values off a row of slots. A variant's payload lies in slots that it shares
/// with the other cases; its bits are the low ones, whatever the slot's type.
class TypedValues {
 public:
  TypedValues(std::string& out, const Definitions& definitions,
              const std::vector<std::uint64_t>& slots)
      : out_(out), types_(definitions.types), slots_(slots) {}

  /// Number of slots of a type; none when that is too much to find out.
  std::optional<std::size_t> width(std::uint32_t id) {
    if (id == none) return 0;
    if (id >= types_.size() || ++work_ > work_limit) return std::nullopt;
    const Type& type = types_[id];
    std::size_t sum = 0;
    switch (type.kind) {
      case TypeKind::string_:
      case TypeKind::list:
      case TypeKind::map: return 2;
      case TypeKind::record:
      case TypeKind::tuple:
        for (const Member& member : type.members) {
          const auto one = width(member.type);
          if (!one) return one;
          sum += *one;
        }
        return sum;
      case TypeKind::fixed_length_list: {
        const auto one = width(type.element);
        if (!one || (*one != 0 && type.length > slots_.size() / *one)) return std::nullopt;
        return *one * type.length;
      }
      case TypeKind::variant:
        for (const Member& member : type.members) {
          const auto one = width(member.type);
          if (!one) return one;
          sum = std::max(sum, *one);
        }
        return 1 + sum;
      case TypeKind::option:
      case TypeKind::result: {
        const auto ok = width(type.element);
        const auto error = width(type.key);
        if (!ok || !error) return std::nullopt;
        return 1 + std::max(*ok, *error);
      }
      case TypeKind::resource:
      case TypeKind::func: return std::nullopt;
      default: return 1;
    }
  }

  [[nodiscard]] std::size_t left() const { return slots_.size() - position_; }

  void append(std::uint32_t id) {
    if (id >= types_.size() || ++work_ > work_limit) {
      out_ += "…";
      return;
    }
    const Type& type = types_[id];
    const auto into = std::back_inserter(out_);
    switch (type.kind) {
      case TypeKind::bool_: out_ += take() != 0 ? "true" : "false"; break;
      case TypeKind::s8: fmt::format_to(into, "{}", static_cast<std::int8_t>(take())); break;
      case TypeKind::s16: fmt::format_to(into, "{}", static_cast<std::int16_t>(take())); break;
      case TypeKind::s32: fmt::format_to(into, "{}", static_cast<std::int32_t>(take())); break;
      case TypeKind::s64: fmt::format_to(into, "{}", static_cast<std::int64_t>(take())); break;
      case TypeKind::u8: fmt::format_to(into, "{}", take() & 0xff); break;
      case TypeKind::u16: fmt::format_to(into, "{}", take() & 0xffff); break;
      case TypeKind::u32: fmt::format_to(into, "{}", take() & 0xffffffff); break;
      case TypeKind::u64: fmt::format_to(into, "{}", take()); break;
      case TypeKind::f32: append_float<float>(out_, static_cast<std::uint32_t>(take())); break;
      case TypeKind::f64: append_float<double>(out_, take()); break;
      case TypeKind::char_: append_char(static_cast<std::uint32_t>(take())); break;
      case TypeKind::string_:
      case TypeKind::list:
      case TypeKind::map: {
        const std::uint64_t address = take();
        fmt::format_to(into, "0x{:x}+{}", address, take());
        break;
      }
      case TypeKind::error_context:
      case TypeKind::own:
      case TypeKind::borrow:
      case TypeKind::stream:
      case TypeKind::future: fmt::format_to(into, "#{}", take() & 0xffffffff); break;
      case TypeKind::record:
      case TypeKind::tuple: append_members(type); break;
      case TypeKind::fixed_length_list:
        out_ += '[';
        for (std::uint32_t i = 0; i < type.length && work_ <= work_limit; ++i) {
          if (i != 0) out_ += ", ";
          append(type.element);
        }
        out_ += ']';
        break;
      case TypeKind::enum_: append_label(type, take() & 0xffffffff); break;
      case TypeKind::flags: append_flags(type, take()); break;
      case TypeKind::variant:
      case TypeKind::option:
      case TypeKind::result: append_case(id, type); break;
      case TypeKind::resource:
      case TypeKind::func: out_ += "…"; break;
    }
  }

 private:
  std::uint64_t take() { return position_ < slots_.size() ? slots_[position_++] : 0; }

  void append_char(std::uint32_t code) {
    if (code < 0x80 && code >= 0x20 && code != 0x7f) {
      out_ += '\'';
      out_ += static_cast<char>(code);
      out_ += '\'';
    } else {
      fmt::format_to(std::back_inserter(out_), "U+{:04X}", code);
    }
  }

  void append_members(const Type& type) {
    const bool named = type.kind == TypeKind::record;
    out_ += named ? '{' : '(';
    for (std::size_t i = 0; i < type.members.size() && work_ <= work_limit; ++i) {
      if (i != 0) out_ += ", ";
      if (named) {
        append_printable(out_, type.members[i].name, name_width, false);
        out_ += ": ";
      }
      append(type.members[i].type);
    }
    out_ += named ? '}' : ')';
  }

  void append_label(const Type& type, std::uint64_t index) {
    if (index < type.members.size()) {
      append_printable(out_, type.members[index].name, name_width, false);
    } else {
      fmt::format_to(std::back_inserter(out_), "?{}", index);
    }
  }

  void append_flags(const Type& type, std::uint64_t bits) {
    out_ += '{';
    bool first = true;
    for (std::size_t i = 0; i < type.members.size() && i < 32; ++i) {
      if ((bits >> i & 1) == 0) continue;
      if (!first) out_ += ", ";
      first = false;
      append_printable(out_, type.members[i].name, name_width, false);
    }
    out_ += '}';
  }

  void append_case(std::uint32_t id, const Type& type) {
    const std::size_t end = position_ + width(id).value_or(1);
    const std::uint64_t index = take() & 0xffffffff;
    std::uint32_t payload = none;
    if (type.kind == TypeKind::option) {
      out_ += index == 0 ? "none" : index == 1 ? "some" : "?";
      if (index == 1) payload = type.element;
    } else if (type.kind == TypeKind::result) {
      out_ += index == 0 ? "ok" : index == 1 ? "err" : "?";
      payload = index == 0 ? type.element : type.key;
    } else {
      append_label(type, index);
      if (index < type.members.size()) payload = type.members[index].type;
    }
    if (payload != none) {
      out_ += '(';
      append(payload);
      out_ += ')';
    }
    position_ = end;
  }

  std::string& out_;
  const std::vector<Type>& types_;
  const std::vector<std::uint64_t>& slots_;
  std::size_t position_ = 0;
  int work_ = 0;
};

const Type* type_of(const Definitions& definitions, const Function& function) {
  if (function.type >= definitions.types.size()) return nullptr;
  const Type& type = definitions.types[function.type];
  return type.kind == TypeKind::func ? &type : nullptr;
}

/// Whether a role has the component function's own parameters and results.
bool is_plain(Role role) {
  return role == Role::import_ || role == Role::export_ || role == Role::core_import ||
         role == Role::core_export;
}

void append_realloc_params(std::string& out, const std::vector<std::uint64_t>& slots) {
  fmt::format_to(std::back_inserter(out), "0x{:x}, {}, {}, {}", slots[0], slots[1], slots[2],
                 slots[3]);
}

}  // namespace

void append_params(std::string& out, const Definitions& definitions, const Function& function,
                   Bytes bytes) {
  const auto slots = slots_of(function.core_params, bytes);
  if (!slots) {
    append_preview(out, bytes, bytes.size());
    return;
  }
  if (function.role == Role::realloc && slots->size() == 4) {
    append_realloc_params(out, *slots);
    return;
  }
  const Type* type = is_plain(function.role) ? type_of(definitions, function) : nullptr;
  if (type != nullptr) {
    TypedValues values(out, definitions, *slots);
    std::size_t flat = function.result_area_param == none ? 0 : 1;
    bool known = true;
    for (const Member& member : type->members) {
      const auto width = values.width(member.type);
      known = known && width.has_value();
      flat += width.value_or(0);
    }
    if (known && flat == slots->size()) {
      bool first = true;
      for (const Member& member : type->members) {
        if (!first) out += ", ";
        first = false;
        append_printable(out, member.name, name_width, false);
        out += ": ";
        values.append(member.type);
      }
      if (values.left() == 1) {
        fmt::format_to(std::back_inserter(out), "{}→ 0x{:x}", first ? "" : ", ", slots->back());
      }
      return;
    }
  }
  append_raw(out, function.core_params, *slots, bytes);
}

void append_results(std::string& out, const Definitions& definitions, const Function& function,
                    Bytes bytes) {
  const auto slots = slots_of(function.core_results, bytes);
  if (!slots) {
    append_preview(out, bytes, bytes.size());
    return;
  }
  if (slots->empty()) {
    out += "()";
    return;
  }
  const Type* type = is_plain(function.role) ? type_of(definitions, function) : nullptr;
  if (type != nullptr && !function.options.is_async) {
    TypedValues values(out, definitions, *slots);
    if (values.width(type->element) == slots->size()) {
      values.append(type->element);
      return;
    }
  }
  const bool address = function.role == Role::realloc ||
                       (function.role == Role::export_ && function.result_area_size != 0);
  if (address && slots->size() == 1) {
    fmt::format_to(std::back_inserter(out), "0x{:x}", slots->front());
    return;
  }
  append_raw(out, function.core_results, *slots, bytes);
}

}  // namespace crossing::text
