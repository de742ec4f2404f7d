#include "scene.h"

#include <stdexcept>

namespace crossing::testing {
namespace {

enum : std::uint32_t { bool_, s8, u16, u32, u64, f32, char_, string_, flags, option, either, list };

Definitions definitions() {
  Definitions all;
  const auto type = [&](TypeKind kind, std::vector<Member> members = {},
                        std::uint32_t element = none, std::uint32_t length = 0) {
    const auto id = static_cast<std::uint32_t>(all.types.size());
    all.types.push_back({.id = id,
                         .kind = kind,
                         .members = std::move(members),
                         .element = element,
                         .length = length});
    return id;
  };
  using T = TypeKind;
  for (const T kind : {T::bool_, T::s8, T::u16, T::u32, T::u64, T::f32, T::char_, T::string_}) {
    type(kind);
  }
  type(T::flags, {{"a"}, {"b"}, {"c"}});
  type(T::option, {}, u32);
  type(T::variant, {{"half", u32}, {"whole", u64}});
  type(T::list, {}, u16);
  const std::uint32_t every = type(T::func,
                                   {{"flag", bool_},
                                    {"small", s8},
                                    {"letter", char_},
                                    {"labels", flags},
                                    {"maybe", option},
                                    {"either", either},
                                    {"number", f32},
                                    {"text", string_},
                                    {"list", list}},
                                   u32);
  const std::uint32_t of_text = type(T::func, {{"text", string_}});
  const std::uint32_t nothing = type(T::func);
  const std::uint32_t gives_text = type(T::func, {}, string_);
  const std::uint32_t of_list = type(T::func, {{"list", list}});
  const std::uint32_t too_wide = type(T::fixed_length_list, {}, bool_, limits::value_parts);
  const std::uint32_t gives_wide = type(T::func, {}, too_wide);
  const std::uint32_t gives_maybe = type(T::func, {}, option);

  all.components.push_back({.id = 0, .digest = std::vector<std::uint8_t>(32), .size = 8});
  all.instances.push_back({.id = 0});
  all.instances.push_back({.id = 1, .path = {0}});  // that never comes to life
  all.memories.push_back({.id = 0, .export_name = "memory"});

  using C = CoreType;
  const auto function = [&](Role role, std::uint32_t of, std::vector<C> params,
                            std::vector<C> results) -> Function& {
    Function one;
    one.id = static_cast<std::uint32_t>(all.functions.size());
    one.index = one.id;
    one.role = role;
    one.type = of;
    if (of != none) one.options = {.memory = 0, .realloc = allocate};
    one.core_params = std::move(params);
    one.core_results = std::move(results);
    all.functions.push_back(one);
    return all.functions.back();
  };
  const auto i32s = [](std::size_t count) { return std::vector<C>(count, C::i32); };
  std::vector<C> every_core = i32s(13);
  every_core[7] = C::i64;
  every_core[8] = C::f32;
  function(Role::realloc, none, i32s(4), i32s(1));
  function(Role::export_, every, every_core, i32s(1)).options.post_return = take_back;
  function(Role::post_return, none, i32s(1), {});
  function(Role::export_, of_text, i32s(2), {}).options.string_encoding =
      StringEncoding::latin1_utf16;
  function(Role::export_, nothing, {}, {});
  const auto area = [](Function& one, std::uint32_t size, std::uint32_t alignment) {
    one.result_area_param = 0;
    one.result_area_size = size;
    one.result_area_alignment = alignment;
  };
  area(function(Role::import_, gives_text, i32s(1), {}), 8, 4);
  function(Role::import_, of_list, i32s(2), {});
  function(Role::import_, nothing, {}, {});
  function(Role::builtin, none, {}, i32s(1)).builtin = "context.get";
  all.functions.back().immediates.slot = 0;
  area(function(Role::import_, gives_wide, i32s(1), {}), limits::value_parts, 1);
  area(function(Role::import_, gives_maybe, i32s(1), {}), 8, 4);
  return all;
}

/// A `realloc` of the host, and what it writes there.
std::vector<Step> block(std::uint32_t alignment, std::uint32_t address,
                        std::vector<std::uint8_t> content) {
  const auto size = static_cast<std::uint32_t>(content.size());
  return {{K::realloc_call, allocate, 0, cores({0, 0, alignment, size})},
          {K::realloc_result, allocate, 0, cores({address})},
          {K::lower, 0, address, std::move(content)}};
}

}  // namespace

std::vector<std::uint8_t> cores(std::initializer_list<std::uint32_t> values) {
  std::vector<std::uint8_t> body(4 * values.size());
  std::size_t offset = 0;
  for (const std::uint32_t value : values) {
    put_number(body, offset, value);
    offset += 4;
  }
  return body;
}

std::vector<std::uint8_t> bytes(std::string_view text) { return {text.begin(), text.end()}; }

void put_number(std::vector<std::uint8_t>& body, std::size_t offset, std::uint64_t value,
                std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    body.at(offset + i) = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

std::size_t Scene::at(K kind, std::size_t n) const {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kind == kind && n-- == 0) return i;
  }
  throw std::runtime_error("no such step");
}

