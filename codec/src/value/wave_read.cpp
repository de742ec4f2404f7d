#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "event/utf8.h"
#include "io/fault.h"
#include "value/cases.h"
#include "value/transcode.h"
#include "value/walk.h"
#include "value/wave_words.h"
#include "value/wave_write.h"

namespace crossing {
namespace values {
namespace {

constexpr std::string_view number_characters = "0123456789abcdefnixE.+-";  // also of inf, nan, 0x
constexpr std::size_t longest_number = 1024;

/// Takes values off text. The first fault ends it: then nothing more is told.
class WaveReader {
 public:
  WaveReader(const TypeList& types, std::string_view text, ValueVisitor& into, Budget& budget)
      : types_(types), text_(text), into_(into), budget_(budget) {}

  Result<void> read(std::uint32_t type) {
    value(type, 1);
    skip_space();
    if (!error_ && at_ != text_.size()) bad("the end of the value");
    if (error_) return tl::unexpected(*error_);
    return {};
  }

 private:
  void value(std::uint32_t id, std::uint32_t depth) {
    if (error_) return;
    if (id >= types_.size()) return bad("a type that is defined");
    if (depth > limits::type_depth) return bad("a type that nests less deep", Verdict::limit);
    if (!budget_.spend()) return bad("a value of fewer parts", Verdict::limit);
    const Type& type = types_[id];
    switch (type.kind) {
      case TypeKind::string_: {
        const std::string text = quoted('"');
        if (budget_.spend(text.size())) return tell([&] { into_.string(text); });
        return bad("a value of fewer bytes", Verdict::limit);
      }
      case TypeKind::record: return record(type, depth);
      case TypeKind::tuple:
      case TypeKind::func:
        return parts(type, "()", type.members.size(),
                     [&](std::uint64_t i) { value(type.members[i].type, depth + 1); });
      case TypeKind::list:
      case TypeKind::fixed_length_list: return list(type, depth);
      case TypeKind::map:
        return parts(type, "{}", std::nullopt, [&](std::uint64_t) {
          value(type.key, depth + 1);
          expect(':');
          value(type.element, depth + 1);
        });
      case TypeKind::variant:
      case TypeKind::option:
      case TypeKind::result: return variant(type, depth);
      case TypeKind::resource: return bad("a type of values");
      default: {
        const std::uint64_t bits = scalar(type);
        return tell([&] { into_.scalar(type, bits); });
      }
    }
  }

  // --- parts -------------------------------------------------------------------

  /// Parts between brackets, separated by commas. `begin` is told with the number of parts, which
  /// is known only at the end of a list: so its parts are counted first.
  void parts(const Type& type, std::string_view brackets, std::optional<std::uint64_t> count,
             auto&& part) {
    expect(brackets[0]);
    const std::uint64_t expected = count ? *count : count_parts();
    tell([&] { into_.begin(type, expected); });
    for (std::uint64_t i = 0; i < expected && !error_; ++i) {
      if (i != 0) expect(',');
      part(i);
    }
    expect(brackets[1]);
    tell([&] { into_.end(type); });
  }

  void record(const Type& type, std::uint32_t depth) {
    parts(type, "{}", type.members.size(), [&](std::uint64_t i) {
      const std::string found = label();
      if (!error_ && found != type.members[i].name) bad("the field " + type.members[i].name);
      expect(':');
      value(type.members[i].type, depth + 1);
    });
  }

  void list(const Type& type, std::uint32_t depth) {
    const bool is_fixed = type.kind == TypeKind::fixed_length_list;
    const auto count = is_fixed ? std::optional<std::uint64_t>(type.length) : std::nullopt;
    const Type* element = type.element < types_.size() ? &types_[type.element] : nullptr;
    if (!is_bytes(type, element)) {
      return parts(type, "[]", count, [&](std::uint64_t) { value(type.element, depth + 1); });
    }
    std::vector<std::uint8_t> bytes;
    expect('[');
    while (!error_ && !is_next(']')) {
      if (!bytes.empty()) expect(',');
      if (!budget_.spend(1)) return bad("a value of fewer parts", Verdict::limit);
      bytes.push_back(static_cast<std::uint8_t>(integer(0, 0xff)));
    }
    expect(']');
    if (is_fixed && bytes.size() != type.length) bad(std::to_string(type.length) + " elements");
    tell([&] { into_.bytes(type, bytes); });
  }

  void variant(const Type& type, std::uint32_t depth) {
    const bool named = type.kind == TypeKind::variant;
    const std::string found = named ? label() : word();
    const auto index = index_of(type, found);
    if (error_) return;
    if (!index) return bad("a case of the type");
    tell([&] { into_.begin_case(type, *index); });
    if (const std::uint32_t payload = case_payload(type, *index); payload != none) {
      expect('(');
      value(payload, depth + 1);
      expect(')');
    }
    tell([&] { into_.end(type); });
  }

