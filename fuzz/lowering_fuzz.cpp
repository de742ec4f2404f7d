// Whatever blocks a guest gives and whatever bytes a host writes there: the checker ends, with
// findings that are sentences and name its rules.

#include <array>

#include "expect_findings.h"

namespace {

using namespace crossing;

enum : std::uint32_t { realloc_function, import_function, export_function };

/// An import that gives, and an export that takes, strings in lists, maps and options.
Definitions definitions(StringEncoding encoding) {
  Definitions all;
  const auto type = [&](Type one) {
    one.id = static_cast<std::uint32_t>(all.types.size());
    all.types.push_back(std::move(one));
    return one.id;
  };
  const std::uint32_t u8 = type({.kind = TypeKind::u8});
  const std::uint32_t string = type({.kind = TypeKind::string_});
  const std::uint32_t bytes = type({.kind = TypeKind::list, .element = u8});
  const std::uint32_t strings = type({.kind = TypeKind::list, .element = string});
  const std::uint32_t map = type({.kind = TypeKind::map, .element = bytes, .key = u8});
  const std::uint32_t option = type({.kind = TypeKind::option, .element = strings});
  const std::uint32_t record =
      type({.kind = TypeKind::record, .members = {{"a", string}, {"b", option}, {"c", map}}});
  const std::uint32_t gives = type({.kind = TypeKind::func, .element = record});
  const std::uint32_t takes =
      type({.kind = TypeKind::func, .members = {{"a", strings}, {"b", string}}});
  all.instances.resize(1);
  all.memories.resize(1);
  const std::vector<CoreType> words(4, CoreType::i32);
  const Options options{.string_encoding = encoding, .memory = 0, .realloc = realloc_function};
  all.functions = {{.id = realloc_function,
                    .role = Role::realloc,
                    .core_params = words,
                    .core_results = {CoreType::i32}},
                   {.id = import_function,
                    .role = Role::import_,
                    .type = gives,
                    .options = options,
                    .core_params = {CoreType::i32},
                    .result_area_param = 0,
                    .result_area_size = 28,
                    .result_area_alignment = 4},
                   {.id = export_function,
                    .role = Role::export_,
                    .type = takes,
                    .options = options,
                    .core_params = words}};
  return all;
}

/// What is called for an event, and with how many core values.
struct Kind {
  EventKind kind;
  std::uint32_t subject;
  int words;
};
constexpr std::array kinds = {Kind{EventKind::realloc_call, realloc_function, 4},
                              Kind{EventKind::realloc_result, realloc_function, 1},
                              Kind{EventKind::lower, 0, 0},
                              Kind{EventKind::import_call, import_function, 1},
                              Kind{EventKind::import_result, import_function, 0},
                              Kind{EventKind::export_call, export_function, 0},
                              Kind{EventKind::export_enter, export_function, 4},
                              Kind{EventKind::export_result, export_function, 0},
                              Kind{EventKind::trap, none, 2}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Definitions all = definitions(static_cast<StringEncoding>(data[0] % 3));
  Checker checker({}, all, {.accept_quirks = data[0] % 2 == 0});
  Bytes input(data + 1, size - 1);
  const auto byte = [&]() -> std::uint8_t {
    if (input.empty()) return 0;
    const std::uint8_t value = input.front();
    input = input.subspan(1);
    return value;
  };
  for (std::uint64_t sequence = 0; !input.empty(); ++sequence) {
    const Kind& kind = kinds[byte() % kinds.size()];
    std::vector<std::uint8_t> body;
    for (int i = 0; i < kind.words; ++i) {  // most of them small
      const std::uint8_t low = byte();
      const std::uint8_t high = low >= 250 ? 0xff : 0;
      body.insert(body.end(), {low, high, high, high});
    }
    EventView event;
    event.sequence = sequence;
    event.kind = kind.kind;
    event.subject = kind.subject;
    if (kind.kind == EventKind::lower) {
      event.detail = byte();
      for (std::uint8_t left = byte() % 40; left != 0; --left) body.push_back(byte());
    }
    event.body = body;
    event.body_size = body.size();
    checker.event(event);
  }
  checker.finish();
  fuzz::expect_findings(checker);
  return 0;
}
