// crossing_fuzz_seeds REGRESSIONS GUESTS OUT: writes OUT/seeds/TARGET/* from the sample traces of
// the tests and from the guests, and OUT/regressions/TARGET/* from REGRESSIONS/TARGET/*.hex.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "crossing/text.h"
#include "crossing/value.h"
#include "frame/frame.h"
#include "io/bytes.h"
#include "sample.h"

namespace {

namespace fs = std::filesystem;
using namespace crossing;
using namespace crossing::testing;
using Blob = std::vector<std::uint8_t>;

constexpr std::size_t largest_seed = 128 * 1024;

class Folder {
 public:
  explicit Folder(fs::path path) : path_(std::move(path)) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  void put(const std::string& name, const Blob& bytes) const {
    std::ofstream file(path_ / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    if (!file) throw std::runtime_error("cannot write " + (path_ / name).string());
  }

 private:
  fs::path path_;
};

Blob read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The bytes of hex digits; `#` begins a comment, all else but digits is passed over.
Blob bytes_of_hex(const fs::path& path) {
  std::ifstream file(path);
  Blob bytes;
  std::string digits;
  for (std::string line; std::getline(file, line);) {
    for (const char c : line.substr(0, line.find('#'))) {
      if (std::isxdigit(static_cast<unsigned char>(c)) == 0) continue;
      digits += c;
      if (digits.size() < 2) continue;
      bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits, nullptr, 16)));
      digits.clear();
    }
  }
  return bytes;
}

/// Traces that together hold every kind of frame and event.
std::map<std::string, Blob> traces() {
  std::map<std::string, Blob> all;
  const WriterOptions plain{.codec = Codec::none, .salt = 0};
  all["plain"] = write_trace(sample_events(), plain);
  all["zstd"] = write_trace(sample_events(20), {.salt = 0});
  all["bulk"] = write_trace(sample_events(2, 300), plain);
  all["pieces"] = write_trace(sample_events(1, 70000), {.salt = 0});
  all["blocks"] =
      write_trace(sample_events(3), {.codec = Codec::none, .block_size = 64, .salt = 0});

  std::vector<OwnedEvent> kinds;
  for (const OwnedEvent& event : std::vector<OwnedEvent>{
           {EventKind::trap, 0, 1, none, 16, {1, 0, 0, 0, 2, 0, 0, 0, 'o', 'h'}},
           {EventKind::task_start, 0, 2, 0, 1, {}},
           {EventKind::task_resolve, 0, 3, 0, 1, {2, 0, 0, 0}},
           {EventKind::task_resolve_end, 0, 4, 0, 1, {}},
           {EventKind::task_cancel, 0, 5, 1, 1, {}},
           {EventKind::copy, 0, 6, 0, 3, {0, 0, 0, 0, 9, 0, 0, 0}},
           {EventKind::copy_end, 0, 7, 0, 3, {}},
           {EventKind::end_dropped, 0, 8, 0, 3, {}},
           {EventKind::thread_start, 0, 9, 1, 1, {}},
           {EventKind::thread_switch, 0, 10, 0, 1, {}},
           {EventKind::grow, 0, 11, 0, 0, body_of(16)},
           {EventKind::lift, flag_hashed, 12, 0, 1, body_of(16)},
           {EventKind::lower, flag_redacted, 1 << 20, 0, std::uint64_t{1} << 40, body_of(16)},
           {static_cast<EventKind>(200), 0, 1 << 20, 7, 7, body_of(3)},
           {EventKind::gap, 0, 1 << 20, none, 1, {5, 0, 0, 0, 0, 0, 0, 0}},
           {EventKind::marker, 0, 1 << 20, 0, 1, {'a'}}}) {
    kinds.push_back(event);
  }
  all["kinds"] = write_trace(kinds, plain, Clock::per_event);

  MemorySink sink;
  auto writer = Writer::create(sink, sample_info(), plain).value();
  const Blob content = body_of(1000);
  MemorySource source(content);
  writer.attach("app.wasm", source, content.size()).value();
  must(writer.finish());
  all["attachment"] = sink.take();
  return all;
}

