#include <algorithm>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <variant>

#include "crossing/text.h"
#include "lines.h"

namespace crossing {
namespace text {
namespace {

using Json = nlohmann::ordered_json;

/// Gives the lines of an input one by one, with their numbers.
class LineReader {
 public:
  explicit LineReader(ByteSource& source) : source_(source), buffer_(256 * 1024) {}

  [[nodiscard]] std::uint64_t number() const { return number_; }

  tl::unexpected<Error> fault(Verdict verdict, const std::string& message,
                              std::string_view rule = "JSON-09") const {
    return tl::unexpected(Error{.verdict = verdict,
                                .message = "line " + std::to_string(number_) + ": " + message,
                                .offset = {},
                                .event = {},
                                .rule = rule});
  }

  /// The next line without its end, valid until the next call; none at the end of the input.
  Result<std::optional<std::string_view>> next() {
    line_.clear();
    ++number_;
    for (;;) {
      const std::uint8_t* from = buffer_.data() + begin_;
      const auto* end = static_cast<const std::uint8_t*>(std::memchr(from, '\n', end_ - begin_));
      const std::size_t size = end ? static_cast<std::size_t>(end - from) : end_ - begin_;
      if (size > json_line_limit - line_.size()) {
        return fault(Verdict::limit,
                     "expected at most " + std::to_string(json_line_limit) + " bytes, found more",
                     "");
      }
      line_.append(reinterpret_cast<const char*>(from), size);
      begin_ += size;
      if (end) {
        ++begin_;
        return std::optional<std::string_view>(line_);
      }
      auto count = source_.read(buffer_);
      if (!count) return tl::unexpected(count.error());
      begin_ = 0;
      end_ = *count;
      if (end_ != 0) continue;
      if (line_.empty()) return std::optional<std::string_view>();
      return fault(Verdict::truncated, "expected a line end, found the end of the input",
                   "JSON-01");
    }
  }

 private:
  ByteSource& source_;
  std::vector<std::uint8_t> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string line_;
  std::uint64_t number_ = 0;
};

/// Takes records out of JSON values and says of the first fault what and where it is.
class RecordReader {
 public:
  /// False after the first fault; then `fault()` tells it.
  template <class Record>
  requires std::is_class_v<Record>
  bool read(const Json& value, Record& into) {
    if (!value.is_object()) return wrong("an object", value);
    std::size_t known = 0;
    bool good = true;
    bool in_order = true;
    auto next = value.begin();
    for_each_member(into, [&](std::string_view name, auto& member) {
      ++known;
      if (!good) return;
      in_order = in_order && next != value.end() && next.key() == name;
      if (in_order) ++next;
      const auto found = value.find(name);
      if (found == value.end()) {
        good = wrong("member \"" + std::string(name) + "\"", std::string("none"));
      } else if (!read(*found, member)) {
        good = below(name);
      }
    });
    if (!good) return false;
    if (value.size() == known) {
      return in_order || wrong("members in the order of the schema", std::string("another"));
    }
    for (const auto& item : value.items()) {
      bool is_known = false;
      for_each_member(into, [&](std::string_view name, auto&) { is_known |= name == item.key(); });
      if (!is_known) return wrong("a known member", printable(item.key()));
    }
    return true;
  }

  bool read(const Json& value, bool& into) {
    if (!value.is_boolean()) return wrong("true or false", value);
    into = value.get<bool>();
    return true;
  }

  /// [JSON-03]
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) bool read(const Json& value, T& into) {
    constexpr std::uint64_t greatest = std::numeric_limits<T>::max();
    if constexpr (sizeof(T) == 8) {
      const std::string* digits = value.get_ptr<const std::string*>();
      if (digits == nullptr) return wrong("a string of decimal digits", value);
      const char* end = digits->data() + digits->size();
      const auto [rest, error] = std::from_chars(digits->data(), end, into);
      const bool canonical = digits->size() == 1 || (*digits)[0] != '0';
      if (error != std::errc{} || rest != end || !canonical) {
        return wrong("a string of decimal digits", printable(*digits));
      }
      return true;
    } else {
      if (!value.is_number_unsigned() || value.get<std::uint64_t>() > greatest) {
        return wrong("an integer from 0 to " + std::to_string(greatest), value);
      }
      into = static_cast<T>(value.get<std::uint64_t>());
      return true;
    }
  }

  bool read(const Json& value, std::string& into) {
    const std::string* text = value.get_ptr<const std::string*>();
    if (text == nullptr) return wrong("a string", value);
    into = *text;
    return true;
  }

