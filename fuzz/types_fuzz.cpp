// Whatever types say of each other: those that are taken refer to smaller ones only, nest at most
// so deep, and have a size, an alignment and core values within bounds.

#include "component/flatten.h"
#include "value_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace crossing;
  const fuzz::ValueInput input(data, size);
  for (const Type& type : input.types) {
    fuzz::expect(input.table.info(type.id).depth <= limits::type_depth, "types of bounded depth");
    for (const std::uint32_t id : {type.element, type.key}) {
      fuzz::expect(id == none || id < type.id, "a smaller id");
    }
    if (type.kind != TypeKind::func) continue;
    for (const bool is_async : {false, true}) {
      const auto flat = component::flatten_func(input.table, type.id, component::Direction::lower,
                                                is_async, false, IndexType::i32);
      fuzz::expect(flat.signature.params.size() <= component::kMaxFlatParams + 1, "few parameters");
    }
  }
  return 0;
}
