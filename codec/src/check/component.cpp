#include "check/component.h"

#include <array>
#include <map>
#include <unordered_map>

#include "check/type_match.h"
#include "event/enumerators.h"

namespace crossing::checking {
namespace {

constexpr std::size_t text_width = 200;

std::string text(std::uint32_t value) { return value == none ? "none" : std::to_string(value); }
std::string text(const std::string& value) { return '\'' + value.substr(0, text_width) + '\''; }

template <class Enum>
requires std::is_enum_v<Enum> std::string text(Enum value) {
  return std::string(enumerator_name(value));
}

std::string text(const Name& name) {
  return text(name.instance_name + (name.instance_name.empty() ? "" : "#") + name.function_name);
}

std::string text(const Binding& binding) {
  std::string out = text(binding.name) + " to the " + text(binding.side);
  if (binding.side == Side::guest) {
    out += " instance " + text(binding.instance) + ", " + text(binding.export_name);
  }
  return out;
}

template <class T>
std::string text(const std::vector<T>& list) {
  std::string out = "(";
  for (const T& one : list) {
    if (out.size() > text_width) return out + ", …)";
    out += (out.size() == 1 ? "" : ", ") + text(one);
  }
  return out + ')';
}

std::string path_text(const std::vector<std::uint32_t>& path) {
  std::string out = "/";
  for (const std::uint32_t step : path) {
    if (out.size() > text_width) return out + "…";
    out += (out.size() == 1 ? "" : "/") + std::to_string(step);
  }
  return out;
}

std::string identity_text(Bytes digest, std::uint64_t size) {
  std::string out = "sha256 ";
  for (const std::uint8_t byte : digest) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out + ", " + std::to_string(size) + " bytes";
}

std::uint32_t at(const std::vector<std::uint32_t>& ids, std::uint32_t id) {
  return id < ids.size() ? ids[id] : none;
}

class ComponentLayer {
 public:
  ComponentLayer(const TraceInfo& info, const Definitions& trace, const Wiring& wiring,
                 Findings& findings)
      : info_(info),
        trace_(trace),
        wiring_(wiring),
        binary_(wiring.definitions),
        findings_(findings),
        types_(trace.types, binary_.types) {}

  void run() {
    if (!find_component()) return;
    match_instances();
    bindings();
    memories();
    match_functions();
    for (const Function& function : trace_.functions) {
      if (const std::uint32_t id = at(functions_, function.id); id != none) {
        judge(function, binary_.functions[id]);
      }
    }
    if (trace_.components.size() != 1) return;
    begin("the trace", none);
    same("COMPONENT-10", "features", wiring_.features, info_.features);
    same("COMPONENT-10", "core_proposals", wiring_.core_proposals, info_.core_proposals);
  }

 private:
  using Key = std::array<std::uint32_t, 4>;

  void find(std::string_view rule, std::string expected, std::string found) {
    findings_.take({.layer = Layer::component,
                    .rule = rule,
                    .function = function_,
                    .law = {},
                    .quirk = {},
                    .expected = std::move(expected),
                    .found = std::move(found)});
  }

  /// What the next findings are about.
  void begin(std::string subject, std::uint32_t function) {
    subject_ = std::move(subject);
    function_ = function;
  }

  template <class T>
  void same(std::string_view rule, std::string_view member, const T& expected, const T& found) {
    if (expected == found) return;
    find(rule, std::string(member) + ' ' + text(expected) + " of " + subject_, text(found));
  }

  /// A reference to another definition, of which `ids` are the binary's by the trace's. One that
  /// the binary has not was found already.
  void same_reference(std::string_view rule, std::string_view member, std::uint32_t expected,
                      std::uint32_t found, const std::vector<std::uint32_t>& ids) {
    const std::uint32_t counterpart = found == none ? none : at(ids, found);
    if (counterpart == expected || (found != none && counterpart == none)) return;
    find(rule, std::string(member) + ' ' + text(expected) + " of " + subject_, text(counterpart));
  }

