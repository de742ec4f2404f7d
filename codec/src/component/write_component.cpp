/// Preamble and sections.

#include "write.h"

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
  kImport = 10,
  kExport
};

constexpr std::uint8_t kPreamble[] = {0x00, 'a', 's', 'm', 0x0d, 0x00, 0x01, 0x00};

}  // namespace

ComponentWriter::Section& ComponentWriter::section(std::uint8_t id) {
  if (sections_.empty() || sections_.back().id != id || sections_.back().count == 0) {
    sections_.emplace_back().id = id;
  }
  ++sections_.back().count;
  return sections_.back();
}

void ComponentWriter::definition(const Item& item) {
  if (const auto* core_instance = std::get_if<CoreInstantiateItem>(&item.what)) {
    write_core_instantiate(section(kCoreInstance).body, *core_instance);
  } else if (const auto* core_exports = std::get_if<CoreInlineItem>(&item.what)) {
    write_core_inline(section(kCoreInstance).body, *core_exports);
  } else if (const auto* core_type = std::get_if<CoreTypeItem>(&item.what)) {
    section(kCoreType).body.raw(core_type->binary);
  } else if (const auto* instance = std::get_if<InstantiateItem>(&item.what)) {
    write_instantiate(section(kInstance).body, *instance);
  } else if (const auto* inline_exports = std::get_if<InlineItem>(&item.what)) {
    write_inline(section(kInstance).body, *inline_exports);
  } else if (const auto* alias = std::get_if<AliasItem>(&item.what)) {
    write_alias(section(kAlias).body, *alias);
  } else if (const auto* type = std::get_if<TypeItem>(&item.what)) {
    write_type(section(kType).body, *type, pool_);
  } else if (const auto* canon = std::get_if<CanonItem>(&item.what)) {
    write_canon(section(kCanon).body, *canon);
  } else if (const auto* import = std::get_if<ImportItem>(&item.what)) {
    write_import(section(kImport).body, *import);
  } else if (const auto* exported = std::get_if<ExportItem>(&item.what)) {
    write_export(section(kExport).body, *exported);
  }
}

void ComponentWriter::core_module(Bytes module) {
  Section& section = sections_.emplace_back();
  section.id = kCoreModule;
  section.body.raw(module);
}

void ComponentWriter::component(Bytes component) {
  Section& section = sections_.emplace_back();
  section.id = kComponent;
  section.body.raw(component);
}

std::size_t ComponentWriter::reserve_core_module() {
  core_module({});
  return sections_.size() - 1;
}

void ComponentWriter::fill(std::size_t place, std::vector<std::uint8_t> module) {
  sections_[place].body.raw(module);
}

std::vector<std::uint8_t> ComponentWriter::finish(std::string_view name) {
  ByteWriter w;
  w.raw(kPreamble);
  for (const Section& section : sections_) {
    w.byte(section.id);
    if (section.count == 0) {
      w.sized(section.body.view());
      continue;
    }
    ByteWriter body;
    body.u32(section.count);
    body.raw(section.body.view());
    w.sized(body.view());
  }
  if (!name.empty()) {
    ByteWriter subsection;
    subsection.name(name);
    ByteWriter body;
    body.name("component-name");
    body.byte(0x00);
    body.sized(subsection.view());
    w.byte(kCustom);
    w.sized(body.view());
  }
  return w.take();
}

std::vector<std::uint8_t> write_component(const Binary& binary, std::uint32_t body, Bytes input) {
  ComponentWriter writer(binary.bodies);
  for (const Item& item : binary.bodies[body].items) {
    if (const auto* module = std::get_if<CoreModuleItem>(&item.what)) {
      const CoreModuleBinary& found = binary.modules[module->module];
      writer.core_module(input.subspan(static_cast<std::size_t>(found.offset),
                                       static_cast<std::size_t>(found.size)));
    } else if (const auto* nested = std::get_if<ComponentItem>(&item.what)) {
      writer.component(write_component(binary, nested->body, input));
    } else {
      writer.definition(item);
    }
  }
  return writer.finish(body == binary.root ? binary.name : std::string_view{});
}

}  // namespace crossing::component
