/// Component types as WIT writes them.

#include "crossing/limits.h"
#include "crossing/plan.h"
#include "members.h"
#include "printable.h"

namespace crossing {
namespace {

/// Text beyond this is no help to a person, and a type can be exponentially long.
constexpr std::size_t kLongest = 1000;

class WitWriter {
 public:
  WitWriter(const std::vector<Type>& types, std::string& out) : types_(types), out_(out) {}

  void type(std::uint32_t id, std::uint32_t depth = 0) {
    if (id >= types_.size() || depth > limits::type_depth) {
      out_ += '?';
    } else if (out_.size() > kLongest) {
      out_ += "…";
    } else if (!types_[id].name.empty()) {
      text::append_printable(out_, types_[id].name, 200, false);
    } else {
      structure(types_[id], depth + 1);
    }
  }

  void structure(const Type& type, std::uint32_t depth) {
    const std::string_view name = enumerator_name(type.kind);
    switch (type.kind) {
      case TypeKind::func: func(type, depth); return;
      case TypeKind::record:
      case TypeKind::variant:
      case TypeKind::flags:
      case TypeKind::enum_:
        out_ += name;
        labels(type, depth);
        return;
      case TypeKind::tuple:
        out_ += name;
        arguments(type.members.size(),
                  [&](std::size_t i) { this->type(type.members[i].type, depth); });
        return;
      case TypeKind::result:
        out_ += name;
        if (type.element == none && type.key == none) return;
        arguments(type.key == none ? 1 : 2, [&](std::size_t i) {
          const std::uint32_t id = i == 0 ? type.element : type.key;
          if (id == none) {
            out_ += '_';
          } else {
            this->type(id, depth);
          }
        });
        return;
      case TypeKind::map:
        out_ += name;
        arguments(2, [&](std::size_t i) { this->type(i == 0 ? type.key : type.element, depth); });
        return;
      case TypeKind::fixed_length_list:
        out_ += "list<";
        this->type(type.element, depth);
        out_ += ", " + std::to_string(type.length) + ">";
        return;
      case TypeKind::error_context: out_ += "error-context"; return;
      case TypeKind::own: this->type(type.element, depth); return;
      default:
        out_ += name;
        if (type.element != none)
          arguments(1, [&](std::size_t) { this->type(type.element, depth); });
    }
  }

 private:
  template <class F>
  void arguments(std::size_t count, F&& write) {
    out_ += '<';
    for (std::size_t i = 0; i < count && out_.size() <= kLongest; ++i) {
      if (i != 0) out_ += ", ";
      write(i);
    }
    out_ += '>';
  }

  void named(const Member& member, std::string_view before, std::string_view after,
             std::uint32_t depth) {
    text::append_printable(out_, member.name, 200, false);
    if (member.type == none) return;
    out_ += before;
    type(member.type, depth);
    out_ += after;
  }

  void labels(const Type& type, std::uint32_t depth) {
    out_ += " { ";
    for (std::size_t i = 0; i < type.members.size() && out_.size() <= kLongest; ++i) {
      if (i != 0) out_ += ", ";
      const bool is_case = type.kind == TypeKind::variant;
      named(type.members[i], is_case ? "(" : ": ", is_case ? ")" : "", depth);
    }
    out_ += " }";
  }

  void func(const Type& type, std::uint32_t depth) {
    out_ += type.is_async ? "async func(" : "func(";
    for (std::size_t i = 0; i < type.members.size() && out_.size() <= kLongest; ++i) {
      if (i != 0) out_ += ", ";
      named(type.members[i], ": ", "", depth);
    }
    out_ += ')';
    if (type.element == none) return;
    out_ += " -> ";
    this->type(type.element, depth);
  }

  const std::vector<Type>& types_;
  std::string& out_;
};

}  // namespace

std::string wit_type(const std::vector<Type>& types, std::uint32_t id) {
  std::string out;
  WitWriter(types, out).type(id);
  return out;
}

}  // namespace crossing