  /// [JSON-04]
  bool read(const Json& value, std::vector<std::uint8_t>& into) {
    const std::string* text = value.get_ptr<const std::string*>();
    if (text == nullptr || text->size() % 2 != 0) {
      return wrong("an even number of lower-case hexadecimal digits", value);
    }
    into.resize(text->size() / 2);
    for (std::size_t i = 0; i < into.size(); ++i) {
      const int high = digit((*text)[2 * i]);
      const int low = digit((*text)[2 * i + 1]);
      if (high < 0 || low < 0) {
        return wrong("lower-case hexadecimal digits", printable(text->substr(2 * i, 2)));
      }
      into[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return true;
  }

  template <class T>
  bool read(const Json& value, std::vector<T>& into) {
    if (!value.is_array()) return wrong("an array", value);
    into.resize(value.size());
    for (std::size_t i = 0; i < into.size(); ++i) {
      if (!read(value[i], into[i])) return below(i);
    }
    return true;
  }

  /// [JSON-06]
  template <class Enum>
  requires std::is_enum_v<Enum>
  bool read(const Json& value, Enum& into) {
    const EnumeratorNames names = enumerators(into);
    const std::string* text = value.get_ptr<const std::string*>();
    const auto found = text == nullptr ? names.end() : std::find(names.begin(), names.end(), *text);
    if (found == names.end()) return wrong("one of " + list(names), value);
    into = static_cast<Enum>(found - names.begin());
    return true;
  }

  bool read(const Json& value, EventKind& into) {
    const std::string* text = value.get_ptr<const std::string*>();
    for (unsigned number = 0; number < 256; ++number) {
      into = static_cast<EventKind>(number);
      const std::string_view name = event_kind_name(into);
      if (name.empty() ? number >= 128 && value.is_number_unsigned() && value == number
                       : text != nullptr && *text == name) {
        return true;
      }
    }
    return wrong("the name of an event kind, or the number of an unknown informative one", value);
  }

  bool read(const Json& value, FlagSet& into) {
    if (!value.is_array()) return wrong("an array", value);
    std::size_t next = 0;
    into.bits = 0;
    for (const auto& [bit, name] : flag_names) {
      if (next == value.size() || value[next] != name) continue;
      into.bits |= bit;
      ++next;
    }
    if (next == value.size()) return true;
    wrong("one of \"redacted\", \"hashed\", \"omitted\" and \"snapshot\", in this order",
          value[next]);
    return below(next);
  }

  [[nodiscard]] std::string fault() const {
    return (path_.empty() ? "" : "member \"" + path_ + "\": ") + message_;
  }

  /// What a value is, for a message.
  static std::string printable(std::string_view text) {
    std::string out;
    append_json(out, text.substr(0, 40));
    return out;
  }

 private:
  static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
  }

  static std::string list(EnumeratorNames names) {
    std::string out;
    for (const auto name : names) {
      if (!out.empty()) out += ", ";
      append_json(out, name);
    }
    return out;
  }

  bool wrong(const std::string& what, const std::string& found) {
    message_ = "expected " + what + ", found " + found;
    return false;
  }

  bool wrong(const std::string& what, const Json& found) {
    if (const auto* text = found.get_ptr<const std::string*>()) {
      return wrong(what, printable(*text));
    }
    const bool whole = found.is_number() || found.is_boolean();
    return wrong(what, whole              ? found.dump()
                       : found.is_null()  ? "null"
                       : found.is_array() ? "an array"
                                          : "an object");
  }

  bool below(std::string_view name) {
    const bool join = !path_.empty() && path_[0] != '[';
    path_ = std::string(name) + (join ? "." : "") + path_;
    return false;
  }

  bool below(std::size_t index) {
    const bool join = !path_.empty() && path_[0] != '[';
    path_ = "[" + std::to_string(index) + "]" + (join ? "." : "") + path_;
    return false;
  }

  std::string path_;
  std::string message_;
};

/// Refuses members that stand twice, which the parser would merge [JSON-09].
class DuplicateMembers {
 public:
  bool operator()(int, Json::parse_event_t event, Json& parsed) {
    switch (event) {
      case Json::parse_event_t::object_start: open_.emplace_back(); break;
      case Json::parse_event_t::object_end: open_.pop_back(); break;
      case Json::parse_event_t::key: {
        const auto& key = parsed.get_ref<const std::string&>();
        if (!open_.back().insert(key).second && !duplicate_) duplicate_ = key;
        break;
      }
      default: break;
    }
    return true;
  }
  [[nodiscard]] const std::optional<std::string>& duplicate() const { return duplicate_; }

