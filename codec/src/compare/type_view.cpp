#include "compare/type_view.h"

namespace crossing::comparing {

void TypeView::define(NewDefinitions definitions) {
  const auto own = [&](std::uint32_t id) { return id == none ? none : own_[id]; };
  for (const Definition& definition : definitions) {
    const auto* type = std::get_if<Type>(&definition);
    if (type == nullptr || type->id != types_.size()) continue;
    types_.push_back(*type);
    if (type->kind == TypeKind::resource) {
      own_.push_back(table_.add_resource());
      continue;
    }
    Type mine = *type;
    mine.name.clear();
    mine.element = own(mine.element);
    mine.key = own(mine.key);
    for (Member& member : mine.members) member.type = own(member.type);
    own_.push_back(table_.intern(std::move(mine)));
  }
}

}  // namespace crossing::comparing
