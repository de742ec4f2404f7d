#include "instrument/lift.h"

#include <algorithm>
#include <map>

#include "instrument/modules.h"

namespace crossing::instrument {
namespace {

using component::align_to;
using component::kMaxFlatAsyncParams;
using component::kMaxFlatParams;
using component::kMaxFlatResults;
using component::Layout;
using enum Op;

constexpr std::uint32_t kUtf16Tag = 0x80000000;

/// One generated module. Walking functions take the address of a value in memory.
class Walk {
 public:
  Walk(const Analysis& analysis, const Lifted& lifted) : analysis_(analysis), lifted_(lifted) {
    p8_ = module_.import_function("g", "p8", instrument::signature(1, true));
    p16_ = module_.import_function("g", "p16", instrument::signature(1, true));
    p32_ = module_.import_function("g", "p32", instrument::signature(1, true));
    const auto bytes = module_.import_function("g", "bytes", {{}, {CoreType::i64}, true});
    const auto lift = module_.import_function("c", "lift", instrument::signature(2));
    area_ = module_.function(area(bytes, lift));
  }

  std::vector<std::uint8_t> finish() {
    Code f(lifted_.signature);
    const std::uint32_t first = lifted_.first;
    switch (lifted_.kind) {
      case Lifted::Kind::values: {
        std::uint32_t at = first;
        for (const std::uint32_t type : lifted_.types) at = flat(f, type, at);
        break;
      }
      case Lifted::Kind::area: tuple(f, first); break;
      case Lifted::Kind::elements:
        f.get(first);
        lifted_.is_counted ? f.get(first + 1) : f.i32(1);
        f.call(elements(lifted_.types[0]));
        break;
      case Lifted::Kind::string: f.get(first).get(first + 1).call(string()); break;
    }
    module_.export_function("lift", module_.function(f));
    return module_.finish();
  }

 private:
  const Type& type(std::uint32_t id) const { return analysis_.wiring.definitions.types[id]; }
  const Layout& layout(std::uint32_t id) const { return analysis_.type(id).layout[0]; }
  bool points(std::uint32_t id) const { return id != none && analysis_.type(id).has_pointer; }

  /// `area(address, size: i64) -> bool`: records it, unless it is empty or not in memory.
  static Code area(std::uint32_t bytes, std::uint32_t lift) {
    enum : std::uint32_t { address, size };
    Code f({{CoreType::i32, CoreType::i64}, {CoreType::i32}, true});
    f.get(size).i64(0).op(i64_ne).op(i32_eqz);
    f.get(address).op(i64_extend_i32_u).get(size).op(i64_add);
    f.call(bytes).op(i64_gt_u).op(i32_or).if_().i32(0).op(return_).end();
    f.get(address).get(size).op(i32_wrap_i64).call(lift).i32(1);
    return f;
  }

  /// `string(address, length)`
  std::uint32_t string() {
    if (string_ != none) return string_;
    enum : std::uint32_t { address, length };
    Code f(instrument::signature(2));
    f.get(address);
    switch (lifted_.encoding) {
      case StringEncoding::utf8: f.get(length).op(i64_extend_i32_u); break;
      case StringEncoding::utf16: f.get(length).op(i64_extend_i32_u).i64(1).op(i64_shl); break;
      case StringEncoding::latin1_utf16: {  // the tag says which, and shifts the length
        f.get(length).i32(~kUtf16Tag).op(i32_and).op(i64_extend_i32_u);
        f.get(length).i32(31).op(i32_shr_u).op(i64_extend_i32_u).op(i64_shl);
        break;
      }
    }
    f.call(area_).op(drop);
    return string_ = module_.function(f);
  }

  /// `elements(address, count)` of what has this size; `walk` makes the function that walks one.
  template <class F>
  std::uint32_t elements(std::uint64_t size, bool points, F&& walk) {
    enum : std::uint32_t { address, count };
    const std::uint32_t each = points ? walk() : none;
    Code f(instrument::signature(2));
    f.get(address).get(count).op(i64_extend_i32_u).i64(size).op(i64_mul).call(area_);
    if (points) {
      f.if_().loop();
      f.get(address).call(each);
      f.get(address).i32(static_cast<std::uint32_t>(size)).op(i32_add).set(address);
      f.get(count).i32(1).op(i32_sub).tee(count).branch_if(0);
      f.end().end();
    } else {
      f.op(drop);
    }
    return module_.function(f);
  }

