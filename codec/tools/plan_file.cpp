#include "plan_file.h"

#include "crossing/plan.h"

namespace crossing::tools {

Result<TemporaryFile> write_plan(const LoadedComponent& component) {
  auto file = TemporaryFile::create(".json");
  if (!file) return file;
  const std::string plan = plan_json(component.wiring);
  const auto written =
      file->sink().write(Bytes(reinterpret_cast<const std::uint8_t*>(plan.data()), plan.size()));
  if (!written) return tl::unexpected(written.error());
  return file;
}

}  // namespace crossing::tools