/// Bodies of frames, as the targets of parts take them.
void put_bodies(const std::string& name, const Blob& trace, const Folder& batch,
                const Folder& definitions) {
  const std::map<FrameKind, std::uint8_t> tags = {{FrameKind::definitions, 0},
                                                  {FrameKind::trace_info, 1},
                                                  {FrameKind::index, 2},
                                                  {FrameKind::summary, 3},
                                                  {FrameKind::attachment, 4}};
  MemorySource source(trace);
  const auto pool = std::make_shared<BufferPool>(1);
  FrameReader reader(source, pool);
  BodyDecoder decoder;
  Blob bulk;
  for (int i = 0; const auto frame = reader.next().value(); ++i) {
    const FrameBody decoded = decoder.decode(*frame, reader.preamble()->salt, *pool, true).value();
    const Bytes body = decoded.bytes;
    const auto kind = static_cast<FrameKind>(frame->header.kind);
    const std::string file = name + '-' + std::to_string(i);
    Blob seed;
    if (kind == FrameKind::bulk) bulk.assign(body.begin(), body.end());
    if (kind == FrameKind::events && bulk.size() <= 0xffff) {
      append_number(seed, static_cast<std::uint16_t>(bulk.size()));
      seed.insert(seed.end(), bulk.begin(), bulk.end());
      seed.insert(seed.end(), body.begin(), body.end());
      batch.put(file, seed);
    } else if (const auto tag = tags.find(kind); tag != tags.end()) {
      seed = {tag->second};
      seed.insert(seed.end(), body.begin(), body.end());
      definitions.put(file, seed);
    }
  }
}

/// Types as ValueInput takes them, and of each a text, its bytes, and core values for it.
void put_values(const fs::path& out) {
  const Folder types(out / "types"), lift(out / "lift"), value(out / "value"), wave(out / "wave");
  TypeList table;
  Blob head;
  const auto add = [&](Type type) {
    type.id = static_cast<std::uint32_t>(table.size());
    const auto id = [&](std::uint32_t of) {
      head.push_back(of == none ? 255 : static_cast<std::uint8_t>(of));
    };
    head.push_back(static_cast<std::uint8_t>(type.kind));
    head.push_back(static_cast<std::uint8_t>(type.members.size()));
    for (std::size_t i = 0; i < type.members.size(); ++i) {
      if (type.kind != TypeKind::tuple) {
        type.members[i].name = "l" + std::to_string(type.members.size() - i);
      }
      id(type.members[i].type);
    }
    id(type.element);
    id(type.key);
    head.push_back(type.length == 0 ? 1 : 0);
    if (type.length != 0) append_number(head, type.length);
    table.push_back(type);
    return type.id;
  };
  const auto u8 = add({.kind = TypeKind::u8}), s32 = add({.kind = TypeKind::s32});
  const auto f64 = add({.kind = TypeKind::f64}), text = add({.kind = TypeKind::string_});
  const auto bytes = add({.kind = TypeKind::list, .element = u8});
  const auto record = add({.kind = TypeKind::record, .members = {{"", u8}, {"", text}, {"", f64}}});
  const auto variant = add({.kind = TypeKind::variant, .members = {{""}, {"", s32}, {"", record}}});
  const auto flags = add({.kind = TypeKind::flags, .members = std::vector<Member>(9)});
  const auto option = add({.kind = TypeKind::option, .element = flags});
  const auto map = add({.kind = TypeKind::map, .element = variant, .key = text});
  const auto fixed = add({.kind = TypeKind::fixed_length_list, .element = option, .length = 2});
  const auto result = add({.kind = TypeKind::result, .element = map, .key = bytes});
  const auto letter = add({.kind = TypeKind::char_});
  const auto tuple = add({.kind = TypeKind::tuple, .members = {{"", fixed}, {"", letter}}});
  head.insert(head.begin(), static_cast<std::uint8_t>(table.size() - 1));
  types.put("all", head);

  const std::pair<std::uint32_t, const char*> texts[] = {
      {record, "{l3: 7, l2: \"a\\u{7}é\", l1: -1.5e+30}"},
      {variant, "l1({l3: 0, l2: \"\", l1: nan})"},
      {result, "ok({\"k\": l3, \"l\": l2(-7)})"},
      {result, "err([1, 2, 255])"},
      {tuple, "([some({l9, l1}), none], '\\'')"}};
  for (int i = 0; const auto& [type, written] : texts) {
    const std::string name = std::to_string(i++);
    const auto with = [&](std::initializer_list<std::uint8_t> choices, Bytes rest) {
      Blob seed = head;
      seed.insert(seed.end(), choices);
      seed.insert(seed.end(), rest.begin(), rest.end());
      return seed;
    };
    const std::string_view chars = written;
    const auto which = static_cast<std::uint8_t>(type);
    const Blob encoded = encode_value(table, type, parse_wave(table, type, chars).value()).value();
    wave.put(name,
             with({which}, {reinterpret_cast<const std::uint8_t*>(chars.data()), chars.size()}));
    value.put(name, with({which}, encoded));
    for (const unsigned way : {0U, 1U, 2U, 4U, 128U, 129U}) {
      lift.put(name + "-" + std::to_string(way),
               with({which, static_cast<std::uint8_t>(way), 8, 0}, body_of(96, 0)));
    }
  }
}

