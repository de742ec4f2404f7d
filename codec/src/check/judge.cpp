/// How the layers `types` and `abi` judge the values of a call.

#include <algorithm>
#include <utility>

#include "check/value_layers.h"
#include "component/core_module.h"
#include "value/cases.h"
#include "value/lift.h"

namespace crossing::checking {
namespace {

/// The layer that a rule of values belongs to [CHECK-01].
Layer layer_of(std::string_view rule) {
  const bool is_of_memory = rule == "ABI-04" || rule == "ABI-05" || rule == "ABI-06" ||
                            rule == "ABI-11" || rule == "ABI-14";
  return is_of_memory ? Layer::abi : Layer::types;
}

constexpr std::uint64_t returned = 2;  // the state of a subtask, RETURNED

/// What an engine that departs from a rule of lifting declares.
std::string_view quirk_of(const values::Breach& breach) {
  if (breach.rule == "ABI-04" && breach.out_of_bounds) return "lift_bounds_unchecked";
  if (breach.rule == "ABI-05") return "utf8_unchecked";
  return {};
}

}  // namespace

/// Sees the parts of a value while it is lifted.
class ValueLayers::Judge final : public values::ValueVisitor,
                                 public values::BreachSink,
                                 public values::PlaceSink {
 public:
  Judge(ValueLayers& layers, const Subject& subject, Frame* frame)
      : layers_(layers),
        subject_(subject),
        encoding_(subject.function->options.string_encoding),
        frame_(frame) {
    if (frame != nullptr && frame->is_matched) blocks_.emplace(frame->lowering.reallocs());
  }

  /// Parameters that lie in memory.
  void area(std::uint64_t address, std::uint64_t size, std::uint32_t alignment) {
    list(address, size, alignment);
  }

  /// Every part was told, and each block is that of one.
  [[nodiscard]] bool is_complete() const { return is_matching(); }

  /// No block is left.
  void end() {
    if (is_matching() && layers_.layers_.has(Layer::abi)) report(blocks_->end());
  }

  // ValueVisitor
  void scalar(const Type& type, std::uint64_t bits) override {
    if (!values::is_handle(type.kind) || layers_.handles_ == nullptr) return;
    const auto index = static_cast<std::uint32_t>(bits);
    if (subject_.law == Law::lift) {
      layers_.handles_->from_guest(*subject_.function, type, index, subject_.event);
    } else {
      layers_.handles_->to_guest(*subject_.function, type, index, subject_.event);
    }
  }
  void string(std::string_view) override {}
  void bytes(const Type&, Bytes) override {}
  void begin(const Type&, std::uint64_t) override {}
  void begin_case(const Type&, std::uint32_t) override {}
  void end(const Type&) override {}
  void unknown(const Type& type, const values::Unknown& what) override {
    if (layers_.handles_ != nullptr && !is_message(*subject_.function)) {
      layers_.handles_->unknown(*subject_.function, type.id, subject_.law);
    }
    const bool is_first = is_known_;
    is_known_ = false;
    // [LOWER-02]
    if (what.broken || !is_first || frame_ == nullptr) return;
    layers_.find(subject_, Layer::abi, "LOWER-02",
                 "all bytes of the value to be written in its lowering",
                 "none at " + std::to_string(what.address));
  }

  // BreachSink
  void take(values::Breach breach) override {
    if (breach.traps) is_known_ = false;
    const bool of_guest = subject_.law == Law::lift;
    const std::string_view quirk = of_guest ? quirk_of(breach) : std::string_view();
    layers_.find(subject_, layer_of(breach.rule), breach.rule, std::move(breach.expected),
                 std::move(breach.found), quirk);
  }

  // PlaceSink
  void list(std::uint64_t address, std::uint64_t size, std::uint32_t alignment) override {
    if (is_matching()) report(blocks_->block(address, size, alignment));
  }
  void string(std::uint64_t address, std::string_view text, bool wide) override {
    if (is_matching()) {
      report(blocks_->string(address, text, encoding_, wide));
    }
  }

 private:
  [[nodiscard]] bool is_matching() const { return blocks_ && is_known_; }

  void report(std::optional<BlockMatcher::Mismatch> mismatch) {
    if (!mismatch) return;
    Subject subject = subject_;
    if (mismatch->has_event) {
      subject.event = mismatch->event;
      subject.kind = EventKind::realloc_call;
    }
    layers_.find(subject, Layer::abi, mismatch->rule, std::move(mismatch->expected),
                 std::move(mismatch->found),
                 mismatch->is_empty_string ? "empty_string_without_realloc" : std::string_view());
    if (!mismatch->is_empty_string) blocks_.reset();  // which block is whose nobody knows now
  }

  ValueLayers& layers_;
  const Subject& subject_;
  const StringEncoding encoding_;
  Frame* frame_;  // of the lowering; null: the guest's values
  std::optional<BlockMatcher> blocks_;
  bool is_known_ = true;  // every part so far
};

/// [ABI-07]
void ValueLayers::judge_signature(const Function& function, const EventView& event) {
  const values::CallShape& how = shapes_.of(function.id);
  if (signature_judged_.size() <= function.id) signature_judged_.resize(function.id + 1);
  if (signature_judged_[function.id]) return;
  signature_judged_[function.id] = true;
  if (how.is_typed || !how.has_type) return;
  find({.function = &function, .event = event.sequence, .kind = event.kind}, Layer::types, "ABI-07",
       "the core signature " + component::signature_text(how.flat.signature),
       component::signature_text({function.core_params, function.core_results}));
}

values::Budget ValueLayers::budget() const {
  const std::uint64_t parts = limits::value_parts;
  return {.parts = std::min(parts, credit_ + limits::type_depth),
          .bytes = std::min(limits::payload_size, credit_)};
}

/// Values may not take more time than their bytes in the trace allow.
void ValueLayers::spend(const values::Budget& left, const Subject& subject) {
  const values::Budget before = budget();
  const std::uint64_t used = (before.parts - left.parts) + (before.bytes - left.bytes);
  credit_ -= std::min(credit_, used);
  if (!left.is_spent) return;
  find(subject, Layer::abi, "VALUE-04", "values of fewer parts", "more than were looked at", {},
       Verdict::limit);
  const values::CallShape& how = shapes_.of(subject.function->id);
  hide(*subject.function, how.params, subject.law);
  hide(*subject.function, how.result, subject.law);
}

/// What the guest gave, now that its bytes are known. `traps`: the engine refused it.
void ValueLayers::settle(bool traps) {
  if (!std::exchange(is_given_, false)) {
    flush(unless_trap_, traps);
    return;
  }
  const bool is_call = given_.kind == EventKind::import_call;
  Frame* frame = is_call ? top(EventKind::import_call, given_.function) : nullptr;
  into_ = frame != nullptr ? &frame->held : &unless_trap_;
  judge_given();
  into_ = nullptr;
  given_.memory = {};
  flush(unless_trap_, traps);
}

/// Breaches that are none where the engine trapped.
void ValueLayers::flush(std::vector<Finding>& held, bool traps) {
  if (!traps) {
    for (Finding& finding : held) findings_.take(std::move(finding));
  }
  held.clear();
}

void ValueLayers::judge_given() {
  const Function& function = definitions_.functions[given_.function];
  const values::CallShape& how = shapes_.of(function.id);
  const bool is_call = given_.kind == EventKind::import_call;
  if (given_.is_hidden) return hide(function, is_call ? how.params : how.result, Law::lift);
  const Subject subject{
      .function = &function, .event = given_.event, .kind = given_.kind, .law = Law::lift};
  Judge judge(*this, subject, nullptr);
  const values::LiftOptions options{.types = shapes_.types(),
                                    .pointer = values::pointer_of(definitions_, function),
                                    .encoding = function.options.string_encoding,
                                    .law = Law::lift,
                                    .memory = &given_.memory,
                                    .breaches = &judge};
  values::Budget left = budget();
  values::Lifter lifter(options, judge, left);
  if (is_call) {
    flat_params_.assign(function.core_params, given_.body);
    values::lift_params(how, lifter, flat_params_);
  } else {
    flat_params_.assign({}, {});
    flat_results_.assign(function.core_results, given_.body);
    values::lift_result(how, lifter, flat_params_, flat_results_);
  }
  spend(left, subject);
}

/// A value that is not in the trace.
void ValueLayers::hide(const Function& function, std::uint32_t type, Law law) {
  if (handles_ != nullptr && type != none) handles_->unknown(function, type, law);
}

/// What the host gave: the arguments of an export, or the result of an import.
void ValueLayers::judge_lowering(Frame& frame, const EventView& event, bool is_result) {
  const Function& function = definitions_.functions[event.subject];
  const values::CallShape& how = shapes_.of(function.id);
  if (frame.lowering.is_redacted) {
    return hide(function, is_result ? how.result : how.params, Law::lower);
  }
  const bool of_message = is_result && is_message(function);
  if (!how.is_typed && !of_message) return;
  const bool is_async = is_result && function.options.is_async;
  if (is_async) {  // the result is there only if the call returned at once
    flat_results_.assign(function.core_results, event.body);
    if (flat_results_.size() != 1 || (flat_results_[0] & 15) != returned) return;
  }
  const Subject subject{
      .function = &function, .event = event.sequence, .kind = event.kind, .law = Law::lower};
  Judge judge(*this, subject, &frame);
  NotingMemory noting(frame.lowering.memory());
  values::GuestMemory* memory = &frame.lowering.memory();
  if (!frame.exact.empty()) memory = &noting;
  const values::LiftOptions options{.types = of_message ? message_ : shapes_.types(),
                                    .pointer = values::pointer_of(definitions_, function),
                                    .encoding = function.options.string_encoding,
                                    .law = Law::lower,
                                    .canonical_nans = canonical_nans_,
                                    .memory = memory,
                                    .breaches = &judge,
                                    .places = &judge};
  values::Budget left = budget();
  values::Lifter lifter(options, judge, left);
  flat_params_.assign(function.core_params, frame.params);
  if (of_message) {
    lifter.load(0, frame.area);
  } else if (is_async) {
    const std::uint32_t area = how.flat.result_area_param;
    if (area < flat_params_.size()) lifter.load(how.result, flat_params_[area]);
  } else if (is_result) {
    flat_results_.assign(function.core_results, event.body);
    values::lift_result(how, lifter, flat_params_, flat_results_);
  } else {
    if (how.flat.params_in_memory && how.params != none && flat_params_.size() != 0) {
      const component::Layout& place = shapes_.types().layout(how.params, options.pointer);
      judge.area(flat_params_[0], place.size, place.alignment);
    }
    values::lift_params(how, lifter, flat_params_);
  }
  judge.end();
  spend(left, subject);
  if (frame.exact.empty() || !judge.is_complete() || left.is_spent) return;
  if (const auto write = frame.exact.beyond(noting)) {  // [LOWER-01]
    find(
        {.function = &function, .event = write->event, .kind = EventKind::lower, .law = Law::lower},
        Layer::abi, "LOWER-01", "bytes that the value consists of, where they are exactly written",
        "others among " + std::to_string(write->size) + " at " + std::to_string(write->address));
  }
}

}  // namespace crossing::checking