  /// The number of parts between here and the bracket that closes, which need not be well formed.
  /// Each nesting is passed once for each list around: types nest at most `type_depth` deep.
  std::uint64_t count_parts() {
    std::uint64_t commas = 0;
    bool any = false;
    char quote = 0;
    int depth = 0;
    for (std::size_t i = at_; i < text_.size(); ++i) {
      const char c = text_[i];
      if (quote != 0) {
        if (c == '\\') ++i;
        if (c == quote) quote = 0;
        continue;
      }
      if (c == ']' || c == '}' || c == ')') {
        if (depth-- == 0) break;
      }
      if (!is_space(c)) any = true;
      if (c == '"' || c == '\'') quote = c;
      if (c == '[' || c == '{' || c == '(') ++depth;
      if (c == ',' && depth == 0) ++commas;
    }
    return any ? commas + 1 : 0;
  }

  // --- scalars -----------------------------------------------------------------

  std::uint64_t scalar(const Type& type) {
    switch (type.kind) {
      case TypeKind::bool_: {
        const std::string found = word();
        if (!error_ && found != "true" && found != "false") bad("true or false");
        return found == "true" ? 1 : 0;
      }
      case TypeKind::s8: return integer(-0x80, 0x7f);
      case TypeKind::s16: return integer(-0x8000, 0x7fff);
      case TypeKind::s32: return integer(INT32_MIN, INT32_MAX);
      case TypeKind::s64: return integer(INT64_MIN, INT64_MAX);
      case TypeKind::u8: return integer(0, 0xff);
      case TypeKind::u16: return integer(0, 0xffff);
      case TypeKind::u32: return integer(0, 0xffffffff);
      case TypeKind::u64: return integer(0, UINT64_MAX);
      case TypeKind::f32: return floating<float, std::uint32_t>(type.kind, 0x7f800000);
      case TypeKind::f64: return floating<double, std::uint64_t>(type.kind, 0x7ff0000000000000);
      case TypeKind::char_: {
        std::string text = quoted('\'');
        std::string_view rest = text;
        const std::uint32_t code = rest.empty() ? 0 : take_character(rest);
        if (!error_ && (text.empty() || !rest.empty())) bad("one character");
        return code;
      }
      case TypeKind::enum_: {
        const auto index = index_of(type, label());
        if (!index) bad("a label of the type");
        return index.value_or(0);
      }
      case TypeKind::flags: return flags(type);
      default: expect('#'); return integer(0, 0xffffffff);
    }
  }

  std::uint64_t flags(const Type& type) {
    std::uint64_t set = 0;
    expect('{');
    for (bool first = true; !error_ && !is_next('}'); first = false) {
      if (!first) expect(',');
      const auto index = index_of(type, label());
      if (!index || *index >= 64) {
        bad("a label of the type");
        break;
      }
      set |= std::uint64_t{1} << *index;
    }
    expect('}');
    return set;
  }

  std::string_view number_text() {
    skip_space();
    const std::size_t from = at_ + (text_.substr(at_).starts_with("nan:") ? 4 : 0);
    const std::size_t end =
        std::min(text_.find_first_not_of(number_characters, from), text_.size());
    const std::string_view found = text_.substr(at_, end - at_);
    if (found.size() > longest_number) {
      bad("a number of fewer digits");
      return "";
    }
    return found;
  }

  template <class Number>
  std::uint64_t parsed_integer(std::string_view digits) {
    Number number = 0;
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (problem != std::errc() || end != digits.data() + digits.size())
      bad("an integer of the type");
    return static_cast<std::uint64_t>(number);
  }

  std::uint64_t integer(std::int64_t least, std::uint64_t most) {
    const std::string_view digits = number_text();
    if (error_) return 0;
    const bool negative = digits.starts_with('-');
    const std::uint64_t value =
        negative ? parsed_integer<std::int64_t>(digits) : parsed_integer<std::uint64_t>(digits);
    if (!error_ && (negative ? static_cast<std::int64_t>(value) < least : value > most)) {
      bad("an integer of the type");
    }
    if (!error_) at_ += digits.size();
    return value;
  }

  template <class Float, class Bits>
  std::uint64_t floating(TypeKind kind, Bits infinity) {
    const std::string_view digits = number_text();
    if (error_) return 0;
    std::uint64_t bits = 0;
    if (digits == "inf") {
      bits = infinity;
    } else if (digits == "nan") {
      bits = canonical_nan(kind);
    } else if (digits == "-inf") {
      bits = infinity | Bits{1} << (8 * sizeof(Bits) - 1);
    } else if (digits.starts_with("nan:0x")) {
      const auto [end, problem] =
          std::from_chars(&digits[6], digits.data() + digits.size(), bits, 16);
      const bool is_nan = (bits & (~Bits{0} >> 1)) > infinity;
      if (problem != std::errc() || end != digits.data() + digits.size() ||
          digits.size() != 6 + 2 * sizeof(Bits) || !is_nan) {
        bad("the bits of a NaN of the type");
      }
    } else {
      Float number = 0;
      const auto [end, problem] =
          std::from_chars(digits.data(), digits.data() + digits.size(), number);
      const bool too_small = problem == std::errc::result_out_of_range &&
                             digits.find('-', 1) != std::string_view::npos;
      if ((problem != std::errc() && !too_small) || end != digits.data() + digits.size() ||
          std::isinf(number) || std::isnan(number)) {
        bad("a float of the type");
      }
      if (too_small) number = digits[0] == '-' ? -Float{0} : Float{0};
      bits = std::bit_cast<Bits>(number);
    }
    if (!error_) at_ += digits.size();
    return bits;
  }

