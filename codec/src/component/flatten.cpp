#include "flatten.h"

namespace crossing::component {

FlatFunction flatten_func(const TypeTable& table, std::uint32_t func, Direction direction,
                          bool is_async, bool has_callback, IndexType pointer) {
  const CoreType address = address_type(pointer);
  const bool lowers = direction == Direction::lower;
  FlatFunction flat;
  auto& [params, results, exact] = flat.signature;

  const std::size_t max_params = is_async && lowers ? kMaxFlatAsyncParams : kMaxFlatParams;
  const Flat& flat_params = table.layout(func, pointer).flat;
  flat.params_in_memory = !flat_params.fits(max_params);
  params = flat.params_in_memory ? std::vector<CoreType>{address} : flat_params.list();

  const std::uint32_t result = table[func].element;
  const Flat flat_results = result == none ? Flat() : table.layout(result, pointer).flat;
  if (is_async && !lowers) {  // task.return takes the result
    flat.result_in_memory = !flat_results.fits(kMaxFlatParams);
    if (has_callback) results = {CoreType::i32};
    return flat;
  }
  const std::size_t max_results = is_async ? 0 : kMaxFlatResults;
  flat.result_in_memory = !flat_results.fits(max_results);
  if (!flat.result_in_memory) {
    results = flat_results.list();
  } else if (lowers) {
    flat.result_area_param = static_cast<std::uint32_t>(params.size());
    params.push_back(address);
  } else {
    results = {address};
  }
  if (is_async) results = {CoreType::i32};
  return flat;
}

}  // namespace crossing::component
