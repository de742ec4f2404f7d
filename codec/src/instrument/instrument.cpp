#include "crossing/instrument.h"

#include "instrument/rewriter.h"

namespace crossing {

Result<Instrumented> instrument_component(Bytes component, const InstrumentOptions& options) {
  component::Fault fault;
  instrument::Analysis analysis;
  if (!instrument::analyze(component, options.limits, fault, analysis)) {
    return tl::unexpected(fault.error());
  }
  Instrumented out;
  instrument::Rewriter::Context context{component, analysis, options, fault, out, {}, {}};
  out.binary = instrument::Rewriter(context, analysis.binary.root, nullptr).run();
  if (!fault.ok()) return tl::unexpected(fault.error());
  out.recorders = analysis.recorders;
  out.wiring = std::move(analysis.wiring);
  return out;
}

}  // namespace crossing