  // --- words -------------------------------------------------------------------

  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  bool is_next(char c) {
    skip_space();
    return at_ < text_.size() && text_[at_] == c;
  }
  void expect(char c) {
    if (error_) return;
    if (!is_next(c)) return bad(std::string("'") + c + "'");
    ++at_;
  }

  std::string word() {
    skip_space();
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word_character(text_[at_])) ++at_;
    if (at_ == begin) bad("a word");
    return std::string(text_.substr(begin, at_ - begin));
  }

  /// [WAVE-05]
  std::string label() {
    if (is_next('"')) return quoted('"');
    if (is_next('%')) ++at_;
    return word();
  }

  /// Text in quotes; well-formed UTF-8, as all of the text is.
  std::string quoted(char quote) {
    expect(quote);
    std::string out;
    while (!error_) {
      if (at_ == text_.size()) {
        bad(std::string("a closing ") + quote);
        break;
      }
      const char c = text_[at_++];
      if (c == quote) break;
      if (c == '\\') {
        escaped(out);
      } else {
        out += c;
      }
    }
    return out;
  }

  /// [WAVE-04]
  void escaped(std::string& out) {
    const char c = at_ < text_.size() ? text_[at_++] : ' ';
    switch (c) {
      case 't': out += '\t'; return;
      case 'n': out += '\n'; return;
      case 'r': out += '\r'; return;
      case '\\':
      case '"':
      case '\'': out += c; return;
      default: break;
    }
    const std::size_t end = text_.find('}', at_);
    std::uint32_t code = 0xd800;
    if (c == 'u' && at_ < text_.size() && text_[at_] == '{' && end != std::string_view::npos &&
        end - at_ < 16) {
      const auto [last, problem] = std::from_chars(&text_[at_ + 1], &text_[end], code, 16);
      if (problem != std::errc() || last != &text_[end]) code = 0xd800;
    }
    if (!is_scalar_value(code)) return bad("an escaped character");
    append_utf8(out, code);
    at_ = end + 1;
  }

  /// The number of the case or label with that name; of several the first.
  std::optional<std::uint32_t> index_of(const Type& type, const std::string& name) {
    auto& known = names_[&type];
    if (known.empty()) {
      for (std::size_t i = 0; i < case_count(type); ++i) {
        known.emplace(case_name(type, i), static_cast<std::uint32_t>(i));
      }
    }
    const auto found = known.find(name);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  }

  void tell(auto&& part) {
    if (!error_) part();
  }

  void bad(std::string expected, Verdict verdict = Verdict::invalid) {
    if (error_) return;
    std::string found(text_.substr(at_, 16));
    while (!found.empty() &&
           !is_utf8({reinterpret_cast<const std::uint8_t*>(found.data()), found.size()})) {
      found.pop_back();  // a character that was cut
    }
    error_ = fault(verdict, at_, verdict == Verdict::limit ? "VALUE-04" : "WAVE-01",
                   expected_found(expected, at_ == text_.size() ? "the end" : "'" + found + "'"))
                 .value();
  }

  const TypeList& types_;
  std::string_view text_;
  ValueVisitor& into_;
  Budget& budget_;
  std::size_t at_ = 0;
  std::optional<Error> error_;
  std::map<const Type*, std::map<std::string_view, std::uint32_t, std::less<>>> names_;
};

class TextWriter final : public WaveWriter {
 public:
  std::string out;

 private:
  void put(std::string_view text) override { out += text; }
};

}  // namespace
}  // namespace values

Result<Value> parse_wave(const TypeList& types, std::uint32_t type, std::string_view text,
                         const ValueLimits& limits) {
  const Bytes bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  if (!is_utf8(bytes)) {
    return fault(Verdict::invalid, 0, "WAVE-01", "expected UTF-8, found other bytes");
  }
  values::ValueBuilder builder;
  values::Budget budget{.parts = limits.parts, .bytes = limits.bytes};
  values::WaveReader reader(types, text, builder, budget);
  if (auto read = reader.read(type); !read) return tl::unexpected(read.error());
  return builder.take();
}

Result<std::string> wave_text(const TypeList& types, std::uint32_t type, const Value& value) {
  values::TextWriter writer;
  if (auto told = values::walk(types, type, value, writer); !told) {
    return tl::unexpected(told.error());
  }
  return std::move(writer.out);
}

}  // namespace crossing
