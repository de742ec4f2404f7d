#include "trace/definition_table.h"

#include <algorithm>

#include "crossing/limits.h"
#include "io/fault.h"

namespace crossing {
namespace {

/// Judges one definition against those before it; keeps the first fault.
class Check {
 public:
  Check(const Definitions& all, std::uint64_t offset) : all_(all), offset_(offset) {}

  void operator()(const Type& type) {
    members(type);
    const bool handle = type.kind == TypeKind::own || type.kind == TypeKind::borrow;
    if (handle && type.element < all_.types.size() &&
        all_.types[type.element].kind != TypeKind::resource) {
      bad("TYPE-01",
          expected_found("a handle to a resource", "one to type " + std::to_string(type.element)));
    }
    for (const Member& member : type.members) {
      if (member.type != none) below("type of a member", member.type, type.id, "TYPE-02");
    }
    if (type.element != none) below("element", type.element, type.id, "TYPE-02");
    if (type.key != none) below("key", type.key, type.id, "TYPE-02");
  }
  void operator()(const Component& component) {
    if (component.digest.size() != 32) {
      bad("COMP-01", expected_found("a digest of 32 bytes", component.digest.size()));
    }
  }
  void operator()(const Instance& instance) {
    below("component", instance.component, all_.components.size(), "DEF-04");
    for (const Binding& binding : instance.bindings) {
      if (binding.side == Side::guest) {
        below("instance of a binding", binding.instance, all_.instances.size(), "INST-03");
      } else if (binding.instance != none) {
        bad("INST-03", expected_found("no instance in a binding to the host", binding.instance));
      }
    }
  }
  void operator()(const Memory& memory) {
    below("instance", memory.instance, all_.instances.size(), "DEF-04");
    if (memory.shared) bad("MEM-02", "expected a memory that is not shared, found a shared one");
  }
  void operator()(const Function& function) {
    below("instance", function.instance, all_.instances.size(), "DEF-04");
    if (function.type != none) below("type", function.type, all_.types.size(), "DEF-04");
    if (function.immediates.type != none) {
      below("type of immediates", function.immediates.type, all_.types.size(), "DEF-04");
    }
    if (function.options.memory != none) {
      below("memory", function.options.memory, all_.memories.size(), "DEF-04");
    }
    const bool has_target = function.core_instance != none;
    if (guest_calls(function.role) ? has_target || !function.core_export.empty() : !has_target) {
      bad("FUNC-04", std::string("expected a core target ") + (has_target ? "only " : "") +
                         "for a function that the host calls, found " +
                         (has_target ? "one" : "none"));
    }
    if ((function.role == Role::builtin) != !function.builtin.empty()) {
      bad("FUNC-07",
          "expected a name in builtin exactly for role builtin, found '" + function.builtin + "'");
    }
    core_types(function.core_params);
    core_types(function.core_results);
    if (function.result_area_param != none) {
      below("result_area_param", function.result_area_param, function.core_params.size(),
            "FUNC-09");
    }
  }

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  void bad(std::string_view rule, std::string message, Verdict verdict = Verdict::invalid) {
    if (!error_) error_ = fault(verdict, offset_, rule, std::move(message)).value();
  }
  void below(const char* what, std::uint32_t found, std::size_t count, std::string_view rule) {
    if (found < count) return;
    bad(rule, "expected " + std::string(what) + " below " + std::to_string(count) + ", found " +
                  std::to_string(found));
  }
  void core_types(const std::vector<CoreType>& types) {
    if (types.size() > limits::core_signature) {
      bad("FUNC-08",
          "expected at most " + std::to_string(limits::core_signature) + " core values, found " +
              std::to_string(types.size()),
          Verdict::limit);
    }
    for (const CoreType type : types) {
      if (type >= CoreType::funcref) {
        bad("FUNC-08", "expected number types in a flat signature, found a reference type",
            Verdict::unsupported);
      }
    }
  }

  /// [TYPE-01] Which members a kind may and must use.
  void members(const Type& type) {
    enum Use : std::uint8_t { no, may, must };
    struct Row {
      Use members = no, element = no, key = no;
      bool member_types = false, length = false, is_async = false;
    };
    const Row row = [&]() -> Row {
      switch (type.kind) {
        case TypeKind::record: return {.members = must, .member_types = true};
        case TypeKind::variant: return {.members = must, .member_types = true};
        case TypeKind::tuple: return {.members = must, .member_types = true};
        case TypeKind::flags:
        case TypeKind::enum_: return {.members = must};
        case TypeKind::list:
        case TypeKind::option: return {.element = must};
        case TypeKind::fixed_length_list: return {.element = must, .length = true};
        case TypeKind::stream:
        case TypeKind::future: return {.element = may};
        case TypeKind::result: return {.element = may, .key = may};
        case TypeKind::map: return {.element = must, .key = must};
        case TypeKind::own:
        case TypeKind::borrow: return {.element = must};
        case TypeKind::func:
          return {.members = may, .element = may, .member_types = true, .is_async = true};
        default: return {};
      }
    }();
    const auto use = [&](Use allowed, bool used, const char* what) {
      if (used ? allowed == no : allowed == must) {
        bad("TYPE-01", "expected " + std::string(used ? "no " : "") + what + " in type kind " +
                           std::to_string(static_cast<int>(type.kind)) + ", found " +
                           (used ? "one" : "none"));
      }
    };
    use(row.members, !type.members.empty(), "members");
    use(row.element, type.element != none, "element");
    use(row.key, type.key != none, "key");
    use(row.length ? must : no, type.length != 0, "length");
    use(row.is_async ? may : no, type.is_async, "is_async");
    for (const Member& member : type.members) {
      if (type.kind == TypeKind::tuple && !member.name.empty()) {
        bad("TYPE-01", "expected no names in a tuple, found '" + member.name + "'");
      }
      const bool typed = member.type != none;
      const bool optional = type.kind == TypeKind::variant;
      if (typed != row.member_types && !(optional && !typed)) {
        bad("TYPE-01", "expected " + std::string(typed ? "no type" : "a type") + " in member '" +
                           member.name + "', found " + (typed ? "one" : "none"));
      }
    }
  }

