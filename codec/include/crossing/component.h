#pragma once

/// Reads the binary of a WebAssembly component and says how it is wired: which core modules are
/// instantiated in which order, what each core import is bound to, and where calls cross the
/// boundary between core code and everything else. What comes out is the plan of spec/plan.md.

#include <cstdint>
#include <string>
#include <vector>

#include "crossing/definitions.h"
#include "crossing/io.h"
#include "crossing/limits.h"
#include "crossing/result.h"

namespace [[gnu::visibility("default")]] crossing {

/// What a component may ask of its reader before it is refused with `Verdict::limit`.
struct ComponentLimits {
  /// Components in components, types in types.
  std::uint32_t nesting = limits::type_depth;
  std::uint32_t core_modules = 1'000;
  std::uint32_t definitions = 1'000'000;  ///< items of all sections, parsed
  std::uint32_t component_instances = 1'000;
  std::uint32_t core_instances = 10'000;
  std::uint32_t functions = limits::definitions;  ///< boundary functions
  std::uint32_t types = limits::definitions;      ///< distinct component types
  std::uint32_t name_bytes = limits::string_size;
  std::uint64_t work = 4'000'000;  ///< definitions evaluated, members and names included
};

enum class CoreKind : std::uint8_t { func, table, memory, global, tag };

/// "func", "table", "memory", "global" or "tag" [PLAN-03].
std::string_view core_kind_name(CoreKind kind);

/// [PLAN-03]
struct CoreModule {
  struct Import {
    std::string module;
    std::string name;
    CoreKind kind = CoreKind::func;
    bool operator==(const Import&) const = default;
  };
  struct Export {
    std::string name;
    CoreKind kind = CoreKind::func;
    bool operator==(const Export&) const = default;
  };
  std::uint32_t id = 0;
  std::uint64_t offset = 0;  ///< of the module in the component's binary
  std::uint64_t size = 0;
  std::vector<Import> imports;
  std::vector<Export> exports;
  std::vector<std::string> proposals;
  bool operator==(const CoreModule&) const = default;
};

/// [PLAN-04]
struct CoreInstance {
  struct Import {
    std::string module;
    std::string name;
    CoreKind kind = CoreKind::func;
    std::uint32_t function = none;       ///< the boundary function that serves it, or
    std::uint32_t core_instance = none;  ///< the core instance that defines it
    std::string export_name;             ///< and exports it under this name
    bool operator==(const Import&) const = default;
  };
  std::uint32_t id = 0;
  std::uint32_t instance = 0;    ///< component instance
  std::uint32_t core_index = 0;  ///< core instance index in that component
  std::uint32_t core_module = 0;
  std::vector<Import> imports;  ///< in the order of the module's imports
  bool operator==(const CoreInstance&) const = default;
};

/// [PLAN-05]
struct InitializationStep {
  enum class Kind : std::uint8_t { instantiate, instantiate_end, core_instance, start };
  Kind kind = Kind::instantiate;
  std::uint32_t id = 0;  ///< component instance, core instance or function
  bool operator==(const InitializationStep&) const = default;
};

/// [PLAN-06]
struct ExportedFunction {
  Name name;
  std::uint32_t function = none;  ///< none: an import passed straight through
  std::uint32_t type = none;
  bool operator==(const ExportedFunction&) const = default;
};

/// [PLAN-07]
struct ImportedFunction {
  Name name;
  std::vector<std::uint32_t> functions;  ///< empty: only passed straight through
  std::uint32_t type = none;
  bool operator==(const ImportedFunction&) const = default;
};

/// The wiring of a component. Values only: nothing in it points into the binary.
struct Wiring {
  /// Ids as in a trace of this component. `components` has one entry, for the binary itself, whose
  /// digest is left empty: the caller has the hash function. Types are those that a function,
  /// import or export refers to.
  Definitions definitions;
  std::vector<CoreModule> core_modules;
  std::vector<CoreInstance> core_instances;
  std::vector<InitializationStep> initialization;
  std::vector<ExportedFunction> exports;
  std::vector<ImportedFunction> imports;
  std::vector<std::string> features;        ///< sorted
  std::vector<std::string> core_proposals;  ///< sorted
  bool operator==(const Wiring&) const = default;
};

/// Reads a component. `binary` is looked at only during the call.
///
/// Errors, with the offset in `binary` of what they are about:
/// - `truncated`: the binary ends inside its preamble or a section.
/// - `invalid`: a core module instead of a component, bytes that are no component, an index out of
///   range, a definition of the wrong sort or type, a missing or mistyped instantiation argument,
///   a duplicate name, a core signature other than the Canonical ABI's.
/// - `unsupported`: another version or layer, and by name: values and start definitions, imported
///   core modules and components, canonical functions used as `realloc` and the like, core types
///   of proposals that are not known here.
/// - `limit`: more than `limits` allows. Time and memory are bounded by them.
///
/// An instance's `bindings` are those of its imported functions and instances.
///
/// Which rules of validation are not checked: the instructions of core modules; the grammar of
/// import and export names, and that they differ in more than case; the types of core tables,
/// memories, globals and tags at core instantiation; the declared type of a component or core
/// module that is passed as an argument (what is passed is used as it is); that exported types only
/// mention exported resources; that the option `async` stands at an async function type only.
/// A nested component that is never instantiated is parsed and not evaluated.
///
/// A lifted function that is exported at the root, or is called by nobody, has `Side::host`, also
/// if another guest calls it; one that only another guest can reach has `Side::guest`.
Result<Wiring> read_component(Bytes binary, const ComponentLimits& limits = {});

}  // namespace crossing
