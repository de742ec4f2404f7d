#include <optional>
#include <utility>

#include "c/events.h"
#include "c/io.h"
#include "c/wiring.h"
#include "crossing/replay.h"

using namespace crossing;
using namespace crossing::c;

namespace {

static_assert(CROSSING_GUEST_FAILED == static_cast<int>(GuestEnd::Kind::failed));
static_assert(CROSSING_RUN_TRAPPED == static_cast<int>(RunEnd::Kind::trapped));
static_assert(CROSSING_STANDARD_ERROR == static_cast<int>(OutputStream::standard_error));

class CallbackGuest final : public ReplayGuest {
 public:
  explicit CallbackGuest(const crossing_guest& guest) : guest_(guest) {}

  GuestEnd instantiate(std::uint32_t core_instance) override {
    return end_of(
        [&](crossing_guest_end* end) { guest_.instantiate(guest_.context, core_instance, end); });
  }
  GuestEnd call(std::uint32_t function, Bytes params, std::span<std::uint8_t> results) override {
    return end_of([&](crossing_guest_end* end) {
      guest_.call(guest_.context, function, to_c(params), results.data(), results.size(), end);
    });
  }
  std::optional<std::uint64_t> memory_size(std::uint32_t memory) override {
    std::uint64_t size = 0;
    if (!guest_.memory_size(guest_.context, memory, &size)) return std::nullopt;
    return size;
  }
  Bytes read(std::uint32_t memory, std::uint64_t address, std::uint64_t size) override {
    return {guest_.read(guest_.context, memory, address, size), static_cast<std::size_t>(size)};
  }
  void write(std::uint32_t memory, std::uint64_t address, Bytes bytes) override {
    guest_.write(guest_.context, memory, address, to_c(bytes));
  }
  bool limit_growth(std::uint32_t memory, std::optional<std::uint64_t> bytes) override {
    return guest_.limit_growth != nullptr &&
           guest_.limit_growth(guest_.context, memory, bytes ? &*bytes : nullptr);
  }

 private:
  template <class Call>
  static GuestEnd end_of(Call call) {
    crossing_guest_end end = {};
    end.struct_size = sizeof end;
    call(&end);
    return {.kind = static_cast<GuestEnd::Kind>(end.kind),
            .code = static_cast<TrapCode>(end.code),
            .message = std::string(from_c(end.message))};
  }

  crossing_guest guest_;
};

Result<crossing_guest> guest_of(const crossing_guest& given) {
  auto known = read_sized(given, "crossing_guest");
  if (known &&
      (known->instantiate == nullptr || known->call == nullptr || known->memory_size == nullptr ||
       known->read == nullptr || known->write == nullptr)) {
    return usage("expected a guest with all callbacks but limit_growth, found NULL");
  }
  return known;
}

ReplayOptions options_of(const crossing_replay_options& given) {
  ReplayOptions options;
  options.compare_digests = !given.skip_digests;
  options.allow_changed = given.allow_changed;
  options.keep_going = given.keep_going;
  if (given.one_instance) options.instance = given.instance;
  if (given.output != nullptr) {
    options.output = [context = given.context, output = given.output](OutputStream stream,
                                                                      Bytes bytes) -> Result<void> {
      const int status = output(context, static_cast<crossing_output_stream>(stream), to_c(bytes));
      if (status == 0) return {};
      return usage("the caller's output gave " + std::to_string(status));
    };
  }
  if (given.note != nullptr) {
    options.note = [context = given.context, note = given.note](std::string_view text) {
      note(context, to_c(text));
    };
  }
  return options;
}

}  // namespace

struct crossing_replayer {
  crossing_replayer(ByteSource& trace, const Wiring& wiring, ReplayOptions options)
      : replayer(trace, wiring, std::move(options)) {}

  Replayer replayer;
  std::optional<TraceInfoMirror> info;
  bool broken = false;
  bool interrupted = false;  ///< an answer to the guest ran out of memory

  std::optional<ReplayOutcome> outcome;
  std::vector<crossing_final_memory> memories;
  crossing_replay_outcome view = {};

  void mirror_info() {
    if (!info && replayer.info() != nullptr) info.emplace(*replayer.info());
  }
  void mirror_outcome(ReplayOutcome done);
  /// The replay is over.
  Result<void> end(ReplayOutcome done, const crossing_replay_outcome** into);
};

void crossing_replayer::mirror_outcome(ReplayOutcome done) {
  const ReplayOutcome& from = outcome.emplace(std::move(done));
  memories.clear();
  for (const FinalMemory& memory : from.memories) {
    memories.push_back({memory.memory, memory.size, memory.hash});
  }
  view = {};
  view.struct_size = sizeof view;
  view.verdict = static_cast<crossing_verdict>(from.verdict);
  view.exit_code = from.exit_code();
  view.message = to_c(from.message);
  view.events = from.events;
  view.digests = from.digests;
  view.divergences = from.divergences;
  if (from.end) {
    view.has_end = true;
    view.end_kind = static_cast<crossing_run_end_kind>(from.end->kind);
    view.end_status = from.end->status;
    view.end_code = static_cast<crossing_trap_code>(from.end->code);
    view.end_message = to_c(from.end->message);
  }
  if (from.divergence) {
    view.has_divergence = true;
    view.divergence_has_event = from.divergence->event.has_value();
    view.divergence_event = from.divergence->event.value_or(0);
    view.divergence_function = to_c(from.divergence->function);
    view.divergence_expected = to_c(from.divergence->expected);
    view.divergence_found = to_c(from.divergence->found);
  }
  view.memories = memories.data();
  view.memory_count = memories.size();
}

