#include <bit>

#include "event/utf8.h"
#include "io/bytes.h"
#include "io/fault.h"
#include "value/binary.h"
#include "value/cases.h"
#include "value/transcode.h"
#include "value/walk.h"

namespace crossing {
namespace values {
namespace {

/// Takes values off bytes. The first fault ends it: then everything that is taken is 0 or empty.
class Reader {
 public:
  Reader(const TypeList& types, Bytes bytes, ValueVisitor& into, Budget& budget)
      : types_(types), bytes_(bytes), into_(into), budget_(budget) {}

  void value(std::uint32_t id, std::uint32_t depth = 1) {
    if (error_) return;
    if (id >= types_.size())
      return bad(Verdict::invalid, "TYPE-02",
                 "expected a defined type, found " + std::to_string(id));
    if (depth > limits::type_depth) {
      return bad(Verdict::limit, "LIMIT-01",
                 "expected types nested at most " + std::to_string(limits::type_depth) +
                     " deep, found more");
    }
    const Type& type = types_[id];
    if (!spend(0)) return;
    switch (type.kind) {
      case TypeKind::string_: return string();
      case TypeKind::record:
      case TypeKind::tuple:
      case TypeKind::func:
        into_.begin(type, type.members.size());
        for (const Member& member : type.members) value(member.type, depth + 1);
        return end(type);
      case TypeKind::list: return list(type, number(32, "number of elements"), depth);
      case TypeKind::fixed_length_list: return list(type, type.length, depth);
      case TypeKind::map: {
        const std::uint64_t count = number(32, "number of entries");
        into_.begin(type, count);
        for (std::uint64_t i = 0; i < count && !error_; ++i) {
          value(type.key, depth + 1);
          value(type.element, depth + 1);
        }
        return end(type);
      }
      case TypeKind::variant:
      case TypeKind::option:
      case TypeKind::result: {
        const std::uint64_t index = index_below(case_count(type));
        if (error_) return;
        into_.begin_case(type, static_cast<std::uint32_t>(index));
        if (const std::uint32_t payload = case_payload(type, index); payload != none) {
          value(payload, depth + 1);
        }
        return end(type);
      }
      case TypeKind::resource:
        return bad(Verdict::invalid, "VALUE-01", "expected a type of values, found a resource");
      default: {
        const std::uint64_t bits = scalar(type);
        if (!error_) into_.scalar(type, bits);
      }
    }
  }

  Result<std::uint64_t> finish() {
    if (error_) return tl::unexpected(*error_);
    return at_;
  }

 private:
  void bad(Verdict verdict, std::string_view rule, std::string message) {
    if (!error_) error_ = fault(verdict, at_, rule, std::move(message)).value();
  }

  bool spend(std::uint64_t size) {
    if (budget_.spend(size)) return true;
    bad(Verdict::limit, "VALUE-04", "expected a value of fewer parts and bytes, found more");
    return false;
  }

  void end(const Type& type) {
    if (!error_) into_.end(type);
  }

  Bytes take(std::uint64_t size, std::string_view what) {
    if (error_) return {};
    if (size > bytes_.size() - at_) {
      bad(Verdict::truncated, "VALUE-02",
          expected_found(std::to_string(size) + " bytes of " + std::string(what),
                         bytes_.size() - at_));
      return {};
    }
    const Bytes taken = bytes_.subspan(at_, size);
    at_ += size;
    return taken;
  }

  std::uint8_t byte(std::string_view what) {
    const Bytes one = take(1, what);
    return one.empty() ? std::uint8_t{0} : one[0];
  }

  /// LEB128 of at most so many bits, as short as it can be [VALUE-02].
  std::uint64_t number(unsigned width, std::string_view what) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; !error_; shift += 7) {
      const std::uint8_t next = byte(what);
      const unsigned left = width - shift;
      if ((shift != 0 && next == 0) || (left < 7 && next >> left != 0)) break;
      value |= std::uint64_t{next & 0x7fU} << shift;
      if ((next & 0x80) == 0) return value;
    }
    bad(Verdict::invalid, "VALUE-02",
        "expected " + std::string(what) + " as a shortest LEB128 of " + std::to_string(width) +
            " bits, found another");
    return 0;
  }

  std::uint64_t signed_number(unsigned width) {
    std::uint64_t value = 0;
    std::uint8_t before = 0;
    for (unsigned shift = 0; !error_; shift += 7) {
      const std::uint8_t next = byte("an integer");
      const unsigned used = std::min(width - shift, 7U);
      value |= std::uint64_t{next & 0x7fU} << shift;
      if ((next & 0x80) == 0) {
        // The last byte's bits over the width repeat the sign, and it says more than the sign
        // alone.
        const auto extended = static_cast<std::int8_t>(static_cast<std::uint8_t>(next << 1)) >> 1;
        const int rest = extended >> (used - 1);
        const bool redundant = shift != 0 && ((next == 0 && (before & 0x40) == 0) ||
                                              (next == 0x7f && (before & 0x40) != 0));
        if ((rest != 0 && rest != -1) || redundant) break;
        const unsigned bits = std::min(shift + 7, 64U);
        return static_cast<std::uint64_t>(static_cast<std::int64_t>(value << (64 - bits)) >>
                                          (64 - bits));
      }
      if (used < 7 || shift + 7 >= width) break;
      before = next;
    }
    bad(Verdict::invalid, "VALUE-02",
        "expected an integer as a shortest LEB128 of " + std::to_string(width) +
            " bits, found another");
    return 0;
  }

