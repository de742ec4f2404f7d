#include <flatbuffers/flatbuffers.h>

#include "crossing/limits.h"
#include "crossing_generated.h"
#include "event/bodies.h"
#include "event/utf8.h"
#include "io/bytes.h"
#include "io/fault.h"

namespace crossing {
namespace {

using flatbuffers::Offset;
using flatbuffers::Vector;

/// Verifies one body, then turns its parts into values and keeps the first fault.
class Decoder {
 public:
  explicit Decoder(std::uint64_t offset) : offset_(offset) {}

  template <class Root>
  const Root* root(Bytes body, const char* name) {
    flatbuffers::Verifier verifier(body.data(), body.size(), 64, limits::body_tables);
    if (!verifier.VerifyBuffer<Root>(nullptr)) {
      // The verifier does not say why. Offsets can share tables, so the second look is bounded too.
      flatbuffers::Verifier more(body.data(), body.size(), 64, 16 * limits::body_tables);
      if (more.VerifyBuffer<Root>(nullptr)) {
        fail(Verdict::limit, "LIMIT-01",
             "expected at most " + std::to_string(limits::body_tables) +
                 " tables in a body, found more");
        return nullptr;
      }
      fail(Verdict::invalid, "FRAME-13",
           "expected a FlatBuffer with root " + std::string(name) +
               ", found bytes that fail verification");
      return nullptr;
    }
    return flatbuffers::GetRoot<Root>(body.data());
  }

  std::string text(const flatbuffers::String* value, const char* name) {
    if (value == nullptr) return {};
    if (value->size() > limits::string_size) {
      fail(Verdict::limit, "LIMIT-01",
           "expected " + std::string(name) + " of at most " + std::to_string(limits::string_size) +
               " bytes, found " + std::to_string(value->size()));
      return {};
    }
    if (!spend(value->size(), name)) return {};
    if (!is_utf8({value->Data(), value->size()})) {
      fail(Verdict::invalid, "FRAME-13",
           "expected " + std::string(name) + " in UTF-8, found other bytes");
      return {};
    }
    return value->str();
  }

  /// An enumerator; `last` is the largest one known.
  template <class Value, class Schema>
  Value enumerator(Schema raw, Value last, const char* name) {
    if (static_cast<std::uint8_t>(raw) > static_cast<std::uint8_t>(last)) {
      fail(Verdict::unsupported, "FRAME-13",
           "expected " + std::string(name) + " of 0 to " + std::to_string(static_cast<int>(last)) +
               ", found " + std::to_string(static_cast<int>(raw)));
      return Value{};
    }
    return static_cast<Value>(raw);
  }

  template <class T>
  std::vector<T> numbers(const Vector<T>* values) {
    if (values == nullptr || !spend(values->size() * sizeof(T), "numbers")) return {};
    if (!aligned(values->Data(), values->size(), alignof(T))) return {};
    return {values->begin(), values->end()};
  }

  std::vector<std::string> texts(const Vector<Offset<flatbuffers::String>>* values,
                                 const char* name) {
    std::vector<std::string> result;
    if (values != nullptr) {
      if (!point_elsewhere(*values)) return result;
      for (const flatbuffers::String* value : *values) result.push_back(text(value, name));
    }
    return result;
  }

  template <class Table, class Decode>
  auto tables(const Vector<Offset<Table>>* values, Decode decode) {
    std::vector<decltype(decode(*values->Get(0)))> result;
    if (values != nullptr && point_elsewhere(*values)) {
      result.reserve(values->size());
      for (const Table* value : *values) result.push_back(decode(*value));
    }
    return result;
  }

  /// [FRAME-13] An element's offset of 0 points to itself, which the verifier lets pass.
  template <class T>
  bool point_elsewhere(const Vector<Offset<T>>& values) {
    for (flatbuffers::uoffset_t i = 0; i < values.size(); ++i) {
      if (load<flatbuffers::uoffset_t>(values.Data() + i * sizeof(flatbuffers::uoffset_t)) == 0) {
        fail(Verdict::invalid, "FRAME-13", "expected offsets that are not 0, found one that is");
        return false;
      }
    }
    return true;
  }

  Type type(const schema::Type& from) {
    return {from.id(),
            enumerator(from.kind(), TypeKind::func, "kind of a type"),
            text(from.name(), "name of a type"),
            tables(from.members(),
                   [this](const schema::Member& member) {
                     return Member{text(member.name(), "name of a member"), member.type()};
                   }),
            from.element(),
            from.key(),
            from.length(),
            from.is_async()};
  }