  bool find_component() {  // [COMPONENT-01]
    if (binary_.components.empty()) return false;
    const Component& expected = binary_.components.front();
    const auto is_it = [&](const Component& found) {
      return found.size == expected.size &&
             (expected.digest.empty() || found.digest == expected.digest);
    };
    const auto it = std::find_if(trace_.components.begin(), trace_.components.end(), is_it);
    if (it == trace_.components.end()) {
      find("COMPONENT-01", "the component with " + identity_text(expected.digest, expected.size),
           trace_.components.empty() ? "none"
                                     : "one with " + identity_text(trace_.components.front().digest,
                                                                   trace_.components.front().size));
      return false;
    }
    component_ = it->id;
    alone_ = trace_.components.size() == 1;
    return true;
  }

  void match_instances() {
    std::map<std::vector<std::uint32_t>, std::uint32_t> paths;
    for (const Instance& instance : binary_.instances) paths.emplace(instance.path, instance.id);
    std::vector<bool> taken(binary_.instances.size());
    for (const Instance& instance : trace_.instances) {
      instances_.push_back(none);
      if (instance.component != component_) continue;
      const auto path = paths.find(instance.path);
      if (path == paths.end()) {
        find("COMPONENT-02", "instance " + text(instance.id) + " at the path of one of the binary",
             "path " + path_text(instance.path));
        continue;
      }
      instances_.back() = path->second;
      if (taken[path->second]) alone_ = false;
      taken[path->second] = true;
    }
  }

  void bindings() {  // [COMPONENT-02]
    if (!alone_) return;
    for (const Instance& instance : trace_.instances) {
      const std::uint32_t id = instances_[instance.id];
      if (id == none) continue;
      std::vector<Binding> found = instance.bindings;
      for (Binding& binding : found) {
        if (binding.instance != none) binding.instance = at(instances_, binding.instance);
      }
      begin("instance " + text(instance.id), none);
      const auto& expected = binary_.instances[id].bindings;
      if (found.size() != expected.size()) {
        find("COMPONENT-02", std::to_string(expected.size()) + " bindings of " + subject_,
             std::to_string(found.size()));
        continue;
      }
      for (std::size_t i = 0; i < expected.size(); ++i) {
        same("COMPONENT-02", "binding", expected[i], found[i]);
      }
    }
  }

  void memories() {  // [COMPONENT-03]
    constexpr std::string_view rule = "COMPONENT-03";
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> keys;
    for (const Memory& memory : binary_.memories) {
      keys.emplace(std::pair(memory.instance, memory.core_memory), memory.id);
    }
    for (const Memory& memory : trace_.memories) {
      memories_.push_back(none);
      const std::uint32_t instance = at(instances_, memory.instance);
      if (instance == none) continue;
      begin("memory " + text(memory.id), none);
      const auto key = keys.find({instance, memory.core_memory});
      if (key == keys.end()) {
        find(rule, "a core_memory of the binary for " + subject_,
             text(memory.core_memory) + " of instance " + text(memory.instance));
        continue;
      }
      memories_.back() = key->second;
      const Memory& expected = binary_.memories[key->second];
      if (alone_) same(rule, "core_instance", expected.core_instance, memory.core_instance);
      same(rule, "export_name", expected.export_name, memory.export_name);
      same(rule, "index_type", expected.index_type, memory.index_type);
      same<std::uint32_t>(rule, "page_size_log2", expected.page_size_log2, memory.page_size_log2);
    }
  }

  static Key key_of(const Function& function, std::uint32_t instance) {
    return {instance, static_cast<std::uint32_t>(function.index_space), function.index,
            static_cast<std::uint32_t>(function.role)};
  }

  void match_functions() {  // [COMPONENT-04]
    std::map<Key, std::uint32_t> keys;
    for (const Function& function : binary_.functions) {
      keys.emplace(key_of(function, function.instance), function.id);
    }
    for (const Function& function : trace_.functions) {
      functions_.push_back(none);
      const std::uint32_t instance = at(instances_, function.instance);
      if (instance == none) continue;
      const auto key = keys.find(key_of(function, instance));
      if (key == keys.end()) {
        begin("function " + text(function.id), function.id);
        find("COMPONENT-04", "the key of a function of the binary for " + subject_,
             text(function.role) + ' ' + text(function.index_space) + ' ' + text(function.index) +
                 " of instance " + text(function.instance));
        continue;
      }
      functions_.back() = key->second;
      // Built-ins say which resource is which before any function that takes one.
      const std::uint32_t found = function.immediates.type;
      const std::uint32_t expected = binary_.functions[key->second].immediates.type;
      if (is_resource(trace_, found) && is_resource(binary_, expected)) {
        types_.same_resource(found, expected);
      }
    }
  }

