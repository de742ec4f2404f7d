#pragma once

/// Component values as what they mean, in the text form with what does not count left out
/// [COMPARE-03].

#include <set>
#include <utility>

#include "compare/meaning.h"
#include "component/types.h"
#include "value/wave_write.h"

namespace crossing::comparing {

/// Resources that an instance defines itself, by (instance, type).
using OwnResources = std::set<std::pair<std::uint32_t, std::uint32_t>>;

class MeaningWriter final : public values::WaveWriter {
 public:
  struct Context {
    const component::TypeTable& types;
    const OwnResources& own;
    std::uint32_t instance = 0;
    bool to_guest = false;  ///< else the guest gives the values away
  };
  MeaningWriter(const Context& context, Meaning& into, values::Budget& budget)
      : context_(context), into_(into), budget_(budget) {}

  void scalar(const Type& type, std::uint64_t bits) override;
  void bytes(const Type& type, Bytes elements) override;
  void unknown(const Type& type, const values::Unknown& what) override;

 private:
  void put(std::string_view text) override { into_.add(text); }
  void handle(const Type& type, std::uint64_t index);

  Context context_;
  Meaning& into_;
  values::Budget& budget_;
};

}  // namespace crossing::comparing
