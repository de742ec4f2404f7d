#include "check/type_match.h"

#include "event/enumerators.h"

namespace crossing::checking {
namespace {

constexpr std::size_t name_width = 100;

std::string text_of(const Type& type) {
  std::string text(enumerator_name(type.kind));
  if (!type.name.empty()) text.append(" ").append(type.name, 0, name_width);
  return text;
}

}  // namespace

bool TypeMatch::same(std::uint32_t trace, std::uint32_t binary) {
  expected_ = "the type that the binary has";
  found_ = "another";
  return compare(trace, binary);
}

bool TypeMatch::same_resource(std::uint32_t trace, std::uint32_t binary) {
  const std::uint32_t is = of_binary_.try_emplace(trace, binary).first->second;
  const std::uint32_t was = of_trace_.try_emplace(binary, trace).first->second;
  return is == binary && was == trace;
}

bool TypeMatch::compare(std::uint32_t trace, std::uint32_t binary) {
  const auto text = [](const std::vector<Type>& types, std::uint32_t id) {
    return id < types.size() ? text_of(types[id]) : std::string("none");
  };
  if (trace >= trace_.size() || binary >= binary_.size()) {
    return (trace == none && binary == none) ||
           differ("", text(binary_, binary), text(trace_, trace));
  }
  // Types refer to smaller ids only [TYPE-02]: no pair is met inside of itself.
  const std::uint64_t pair = std::uint64_t{trace} << 32 | binary;
  if (const auto known = compared_.find(pair); known != compared_.end()) return known->second;
  bool equal = compare_types(trace_[trace], binary_[binary]);
  if (equal && binary_[binary].kind == TypeKind::resource && !same_resource(trace, binary)) {
    equal = differ("", text_of(binary_[binary]) + " as before", "another of that name");
  }
  compared_.emplace(pair, equal);
  return equal;
}

bool TypeMatch::compare_types(const Type& trace, const Type& binary) {
  if (trace.kind != binary.kind) return differ("", text_of(binary), text_of(trace));
  if (trace.kind == TypeKind::resource && trace.name != binary.name) {
    return differ("", text_of(binary), text_of(trace));
  }
  const auto number = [&](std::string_view what, std::uint64_t expected, std::uint64_t found) {
    return expected == found || differ(what, std::to_string(expected), std::to_string(found));
  };
  const std::string members = " members of " + text_of(binary);
  if (trace.members.size() != binary.members.size()) {
    return differ("", std::to_string(binary.members.size()) + members,
                  std::to_string(trace.members.size()));
  }
  for (std::size_t i = 0; i < binary.members.size(); ++i) {
    const Member& one = binary.members[i];
    const Member& other = trace.members[i];
    if (one.name != other.name) {
      return differ("member ", one.name.substr(0, name_width), other.name.substr(0, name_width));
    }
    if (!compare(other.type, one.type)) return false;
  }
  return number("length ", binary.length, trace.length) &&
         number("is_async ", binary.is_async, trace.is_async) &&
         compare(trace.element, binary.element) && compare(trace.key, binary.key);
}

bool TypeMatch::differ(std::string_view what, std::string_view expected, std::string_view found) {
  expected_ = std::string(what).append(expected);
  found_ = found;
  return false;
}

}  // namespace crossing::checking
