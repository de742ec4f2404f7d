/// Preamble and sections.

#include "parse.h"

namespace crossing::component {
namespace {

enum Section : std::uint8_t {
  kCustom = 0,
  kCoreModule,
  kCoreInstance,
  kCoreType,
  kComponent,
  kInstance,
  kAlias,
  kType,
  kCanon,
  kStart,
  kImport,
  kExport,
  kValue
};

bool parse_preamble(Cursor& r) {
  static constexpr std::string_view magic("\0asm", 4);
  for (const char expected : magic) r.literal(static_cast<std::uint8_t>(expected), "magic byte");
  const std::uint64_t start = r.offset();
  const auto u16 = [&](std::string_view field) {
    const std::uint32_t low = r.byte(field);
    return low | static_cast<std::uint32_t>(r.byte(field)) << 8;
  };
  const std::uint32_t version = u16("version");
  const std::uint32_t layer = u16("layer");
  if (!r.ok() || (version == 0x0d && layer == 1)) return r.ok();
  if (version == 1 && layer == 0) {
    return r.fail_at(start, Verdict::invalid,
                     "expected a component, found a core module; make a component of it with "
                     "`wasm-tools component new` or `jco new`");
  }
  return r.fail_at(start, Verdict::unsupported,
                   "expected component version 0xd of layer 1, found version " + hex(version) +
                       " of layer " + std::to_string(layer));
}

/// The name that the component-name section gives the root. Invalid names are no fault.
void parse_component_name(Bytes input, std::uint64_t begin, std::uint64_t end, Binary& binary) {
  Fault ignored;
  Cursor r(input.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)),
           1'000, ignored);
  if (r.name("section name") != "component-name" || r.byte("subsection") != 0) return;
  r.u32("subsection size");
  const std::string_view name = r.name("component name");
  if (r.ok()) binary.name = name;
}

class ComponentParser {
 public:
  ComponentParser(ParseContext context, Bytes input) : context_(context), input_(input) {}

  /// Sections up to the end; the index of the body.
  std::uint32_t run(bool is_root) {
    Cursor& r = context_.r;
    while (!r.done()) {
      const std::uint64_t start = r.offset();
      const std::uint8_t id = r.byte("section id");
      const std::uint32_t size = r.u32("section size");
      Cursor section = r.part(size, "a section size");
      if (!r.ok()) break;
      if (id == kCustom) {
        if (is_root && section.ok()) {
          parse_component_name(input_, section.offset(), section.offset() + size, context_.binary);
        }
        section.name("custom section name");
      } else {
        parse_section(id, section, start);
      }
    }
    context_.binary.bodies.push_back(std::move(body_));
    return static_cast<std::uint32_t>(context_.binary.bodies.size() - 1);
  }

 private:
  void parse_section(std::uint8_t id, Cursor section, std::uint64_t start) {
    ParseContext inner = context_;
    inner.r = section;
    switch (id) {
      case kCoreModule: parse_module(section); return;
      case kComponent: parse_component(inner); return;
      case kCoreInstance: items(inner, parse_core_instance); break;
      case kCoreType: items(inner, wrapped<parse_core_type>); break;
      case kInstance: items(inner, parse_instance); break;
      case kAlias: items(inner, parse_alias); break;
      case kType: items(inner, wrapped<parse_type>); break;
      case kCanon: items(inner, parse_canon); break;
      case kImport: items(inner, parse_import); break;
      case kExport: items(inner, parse_export); break;
      case kStart:
        section.fail_at(start, Verdict::unsupported,
                        "start definitions (values) are not supported");
        return;
      case kValue: section.fail_at(start, Verdict::unsupported, "values are not supported"); return;
      default: section.unexpected(start, "a component section id from 0 to 12", id); return;
    }
    inner.r.finish("the section");
  }

  template <auto parse>
  static Item wrapped(ParseContext& context) {
    Item item;
    item.offset = context.r.offset();
    item.what = parse(context);
    return item;
  }

  void items(ParseContext& inner, Item (*parse)(ParseContext&)) {
    inner.each("definition count", [&] { body_.items.push_back(parse(inner)); });
  }

  void parse_module(Cursor section) {
    auto& modules = context_.binary.modules;
    Item item;
    item.offset = section.offset();
    item.what = CoreModuleItem{static_cast<std::uint32_t>(modules.size())};
    if (modules_left() == 0) {
      section.fail(Verdict::limit, "more core modules than the limit allows");
      return;
    }
    modules.push_back(parse_core_module(section, context_.definitions_left));
    body_.items.push_back(std::move(item));
  }

  void parse_component(ParseContext& outer) {
    Item item;
    item.offset = outer.r.offset();
    ParseContext inner = outer.nested(outer.r);
    if (!inner.r.ok() || !parse_preamble(inner.r) || !outer.take_definition()) return;
    item.what = ComponentItem{ComponentParser(inner, input_).run(false)};
    body_.items.push_back(std::move(item));
  }

  [[nodiscard]] std::size_t modules_left() const {
    return context_.module_limit - context_.binary.modules.size();
  }

  ParseContext context_;
  Bytes input_;
  Body body_;
};

}  // namespace

ParseContext ParseContext::nested(Cursor inner) {
  ParseContext context = *this;
  context.r = inner;
  if (nesting_left == 0) {
    context.r.fail(Verdict::limit, "components or types nested deeper than the limit allows");
  } else {
    --context.nesting_left;
  }
  return context;
}

bool ParseContext::take_definition() {
  if (definitions_left == 0)
    return r.fail(Verdict::limit, "more definitions than the limit allows");
  --definitions_left;
  return true;
}

Binary parse_binary(Bytes input, const ComponentLimits& limits, Fault& fault) {
  Binary binary;
  Cursor r(input, limits.name_bytes, fault);
  if (!parse_preamble(r)) return binary;
  std::uint32_t definitions_left = limits.definitions;
  ParseContext context{r, binary, definitions_left, limits.nesting, limits.core_modules};
  binary.root = ComponentParser(context, input).run(true);
  return binary;
}

}  // namespace crossing::component