  static bool is_resource(const Definitions& all, std::uint32_t type) {
    return type < all.types.size() && all.types[type].kind == TypeKind::resource;
  }

  void judge(const Function& found, const Function& expected) {
    begin("function " + text(found.id), found.id);
    place(found, expected);
    same("COMPONENT-06", "names", expected.names, found.names);
    same("COMPONENT-06", "implements", expected.implements, found.implements);
    same("COMPONENT-06", "version_suffix", expected.version_suffix, found.version_suffix);
    same("COMPONENT-06", "external_id", expected.external_id, found.external_id);
    same("COMPONENT-06", "builtin", expected.builtin, found.builtin);
    type("type", found.type, expected.type);
    type("type of the immediates", found.immediates.type, expected.immediates.type);
    options(found.options, expected.options);
    immediates(found.immediates, expected.immediates);
    signature(found, expected);
  }

  void place(const Function& found, const Function& expected) {  // [COMPONENT-05]
    constexpr std::string_view rule = "COMPONENT-05";
    if (alone_) same(rule, "side", expected.side, found.side);
    if (alone_) same(rule, "core_instance", expected.core_instance, found.core_instance);
    same(rule, "core_export", expected.core_export, found.core_export);
    same(rule, "canonical_definition", expected.canonical_definition, found.canonical_definition);
  }

  void type(std::string_view member, std::uint32_t found, std::uint32_t expected) {
    if (types_.same(found, expected)) return;  // [COMPONENT-07]
    find("COMPONENT-07", types_.expected() + " in the " + std::string(member) + " of " + subject_,
         types_.found());
  }

  void options(const Options& found, const Options& expected) {  // [COMPONENT-08]
    constexpr std::string_view rule = "COMPONENT-08";
    same(rule, "string_encoding", expected.string_encoding, found.string_encoding);
    same_reference(rule, "memory", expected.memory, found.memory, memories_);
    same_reference(rule, "realloc", expected.realloc, found.realloc, functions_);
    same_reference(rule, "post_return", expected.post_return, found.post_return, functions_);
    same_reference(rule, "callback", expected.callback, found.callback, functions_);
    same<std::uint32_t>(rule, "is_async", expected.is_async, found.is_async);
  }

  void immediates(const Immediates& found, const Immediates& expected) {  // [COMPONENT-08]
    constexpr std::string_view rule = "COMPONENT-08";
    same<std::uint32_t>(rule, "cancellable", expected.cancellable, found.cancellable);
    same<std::uint32_t>(rule, "is_async", expected.is_async, found.is_async);
    same(rule, "slot", expected.slot, found.slot);
    same(rule, "table", expected.table, found.table);
    same<std::uint32_t>(rule, "shared", expected.shared, found.shared);
  }

  void signature(const Function& found, const Function& expected) {  // [COMPONENT-09]
    constexpr std::string_view rule = "COMPONENT-09";
    same(rule, "core_params", expected.core_params, found.core_params);
    same(rule, "core_results", expected.core_results, found.core_results);
    same(rule, "result_area_param", expected.result_area_param, found.result_area_param);
    same(rule, "result_area_size", expected.result_area_size, found.result_area_size);
    same(rule, "result_area_alignment", expected.result_area_alignment,
         found.result_area_alignment);
  }

  const TraceInfo& info_;
  const Definitions& trace_;
  const Wiring& wiring_;
  const Definitions& binary_;
  Findings& findings_;
  TypeMatch types_;
  std::uint32_t component_ = none;
  bool alone_ = false;  // nothing else lived in the store, as far as the trace says
  // By id of the trace: that of the binary.
  std::vector<std::uint32_t> instances_;
  std::vector<std::uint32_t> memories_;
  std::vector<std::uint32_t> functions_;
  std::string subject_;
  std::uint32_t function_ = none;
};

}  // namespace

void judge_component(const TraceInfo& info, const Definitions& trace, const Wiring& wiring,
                     Findings& findings) {
  ComponentLayer(info, trace, wiring, findings).run();
}

}  // namespace crossing::checking