  Component component(const schema::Component& from) {
    return {from.id(),
            text(from.name(), "name of a component"),
            enumerator(from.digest_algorithm(), DigestAlgorithm::sha256, "digest_algorithm"),
            numbers(from.digest()),
            from.size(),
            from.attachment()};
  }

  Instance instance(const schema::Instance& from) {
    return {from.id(), from.component(), numbers(from.path()),
            tables(from.bindings(), [this](const schema::Binding& binding) {
              return Binding{text(binding.name(), "name of a binding"),
                             enumerator(binding.side(), Side::guest, "side"), binding.instance(),
                             text(binding.export_name(), "export_name")};
            })};
  }

  Memory memory(const schema::Memory& from) {
    return {from.id(),
            from.instance(),
            from.core_memory(),
            from.core_instance(),
            text(from.export_name(), "export_name"),
            enumerator(from.index_type(), IndexType::i64, "index_type"),
            from.page_size_log2(),
            from.shared()};
  }

  Options options(const schema::Options* from) {
    if (from == nullptr) return {};
    return {enumerator(from->string_encoding(), StringEncoding::latin1_utf16, "string_encoding"),
            from->memory(),
            from->realloc(),
            from->post_return(),
            from->callback(),
            from->is_async()};
  }

  static Immediates immediates(const schema::Immediates* from) {
    if (from == nullptr) return {};
    return {from->cancellable(), from->is_async(), from->type(),
            from->slot(),        from->table(),    from->shared()};
  }

  std::vector<CoreType> core_types(const Vector<schema::CoreType>* from) {
    std::vector<CoreType> result;
    if (from != nullptr && spend(from->size(), "core types")) {
      for (flatbuffers::uoffset_t i = 0; i < from->size(); ++i) {
        result.push_back(enumerator(from->Get(i), CoreType::externref, "core type"));
      }
    }
    return result;
  }

  Function function(const schema::Function& from) {
    return {from.id(),
            from.instance(),
            enumerator(from.role(), Role::core_export, "role"),
            enumerator(from.side(), Side::guest, "side"),
            enumerator(from.index_space(), IndexSpace::type, "index_space"),
            from.index(),
            from.core_instance(),
            text(from.core_export(), "core_export"),
            from.canonical_definition(),
            tables(from.names(),
                   [this](const schema::Name& name) {
                     return Name{text(name.instance_name(), "instance_name"),
                                 text(name.function_name(), "function_name")};
                   }),
            text(from.implements(), "implements"),
            text(from.version_suffix(), "version_suffix"),
            text(from.external_id(), "external_id"),
            text(from.builtin(), "builtin"),
            from.type(),
            options(from.options()),
            immediates(from.immediates()),
            core_types(from.core_params()),
            core_types(from.core_results()),
            from.result_area_param(),
            from.result_area_size(),
            from.result_area_alignment()};
  }

  Determinism determinism(const schema::Determinism& from) {
    return {enumerator(from.nan(), NanMode::engine, "nan"),
            enumerator(from.relaxed_simd(), RelaxedSimd::engine, "relaxed_simd"),
            from.memory_limit(),
            from.table_limit(),
            from.stack_limit(),
            enumerator(from.interruption(), Interruption::other, "interruption")};
  }

  void fail(Verdict verdict, std::string_view rule, std::string message) {
    if (!error_) error_ = fault(verdict, offset_, rule, std::move(message)).value();
  }

  /// The value, or the first fault met on the way to it.
  template <class T>
  Result<T> done(T value) {
    if (error_) return tl::unexpected(*error_);
    return value;
  }
  [[nodiscard]] tl::unexpected<Error> error() const { return tl::unexpected(*error_); }

  /// [FRAME-13] The verifier looks only at the length before the elements.
  bool aligned(const std::uint8_t* elements, std::size_t count, std::size_t alignment) {
    if (count == 0 || reinterpret_cast<std::uintptr_t>(elements) % alignment == 0) return true;
    fail(Verdict::invalid, "FRAME-13",
         "expected elements aligned to " + std::to_string(alignment) + ", found others");
    return false;
  }

 private:
  /// Offsets can share what they refer to, so that a small body says a lot [LIMIT-01].
  bool spend(std::size_t bytes, const char* what) {
    if (bytes <= budget_) {
      budget_ -= bytes;
      return true;
    }
    fail(Verdict::limit, "LIMIT-01",
         "expected strings and vectors of at most " + std::to_string(limits::body_text) +
             " bytes in all, found more at " + what);
    return false;
  }

