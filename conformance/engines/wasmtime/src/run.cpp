#include "complain.h"
#include "guest_run.h"
#include "loaded.h"
#include "prepare.h"
#include "record.h"
#include "trap_code.h"

namespace crossing::engine {

int run(const GuestArguments& arguments) {
  const auto binary = read_file(arguments.component, largest_input);
  if (!binary) return complain(binary.error());
  const auto wiring = read_component(*binary);
  if (!wiring) return complain(wiring.error());
  const auto guest = prepare(arguments);
  if (!guest) return complain(guest.error());
  WasmtimeComponent component;
  if (auto compiled = component.compile(*binary); !compiled) return complain(compiled.error());
  if (auto linked = component.link(guest->host, nullptr); !linked) return complain(linked.error());
  const auto ending = run_guest(component, *wiring, guest->script ? &*guest->script : nullptr);
  if (!ending) return complain(ending.error());
  if (!ending->failure) return ending->code;
  const Failure& failure = *ending->failure;
  return failure.exit_status ? *failure.exit_status : complain(trap_of(failure, nullptr));
}

}  // namespace crossing::engine
