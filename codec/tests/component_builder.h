#pragma once

/// Assembles component binaries by hand, section by section.

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace crossing::component {

using Blob = std::vector<std::uint8_t>;

inline Blob operator+(Blob left, const Blob& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline Blob raw(std::initializer_list<int> values) {
  Blob blob;
  for (const int value : values) blob.push_back(static_cast<std::uint8_t>(value));
  return blob;
}

inline Blob leb(std::size_t value) {
  Blob blob;
  for (; value >= 0x80; value >>= 7) blob.push_back(static_cast<std::uint8_t>(value | 0x80));
  blob.push_back(static_cast<std::uint8_t>(value));
  return blob;
}

/// A length-prefixed name.
inline Blob name(std::string_view text) {
  return leb(text.size()) + Blob(text.begin(), text.end());
}

/// An import's or export's name.
inline Blob extern_name(std::string_view text) { return raw({0x00}) + name(text); }

inline Blob vec(std::initializer_list<Blob> items) {
  Blob blob = leb(items.size());
  for (const Blob& item : items) blob = std::move(blob) + item;
  return blob;
}

inline Blob section(int id, const Blob& body) { return raw({id}) + leb(body.size()) + body; }

inline Blob component(std::initializer_list<Blob> sections) {
  Blob blob = raw({0x00, 'a', 's', 'm', 0x0d, 0x00, 0x01, 0x00});
  for (const Blob& part : sections) blob = std::move(blob) + part;
  return blob;
}

inline Blob core_module(std::initializer_list<Blob> sections) {
  Blob blob = raw({0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00});
  for (const Blob& part : sections) blob = std::move(blob) + part;
  return blob;
}

// Sections of a component.
inline Blob modules(const Blob& module) { return section(1, module); }
inline Blob core_instances(std::initializer_list<Blob> items) { return section(2, vec(items)); }
inline Blob nested(const Blob& inner) { return section(4, inner); }
inline Blob instances(std::initializer_list<Blob> items) { return section(5, vec(items)); }
inline Blob aliases(std::initializer_list<Blob> items) { return section(6, vec(items)); }
inline Blob types(std::initializer_list<Blob> items) { return section(7, vec(items)); }
inline Blob canons(std::initializer_list<Blob> items) { return section(8, vec(items)); }
inline Blob imports(std::initializer_list<Blob> items) { return section(10, vec(items)); }
inline Blob exports(std::initializer_list<Blob> items) { return section(11, vec(items)); }

/// A core module with a memory "mem" and the functions "f" (i32) -> (i32) and "realloc".
inline Blob library_module() {
  return core_module({
      section(
          1, vec({raw({0x60, 1, 0x7f, 1, 0x7f}), raw({0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 1, 0x7f})})),
      section(3, vec({leb(0), leb(1)})),
      section(5, vec({raw({0x00, 1})})),
      section(7, vec({name("mem") + raw({2, 0}), name("f") + raw({0, 0}),
                      name("realloc") + raw({0, 1})})),
      section(10, vec({raw({4, 0, 0x41, 0, 0x0b}), raw({4, 0, 0x41, 0, 0x0b})})),
  });
}

/// Core alias of an export of core instance `instance`; sort 0 is func, 2 is memory.
inline Blob core_alias(int sort, std::size_t instance, std::string_view export_name) {
  return raw({0x00, sort, 0x01}) + leb(instance) + name(export_name);
}

}  // namespace crossing::component