/// A slot for events after those of `interrupted_trace`, behind the shape of its file.
Blob open_slot_seed() {
  Blob seed = {0, 8, 32, 64};  // a slot for 8 events, 64 bytes of payloads and 256 of bulk
  for (const std::uint32_t word : {1U, 2U, 4U, 0U, 0U, 0U, 0U, 0U}) append_number(seed, word);
  seed.resize(4 + 64);
  for (const EventKind kind : {EventKind::import_call, EventKind::import_result}) {
    for (const std::uint32_t word : {static_cast<std::uint32_t>(kind), 0U, 0U, 4U}) {
      append_number(seed, word);
    }
  }
  seed.resize(4 + 64 + 8 * 16);
  for (const std::uint32_t value : {5U, 6U}) append_number(seed, value);
  return seed;
}

void put_seeds(const fs::path& guests, const fs::path& out) {
  const Folder open(out / "open");
  open.put("slot", open_slot_seed());
  put_values(out);
  const Folder frame(out / "frame"), batch(out / "batch"), definitions(out / "definitions"),
      trace(out / "trace"), push(out / "push"), json(out / "json"), component(out / "component"),
      replay(out / "replay"), compare(out / "compare"), instrument(out / "instrument"),
      convert(out / "convert");
  for (const auto& [name, bytes] : traces()) {
    frame.put(name, bytes);
    trace.put(name, bytes);
    push.put(name, bytes);
    replay.put(name, bytes);
    compare.put(name, bytes);
    convert.put(name, bytes);
    put_bodies(name, bytes, batch, definitions);
    MemorySource source(bytes);
    MemorySink text;
    must(write_json(source, text));
    json.put(name, text.bytes());
  }
  for (const Folder* folder : {&component, &instrument}) {
    folder->put("empty", {0, 'a', 's', 'm', 0x0d, 0, 1, 0});
  }
  if (!fs::is_directory(guests)) return;
  for (const auto& entry : fs::recursive_directory_iterator(guests)) {
    if (entry.path().extension() != ".wasm" || entry.file_size() > largest_seed) continue;
    for (const Folder* folder : {&component, &instrument}) {
      folder->put(entry.path().filename().string(), read(entry.path()));
    }
  }
}

void put_regressions(const fs::path& from, const fs::path& out) {
  for (const auto& target : fs::directory_iterator(from)) {
    if (!target.is_directory()) continue;
    const Folder folder(out / target.path().filename());
    for (const auto& file : fs::directory_iterator(target)) {
      if (file.path().extension() == ".hex") {
        folder.put(file.path().stem().string(), bytes_of_hex(file));
      } else {
        folder.put(file.path().filename().string(), read(file));
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: crossing_fuzz_seeds REGRESSIONS GUESTS OUT\n", stderr);
    return 2;
  }
  put_regressions(argv[1], fs::path(argv[3]) / "regressions");
  put_seeds(argv[2], fs::path(argv[3]) / "seeds");
  return 0;
}