  std::uint64_t offset_;
  std::size_t budget_ = limits::body_text;
  std::optional<Error> error_;
};

}  // namespace

Result<TraceInfo> decode_trace_info(Bytes body, std::uint64_t offset) {
  Decoder decoder(offset);
  const auto* from = decoder.root<schema::TraceInfo>(body, "TraceInfo");
  if (from == nullptr) return decoder.error();
  return decoder.done(TraceInfo{
      decoder.text(from->producer_name(), "producer_name"),
      decoder.text(from->producer_version(), "producer_version"), decoder.numbers(from->uuid()),
      decoder.enumerator(from->profile(), Profile::values, "profile"),
      decoder.enumerator(from->recorded_by(), RecordedBy::synthetic, "recorded_by"),
      decoder.enumerator(from->clock(), Clock::per_event, "clock"), from->clock_unit(),
      from->start_time(), decoder.determinism(*from->determinism()),
      decoder.texts(from->features(), "features"), decoder.texts(from->quirks(), "quirks"),
      decoder.texts(from->core_proposals(), "core_proposals"), from->replayable(),
      from->core_complete(), from->needs_stacks()});
}

Result<std::vector<Definition>> decode_definitions(Bytes body, std::uint64_t offset) {
  Decoder decoder(offset);
  const auto* from = decoder.root<schema::Definitions>(body, "Definitions");
  if (from == nullptr) return decoder.error();
  std::vector<Definition> result;
  const auto size_of = [](const auto* list) { return list == nullptr ? 0 : list->size(); };
  result.reserve(std::size_t{size_of(from->types())} + size_of(from->components()) +
                 size_of(from->instances()) + size_of(from->memories()) +
                 size_of(from->functions()));
  const auto add = [&](const auto* list, auto decode) {
    if (list == nullptr || !decoder.point_elsewhere(*list)) return;
    for (const auto* table : *list) result.emplace_back(decode(*table));
  };
  add(from->types(), [&](const schema::Type& x) { return decoder.type(x); });
  add(from->components(), [&](const schema::Component& x) { return decoder.component(x); });
  add(from->instances(), [&](const schema::Instance& x) { return decoder.instance(x); });
  add(from->memories(), [&](const schema::Memory& x) { return decoder.memory(x); });
  add(from->functions(), [&](const schema::Function& x) { return decoder.function(x); });
  return decoder.done(std::move(result));
}

Result<AttachmentPiece> decode_attachment(Bytes body, std::uint64_t offset) {
  Decoder decoder(offset);
  const auto* from = decoder.root<schema::Attachment>(body, "Attachment");
  if (from == nullptr) return decoder.error();
  decoder.text(from->name(), "name of an attachment");
  AttachmentPiece piece;
  piece.id = from->id();
  if (from->name() != nullptr) piece.name = from->name()->string_view();
  piece.offset = from->offset();
  piece.total_size = from->total_size();
  piece.bytes = Bytes(from->bytes()->data(), from->bytes()->size());
  return decoder.done(piece);
}

Result<IndexBody> decode_index(Bytes body, std::uint64_t offset) {
  Decoder decoder(offset);
  const auto* from = decoder.root<schema::Index>(body, "Index");
  if (from == nullptr) return decoder.error();
  static_assert(sizeof(schema::IndexEntry) == sizeof(IndexEntry));
  IndexBody index;
  index.previous_offset = from->previous_offset();
  const auto& entries = *from->entries();
  if (decoder.aligned(entries.Data(), entries.size(), alignof(IndexEntry))) {
    for (flatbuffers::uoffset_t i = 0; i < entries.size(); ++i) {
      index.entries.push_back(load<IndexEntry>(entries.Data() + i * sizeof(IndexEntry)));
    }
  }
  index.definitions_offsets = decoder.numbers(from->definitions_offsets());
  return decoder.done(std::move(index));
}

Result<SummaryBody> decode_summary(Bytes body, std::uint64_t offset) {
  Decoder decoder(offset);
  const auto* from = decoder.root<schema::Summary>(body, "Summary");
  if (from == nullptr) return decoder.error();
  SummaryBody summary{from->event_count(),
                      from->next_sequence(),
                      from->last_time(),
                      from->definition_count(),
                      from->payload_bytes(),
                      from->stored_bytes(),
                      from->decoded_bytes(),
                      decoder.numbers(from->index_offsets()),
                      {}};
  if (!decoder.point_elsewhere(*from->kind_counts())) return decoder.error();
  for (const schema::KindCount* count : *from->kind_counts()) {
    summary.kind_counts.emplace_back(count->kind(), count->count());
  }
  return decoder.done(std::move(summary));
}

Result<EndBody> decode_end(Bytes body, std::uint64_t offset) {
  if (body.size() != sizeof(EndBody)) {
    return fault(Verdict::invalid, offset, "END-01",
                 expected_found("an end body of 24 bytes", body.size()));
  }
  EndBody end;
  end = load<EndBody>(body.data());
  return end;
}

}  // namespace crossing
