#include "check/handles.h"

namespace crossing::checking {

class HandleLayer::Impl {};

HandleLayer::HandleLayer(const TraceInfo&, const Definitions&, const component::TypeTable&,
                         Findings&, Layers)
    : impl_(std::make_unique<Impl>()) {}
HandleLayer::~HandleLayer() = default;

void HandleLayer::event(const EventView&) {}
void HandleLayer::finish() {}
void HandleLayer::from_guest(const Function&, const Type&, std::uint32_t) {}
void HandleLayer::to_guest(const Function&, const Type&, std::uint32_t) {}
void HandleLayer::unknown(const Function&, std::uint32_t, Law) {}

}  // namespace crossing::checking
