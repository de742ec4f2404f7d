#include "check/component_values.h"

#include <utility>

#include "event/flags.h"
#include "value/binary.h"

namespace crossing::checking {
namespace {

/// Whose parts nobody wants.
class Nobody final : public values::ValueVisitor {
 public:
  void scalar(const Type&, std::uint64_t) override {}
  void string(std::string_view) override {}
  void bytes(const Type&, Bytes) override {}
  void begin(const Type&, std::uint64_t) override {}
  void begin_case(const Type&, std::uint32_t) override {}
  void end(const Type&) override {}
  void unknown(const Type&, const values::Unknown&) override {}
};

}  // namespace

void ComponentValues::event(const EventView& event) {
  const bool has_values =
      event.kind == EventKind::import_call || event.kind == EventKind::import_result ||
      event.kind == EventKind::export_enter || event.kind == EventKind::export_result;
  if (!has_values) return;
  if (event.first) {
    first_ = event;
    body_.clear();
  }
  if ((first_.flags & replaced_flags) != 0) return;
  if (event.first && event.last) return judge(event);
  body_.insert(body_.end(), event.body.begin(), event.body.end());
  if (!event.last) return;
  EventView whole = first_;
  whole.body = body_;
  judge(whole);
}

void ComponentValues::judge(const EventView& whole) {
  const Function& function = definitions_.functions[whole.subject];
  if ((function.role != Role::import_ && function.role != Role::export_) ||
      function.type >= definitions_.types.size()) {
    return;
  }
  const bool gives_params =
      whole.kind == EventKind::import_call || whole.kind == EventKind::export_enter;
  const std::uint32_t type =
      gives_params ? function.type : definitions_.types[function.type].element;
  std::string found;
  if (type == none) {
    if (whole.body.empty()) return;
    found = std::to_string(whole.body.size()) + " bytes where no value is";
  } else {
    Nobody nobody;
    values::Budget budget{.parts = limits::value_parts, .bytes = limits::payload_size};
    const auto size = values::read_binary(definitions_.types, type, whole.body, nobody, budget);
    if (size && *size == whole.body.size()) return;
    found = size ? std::to_string(whole.body.size() - *size) + " bytes behind it"
                 : size.error().message;
  }
  findings_.take({.layer = Layer::types,
                  .rule = "VALUE-02",
                  .event = whole.sequence,
                  .kind = whole.kind,
                  .function = function.id,
                  .expected = "the one encoding of a value of the type",
                  .found = std::move(found)});
}

}  // namespace crossing::checking