  std::uint32_t elements(std::uint32_t element) {
    if (const auto found = lists_.find(element); found != lists_.end()) return found->second;
    return lists_[element] =
               elements(layout(element).size, points(element), [&] { return memory(element); });
  }

  /// A map is a list of pairs.
  std::uint32_t pairs(std::uint32_t map) {
    if (const auto found = maps_.find(map); found != maps_.end()) return found->second;
    const Type& what = type(map);
    const Layout &key = layout(what.key), &value = layout(what.element);
    const std::uint32_t alignment = std::max(key.alignment, value.alignment);
    const std::uint64_t second = align_to(key.size, value.alignment);
    const auto walk = [&] {
      Code f(instrument::signature(1));
      visit(f, what.key, 0, 0);
      visit(f, what.element, 0, second);
      return module_.function(f);
    };
    return maps_[map] = elements(align_to(second + value.size, alignment),
                                 points(what.key) || points(what.element), walk);
  }

  /// `walk(address)` of a type that points.
  std::uint32_t memory(std::uint32_t id) {
    if (const auto found = walks_.find(id); found != walks_.end()) return found->second;
    const Type& what = type(id);
    Code f(instrument::signature(1));
    const auto pair = [&](std::uint32_t function) {
      f.get(0).call(p32_).get(0).i32(4).op(i32_add).call(p32_).call(function);
    };
    switch (what.kind) {
      case TypeKind::string_: pair(string()); break;
      case TypeKind::list: pair(elements(what.element)); break;
      case TypeKind::map: pair(pairs(id)); break;
      case TypeKind::record:
      case TypeKind::tuple: fields(f, 0, what.members); break;
      case TypeKind::fixed_length_list: {
        const std::uint32_t each = memory(what.element);
        const auto left = f.local(CoreType::i32);
        f.i32(what.length).set(left).loop();
        f.get(0).call(each);
        f.get(0).i32(static_cast<std::uint32_t>(layout(what.element).size)).op(i32_add).set(0);
        f.get(left).i32(1).op(i32_sub).tee(left).branch_if(0).end();
        break;
      }
      default: cases(f, payloads(what)); break;
    }
    return walks_[id] = module_.function(f);
  }

  /// Calls the walk of `id`, if it points, `offset` behind the address in `local`.
  void visit(Code& f, std::uint32_t id, std::uint32_t local, std::uint64_t offset) {
    if (!points(id)) return;
    const std::uint32_t walk = memory(id);
    f.get(local);
    if (offset > 0) f.i32(static_cast<std::uint32_t>(offset)).op(i32_add);
    f.call(walk);
  }

  void fields(Code& f, std::uint32_t local, const std::vector<Member>& members) {
    std::uint64_t offset = 0;
    for (const Member& member : members) {
      offset = align_to(offset, layout(member.type).alignment);
      visit(f, member.type, local, offset);
      offset += layout(member.type).size;
    }
  }

  static std::vector<std::uint32_t> payloads(const Type& what) {
    if (what.kind == TypeKind::option) return {none, what.element};
    if (what.kind == TypeKind::result) return {what.element, what.key};
    std::vector<std::uint32_t> ids;
    for (const Member& member : what.members) ids.push_back(member.type);
    return ids;
  }

  /// Of a variant in memory.
  void cases(Code& f, const std::vector<std::uint32_t>& ids) {
    const std::uint32_t size = ids.size() <= 0x100 ? 1 : ids.size() <= 0x10000 ? 2 : 4;
    std::uint32_t alignment = 1;
    for (const std::uint32_t id : ids) {
      if (id != none) alignment = std::max(alignment, layout(id).alignment);
    }
    const auto tag = f.local(CoreType::i32);
    f.get(0).call(size == 1 ? p8_ : size == 2 ? p16_ : p32_).set(tag);
    for (std::uint32_t i = 0; i < ids.size(); ++i) {
      if (!points(ids[i])) continue;
      f.get(tag).i32(i).op(i32_eq).if_();
      visit(f, ids[i], 0, align_to(size, alignment));
      f.end();
    }
  }

  /// A tuple in memory, at the address in `local`.
  void tuple(Code& f, std::uint32_t local) {
    std::vector<Member> members;
    std::uint64_t size = 0;
    std::uint32_t alignment = 1;
    for (const std::uint32_t id : lifted_.types) {
      members.push_back({"", id});
      size = align_to(size, layout(id).alignment) + layout(id).size;
      alignment = std::max(alignment, layout(id).alignment);
    }
    f.get(local).i64(align_to(size, alignment)).call(area_).if_();
    fields(f, local, members);
    f.end();
  }