void Scene::insert(std::size_t before, std::vector<Step> more) {
  steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(before), more.begin(), more.end());
}

void Scene::erase(K kind, std::size_t n) {
  steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(at(kind, n)));
}

std::vector<Finding> Scene::check() const {
  Checker checker(info, definitions, {.component = component ? &*component : nullptr});
  checker.begin_block(0, {});
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    if (block != 0 && i == block) checker.begin_block(i, open_calls);
    EventView view;
    view.sequence = i;
    view.kind = step.kind;
    view.subject = step.subject;
    view.detail = step.detail;
    view.flags = step.flags;
    view.body = step.body;
    view.body_size = step.body.size();
    checker.event(view);
  }
  checker.finish();
  return checker.findings();
}

Scene scene() {
  Scene all;
  all.definitions = definitions();
  all.info.determinism.nan = NanMode::canonical;
  const auto add = [&](const std::vector<Step>& more) { all.insert(all.steps.size(), more); };
  add({{K::instantiate}, {K::instantiate_end}});

  // take(true, -1, 'a', {a, c}, none, half(5), nan, "hello", [1, 2, 3, 4])
  std::vector<std::uint8_t> params(56);
  put_number(params, parameter::flag, 1);
  put_number(params, parameter::small, 0xffffffff);
  put_number(params, parameter::letter, 'a');
  put_number(params, parameter::labels, 5);
  put_number(params, parameter::either_payload, 5, 8);
  put_number(params, parameter::number, 0x7fc00000);
  put_number(params, parameter::text, 1024);
  put_number(params, parameter::text_size, 5);
  put_number(params, parameter::list, 1040);
  put_number(params, parameter::list_size, 4);
  add({{K::export_call, take}});
  add(block(1, 1024, bytes("hello")));
  add(block(2, 1040, {1, 0, 2, 0, 3, 0, 4, 0}));
  add({{K::export_enter, take, 0, params}});
  add({{K::import_call, put, 0, cores({1040, 4})}, {K::import_result, put}});
  add({{K::import_call, give, 0, cores({16})}});
  add(block(1, 1048, bytes("text")));
  add({{K::lower, 0, 16, cores({1048, 4}), flag_snapshot}, {K::import_result, give}});
  add({{K::import_call, note}, {K::import_result, note}});
  add({{K::export_result, take, 0, cores({7})}});
  add({{K::export_call, take_back},
       {K::export_enter, take_back, 0, cores({7})},
       {K::export_result, take_back}});

  add({{K::export_call, take_latin}});
  add(block(2, 1056, bytes("abc")));
  add({{K::export_enter, take_latin, 0, cores({1056, 3})}, {K::export_result, take_latin}});

  add({{K::export_call, idle}, {K::export_enter, idle}});
  add({{K::import_call, maybe, 0, cores({32})}, {K::lower, 0, 32, {0}}, {K::import_result, maybe}});
  add({{K::export_result, idle}});
  add({{K::copy, 0, 3, std::vector<std::uint8_t>(8)}, {K::copy_end, 0, 3}});
  return all;
}

Scene scene_of_values() {
  Scene all;
  all.definitions = definitions();
  all.info.profile = Profile::values;
  all.steps = {{K::instantiate},
               {K::instantiate_end},
               {K::export_call, idle},
               {K::export_enter, idle},
               {K::import_call, put, 0, {2, 1, 2}},
               {K::import_result, put},
               {K::export_result, idle}};
  return all;
}

Scene scene_of_component() {
  Scene all = scene();
  all.component = Wiring{.definitions = all.definitions};
  return all;
}

}  // namespace crossing::testing
