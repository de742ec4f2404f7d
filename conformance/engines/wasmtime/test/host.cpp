// The hosts of the guests (conformance/guests/*.host.mjs), for `record --host` on Wasmtime.
#include "host.h"

#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <wasmtime/component/val.hh>
//
#include <wasmtime/component/linker.hh>

namespace {

namespace component = wasmtime::component;
using component::Val;
using Span = wasmtime::Span<Val>;
using Outcome = wasmtime::Result<std::monostate>;

constexpr std::string_view host_interface = "crossing:guests/host@0.1.0";
constexpr std::uint32_t thing_type = 1;
constexpr std::uint32_t file_type = 2;

Outcome fails(const std::string& message) {
  return wasmtime::Error(wasmtime_error_new(message.c_str()));
}

class Scope {
 public:
  explicit Scope(component::LinkerInstance instance) : instance_(std::move(instance)) {}

  /// `function(args)` gives the result.
  template <class F>
  void define(std::string_view name, F function) {
    check(instance_.add_func(
        name,
        [function](wasmtime::Store::Context context, const component::FuncType&, Span args,
                   Span results) -> Outcome { return function(context, args, results); }));
  }
  template <class F>
  void resource(std::string_view name, std::uint32_t type, F dropped) {
    check(instance_.add_resource(
        name, component::ResourceType(wasmtime_component_resource_type_new_host(type)), dropped));
  }
  bool good() const { return good_; }

 private:
  void check(const Outcome& outcome) { good_ = good_ && outcome; }

  component::LinkerInstance instance_;
  bool good_ = true;
};

/// The host's resource `thing`: a label by number.
class Things {
 public:
  Val make(wasmtime::Store::Context context, std::string label) {
    labels_[++last_] = std::move(label);
    component::ResourceHost made(true, last_, thing_type);
    return made.to_any(context).unwrap();
  }
  /// The label of a resource, owned or lent.
  std::string& label(wasmtime::Store::Context context, const Val& thing) {
    return labels_.at(number(context, thing));
  }
  /// Ends it, as its owner.
  std::string take(wasmtime::Store::Context context, const Val& thing) {
    auto taken = labels_.extract(number(context, thing));
    return taken.mapped();
  }
  bool drop(std::uint32_t number) { return labels_.erase(number) == 1; }

 private:
  static std::uint32_t number(wasmtime::Store::Context context, const Val& thing) {
    return thing.get_resource().to_host(context).unwrap().rep();
  }

