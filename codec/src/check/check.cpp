#include "crossing/check.h"

#include <array>

#include "check/component.h"
#include "check/component_values.h"
#include "check/findings.h"
#include "check/handles.h"
#include "check/order.h"
#include "check/value_layers.h"

namespace crossing {

std::string_view layer_name(Layer layer) {
  switch (layer) {
    case Layer::order: return "order";
    case Layer::types: return "types";
    case Layer::abi: return "abi";
    case Layer::component: return "component";
  }
  return "";
}

Error Finding::error() const {
  std::string message;
  if (kind != EventKind::gap) message = std::string(event_kind_name(kind)) + ": ";
  message += "expected " + expected + ", found " + found;
  return {.verdict = verdict,
          .message = std::move(message),
          .offset = {},
          .event = layer == Layer::component ? std::nullopt : std::optional(event),
          .rule = rule};
}

std::span<const CheckRule> check_rules() {
  static constexpr std::array rules = {
      CheckRule{"ABI-02", Layer::types},
      CheckRule{"ABI-03", Layer::types},
      CheckRule{"ABI-04", Layer::abi},
      CheckRule{"ABI-05", Layer::abi},
      CheckRule{"ABI-06", Layer::abi},
      CheckRule{"ABI-07", Layer::types},
      CheckRule{"ABI-08", Layer::types},
      CheckRule{"ABI-09", Layer::types},
      CheckRule{"ABI-10", Layer::types},
      CheckRule{"ABI-11", Layer::abi},
      CheckRule{"ABI-12", Layer::types},
      CheckRule{"ABI-13", Layer::types},
      CheckRule{"ABI-14", Layer::abi},
      CheckRule{"ABI-16", Layer::abi},
      CheckRule{"ASYNC-01", Layer::order},
      CheckRule{"ASYNC-02", Layer::order},
      CheckRule{"ASYNC-03", Layer::order},
      CheckRule{"ASYNC-04", Layer::order},
      CheckRule{"ASYNC-05", Layer::order},
      CheckRule{"ASYNC-06", Layer::order},
      CheckRule{"ASYNC-07", Layer::order},
      CheckRule{"ASYNC-08", Layer::order},
      CheckRule{"ASYNC-09", Layer::order},
      CheckRule{"ASYNC-10", Layer::order},
      CheckRule{"ASYNC-11", Layer::order},
      CheckRule{"ASYNC-12", Layer::order},
      CheckRule{"BUFFER-01", Layer::abi},
      CheckRule{"CALL-01", Layer::order},
      CheckRule{"COMPONENT-01", Layer::component},
      CheckRule{"COMPONENT-02", Layer::component},
      CheckRule{"COMPONENT-03", Layer::component},
      CheckRule{"COMPONENT-04", Layer::component},
      CheckRule{"COMPONENT-05", Layer::component},
      CheckRule{"COMPONENT-06", Layer::component},
      CheckRule{"COMPONENT-07", Layer::component},
      CheckRule{"COMPONENT-08", Layer::component},
      CheckRule{"COMPONENT-09", Layer::component},
      CheckRule{"COMPONENT-10", Layer::component},
      CheckRule{"CONTEXT-01", Layer::abi},
      CheckRule{"COPY-01", Layer::order},
      CheckRule{"HANDLE-01", Layer::abi},
      CheckRule{"HANDLE-02", Layer::abi},
      CheckRule{"HANDLE-03", Layer::abi},
      CheckRule{"HANDLE-04", Layer::abi},
      CheckRule{"HANDLE-05", Layer::abi},
      CheckRule{"HANDLE-06", Layer::abi},
      CheckRule{"HANDLE-07", Layer::abi},
      CheckRule{"INSTANTIATE-01", Layer::order},
      CheckRule{"LIMIT-01", Layer::order},
      CheckRule{"LOWER-01", Layer::abi},
      CheckRule{"LOWER-02", Layer::abi},
      CheckRule{"ORDER-02", Layer::order},
      CheckRule{"ORDER-03", Layer::order},
      CheckRule{"ORDER-04", Layer::order},
      CheckRule{"ORDER-05", Layer::order},
      CheckRule{"ORDER-06", Layer::order},
      CheckRule{"ORDER-07", Layer::order},
      CheckRule{"ORDER-08", Layer::order},
      CheckRule{"ORDER-09", Layer::order},
      CheckRule{"REALLOC-02", Layer::abi},
      CheckRule{"REALLOC-03", Layer::abi},
      CheckRule{"REALLOC-04", Layer::abi},
      CheckRule{"TASK-01", Layer::order},
      CheckRule{"TRAP-01", Layer::order},
      CheckRule{"TRAP-02", Layer::order},
      CheckRule{"VALUE-02", Layer::types},
      CheckRule{"VALUE-04", Layer::abi},
      CheckRule{"WRITE-01", Layer::abi},
  };
  return rules;
}

class Checker::Impl {
 public:
  Impl(const TraceInfo& info, const Definitions& definitions, const CheckOptions& options)
      : info_(info),
        definitions_(definitions),
        options_(options),
        findings_(info, options),
        order_(definitions, findings_),
        values_(info, definitions, options.layers, findings_),
        handles_(info, definitions, values_.types(), findings_, options.layers),
        component_values_(definitions, findings_) {
    if (judges_core_) values_.tell(&handles_);
  }

