// Runs the C interface again and again, with the first, the second, … allocation failing, until
// none fails: each time a verdict comes back, and no exception.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "crossing/crossing.h"

namespace {

constexpr long never = -1;
long allocations_left = never;

void* allocate(std::size_t size) {
  if (allocations_left == 0) return nullptr;
  if (allocations_left > 0) --allocations_left;
  return std::malloc(size == 0 ? 1 : size);
}

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "out_of_memory: %s\n", what);
  std::exit(1);
}

/// Handles, ended whatever happened.
struct Run {
  crossing_error* error = crossing_error_new();
  crossing_sink *sink = nullptr, *other = nullptr;
  crossing_source* source = nullptr;
  crossing_writer* writer = nullptr;
  crossing_reader* reader = nullptr;
  Run() = default;
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    crossing_reader_delete(reader);
    crossing_source_delete(source);
    crossing_writer_delete(writer);
    crossing_sink_delete(sink);
    crossing_sink_delete(other);
    crossing_error_delete(error);
  }

  crossing_verdict write() {
    crossing_trace_info info = {};
    info.struct_size = sizeof info;
    info.producer_name = {"out_of_memory, a name too long for its place", 44};
    crossing_verdict verdict = crossing_sink_new_memory(&sink, error);
    if (verdict == CROSSING_OK) {
      verdict = crossing_writer_create(sink, &info, nullptr, &writer, error);
    }
    const std::uint8_t body[] = {'e', 'x', 'h', 'i'};
    crossing_event event = {};
    event.struct_size = sizeof event;
    event.kind = CROSSING_EVENT_MARKER;
    event.detail = 2;
    event.body = {body, sizeof body};
    for (int i = 0; i < 3 && verdict == CROSSING_OK; ++i) {
      verdict = crossing_writer_append(writer, &event, error);
    }
    if (verdict == CROSSING_OK) verdict = crossing_writer_finish(writer, error);
    return verdict;
  }

  crossing_verdict read() {
    crossing_verdict verdict =
        crossing_source_new_memory(crossing_sink_memory(sink), &source, error);
    if (verdict == CROSSING_OK) {
      verdict = crossing_reader_open(source, nullptr, &reader, error);
    }
    const crossing_item* item = nullptr;
    while (verdict == CROSSING_OK) {
      verdict = crossing_reader_next(reader, &item, error);
      if (verdict != CROSSING_OK || item->kind == CROSSING_ITEM_END) break;
    }
    return verdict;
  }

  crossing_verdict recover() {
    crossing_recovery recovery = {};
    recovery.struct_size = sizeof recovery;
    crossing_verdict verdict = crossing_sink_new_memory(&other, error);
    if (verdict == CROSSING_OK) verdict = crossing_recover(source, other, &recovery, error);
    return verdict;
  }

  /// Not one of those that have memory enough; `all` is false then.
  void judge(crossing_verdict verdict, bool& all) const {
    if (verdict == CROSSING_OK) return;
    all = false;
    if (verdict != CROSSING_IO) fail("expected CROSSING_IO of a failed allocation");
    if (error != nullptr && crossing_error_text(error)[0] == '\0') fail("expected a message");
  }
};

}  // namespace

void* operator new(std::size_t size) {
  void* memory = allocate(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

int main() {
  using Step = crossing_verdict (Run::*)();
  constexpr Step steps[] = {&Run::write, &Run::read, &Run::recover};
  long failures = 0;
  for (std::size_t failing = 0; failing < 3; ++failing) {
    for (long count = 0;; ++count) {
      bool all = true;
      Run run;
      for (std::size_t step = 0; step < failing; ++step) {
        if ((run.*steps[step])() != CROSSING_OK) fail("expected good steps before");
      }
      allocations_left = count;
      const crossing_verdict verdict = (run.*steps[failing])();
      allocations_left = never;
      run.judge(verdict, all);
      if (all) break;
      ++failures;
      if (count > 100000) fail("expected a run with memory enough");
    }
  }
  if (failures < 30) fail("expected allocations to fail");
  std::printf("%ld allocations failed, each by a verdict\n", failures);
  return 0;
}