 private:
  std::vector<std::set<std::string>> open_;
  std::optional<std::string> duplicate_;
};

using Line =
    std::variant<TraceInfo, Type, Component, Instance, Memory, Function, AttachmentLine, EventLine>;

template <std::size_t I = 0>
Result<Line> read_record(const LineReader& lines, const std::string& name, const Json& value) {
  if constexpr (I == std::variant_size_v<Line>) {
    return lines.fault(Verdict::invalid,
                       "expected the name of a record, found " + RecordReader::printable(name),
                       "JSON-02");
  } else {
    std::variant_alternative_t<I, Line> record;
    if (name != line_name(&record)) return read_record<I + 1>(lines, name, value);
    RecordReader reader;
    if (!reader.read(value, record)) return lines.fault(Verdict::invalid, reader.fault());
    return Line(std::move(record));
  }
}

Result<Line> parse_line(const LineReader& lines, std::string_view text) {
  DuplicateMembers duplicates;
  Json json;
  try {
    json = Json::parse(text.begin(), text.end(), std::ref(duplicates));
  } catch (const Json::parse_error& error) {
    return lines.fault(Verdict::invalid,
                       "expected JSON, found something else at byte " + std::to_string(error.byte),
                       "JSON-01");
  } catch (const Json::out_of_range&) {
    return lines.fault(Verdict::invalid, "expected numbers of at most 64 bits, found a larger one",
                       "JSON-01");
  }
  if (duplicates.duplicate()) {
    return lines.fault(Verdict::invalid, "expected each member once, found " +
                                             RecordReader::printable(*duplicates.duplicate()) +
                                             " twice");
  }
  if (!json.is_object() || json.size() != 1) {
    return lines.fault(Verdict::invalid, "expected an object with one member", "JSON-02");
  }
  auto record = read_record(lines, json.begin().key(), json.begin().value());
  // [JSON-01] [JSON-05] Members stand in their order here, so that the one form of the line is
  // this.
  if (record && json.dump() != text) {
    return lines.fault(Verdict::invalid,
                       "expected no spaces, and no escapes but the canonical ones, found others",
                       "JSON-09");
  }
  return record;
}

/// The next line, parsed; none at the end of the input.
Result<std::optional<Line>> next_line(LineReader& lines) {
  auto text = lines.next();
  if (!text) return tl::unexpected(text.error());
  if (!*text) return std::optional<Line>();
  auto line = parse_line(lines, **text);
  if (!line) return tl::unexpected(line.error());
  return std::optional<Line>(std::move(*line));
}

/// Writes what lines say.
class TraceBuilder {
 public:
  TraceBuilder(LineReader& lines, Writer& writer) : lines_(lines), writer_(writer) {}

  Result<void> add(TraceInfo&&) {
    return lines_.fault(Verdict::invalid, "expected no second \"trace_info\"", "JSON-02");
  }

  template <class Record>
  Result<void> add(Record&& record) {
    return writer_.define(Definition(std::move(record)));
  }

  Result<void> add(AttachmentLine&& piece) {
    return writer_.attach_piece(
        {piece.id, piece.name, piece.offset, piece.total_size, piece.bytes});
  }

  Result<void> add(EventLine&& event) {
    if (event.sequence != writer_.next_sequence()) {
      return lines_.fault(Verdict::invalid,
                          "member \"sequence\": expected \"" +
                              std::to_string(writer_.next_sequence()) + "\", found \"" +
                              std::to_string(event.sequence) + "\"",
                          "EVENT-01");
    }
    return writer_.append({.kind = event.kind,
                           .flags = event.flags.bits,
                           .time = event.time,
                           .subject = event.subject,
                           .detail = event.detail,
                           .body = event.payload});
  }

 private:
  LineReader& lines_;
  Writer& writer_;
};

/// Names the line of a fault that the writer found.
Error at_line(const LineReader& lines, Error error) {
  if (error.verdict == Verdict::io || error.message.starts_with("line ")) return error;
  error.message = "line " + std::to_string(lines.number()) + ": " + error.message;
  error.offset.reset();
  return error;
}

Result<void> build(LineReader& lines, ByteSink& trace, WriterOptions options) {
  auto first = next_line(lines);
  if (!first) return tl::unexpected(first.error());
  const auto* info = *first ? std::get_if<TraceInfo>(&**first) : nullptr;
  if (info == nullptr) {
    return lines.fault(Verdict::invalid, "expected \"trace_info\"", "JSON-02");
  }
  auto writer = Writer::create(trace, *info, options);
  if (!writer) return tl::unexpected(writer.error());
  TraceBuilder builder(lines, *writer);
  for (;;) {
    auto line = next_line(lines);
    if (!line) return tl::unexpected(line.error());
    if (!*line) return writer->finish();
    auto added = std::visit([&](auto& record) { return builder.add(std::move(record)); }, **line);
    if (!added) return added;
  }
}

}  // namespace
}  // namespace text

Result<void> read_json(ByteSource& json, ByteSink& trace, WriterOptions options) {
  text::LineReader lines(json);
  auto built = text::build(lines, trace, options);
  if (!built) return tl::unexpected(text::at_line(lines, built.error()));
  return {};
}

}  // namespace crossing