  std::map<std::uint32_t, std::string> labels_;
  std::uint32_t last_ = 0;
};

Things things;
std::uint32_t open_files = 0;
std::uint32_t counter = 0;

Val text(const std::string& value) { return Val::string(value); }
std::string string_of(const Val& value) { return std::string(value.get_string()); }

/// Any unsigned number.
std::uint64_t number_of(const Val& value) {
  if (value.is_u8()) return value.get_u8();
  if (value.is_u16()) return value.get_u16();
  if (value.is_u32()) return value.get_u32();
  if (value.is_u64()) return value.get_u64();
  if (value.is_f32()) return static_cast<std::uint64_t>(value.get_f32());
  return static_cast<std::uint64_t>(value.get_f64());
}

using Context = wasmtime::Store::Context;

void define_echoes(Scope& scope) {
  for (const char* name :
       {"bool",         "s8",          "u8",       "s16",     "u16",    "s32",
        "u32",          "s64",         "u64",      "f32",     "f64",    "char",
        "string",       "bytes",       "words",    "strings", "nested", "tuple",
        "colour",       "permissions", "features", "wide",    "point",  "numbers",
        "person",       "people",      "shape",    "tree",    "option", "option-string",
        "option-option"}) {
    scope.define(std::string("echo-") + name, [](Context, Span args, Span results) -> Outcome {
      results[0] = args[0];
      return std::monostate();
    });
  }
  for (const char* name : {"", "-ok", "-error", "-none"}) {
    scope.define(std::string("echo-result") + name,
                 [](Context, Span args, Span results) -> Outcome {
                   results[0] = component::Tuple({args[0]});
                   return std::monostate();
                 });
  }
}

void define_failures(Scope& scope) {
  const auto may_fail = [&scope](std::string_view name, std::optional<Val> ok,
                                 std::optional<Val> error) {
    scope.define(name, [ok, error](Context, Span args, Span results) -> Outcome {
      results[0] =
          args[0].get_bool() ? component::WitResult::err(error) : component::WitResult::ok(ok);
      return std::monostate();
    });
  };
  may_fail("may-fail", Val(std::uint32_t{7}), text("no number"));
  may_fail("may-fail-ok", text("seven"), std::nullopt);
  may_fail("may-fail-error", std::nullopt, Val(std::uint8_t{9}));
  may_fail("may-fail-none", std::nullopt, std::nullopt);
}

void define_sums(Scope& scope) {
  scope.define("sum-16", [](Context, Span args, Span results) -> Outcome {
    std::uint64_t sum = 0;
    for (const Val& arg : args) sum += number_of(arg);
    results[0] = Val(static_cast<std::uint32_t>(sum));
    return std::monostate();
  });
  scope.define("sum-17", [](Context, Span args, Span results) -> Outcome {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < 16; ++i) sum += number_of(args[i]);
    results[0] = Val(sum + args[16].get_string().size());
    return std::monostate();
  });
  scope.define("nothing", [](Context, Span, Span) -> Outcome { return std::monostate(); });
}

void define_things(Scope& scope) {
  scope.resource("thing", thing_type, [](Context, std::uint32_t number) -> Outcome {
    if (things.drop(number)) return std::monostate();
    return fails("a thing was dropped twice");
  });
  const auto make = [](Context context, Span args, Span results) -> Outcome {
    results[0] = things.make(context, string_of(args[0]));
    return std::monostate();
  };
  const auto read = [](Context context, Span args, Span results) -> Outcome {
    results[0] = text(things.label(context, args[0]));
    return std::monostate();
  };
  scope.define("[constructor]thing", make);
  scope.define("make-thing", make);
  scope.define("[method]thing.label", read);
  scope.define("read-thing", read);
  scope.define("[method]thing.rename", [](Context context, Span args, Span) -> Outcome {
    things.label(context, args[0]) = string_of(args[1]);
    return std::monostate();
  });
  scope.define("[method]thing.absorb", [](Context context, Span args, Span) -> Outcome {
    const std::string other = things.take(context, args[1]);
    things.label(context, args[0]) += other;
    return std::monostate();
  });
  scope.define("[static]thing.longer", [](Context context, Span args, Span results) -> Outcome {
    results[0] = Val(things.label(context, args[0]).size() > things.label(context, args[1]).size());
    return std::monostate();
  });
  scope.define("[static]thing.split", [](Context context, Span args, Span results) -> Outcome {
    const std::string whole = things.take(context, args[0]);
    const std::size_t at = std::min<std::size_t>(args[1].get_u32(), whole.size());
    results[0] = component::Tuple(
        {things.make(context, whole.substr(0, at)), things.make(context, whole.substr(at))});
    return std::monostate();
  });
  scope.define("take-thing", [](Context context, Span args, Span results) -> Outcome {
    results[0] = text(things.take(context, args[0]));
    return std::monostate();
  });
  scope.define("take-things", [](Context context, Span args, Span results) -> Outcome {
    for (const Val& thing : args[0].get_list()) things.take(context, thing);
    results[0] = Val(static_cast<std::uint32_t>(args[0].get_list().size()));
    return std::monostate();
  });
  scope.define("make-things", [](Context context, Span args, Span results) -> Outcome {
    std::vector<Val> made;
    for (const Val& label : args[0].get_list()) {
      made.push_back(things.make(context, string_of(label)));
    }
    results[0] = component::List(std::move(made));
    return std::monostate();
  });
  scope.define("read-optional-thing", [](Context context, Span args, Span results) -> Outcome {
    const Val* thing = args[0].get_option().value();
    results[0] = component::WitOption(
        thing == nullptr ? std::nullopt : std::optional(text(things.label(context, *thing))));
    return std::monostate();
  });
}