  void begin_block(std::uint64_t sequence, std::span<const OpenCall> open_calls) {
    if (options_.layers.has(Layer::order)) order_.begin_block(sequence, open_calls);
    if (judges_core_) values_.begin_block(open_calls);
  }

  void event(const EventView& event) {
    if (event.first && options_.layers.has(Layer::order)) order_.event(event);
    if (judges_component_values_) component_values_.event(event);
    if (!judges_core_) return;
    values_.event(event);
    if (event.first) handles_.event(event);
  }

  void finish() {
    if (options_.layers.has(Layer::order)) order_.finish();
    if (options_.judges(Layer::component)) {
      checking::judge_component(info_, definitions_, *options_.component, findings_);
    }
    if (!judges_core_) return;
    values_.finish();
    handles_.finish();
  }

  [[nodiscard]] const checking::Findings& findings() const { return findings_; }

 private:
  const TraceInfo info_;
  const Definitions& definitions_;
  const CheckOptions options_;
  // Core values are in an `abi` trace alone. Async states, of the order layer, follow from them.
  const bool judges_core_ = info_.profile == Profile::abi &&
                            (options_.layers.has(Layer::order) ||
                             options_.layers.has(Layer::types) || options_.layers.has(Layer::abi));
  const bool judges_component_values_ =
      info_.profile == Profile::values && options_.layers.has(Layer::types);
  checking::Findings findings_;
  checking::OrderLayer order_;
  checking::ValueLayers values_;
  checking::HandleLayer handles_;
  checking::ComponentValues component_values_;
};

Checker::Checker(const TraceInfo& info, const Definitions& definitions, const CheckOptions& options)
    : impl_(std::make_unique<Impl>(info, definitions, options)) {}
Checker::Checker(Checker&&) noexcept = default;
Checker& Checker::operator=(Checker&&) noexcept = default;
Checker::~Checker() = default;

void Checker::begin_block(std::uint64_t sequence, std::span<const OpenCall> open_calls) {
  impl_->begin_block(sequence, open_calls);
}
void Checker::event(const EventView& event) { impl_->event(event); }
void Checker::finish() { impl_->finish(); }
const std::vector<Finding>& Checker::findings() const { return impl_->findings().kept(); }
std::uint64_t Checker::omitted_findings() const { return impl_->findings().omitted(); }
std::uint64_t Checker::findings_of(Layer layer) const {
  return impl_->findings().counts()[static_cast<std::size_t>(layer)];
}
std::vector<std::string_view> Checker::undeclared_quirks() const {
  const auto& quirks = impl_->findings().quirks();
  return {quirks.begin(), quirks.end()};
}

CheckReport check(ByteSource& trace, const CheckOptions& options) {
  CheckReport report;
  auto reader = Reader::open(trace);
  if (!reader) {
    report.fault = reader.error();
    return report;
  }
  Checker checker(reader->info(), reader->definitions(), options);
  for (;;) {
    auto item = reader->next();
    if (!item) {
      report.fault = item.error();
      break;
    }
    if (std::holds_alternative<std::monostate>(*item)) {
      checker.finish();
      break;
    }
    if (const auto* block = std::get_if<Block>(&*item)) {
      checker.begin_block(block->base_sequence(), block->open_calls());
      for (const EventView& event : *block) checker.event(event);
    }
  }
  for (const Layer layer : all_layers) {
    // The definitions of a trace are all there at its end only.
    const bool judged = layer == Layer::component ? !report.fault
                        : layer == Layer::abi     ? reader->info().profile == Profile::abi
                                                  : true;
    if (judged && options.judges(layer)) report.layers.add(layer);
  }
  report.findings = checker.findings();
  report.omitted_findings = checker.omitted_findings();
  for (const Layer layer : all_layers) {
    report.layer_findings[static_cast<std::size_t>(layer)] = checker.findings_of(layer);
  }
  report.undeclared_quirks = checker.undeclared_quirks();
  report.definitions = reader->definitions();
  report.totals = reader->totals();
  return report;
}

}  // namespace crossing