  const Definitions& all_;
  std::uint64_t offset_;
  std::optional<Error> error_;
};

template <class T>
std::vector<T>& list_of(Definitions& all);
template <>
std::vector<Type>& list_of(Definitions& all) {
  return all.types;
}
template <>
std::vector<Component>& list_of(Definitions& all) {
  return all.components;
}
template <>
std::vector<Instance>& list_of(Definitions& all) {
  return all.instances;
}
template <>
std::vector<Memory>& list_of(Definitions& all) {
  return all.memories;
}
template <>
std::vector<Function>& list_of(Definitions& all) {
  return all.functions;
}

std::uint32_t flat_width(const std::vector<CoreType>& types) {
  std::uint32_t width = 0;
  for (const CoreType type : types) width += core_size(type);
  return width;
}

bool sorted_once(const std::vector<std::string>& names) {
  return std::adjacent_find(names.begin(), names.end(), std::greater_equal<>()) == names.end();
}

}  // namespace

Result<void> check_trace_info(const TraceInfo& info, std::uint64_t offset) {
  if (info.uuid.size() != 16) {
    return fault(Verdict::invalid, offset, "TRACE-01",
                 expected_found("a uuid of 16 bytes", info.uuid.size()));
  }
  if ((info.clock == Clock::none) != (info.clock_unit == 0)) {
    return fault(Verdict::invalid, offset, "TRACE-04",
                 expected_found("clock_unit 0 exactly with clock none", info.clock_unit));
  }
  for (const auto* names : {&info.features, &info.quirks, &info.core_proposals}) {
    if (!sorted_once(*names)) {
      return fault(Verdict::invalid, offset, "TRACE-07",
                   "expected sorted names, none twice, found others");
    }
  }
  return {};
}

DefinitionTable::DefinitionTable(const TraceInfo& info) : scope_(info.profile, info.clock) {}

Result<bool> DefinitionTable::add(const Definition& definition, std::uint64_t offset) {
  return std::visit(
      [&]<class T>(const T& value) -> Result<bool> {
        std::vector<T>& list = list_of<T>(all_);
        if (value.id < list.size()) {
          if (list[value.id] == value) return false;
          return fault(Verdict::invalid, offset, "DEF-02",
                       "expected definition " + std::to_string(value.id) +
                           " to repeat its first content, found another");
        }
        if (value.id != list.size()) {
          return fault(
              Verdict::invalid, offset, "DEF-01",
              "expected id " + std::to_string(list.size()) + ", found " + std::to_string(value.id));
        }
        if (list.size() == limits::definitions) {
          return fault(Verdict::limit, offset, "LIMIT-01",
                       "expected at most " + std::to_string(limits::definitions) +
                           " definitions of a kind, found more");
        }
        Check check(all_, offset);
        check(value);
        if (check.error()) return tl::unexpected(*check.error());
        if constexpr (std::is_same_v<T, Type>) {
          const std::uint32_t depth = depth_of(value);
          if (depth > limits::type_depth) {
            return fault(Verdict::limit, offset, "LIMIT-01",
                         "expected types nested at most " + std::to_string(limits::type_depth) +
                             " deep, found " + std::to_string(depth));
          }
          type_depths_.push_back(depth);
        }
        if constexpr (std::is_same_v<T, Function>) {
          const auto [place, added] =
              keys_.insert({value.instance, static_cast<std::uint32_t>(value.index_space),
                            value.index, static_cast<std::uint32_t>(value.role)});
          if (!added) {
            return fault(Verdict::invalid, offset, "FUNC-01",
                         "expected one function for instance, index space, index and role, found "
                         "function " +
                             std::to_string(value.id) + " with those of another");
          }
        }
        list.push_back(value);
        ++scope_.definition_count;
        if constexpr (std::is_same_v<T, Instance>) scope_.add_instance();
        if constexpr (std::is_same_v<T, Memory>) scope_.add_memory();
        if constexpr (std::is_same_v<T, Function>) {
          scope_.add_function(
              {value.role, flat_width(value.core_params), flat_width(value.core_results)});
          const Options& options = value.options;
          for (const std::uint32_t id : {options.realloc, options.post_return, options.callback}) {
            if (id != none && (highest_option_ == none || id > highest_option_)) {
              highest_option_ = id;
            }
          }
        }
        return true;
      },
      definition);
}

std::uint32_t DefinitionTable::depth_of(const Type& type) const {
  std::uint32_t depth = 0;
  const auto include = [&](std::uint32_t id) {
    if (id != none) depth = std::max(depth, type_depths_[id]);
  };
  include(type.element);
  include(type.key);
  for (const Member& member : type.members) include(member.type);
  return depth + 1;
}

Result<void> DefinitionTable::frame_ends(std::uint64_t offset) {
  if (highest_option_ == none || highest_option_ < all_.functions.size()) return {};
  return fault(Verdict::invalid, offset, "DEF-04",
               "expected function ids in options below " + std::to_string(all_.functions.size()) +
                   ", found " + std::to_string(highest_option_));
}

}  // namespace crossing