  /// Pushes a flat value that is a pointer, length or discriminant: in a variant it may be joined
  /// with a wider one.
  void push(Code& f, std::uint32_t local) const {
    f.get(local);
    if (lifted_.signature.params[local] == CoreType::i64) f.op(i32_wrap_i64);
  }

  /// A value in locals from `at` on; the local behind it.
  std::uint32_t flat(Code& f, std::uint32_t id, std::uint32_t at) {
    const auto end = at + static_cast<std::uint32_t>(layout(id).flat.size());
    if (!points(id)) return end;
    const Type& what = type(id);
    const auto pair = [&](std::uint32_t function) {
      push(f, at);
      push(f, at + 1);
      f.call(function);
    };
    switch (what.kind) {
      case TypeKind::string_: pair(string()); break;
      case TypeKind::list: pair(elements(what.element)); break;
      case TypeKind::map: pair(pairs(id)); break;
      case TypeKind::record:
      case TypeKind::tuple:
        for (const Member& member : what.members) at = flat(f, member.type, at);
        break;
      case TypeKind::fixed_length_list:
        for (std::uint32_t i = 0; i < what.length; ++i) at = flat(f, what.element, at);
        break;
      default: {
        const auto ids = payloads(what);
        for (std::uint32_t i = 0; i < ids.size(); ++i) {
          if (!points(ids[i])) continue;
          push(f, at);
          f.i32(i).op(i32_eq).if_();
          flat(f, ids[i], at + 1);
          f.end();
        }
      }
    }
    return end;
  }

  const Analysis& analysis_;
  const Lifted& lifted_;
  ModuleWriter module_;
  std::uint32_t p8_ = 0, p16_ = 0, p32_ = 0, area_ = 0, string_ = none;
  std::map<std::uint32_t, std::uint32_t> walks_;  // by type
  std::map<std::uint32_t, std::uint32_t> lists_;  // by type of the element
  std::map<std::uint32_t, std::uint32_t> maps_;
};

}  // namespace

std::optional<Lifted> lifted_parameters(const Analysis& analysis, const Function& function) {
  using Kind = Lifted::Kind;
  Lifted lifted;
  lifted.encoding = function.options.string_encoding;
  lifted.signature = {function.core_params, {}, true};
  const auto points = [&](std::uint32_t id) { return analysis.type(id).has_pointer; };
  const auto passed = [&](bool fits) -> std::optional<Lifted> {
    lifted.kind = fits ? Kind::values : Kind::area;
    if (fits && std::ranges::none_of(lifted.types, points)) return std::nullopt;
    return lifted;
  };
  if (function.role == Role::import_) {
    const Type& type = analysis.wiring.definitions.types[function.type];
    for (const Member& member : type.members) lifted.types.push_back(member.type);
    return passed(analysis.type(function.type)
                      .layout[0]
                      .flat.fits(function.options.is_async ? kMaxFlatAsyncParams : kMaxFlatParams));
  }
  const std::string_view builtin = function.builtin;
  if (builtin == "error-context.new") {
    lifted.kind = Kind::string;
    return lifted;
  }
  if (function.immediates.type == none) return std::nullopt;
  lifted.types = {function.immediates.type};
  if (builtin == "task.return") {
    return passed(analysis.type(function.immediates.type).layout[0].flat.fits(kMaxFlatParams));
  }
  if (builtin != "stream.write" && builtin != "future.write") return std::nullopt;
  lifted.kind = Kind::elements;
  lifted.first = 1;
  lifted.is_counted = builtin == "stream.write";
  return lifted;
}

std::optional<Lifted> lifted_results(const Analysis& analysis, const Function& function) {
  const std::uint32_t result = analysis.wiring.definitions.types[function.type].element;
  if (function.options.is_async || result == none ||
      analysis.type(result).layout[0].flat.fits(kMaxFlatResults)) {
    return std::nullopt;
  }
  Lifted lifted;
  lifted.kind = Lifted::Kind::area;
  lifted.types = {result};
  lifted.encoding = function.options.string_encoding;
  lifted.signature = {function.core_results, {}, true};
  return lifted;
}

std::vector<std::uint8_t> lift_module(const Analysis& analysis, const Lifted& lifted) {
  return Walk(analysis, lifted).finish();
}

}  // namespace crossing::instrument
