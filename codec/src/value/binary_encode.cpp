#include "io/bytes.h"
#include "value/binary.h"
#include "value/cases.h"
#include "value/transcode.h"
#include "value/walk.h"

namespace crossing {
namespace values {
namespace {

using Out = std::vector<std::uint8_t>;

void put_unsigned(Out& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}

void put_signed(Out& out, std::int64_t value) {
  for (; value < -0x40 || value >= 0x40; value >>= 7) {
    out.push_back(static_cast<std::uint8_t>((value & 0x7f) | 0x80));
  }
  out.push_back(static_cast<std::uint8_t>(value & 0x7f));
}

void put_bytes(Out& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

void BinaryWriter::scalar(const Type& type, std::uint64_t bits) {
  switch (type.kind) {
    case TypeKind::bool_:
    case TypeKind::u8:
    case TypeKind::s8: return out_.push_back(static_cast<std::uint8_t>(bits));
    case TypeKind::s16:
    case TypeKind::s32:
    case TypeKind::s64: return put_signed(out_, static_cast<std::int64_t>(bits));
    case TypeKind::f32: return append_number(out_, static_cast<std::uint32_t>(bits));
    case TypeKind::f64: return append_number(out_, bits);
    case TypeKind::char_: {
      std::string text;
      append_utf8(text, static_cast<std::uint32_t>(bits));
      return put_bytes(out_, bytes_of(text));
    }
    case TypeKind::flags:
      for (std::size_t i = 0; i < type.members.size(); i += 8) {
        out_.push_back(static_cast<std::uint8_t>(i < 64 ? bits >> i : 0));
      }
      return;
    default: return put_unsigned(out_, bits);
  }
}

void BinaryWriter::string(std::string_view text) {
  put_unsigned(out_, text.size());
  put_bytes(out_, bytes_of(text));
}

void BinaryWriter::bytes(const Type& type, Bytes elements) {
  if (type.kind == TypeKind::list) put_unsigned(out_, elements.size());
  put_bytes(out_, elements);
}

void BinaryWriter::begin(const Type& type, std::uint64_t count) {
  if (type.kind == TypeKind::list || type.kind == TypeKind::map) put_unsigned(out_, count);
}

void BinaryWriter::begin_case(const Type&, std::uint32_t index) { put_unsigned(out_, index); }

}  // namespace values

Result<std::vector<std::uint8_t>> encode_value(const TypeList& types, std::uint32_t type,
                                               const Value& value) {
  std::vector<std::uint8_t> out;
  values::BinaryWriter writer(out);
  if (auto told = values::walk(types, type, value, writer); !told) {
    return tl::unexpected(told.error());
  }
  return out;
}

}  // namespace crossing
