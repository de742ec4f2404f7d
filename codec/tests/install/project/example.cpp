// Writes a trace to a file, reads it back and prints it as JSON.

#include <crossing/text.h>
#include <crossing/trace.h>

#include <iostream>

namespace {

crossing::Result<std::uint64_t> write_and_read(const std::string& path) {
  using namespace crossing;
  TraceInfo info;
  info.producer_name = "example";
  info.uuid.assign(16, 1);
  {
    auto file = create_sink(path, IfExists::replace);
    if (!file) return tl::unexpected(file.error());
    auto writer = Writer::create(**file, info);
    if (!writer) return tl::unexpected(writer.error());
    const std::uint8_t note[] = {'e', 'x', 'h', 'i'};
    auto written = writer->append({.kind = EventKind::marker, .detail = 2, .body = note});
    if (written) written = writer->finish();
    if (!written) return tl::unexpected(written.error());
  }
  auto file = open_source(path);
  if (!file) return tl::unexpected(file.error());
  auto reader = Reader::open(**file);
  if (!reader) return tl::unexpected(reader.error());
  std::uint64_t events = 0;
  for (;;) {
    auto item = reader->next();
    if (!item) return tl::unexpected(item.error());
    if (std::holds_alternative<std::monostate>(*item)) return events;
    if (const auto* block = std::get_if<Block>(&*item)) {
      for (const EventView& event : *block) events += event.kind == EventKind::marker ? 1 : 0;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto events = write_and_read(argv[1]);
  if (!events) {
    std::cerr << events.error().text() << '\n';
    return static_cast<int>(events.error().verdict);
  }
  std::cout << *events << " event\n";
  auto trace = crossing::open_source(argv[1]);
  auto json = crossing::create_sink("-", crossing::IfExists::refuse);
  return trace && json && crossing::write_json(**trace, **json) && *events == 1 ? 0 : 1;
}
