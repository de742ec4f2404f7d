#include "core_module.h"

namespace crossing::component {
namespace {

/// Heap types that have a one-byte form, from `array` to `nocont`, and where they come from.
std::string_view heap_type_proposal(std::uint8_t code) {
  switch (code) {
    case 0x70:
    case 0x6f: return "reference_types";  // func, extern
    case 0x73:
    case 0x72:
    case 0x71:
    case 0x6e:
    case 0x6d:  // nofunc, noextern, none, any, eq
    case 0x6c:
    case 0x6b:
    case 0x6a: return "gc";  // i31, struct, array
    case 0x74:
    case 0x69: return "exceptions";  // noexn, exn
    default: return {};
  }
}

struct Value {
  CoreType type = CoreType::i32;
  bool exact = true;
};

/// `core:reftype` whose first byte is `code`.
Value parse_reference(Cursor& r, std::uint8_t code, std::set<std::string>& proposals) {
  const std::uint64_t start = r.offset() - 1;
  if (code == 0x63 || code == 0x64) {
    proposals.insert("function_references");
    const std::uint8_t heap = r.peek();
    if (const auto proposal = heap_type_proposal(heap); !proposal.empty()) {
      r.byte("heap type");
      proposals.insert(std::string(proposal));
      // `(ref null func)` and `(ref null extern)` are long forms of funcref and externref.
      if (code == 0x63 && heap == 0x70) return {CoreType::funcref, true};
      if (code == 0x63 && heap == 0x6f) return {CoreType::externref, true};
    } else if (r.s33("heap type") < 0) {
      r.fail_at(start, Verdict::unsupported, "expected a heap type known here, found " + hex(heap));
    }
    return {CoreType::funcref, false};
  }
  const auto proposal = heap_type_proposal(code);
  if (proposal.empty()) {
    const bool known = code == 0x65 || code == 0x68 || code == 0x75;  // shared, cont, nocont
    r.fail_at(start, known ? Verdict::unsupported : Verdict::invalid,
              known ? "shared and continuation references are not supported"
                    : "expected a core value type, found " + hex(code));
    return {};
  }
  proposals.insert(std::string(proposal));
  return {code == 0x6f ? CoreType::externref : CoreType::funcref, code == 0x70 || code == 0x6f};
}

Value parse_value_type(Cursor& r, std::set<std::string>& proposals) {
  const std::uint8_t code = r.byte("core value type");
  if (!r.ok()) return {};
  switch (code) {
    case 0x7f: return {CoreType::i32};
    case 0x7e: return {CoreType::i64};
    case 0x7d: return {CoreType::f32};
    case 0x7c: return {CoreType::f64};
    case 0x7b: proposals.insert("simd"); return {CoreType::v128};
    default: return parse_reference(r, code, proposals);
  }
}

void parse_field(Cursor& r, std::set<std::string>& proposals) {
  const std::uint8_t code = r.peek();
  if (code == 0x78 || code == 0x77) {  // i8, i16
    r.byte("packed type");
  } else {
    parse_value_type(r, proposals);
  }
  const std::uint64_t start = r.offset();
  const std::uint8_t mutability = r.byte("mutability");
  if (mutability > 1) r.unexpected(start, "0 or 1 as mutability", mutability);
}

/// `core:comptype`
CoreTypeDefinition parse_composite(Cursor& r, std::set<std::string>& proposals) {
  CoreTypeDefinition type;
  const std::uint64_t start = r.offset();
  const std::uint8_t code = r.byte("core type");
  if (!r.ok()) return type;
  switch (code) {
    case 0x60: {
      type.is_func = true;
      const auto values = [&](std::string_view count, std::vector<CoreType>& into) {
        const std::uint32_t n = r.count(count);
        into.reserve(n);
        for (std::uint32_t i = 0; i < n && r.ok(); ++i) {
          const Value value = parse_value_type(r, proposals);
          into.push_back(value.type);
          type.signature.exact = type.signature.exact && value.exact;
        }
      };
      values("parameter count", type.signature.params);
      values("result count", type.signature.results);
      if (type.signature.results.size() > 1) proposals.insert("multi_value");
      break;
    }
    case 0x5f: {
      proposals.insert("gc");
      const std::uint32_t n = r.count("field count", 2);
      for (std::uint32_t i = 0; i < n && r.ok(); ++i) parse_field(r, proposals);
      break;
    }
    case 0x5e:
      proposals.insert("gc");
      parse_field(r, proposals);
      break;
    case 0x5d:
      r.fail_at(start, Verdict::unsupported,
                "continuation types (stack-switching) are not supported");
      break;
    case 0x65:
      r.fail_at(start, Verdict::unsupported,
                "shared types (shared-everything-threads) are not supported");
      break;
    default: r.unexpected(start, "a core function, struct or array type", code);
  }
  return type;
}

/// `core:subtype`
CoreTypeDefinition parse_sub_type(Cursor& r, std::set<std::string>& proposals) {
  if (r.peek() == 0x50 || r.peek() == 0x4f) {
    proposals.insert("gc");
    r.byte("sub type");
    const std::uint32_t n = r.count("supertype count");
    for (std::uint32_t i = 0; i < n && r.ok(); ++i) r.u32("supertype index");
  }
  return parse_composite(r, proposals);
}

IndexType parse_limits(Cursor& r, std::uint8_t flags, std::set<std::string>& proposals) {
  const bool is64 = (flags & 4) != 0;
  if (is64) proposals.insert("memory64");
  r.u64("minimum");
  if ((flags & 1) != 0) r.u64("maximum");
  return is64 ? IndexType::i64 : IndexType::i32;
}

}  // namespace

void parse_core_rec_type(Cursor& r, std::vector<CoreTypeDefinition>& types,
                         std::set<std::string>& proposals) {
  if (r.peek() != 0x4e) {
    types.push_back(parse_sub_type(r, proposals));
    return;
  }
  proposals.insert("gc");
  r.byte("recursive type group");
  const std::uint32_t n = r.count("type count", 2);
  for (std::uint32_t i = 0; i < n && r.ok(); ++i) types.push_back(parse_sub_type(r, proposals));
}

void parse_core_table_type(Cursor& r, CoreModuleBinary& module) {
  const bool is_funcref = r.peek() == 0x70;  // the one element type of the first tables
  if (is_funcref) {
    r.byte("table element type");
  } else {
    module.proposals.insert("reference_types");
    parse_value_type(r, module.proposals);
  }
  const std::uint64_t start = r.offset();
  const std::uint8_t flags = r.byte("table limits");
  if ((flags & ~5) != 0) r.unexpected(start, "table limits", flags);
  const IndexType index = parse_limits(r, flags, module.proposals);
  module.tables.push_back({index, is_funcref});
}

void parse_core_memory_type(Cursor& r, CoreModuleBinary& module) {
  const std::uint64_t start = r.offset();
  const std::uint8_t flags = r.byte("memory limits");
  if ((flags & ~15) != 0) r.unexpected(start, "memory limits", flags);
  CoreMemoryType memory;
  memory.shared = (flags & 2) != 0;
  memory.index_type = parse_limits(r, flags, module.proposals);
  if (memory.shared) module.proposals.insert("threads");
  if ((flags & 8) != 0) {
    module.proposals.insert("custom_page_sizes");
    const std::uint64_t place = r.offset();
    const std::uint32_t log2 = r.u32("page size");
    if (log2 != 0 && log2 != 16) r.unexpected(place, "a page size of 2^0 or 2^16", log2);
    memory.page_size_log2 = static_cast<std::uint8_t>(log2);
  }
  module.memories.push_back(memory);
}

void parse_core_tag_type(Cursor& r, CoreModuleBinary& module) {
  module.proposals.insert("exceptions");
  r.literal(0, "tag attribute");
  const std::uint64_t place = r.offset();
  const std::uint32_t type = r.u32("type index");
  if (r.ok() && (type >= module.types.size() || !module.types[type].is_func)) {
    r.unexpected(place, "the index of a core function type", type);
  }
  ++module.tag_count;
}

CoreKind parse_core_extern_type(Cursor& r, CoreModuleBinary& module) {
  const std::uint64_t start = r.offset();
  const std::uint8_t code = r.byte("core import or export kind");
  if (!r.ok()) return CoreKind::func;
  switch (code) {
    case 0x00: {
      const std::uint64_t place = r.offset();
      const std::uint32_t type = r.u32("type index");
      if (r.ok() && (type >= module.types.size() || !module.types[type].is_func)) {
        r.unexpected(place, "the index of a core function type", type);
      }
      module.functions.push_back(type);
      return CoreKind::func;
    }
    case 0x01: parse_core_table_type(r, module); return CoreKind::table;
    case 0x02: parse_core_memory_type(r, module); return CoreKind::memory;
    case 0x03: {
      parse_value_type(r, module.proposals);
      const std::uint64_t place = r.offset();
      const std::uint8_t mutability = r.byte("mutability");
      if (mutability == 2 || mutability == 3) {
        r.fail_at(place, Verdict::unsupported,
                  "shared globals (shared-everything-threads) are not supported");
      }
      if (mutability > 3) r.unexpected(place, "0 or 1 as mutability", mutability);
      ++module.global_count;
      return CoreKind::global;
    }
    case 0x04: parse_core_tag_type(r, module); return CoreKind::tag;
    case 0x20:
      r.fail_at(start, Verdict::unsupported,
                "exact functions (custom-descriptors) are not supported");
      return CoreKind::func;
    default: r.unexpected(start, "func, table, memory, global or tag", code); return CoreKind::func;
  }
}

}  // namespace crossing::component
