#pragma once

/// A trace in the making: its file, and the way of a run's events into it.

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "assembler.h"
#include "crossing/component.h"
#include "crossing/trace.h"
#include "loaded.h"
#include "piece_queue.h"
#include "wasmtime_component.h"

namespace crossing::engine {

struct TraceSettings {
  std::string path;
  bool force = false;   ///< an existing file is replaced [TESTEE-04]
  bool attach = false;  ///< the component goes into the trace [COMP-02]
};

/// Pieces come in the guest's thread; another one frames, compresses and writes them. Whatever goes
/// wrong there ends the guest at its next piece, or is said by `finish`.
class Recording {
 public:
  /// Creates the file and writes what comes before events. `loaded` outlives the recording.
  static Result<std::unique_ptr<Recording>> create(const TraceSettings& settings,
                                                   const Loaded& loaded);
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  /// For the component's linker.
  Sink* sink() { return &sink_; }
  [[nodiscard]] std::uint32_t recorders() const { return recorders_; }
  /// The guest ends at its next piece.
  void stop() { stopped_ = true; }
  [[nodiscard]] bool stopped() const { return stopped_; }

  /// The guest's part is over: waits for what is on its way.
  Result<void> end_pieces();
  /// After `end_pieces`: what is still in the recorders' memories, if `memory` is one of them
  /// [SINK-11].
  Result<void> add_held(Bytes memory);
  /// After everything that was held.
  Result<void> end_held() { return assembler_.end_pieces(); }
  /// To say how the run ended.
  Assembler& assembler() { return assembler_; }
  /// The guest was not asked any more: a `gap`, and the end [RECORD-05].
  Result<void> abort();
  /// The trace is complete.
  Result<void> finish() { return writer_.finish(); }

 private:
  Recording(std::unique_ptr<ByteSink> file, Writer writer, const std::vector<Function>& functions);

  std::unique_ptr<ByteSink> file_;
  Writer writer_;
  Assembler assembler_;
  std::atomic<std::uint32_t> recorders_ = 0;
  std::atomic<bool> stopped_ = false;
  std::optional<PieceQueue> queue_;
  Sink sink_;
};

}  // namespace crossing::engine
