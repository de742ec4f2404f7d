#include "call_text.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <iterator>
#include <optional>

#include "crossing/value.h"
#include "event/scope.h"
#include "json_text.h"
#include "printable.h"
#include "value/binary.h"
#include "value/cases.h"
#include "value/wave_write.h"

namespace crossing::text {
namespace {

constexpr std::size_t name_width = 40;
constexpr std::size_t string_width = 56;
constexpr std::size_t bytes_width = 16;
constexpr std::size_t values_width = 400;

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

/// Parameters without the parentheses around them; where the text was cut the second one is
/// missing.
std::string_view inside(std::string_view text) {
  if (text.ends_with(')')) text.remove_suffix(1);
  return text.substr(1);
}

/// The thing that a destructor drops [PAY-06], as its bytes; false: they are none.
bool append_dropped(std::string& out, Bytes bytes) {
  const TypeList own = {Type{.kind = TypeKind::own}};
  const auto thing = decode_value(own, 0, bytes);
  if (thing) out += '#' + std::to_string(thing->bits);
  return thing.has_value();
}

/// Whether anything is known of a value at an address: its first byte always means something.
bool is_known(values::GuestMemory* memory, std::uint64_t address) {
  return memory != nullptr && memory->read(address, 1).has_value();
}

}  // namespace

/// The canonical text [WAVE-02], with what is long shortened, and bytes as digits.
class CallText::Writer final : public values::WaveWriter {
 public:
  Writer(std::string& out, bool full) : out_(out), full_(full) {}

  void string(std::string_view text) override {
    if (full_ || text.size() <= string_width) return WaveWriter::string(text);
    begin_part();
    std::string shown = "\"";
    append_printable(shown, text, string_width, true);
    put(shown + "\"");
  }
  void bytes(const Type&, Bytes elements) override {
    begin_part();
    std::string shown =
        fmt::format("list of {} byte{}", elements.size(), elements.size() == 1 ? "" : "s");
    if (!elements.empty()) shown += ' ';
    const Bytes head = full_ ? elements : elements.first(std::min(elements.size(), bytes_width));
    append_hex(shown, head);
    put(head.size() < elements.size() ? shown + "…" : shown);
  }
  void unknown(const Type&, const values::Unknown& what) override {
    begin_part();
    put(what.has_place ? fmt::format("0x{:x}+{}", what.address, what.length) : "?");
  }

 private:
  void put(std::string_view text) override {
    if (cut_) return;
    if (!full_ && size_ + text.size() > values_width) {
      cut_ = true;
      text = "…";
    }
    size_ += text.size();
    out_ += text;
  }
  void put_parameter(const Member& member) override {
    if (member.name.empty()) return;
    std::string name;
    append_printable(name, member.name, name_width, false);
    put(name + ": ");
  }

  std::string& out_;
  bool full_;
  bool cut_ = false;
  std::size_t size_ = 0;
};

values::LiftOptions CallText::options(const Function& function, values::GuestMemory* memory) const {
  return {.types = shapes_.types(),
          .pointer = values::pointer_of(definitions_, function),
          .encoding = function.options.string_encoding,
          .memory = memory};
}

values::Budget CallText::budget() const {
  return full_ ? values::Budget{limits::value_parts, limits::payload_size}
               : values::Budget{4096, limits::payload_size};
}

/// Component values as their bytes [PAY-06]; false: they are none of the type.
bool CallText::append_encoded(std::string& out, std::uint32_t type, Bytes bytes) {
  if (type == none) return bytes.empty();
  std::string text;
  Writer writer(text, full_);
  values::Budget left = budget();
  const auto size = values::read_binary(definitions_.types, type, bytes, writer, left);
  if (!size || *size != bytes.size()) return false;
  out += definitions_.types[type].kind == TypeKind::func ? inside(text) : text;
  return true;
}

void CallText::append_params(std::string& out, const Function& function, Bytes bytes,
                             values::GuestMemory* memory) {
  const values::CallShape& how = shapes_.of(function.id);
  if (profile_ == Profile::values && function.role != Role::realloc) {
    if (function.role == Role::destructor) {
      if (!append_dropped(out, bytes)) append_preview(out, bytes, bytes.size());
    } else if (function.type == none || !append_encoded(out, function.type, bytes)) {
      append_preview(out, bytes, bytes.size());
    }
    return;
  }
  const auto slots = slots_of(function.core_params, bytes);
  if (!slots) return append_preview(out, bytes, bytes.size());
  if (function.role == Role::realloc && slots->size() == 4) {
    fmt::format_to(std::back_inserter(out), "0x{:x}, {}, {}, {}", (*slots)[0], (*slots)[1],
                   (*slots)[2], (*slots)[3]);
    return;
  }
  const bool told = how.is_typed && (!how.flat.params_in_memory || slots->empty() ||
                                     is_known(memory, slots->front()));
  if (!told) return append_raw(out, function.core_params, *slots, bytes);
  const values::LiftOptions lift = options(function, memory);
  std::string text;
  Writer writer(text, full_);
  values::Budget left = budget();
  values::Lifter lifter(lift, writer, left);
  values::FlatValues params(function.core_params, bytes);
  values::lift_params(how, lifter, params);
  const bool is_func = how.params != none && definitions_.types[how.params].kind == TypeKind::func;
  const std::string_view shown = is_func ? inside(text) : text;
  out += shown;
  if (how.has_result_area()) {
    fmt::format_to(std::back_inserter(out), "{}→ 0x{:x}", shown.empty() ? "" : ", ",
                   params[how.flat.result_area_param]);
  }
}

void CallText::append_results(std::string& out, const Function& function, Bytes params, Bytes bytes,
                              values::GuestMemory* memory) {
  const values::CallShape& how = shapes_.of(function.id);
  if (profile_ == Profile::values && function.role != Role::realloc) {
    const std::uint32_t result =
        function.type == none ? none : definitions_.types[function.type].element;
    if (result == none && bytes.empty()) {
      out += "()";
    } else if (!append_encoded(out, result, bytes)) {
      append_preview(out, bytes, bytes.size());
    }
    return;
  }
  const auto slots = slots_of(function.core_results, bytes);
  if (!slots) return append_preview(out, bytes, bytes.size());
  values::FlatValues arguments(function.core_params, params);
  values::FlatValues results(function.core_results, bytes);
  std::optional<std::uint64_t> address;  // where the result is, if in memory
  if (how.has_result_area() && how.flat.result_area_param < arguments.size()) {
    address = arguments[how.flat.result_area_param];
  } else if (how.flat.result_in_memory && results.size() == 1) {
    address = results[0];
  }
  const bool in_memory = how.has_result_area() || how.flat.result_in_memory;
  const bool sync = how.is_typed && how.result != none && !function.options.is_async;
  if (sync && (in_memory ? address && is_known(memory, *address) : !slots->empty())) {
    const values::LiftOptions lift = options(function, memory);
    Writer writer(out, full_);
    values::Budget left = budget();
    values::Lifter lifter(lift, writer, left);
    return values::lift_result(how, lifter, arguments, results);
  }
  if (slots->empty()) {
    out += "()";
    return;
  }
  if (slots->size() == 1 && (function.role == Role::realloc || (sync && in_memory))) {
    fmt::format_to(std::back_inserter(out), "0x{:x}", slots->front());
    return;
  }
  append_raw(out, function.core_results, *slots, bytes);
}

}  // namespace crossing::text
