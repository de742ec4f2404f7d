#include "compare/meaning_writer.h"

#include <algorithm>

#include "value/cases.h"

namespace crossing::comparing {
namespace {

constexpr std::uint64_t handle_cost = 255;  // in parts, beside its own

}  // namespace

void MeaningWriter::scalar(const Type& type, std::uint64_t bits) {
  if (values::is_handle(type.kind)) return handle(type, bits);
  if (type.kind == TypeKind::f32 || type.kind == TypeKind::f64) {
    begin_part();
    const std::string text = values::float_text(type.kind, bits);
    return into_.add(text.starts_with("nan") ? "nan" : text);  // whichever
  }
  WaveWriter::scalar(type, bits);
}

void MeaningWriter::bytes(const Type&, Bytes elements) {
  begin_part();
  into_.add_bytes(elements);
}

void MeaningWriter::unknown(const Type&, const values::Unknown& what) {
  begin_part();
  into_.add(what.has_place ? "?[" + std::to_string(what.length) + "]" : "?");
}

void MeaningWriter::handle(const Type& type, std::uint64_t index) {
  using Kind = HandleTable::Kind;
  begin_part();
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
  budget_.parts -= std::min(budget_.parts, handle_cost);
}

}  // namespace crossing::comparing
