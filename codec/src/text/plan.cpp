/// The plan as JSON. Definitions are written as canonical JSON writes them [PLAN-02]; numbers of
/// the plan's own are JSON numbers, and what does not apply is left out or null.

#include "crossing/plan.h"

#include "json_text.h"

namespace crossing {
namespace text {
namespace {

/// Writes one object, members in the order of the calls.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;
  ~ObjectWriter() { out_ += '}'; }

  std::string& member(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    append_json(out_, name);
    out_ += ':';
    return out_;
  }
  void string(std::string_view name, std::string_view value) { append_json(member(name), value); }
  void number(std::string_view name, std::uint64_t value) { append_decimal(member(name), value); }
  void id_or_null(std::string_view name, std::uint32_t id) {
    if (id == none) {
      member(name) += "null";
    } else {
      number(name, id);
    }
  }
  template <class T, class F>
  void list(std::string_view name, const std::vector<T>& values, F&& element) {
    member(name) += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i != 0) out_ += ',';
      element(out_, values[i]);
    }
    out_ += ']';
  }
  template <class T>
  void list(std::string_view name, const std::vector<T>& values) {
    list(name, values, [](std::string& out, const T& value) { append_json(out, value); });
  }

 private:
  std::string& out_;
  bool first_ = true;
};

/// A list of the plan itself: one element per line.
template <class T, class F>
void lines(ObjectWriter& plan, std::string_view name, const std::vector<T>& values, F&& element) {
  std::string& out = plan.member(name);
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    out += i == 0 ? "\n" : ",\n";
    element(out, values[i]);
  }
  out += "]\n";
}

template <class T>
void lines(ObjectWriter& plan, std::string_view name, const std::vector<T>& values) {
  lines(plan, name, values, [](std::string& out, const T& value) { append_json(out, value); });
}

void append_component(std::string& out, const Component& component) {
  ObjectWriter object(out);
  object.string("name", component.name);
  append_json(object.member("digest"), component.digest);
  object.number("size", component.size);
}

void append_core_module(std::string& out, const CoreModule& module) {
  ObjectWriter object(out);
  object.number("id", module.id);
  object.number("offset", module.offset);
  object.number("size", module.size);
  object.list("imports", module.imports, [](std::string& o, const CoreModule::Import& import) {
    ObjectWriter item(o);
    item.string("module", import.module);
    item.string("name", import.name);
    item.string("kind", core_kind_name(import.kind));
  });
  object.list("exports", module.exports, [](std::string& o, const CoreModule::Export& exported) {
    ObjectWriter item(o);
    item.string("name", exported.name);
    item.string("kind", core_kind_name(exported.kind));
  });
  object.list("proposals", module.proposals);
}

void append_core_instance(std::string& out, const CoreInstance& instance) {
  ObjectWriter object(out);
  object.number("id", instance.id);
  object.number("instance", instance.instance);
  object.number("core_index", instance.core_index);
  object.number("core_module", instance.core_module);
  object.list("imports", instance.imports, [](std::string& o, const CoreInstance::Import& import) {
    ObjectWriter item(o);
    item.string("module", import.module);
    item.string("name", import.name);
    item.string("kind", core_kind_name(import.kind));
    if (import.function != none) {
      item.number("function", import.function);
    } else {
      item.number("core_instance", import.core_instance);
      item.string("export", import.export_name);
    }
  });
}

void append_step(std::string& out, const InitializationStep& step) {
  static constexpr std::string_view names[] = {"instantiate", "instantiate_end", "core_instance",
                                               "start"};
  ObjectWriter(out).number(names[static_cast<std::size_t>(step.kind)], step.id);
}

void append_export(std::string& out, const ExportedFunction& exported) {
  ObjectWriter object(out);
  object.string("instance_name", exported.name.instance_name);
  object.string("function_name", exported.name.function_name);
  object.id_or_null("function", exported.function);
  object.number("type", exported.type);
}

void append_import(std::string& out, const ImportedFunction& imported) {
  ObjectWriter object(out);
  object.string("instance_name", imported.name.instance_name);
  object.string("function_name", imported.name.function_name);
  object.list("functions", imported.functions);
  object.number("type", imported.type);
}

}  // namespace
}  // namespace text

std::string plan_json(const Wiring& wiring) {
  using namespace text;
  std::string out;
  {
    ObjectWriter plan(out);
    plan.number("plan", 1);  // [PLAN-01]
    append_component(plan.member("component"), wiring.definitions.components.at(0));
    lines(plan, "types", wiring.definitions.types);  // [PLAN-02]
    lines(plan, "components", wiring.definitions.components);
    lines(plan, "instances", wiring.definitions.instances);
    lines(plan, "memories", wiring.definitions.memories);
    lines(plan, "functions", wiring.definitions.functions);
    lines(plan, "core_modules", wiring.core_modules, append_core_module);        // [PLAN-03]
    lines(plan, "core_instances", wiring.core_instances, append_core_instance);  // [PLAN-04]
    lines(plan, "initialization", wiring.initialization, append_step);           // [PLAN-05]
    lines(plan, "exports", wiring.exports, append_export);                       // [PLAN-06]
    lines(plan, "imports", wiring.imports, append_import);                       // [PLAN-07]
    plan.list("features", wiring.features);                                      // [PLAN-08]
    plan.list("core_proposals", wiring.core_proposals);
  }
  return out + "\n";
}

}  // namespace crossing
