// Whatever core values and memory hold: lifting ends, and what it tells is a value of the type, the
// same by both laws; what the host may write the guest may write too.

#include "value/guest_bytes.h"
#include "value/lift.h"
#include "value/walk.h"
#include "value_input.h"

namespace {

using namespace crossing;

class Breaches final : public values::BreachSink {
 public:
  void take(values::Breach breach) override {
    fuzz::expect(
        !breach.expected.empty() && !breach.found.empty() && breach.rule.starts_with("ABI-"),
        "a rule and a sentence");
    traps += breach.traps ? 1 : 0;
    ++count;
  }
  int count = 0;
  int traps = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::ValueInput input(data, size);
  const std::uint32_t type = input.type();
  const std::uint8_t ways = input.byte();
  const IndexType pointer = (ways & 1) != 0 ? IndexType::i64 : IndexType::i32;
  const auto& layout = input.table.layout(type, pointer);
  const std::uint64_t address = input.byte();
  const auto cores = layout.flat.list();
  values::GuestBytes memory;
  memory.write(input.byte(), input.rest());

  Value told[2];
  Breaches breaches[2];
  bool complete[2];
  for (const auto law : {Law::lift, Law::lower}) {
    const auto which = static_cast<std::size_t>(law);
    const values::LiftOptions options{.types = input.table,
                                      .pointer = pointer,
                                      .encoding = static_cast<StringEncoding>(ways / 2 % 3),
                                      .law = law,
                                      .memory = &memory,
                                      .breaches = &breaches[which]};
    values::ValueBuilder builder;
    values::Budget budget{.parts = 2000, .bytes = 1 << 16};
    values::Lifter lifter(options, builder, budget);
    if ((ways & 128) != 0 && layout.flat.fits(component::kMaxFlatParams)) {
      std::vector<std::uint8_t> bytes(input.rest().begin(), input.rest().end());
      std::size_t width = 0;
      for (const CoreType core : cores) {
        width += core == CoreType::i64 || core == CoreType::f64 ? 8 : 4;
      }
      bytes.resize(width);
      values::FlatValues slots(cores, bytes);
      lifter.lift_flat(type, slots);
    } else {
      lifter.load(type, address);
    }
    complete[which] = builder.complete() && !budget.is_spent;
    told[which] = builder.take();
  }
  fuzz::expect(breaches[0].count == breaches[0].traps, "only what traps, of a guest");
  fuzz::expect(breaches[0].traps == breaches[1].traps && complete[0] == complete[1],
               "the same traps");
  fuzz::expect(told[0] == told[1], "the same value");
  if (complete[0]) {
    fuzz::expect(encode_value(input.types, type, told[0]).has_value(), "a value of the type");
  }
  return 0;
}
