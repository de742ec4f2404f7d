#include "c/wiring.h"

#include "c/views.h"

using namespace crossing;
using namespace crossing::c;

static_assert(CROSSING_CORE_KIND_TAG == static_cast<int>(CoreKind::tag));

crossing_wiring::crossing_wiring(Wiring read) : wiring(std::move(read)) {
  definitions.add_rest(wiring.definitions);
  for (const CoreModule& module : wiring.core_modules) {
    core_modules.push_back({sizeof(crossing_core_module), module.offset, module.size});
  }
  for (const CoreInstance& instance : wiring.core_instances) {
    auto& views = imports.emplace_back();
    for (const CoreInstance::Import& import : instance.imports) {
      views.push_back({to_c(import.module), to_c(import.name),
                       static_cast<crossing_core_kind>(import.kind), import.function,
                       import.core_instance, to_c(import.export_name)});
    }
    core_instances.push_back({sizeof(crossing_core_instance), instance.instance,
                              instance.core_module, views.data(), views.size()});
  }
}

crossing_verdict crossing_wiring_read(crossing_bytes binary, const uint8_t digest[32],
                                      crossing_wiring** wiring, crossing_error* error) {
  *wiring = nullptr;
  return guarded(error, [&]() -> Result<void> {
    auto read = read_component(from_c(binary));
    if (!read) return tl::unexpected(read.error());
    read->definitions.components.at(0).digest.assign(digest, digest + 32);
    *wiring = new crossing_wiring(std::move(*read));
    return {};
  });
}

void crossing_wiring_delete(crossing_wiring* wiring) { delete wiring; }

const crossing_definitions* crossing_wiring_definitions(const crossing_wiring* wiring) {
  return &wiring->definitions;
}
const crossing_core_module* crossing_wiring_core_module(const crossing_wiring* wiring,
                                                        uint32_t id) {
  return id < wiring->core_modules.size() ? &wiring->core_modules[id] : nullptr;
}
const crossing_core_instance* crossing_wiring_core_instance(const crossing_wiring* wiring,
                                                            uint32_t id) {
  return id < wiring->core_instances.size() ? &wiring->core_instances[id] : nullptr;
}
