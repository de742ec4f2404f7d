#include "core_module.h"

#include <array>

namespace crossing {

std::string_view core_kind_name(CoreKind kind) {
  static constexpr std::array<std::string_view, 5> names = {"func", "table", "memory", "global",
                                                            "tag"};
  return names[static_cast<std::size_t>(kind)];
}

namespace component {
namespace {

enum Section : std::uint8_t {
  kCustom = 0,
  kType,
  kImport,
  kFunction,
  kTable,
  kMemory,
  kGlobal,
  kExport,
  kStart,
  kElement,
  kCode,
  kData,
  kDataCount,
  kTag
};

/// Place of a section in the order that modules keep: tags stand before globals, the data count
/// before the code. 0: no such section.
int rank(std::uint8_t section) {
  static constexpr std::array<std::uint8_t, 14> ranks = {0, 1, 2,  3,  4,  5,  7,
                                                         8, 9, 10, 12, 13, 11, 6};
  return section < ranks.size() ? ranks[section] : 0;
}

class Parser {
 public:
  Parser(Cursor& r, CoreModuleBinary& module, std::uint32_t& definitions_left)
      : r_(r), module_(module), left_(definitions_left) {}

  void run() {
    int before = 0;
    while (!r_.done()) {
      const std::uint64_t start = r_.offset();
      const std::uint8_t id = r_.byte("section id");
      const std::uint32_t size = r_.u32("section size");
      Cursor section = r_.part(size, "a section size");
      if (!r_.ok() || id == kCustom) continue;
      if (rank(id) == 0) {
        r_.unexpected(start, "a core section id from 0 to 13", id);
      } else if (rank(id) <= before) {
        r_.unexpected(start, "core sections in their order, each once", id);
      } else {
        before = rank(id);
        parse_section(id, section);
      }
    }
    if (module_.memories.size() > 1) module_.proposals.insert("multi_memory");
    if (module_.tables.size() > 1) module_.proposals.insert("reference_types");
  }

 private:
  void parse_section(std::uint8_t id, Cursor s) {
    switch (id) {
      case kType:
        each(s, "type count", [&] { parse_core_rec_type(s, module_.types, module_.proposals); });
        break;
      case kImport: each(s, "import count", [&] { parse_import(s); }); break;
      case kFunction: {
        const std::uint32_t n = s.count("function count");
        module_.functions.reserve(module_.functions.size() + n);
        for (std::uint32_t i = 0; i < n && s.ok(); ++i) parse_function(s);
        s.finish("the function section");
        break;
      }
      case kTable: each(s, "table count", [&] { parse_table(s); }); break;
      case kMemory: each(s, "memory count", [&] { parse_core_memory_type(s, module_); }); break;
      case kTag: each(s, "tag count", [&] { parse_core_tag_type(s, module_); }); break;
      case kGlobal:
        module_.global_count += s.count("global count");
        break;  // initializers are code
      case kExport: each(s, "export count", [&] { parse_export(s); }); break;
      case kDataCount: module_.proposals.insert("bulk_memory"); break;
      default: break;
    }
  }

  template <class F>
  void each(Cursor& s, std::string_view count, F&& parse) {
    const std::uint32_t n = s.count(count);
    for (std::uint32_t i = 0; i < n && s.ok(); ++i) {
      if (left_ == 0) {
        s.fail(Verdict::limit, "more definitions than the limit allows");
        return;
      }
      --left_;
      parse();
    }
    s.finish("the section");
  }

  void parse_import(Cursor& s) {
    CoreModuleBinary::Import import;
    import.module = s.name("import module");
    import.name = s.name("import name");
    import.kind = parse_core_extern_type(s, module_);
    import.index = module_.imported[static_cast<std::size_t>(import.kind)]++;
    module_.imports.push_back(import);
  }

  void parse_function(Cursor& s) {
    const std::uint64_t start = s.offset();
    const std::uint32_t type = s.u32("type index");
    if (s.ok() && (type >= module_.types.size() || !module_.types[type].is_func)) {
      s.unexpected(start, "the index of a core function type", type);
    }
    module_.functions.push_back(type);
  }

  void parse_table(Cursor& s) {
    if (s.peek() == 0x40) {
      s.fail(Verdict::unsupported,
             "tables with initializers (function-references) are not supported");
      return;
    }
    parse_core_table_type(s, module_);
  }

  void parse_export(Cursor& s) {
    CoreModuleBinary::Export item;
    const std::uint64_t start = s.offset();
    item.name = s.name("export name");
    const std::uint64_t place = s.offset();
    const std::uint8_t kind = s.byte("export kind");
    item.index = s.u32("export index");
    if (!s.ok()) return;
    const std::array<std::size_t, 5> sizes = {module_.functions.size(), module_.tables.size(),
                                              module_.memories.size(), module_.global_count,
                                              module_.tag_count};
    if (kind >= sizes.size()) {
      s.unexpected(place, "func, table, memory, global or tag", kind);
      return;
    }
    item.kind = static_cast<CoreKind>(kind);
    if (item.index >= sizes[kind]) {
      s.fail_at(place, Verdict::invalid,
                "expected a " + std::string(core_kind_name(item.kind)) + " index below " +
                    std::to_string(sizes[kind]) + ", found " + std::to_string(item.index));
      return;
    }
    const auto place_in_list = static_cast<std::uint32_t>(module_.exports.size());
    if (!module_.export_by_name.emplace(item.name, place_in_list).second) {
      s.fail_at(start, Verdict::invalid,
                "expected core export names to be unique, found \"" + std::string(item.name) +
                    "\" twice");
      return;
    }
    module_.exports.push_back(item);
  }

  Cursor& r_;
  CoreModuleBinary& module_;
  std::uint32_t& left_;
};

std::string_view core_type_name(CoreType type) {
  static constexpr std::array<std::string_view, 7> names = {"i32",  "i64",     "f32",      "f64",
                                                            "v128", "funcref", "externref"};
  return names[static_cast<std::size_t>(type)];
}

}  // namespace

std::string signature_text(const CoreSignature& signature) {
  const auto list = [](const std::vector<CoreType>& types) {
    std::string text = "(";
    for (const CoreType type : types) {
      if (text.size() > 1) text += ", ";
      text += core_type_name(type);
    }
    return text + ")";
  };
  return list(signature.params) + " -> " + list(signature.results);
}

CoreModuleBinary parse_core_module(Cursor r, std::uint32_t& definitions_left) {
  CoreModuleBinary module;
  module.offset = r.offset();
  module.size = r.remaining();
  for (const char expected : {'\0', 'a', 's', 'm'}) {
    r.literal(static_cast<std::uint8_t>(expected), "magic byte");
  };
  const std::uint64_t start = r.offset();
  std::uint32_t version = 0;
  for (unsigned shift = 0; shift < 32; shift += 8) {
    version |= static_cast<std::uint32_t>(r.byte("core module version")) << shift;
  }
  if (r.ok() && version != 1) {
    r.fail_at(start, Verdict::unsupported,
              "expected core module version 1, found " + std::to_string(version));
  }
  Parser(r, module, definitions_left).run();
  return module;
}

}  // namespace component
}  // namespace crossing