namespace {

Result<void> verdict_of(const ReplayOutcome& outcome) {
  if (outcome.verdict == Verdict::ok) return {};
  Error error{.verdict = outcome.verdict, .message = outcome.message};
  if (outcome.divergence) error.event = outcome.divergence->event;
  return tl::unexpected(std::move(error));
}

}  // namespace

Result<void> crossing_replayer::end(ReplayOutcome done, const crossing_replay_outcome** into) {
  if (interrupted) throw std::bad_alloc();
  mirror_info();
  mirror_outcome(std::move(done));
  *into = &view;
  return verdict_of(*outcome);
}

crossing_verdict crossing_replayer_create(crossing_source* trace, const crossing_wiring* wiring,
                                          const crossing_replay_options* options,
                                          crossing_replayer** replayer, crossing_error* error) {
  *replayer = nullptr;
  return guarded(error, [&]() -> Result<void> {
    crossing_replay_options known = {};
    if (options != nullptr) {
      const auto given = read_sized(*options, "crossing_replay_options");
      if (!given) return tl::unexpected(given.error());
      known = *given;
    }
    *replayer = new crossing_replayer(*trace->source, wiring->wiring, options_of(known));
    return {};
  });
}

void crossing_replayer_delete(crossing_replayer* replayer) { delete replayer; }

crossing_verdict crossing_replayer_refusal(crossing_replayer* replayer, crossing_error* error) {
  return guarded(replayer->broken, error, [&]() -> Result<void> {
    const auto refusal = replayer->replayer.refusal();
    replayer->mirror_info();
    return refusal ? verdict_of(*refusal) : Result<void>();
  });
}

const crossing_trace_info* crossing_replayer_info(const crossing_replayer* replayer) {
  return replayer->info ? &replayer->info->view : nullptr;
}

crossing_verdict crossing_replayer_run(crossing_replayer* replayer, const crossing_guest* guest,
                                       const crossing_replay_outcome** outcome,
                                       crossing_error* error) {
  *outcome = nullptr;
  return guarded(replayer->broken, error, [&]() -> Result<void> {
    const auto known = guest_of(*guest);
    if (!known) return tl::unexpected(known.error());
    CallbackGuest adapter(*known);
    return replayer->end(replayer->replayer.run(adapter), outcome);
  });
}

bool crossing_replayer_import_called(crossing_replayer* replayer, uint32_t function,
                                     crossing_bytes params, uint8_t* results, size_t results_size) {
  bool goes_on = false;
  if (replayer->interrupted) return false;
  const crossing_verdict answered = guarded(nullptr, [&]() -> Result<void> {
    goes_on = replayer->replayer.import_called(function, from_c(params), {results, results_size});
    return {};
  });
  if (answered != CROSSING_OK) replayer->interrupted = true;
  return goes_on;
}

crossing_verdict crossing_replayer_stop_before(crossing_replayer* replayer, uint64_t event,
                                               crossing_stop_handler handler, void* context,
                                               crossing_error* error) {
  return guarded(error, [&]() -> Result<void> {
    replayer->replayer.stop_before(event, [handler, context](const EventView& next) {
      const crossing_event_view view = to_c(next);
      return handler(context, &view);
    });
    return {};
  });
}

struct crossing_replay_stepper {
  crossing_replay_stepper(crossing_replayer& of, const crossing_guest& callbacks)
      : replayer(of), guest(callbacks), stepper(of.replayer, guest) {}

  crossing_replayer& replayer;
  CallbackGuest guest;
  ReplayStepper stepper;
  crossing_event_view next = {};
};

crossing_verdict crossing_replay_stepper_create(crossing_replayer* replayer,
                                                const crossing_guest* guest,
                                                crossing_replay_stepper** stepper,
                                                crossing_error* error) {
  *stepper = nullptr;
  return guarded(error, [&]() -> Result<void> {
    const auto known = guest_of(*guest);
    if (!known) return tl::unexpected(known.error());
    *stepper = new crossing_replay_stepper(*replayer, *known);
    return {};
  });
}

void crossing_replay_stepper_delete(crossing_replay_stepper* stepper) { delete stepper; }

crossing_verdict crossing_replay_stepper_run_until(crossing_replay_stepper* stepper, uint64_t event,
                                                   const crossing_event_view** next,
                                                   crossing_error* error) {
  *next = nullptr;
  return guarded(stepper->replayer.broken, error, [&]() -> Result<void> {
    if (!stepper->stepper.run_until(event)) return {};
    stepper->next = to_c(stepper->stepper.next());
    *next = &stepper->next;
    return {};
  });
}

crossing_verdict crossing_replay_stepper_finish(crossing_replay_stepper* stepper,
                                                const crossing_replay_outcome** outcome,
                                                crossing_error* error) {
  *outcome = nullptr;
  return guarded(stepper->replayer.broken, error, [&]() -> Result<void> {
    return stepper->replayer.end(stepper->stepper.finish(), outcome);
  });
}
