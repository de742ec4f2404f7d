#pragma once

/// Traces as text: canonical JSON (spec/json.md), and lines for people. Target crossing::text.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "crossing/definitions.h"
#include "crossing/event.h"
#include "crossing/io.h"
#include "crossing/trace.h"

namespace [[gnu::visibility("default")]] crossing {

/// The canonical JSON object of a record, without the surrounding `{"type":…}` [JSON-02].
std::string canonical_json(const TraceInfo& info);
std::string canonical_json(const Type& type);
std::string canonical_json(const Component& component);
std::string canonical_json(const Instance& instance);
std::string canonical_json(const Memory& memory);
std::string canonical_json(const Function& function);

/// Bytes of a line that `read_json` accepts, line end left out: any canonical line fits.
inline constexpr std::uint64_t json_line_limit = 2 * limits::payload_size + 1048576;

/// Writes the canonical JSON of a whole trace. Lines before a fault are written, then the fault
/// is returned [TESTEE-05]. Memory does not grow with payloads.
Result<void> write_json(ByteSource& trace, ByteSink& json);

/// Makes a trace from canonical JSON [JSON-09]. Errors name line and member. Memory grows with the
/// longest line only. After an error the trace has no end frame.
Result<void> read_json(ByteSource& json, ByteSink& trace, WriterOptions options = {});

struct DumpOptions {
  std::uint64_t from = 0;                 ///< number of the first event
  std::uint64_t to = 0xffffffffffffffff;  ///< of the last
  bool full = false;                      ///< payloads in full, not shortened
  bool color = false;                     ///< ANSI colours
};

/// Writes lines for people: an event, or a call with its result, on each, nested by call. Lines
/// before a fault are written, then the fault is returned. The order of events is not judged. With
/// `from`, a trace in which one can seek is not read, nor judged, from its start: what was open
/// there is looked up.
Result<void> dump_text(ByteSource& trace, ByteSink& text, const DumpOptions& options = {});

/// Turns the items of a trace into the same text one by one, for who reads the trace himself.
class ItemWriter {
 public:
  virtual ~ItemWriter() = default;
  virtual Result<void> write(const Item& item) = 0;
  /// Hands on all that was written, as far as lines are whole: for where nothing more may come for
  /// long. A call that waits for its result to come on the same line does so no more.
  virtual Result<void> flush() = 0;
  /// Nothing more comes: the trace ends, or has a fault.
  virtual Result<void> finish() = 0;
};
/// What is referred to is the reader's, and outlives the writer, as does the sink.
std::unique_ptr<ItemWriter> json_writer(const TraceInfo& info, ByteSink& json);
std::unique_ptr<ItemWriter> dump_writer(const TraceInfo& info, const Definitions& definitions,
                                        ByteSink& text, const DumpOptions& options = {});

/// `value` for a terminal: at most `limit` bytes of it, control characters escaped [SEC-06].
std::string printable(std::string_view value, std::size_t limit = 4096);

}  // namespace crossing
