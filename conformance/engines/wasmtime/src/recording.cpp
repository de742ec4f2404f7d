#include "recording.h"

#include <algorithm>
#include <random>

namespace crossing::engine {
namespace {

std::vector<std::uint8_t> random_uuid() {
  std::random_device device;
  std::vector<std::uint8_t> uuid(16);
  for (std::uint8_t& byte : uuid) byte = static_cast<std::uint8_t>(device());
  return uuid;
}

/// [TRACE-01] [TRACE-06]
TraceInfo info_of(const Wiring& wiring) {
  TraceInfo info;
  info.producer_name = "crossing-engine-wasmtime";
  info.producer_version = std::string(CROSSING_VERSION "+wasmtime.") + wasmtime_version();
  info.uuid = random_uuid();
  info.recorded_by = RecordedBy::instrumented;
  info.clock = Clock::none;  // [SINK-05]
  const auto& proposals = wiring.core_proposals;
  const bool relaxed = std::ranges::find(proposals, "relaxed_simd") != proposals.end();
  info.determinism = {.nan = NanMode::engine,
                      .relaxed_simd = relaxed ? RelaxedSimd::engine : RelaxedSimd::absent,
                      .stack_limit = WasmtimeComponent::stack_size};
  info.features = wiring.features;
  info.core_proposals = proposals;
  info.replayable = true;
  info.core_complete = true;
  return info;
}

Result<void> define(Writer& writer, const Definitions& all, bool attach) {
  const auto define_each = [&writer](const auto& list) -> Result<void> {
    for (const auto& value : list) {
      if (auto defined = writer.define(value); !defined) return defined;
    }
    return {};
  };
  std::vector<Component> components = all.components;
  if (attach && !components.empty()) components.front().attachment = 0;  // [COMP-02]
  if (auto done = define_each(all.types); !done) return done;
  if (auto done = define_each(components); !done) return done;
  if (auto done = define_each(all.instances); !done) return done;
  if (auto done = define_each(all.memories); !done) return done;
  return define_each(all.functions);
}

}  // namespace

Result<std::unique_ptr<Recording>> Recording::create(const TraceSettings& settings,
                                                     const Loaded& loaded) {
  auto file = create_sink(settings.path, settings.force ? IfExists::replace : IfExists::refuse);
  if (!file) return tl::unexpected(file.error());
  auto writer = Writer::create(**file, info_of(loaded.wiring));
  if (!writer) return tl::unexpected(writer.error());
  const Definitions& definitions = loaded.wiring.definitions;
  if (auto defined = define(*writer, definitions, settings.attach); !defined) {
    return tl::unexpected(defined.error());
  }
  if (settings.attach) {
    MemorySource source(loaded.binary);
    const std::string& name = definitions.components.at(0).name;
    if (auto id = writer->attach(name, source, loaded.binary.size()); !id) {
      return tl::unexpected(id.error());
    }
  }
  if (auto flushed = writer->flush(); !flushed) return tl::unexpected(flushed.error());
  return std::unique_ptr<Recording>(
      new Recording(std::move(*file), std::move(*writer), definitions.functions));
}

Recording::Recording(std::unique_ptr<ByteSink> file, Writer writer,
                     const std::vector<Function>& functions)
    : file_(std::move(file)), writer_(std::move(writer)), assembler_(writer_, functions) {
  queue_.emplace([this](const Piece& piece,
                        std::uint32_t recorders) { return assembler_.add(piece, recorders); },
                 [this] { return writer_.flush(); });
  sink_.open = [this] { return recorders_++; };
  sink_.write = [this](const Piece& piece) {
    return queue_->push(piece, recorders_).has_value() && !stopped_;
  };
}

Result<void> Recording::end_pieces() { return queue_->finish(); }

Result<void> Recording::abort() {
  if (auto done = end_pieces(); !done) return done;
  if (auto done = end_held(); !done) return done;
  if (auto done = assembler_.gap(GapReason::aborted); !done) return done;
  return finish();
}

Result<void> Recording::add_held(Bytes memory) {
  const auto pieces = held_pieces(memory);
  if (!pieces) return tl::unexpected(pieces.error());
  if (!*pieces) return {};
  for (const Piece& piece : **pieces) {
    if (auto added = assembler_.add(piece, recorders_); !added) return added;
  }
  return {};
}

}  // namespace crossing::engine