void define_root(Scope& scope) {
  scope.define("note", [](Context, Span args, Span results) -> Outcome {
    if (results.size() == 1) {
      results[0] = Val(args[0].get_u32() + 1);  // that of trap
    } else if (args[0].get_u32() == 0) {
      return fails("a destructor got no rep");
    }
    return std::monostate();
  });
  scope.define("fail", [](Context, Span args, Span) -> Outcome {
    return fails("the host gives up: " + string_of(args[0]));
  });
  scope.define("text", [](Context, Span, Span results) -> Outcome {
    results[0] = text("some text");
    return std::monostate();
  });
  scope.define("greeter", [](Context, Span args, Span results) -> Outcome {
    results[0] = text("Hello, " + string_of(args[0]));
    return std::monostate();
  });
  scope.define("twice", [](Context, Span args, Span results) -> Outcome {
    results[0] = text(string_of(args[0]) + string_of(args[0]));
    return std::monostate();
  });
  scope.define("next", [](Context, Span, Span results) -> Outcome {
    results[0] = Val(counter += 7);
    return std::monostate();
  });
  scope.define("tell", [](Context, Span args, Span) -> Outcome {
    if (args[0].get_string() == "starting") return std::monostate();
    return fails("told " + string_of(args[0]));
  });
  for (const char* name : {"echo-map", "echo-fixed", "echo-fixed-strings"}) {
    scope.define(name, [](Context, Span args, Span results) -> Outcome {
      results[0] = args[0];
      return std::monostate();
    });
  }
  scope.define("log", [](Context, Span, Span) -> Outcome { return std::monostate(); });
}

void define_files(Scope& scope) {
  scope.resource("file", file_type, [](Context, std::uint32_t) -> Outcome {
    if (open_files-- > 0) return std::monostate();
    return fails("a file was dropped twice");
  });
  scope.define("open", [](Context context, Span args, Span results) -> Outcome {
    ++open_files;
    component::ResourceHost file(true, args[0].get_u32(), file_type);
    results[0] = file.to_any(context).unwrap();
    return std::monostate();
  });
}

/// The linker is lent to this library.
bool define_all(component::Linker& linker) {
  bool good = true;
  {
    Scope root(linker.root());
    define_root(root);
    good = root.good();
  }
  {
    Scope files(linker.root().add_instance("host").unwrap());
    define_files(files);
    good = good && files.good();
  }
  Scope library(linker.root().add_instance(host_interface).unwrap());
  define_echoes(library);
  define_failures(library);
  define_sums(library);
  define_things(library);
  return good && library.good();
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) wasmtime_error_t* crossing_wasmtime_host(
    wasmtime_component_linker_t* linker) {
  component::Linker lent(linker);
  const bool good = define_all(lent);
  static_cast<void>(lent.capi_release());
  return good ? nullptr : wasmtime_error_new("a name was defined twice");
}

__attribute__((visibility("default"))) wasmtime_error_t* crossing_wasmtime_make(
    wasmtime_context_t* context, const char* instance, const char* resource, const char* arguments,
    wasmtime_component_resource_any_t** made) {
  const auto list = nlohmann::json::parse(arguments, nullptr, false);
  if (host_interface != instance || std::strcmp(resource, "thing") != 0 || !list.is_array() ||
      list.size() != 1 || !list[0].is_string()) {
    return wasmtime_error_new("the host makes things, by a label, and nothing else");
  }
  const Val thing = things.make(Context(context), list[0].get<std::string>());
  *made = component::ResourceAny(thing.get_resource()).capi_release();
  return nullptr;
}
}