  std::uint64_t index_below(std::size_t count) {
    const std::uint64_t index = number(32, "a discriminant");
    if (!error_ && index >= count) {
      bad(Verdict::invalid, "VALUE-02",
          expected_found("a discriminant below " + std::to_string(count), index));
      return 0;
    }
    return index;
  }

  void string() {
    const std::uint64_t size = number(32, "number of bytes");
    if (!spend(size)) return;
    const Bytes text = take(size, "a string");
    if (!is_utf8(text))
      return bad(Verdict::invalid, "VALUE-02", "expected UTF-8 in a string, found other bytes");
    if (!error_) into_.string({reinterpret_cast<const char*>(text.data()), text.size()});
  }

  void list(const Type& type, std::uint64_t count, std::uint32_t depth) {
    if (error_) return;
    if (is_bytes(type, type.element < types_.size() ? &types_[type.element] : nullptr)) {
      if (!spend(count)) return;
      const Bytes elements = take(count, "a list");
      if (!error_) into_.bytes(type, elements);
      return;
    }
    into_.begin(type, count);
    for (std::uint64_t i = 0; i < count && !error_; ++i) value(type.element, depth + 1);
    end(type);
  }

  std::uint64_t scalar(const Type& type) {
    switch (type.kind) {
      case TypeKind::bool_: return index_below(2);
      case TypeKind::u8: return byte("a u8");
      case TypeKind::s8:
        return static_cast<std::uint64_t>(std::int64_t{static_cast<std::int8_t>(byte("an s8"))});
      case TypeKind::u16: return number(16, "a u16");
      case TypeKind::u64: return number(64, "a u64");
      case TypeKind::s16: return signed_number(16);
      case TypeKind::s32: return signed_number(32);
      case TypeKind::s64: return signed_number(64);
      case TypeKind::f32: {
        const Bytes bits = take(4, "an f32");
        return bits.empty() ? 0 : load<std::uint32_t>(bits.data());
      }
      case TypeKind::f64: {
        const Bytes bits = take(8, "an f64");
        return bits.empty() ? 0 : load<std::uint64_t>(bits.data());
      }
      case TypeKind::char_: return character();
      case TypeKind::enum_: return index_below(type.members.size());
      case TypeKind::flags: return flags(type);
      default: return number(32, "a number");
    }
  }

  std::uint64_t character() {
    const std::uint64_t begin = at_;
    const auto size = static_cast<std::uint64_t>(std::max(1, std::countl_one(byte("a char"))));
    if (error_) return 0;
    at_ = begin;
    const Bytes bytes = take(size, "a char");
    if (error_) return 0;
    if (!is_utf8(bytes)) {
      at_ = begin;
      bad(Verdict::invalid, "VALUE-02", "expected a char as UTF-8, found other bytes");
      return 0;
    }
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return take_character(text);
  }

  std::uint64_t flags(const Type& type) {
    const std::size_t labels = type.members.size();
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < labels && !error_; i += 8) {
      const std::uint64_t eight = byte("flags");
      const bool fits = i < 64 && (labels - i >= 8 || eight >> (labels - i) == 0);
      if (!fits && eight != 0) {
        bad(Verdict::invalid, "VALUE-02",
            "expected no flags but the first " + std::to_string(labels) + ", found more");
      }
      if (i < 64) bits |= eight << i;
    }
    return bits;
  }

  const TypeList& types_;
  Bytes bytes_;
  ValueVisitor& into_;
  Budget& budget_;
  std::uint64_t at_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<std::uint64_t> read_binary(const TypeList& types, std::uint32_t type, Bytes bytes,
                                  ValueVisitor& into, Budget& budget) {
  Reader reader(types, bytes, into, budget);
  reader.value(type);
  return reader.finish();
}

}  // namespace values

Result<Value> decode_value(const TypeList& types, std::uint32_t type, Bytes bytes,
                           const ValueLimits& limits) {
  values::ValueBuilder builder;
  values::Budget budget{.parts = limits.parts, .bytes = limits.bytes};
  const auto size = values::read_binary(types, type, bytes, builder, budget);
  if (!size) return tl::unexpected(size.error());
  if (*size != bytes.size()) {
    return fault(Verdict::invalid, *size, "VALUE-02",
                 expected_found("the end of the value",
                                std::to_string(bytes.size() - *size) + " bytes more"));
  }
  return builder.take();
}

}  // namespace crossing
