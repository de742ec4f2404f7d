#pragma once

/// What events refer to by id: values that copy and compare. Each struct, member and enumerator
/// has the name and meaning that spec/definitions.md and schema/crossing.fbs give it.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace [[gnu::visibility("default")]] crossing {

/// "None" in every id and index member [DEF-03].
inline constexpr std::uint32_t none = 0xffffffff;

enum class Profile : std::uint8_t { abi, values };
enum class RecordedBy : std::uint8_t { engine, hook, instrumented, converted, synthetic };
enum class Clock : std::uint8_t { none, coarse, per_call, per_event };
enum class NanMode : std::uint8_t { unspecified, canonical, engine };
enum class RelaxedSimd : std::uint8_t { absent, deterministic, engine };
enum class Interruption : std::uint8_t { never, fuel, epoch, other };

/// Settings of core WebAssembly that decide whether two runs are equal [TRACE-06].
struct Determinism {
  NanMode nan = NanMode::unspecified;
  RelaxedSimd relaxed_simd = RelaxedSimd::absent;
  std::uint64_t memory_limit = 0;
  std::uint64_t table_limit = 0;
  std::uint64_t stack_limit = 0;
  Interruption interruption = Interruption::never;
  bool operator==(const Determinism&) const = default;
};

/// What the trace says of itself [TRACE-01].
struct TraceInfo {
  std::string producer_name;
  std::string producer_version;
  std::vector<std::uint8_t> uuid;
  Profile profile = Profile::abi;
  RecordedBy recorded_by = RecordedBy::engine;
  Clock clock = Clock::none;
  std::uint64_t clock_unit = 0;
  std::uint64_t start_time = 0;
  Determinism determinism;
  std::vector<std::string> features;
  std::vector<std::string> quirks;
  std::vector<std::string> core_proposals;
  bool replayable = false;
  bool core_complete = false;
  bool needs_stacks = false;
  bool operator==(const TraceInfo&) const = default;
};

enum class TypeKind : std::uint8_t {
  bool_,
  s8,
  u8,
  s16,
  u16,
  s32,
  u32,
  s64,
  u64,
  f32,
  f64,
  char_,
  string_,
  error_context,
  record,
  variant,
  list,
  fixed_length_list,
  tuple,
  flags,
  enum_,
  option,
  result,
  map,
  own,
  borrow,
  stream,
  future,
  resource,
  func
};

struct Member {
  std::string name;
  std::uint32_t type = none;
  bool operator==(const Member&) const = default;
};

/// A component type in the flat type table; refers to smaller ids only [TYPE-02].
struct Type {
  std::uint32_t id = 0;
  TypeKind kind = TypeKind::bool_;
  std::string name;
  std::vector<Member> members;
  std::uint32_t element = none;
  std::uint32_t key = none;
  std::uint32_t length = 0;
  bool is_async = false;
  bool operator==(const Type&) const = default;
};

enum class DigestAlgorithm : std::uint8_t { sha256 };

struct Component {
  std::uint32_t id = 0;
  std::string name;
  DigestAlgorithm digest_algorithm = DigestAlgorithm::sha256;
  std::vector<std::uint8_t> digest;
  std::uint64_t size = 0;
  std::uint32_t attachment = none;
  bool operator==(const Component&) const = default;
};

enum class Side : std::uint8_t { host, guest };

struct Binding {
  std::string name;
  Side side = Side::host;
  std::uint32_t instance = none;
  std::string export_name;
  bool operator==(const Binding&) const = default;
};

struct Instance {
  std::uint32_t id = 0;
  std::uint32_t component = 0;
  std::vector<std::uint32_t> path;
  std::vector<Binding> bindings;
  bool operator==(const Instance&) const = default;
};

enum class IndexType : std::uint8_t { i32, i64 };

struct Memory {
  std::uint32_t id = 0;
  std::uint32_t instance = 0;
  std::uint32_t core_memory = 0;
  std::uint32_t core_instance = 0;
  std::string export_name;
  IndexType index_type = IndexType::i32;
  std::uint8_t page_size_log2 = 16;
  bool shared = false;
  bool operator==(const Memory&) const = default;
};

enum class Role : std::uint8_t {
  import_,
  export_,
  builtin,
  destructor,
  callback,
  post_return,
  realloc,
  core_import,
  core_export
};
enum class IndexSpace : std::uint8_t { core_func, func, type };
enum class CoreType : std::uint8_t { i32, i64, f32, f64, v128, funcref, externref };
enum class StringEncoding : std::uint8_t { utf8, utf16, latin1_utf16 };

/// A function's name as the binary has it, in two parts [FUNC-05].
struct Name {
  std::string instance_name;
  std::string function_name;
  bool operator==(const Name&) const = default;
};

struct Options {
  StringEncoding string_encoding = StringEncoding::utf8;
  std::uint32_t memory = none;
  std::uint32_t realloc = none;
  std::uint32_t post_return = none;
  std::uint32_t callback = none;
  bool is_async = false;
  bool operator==(const Options&) const = default;
};

struct Immediates {
  bool cancellable = false;
  bool is_async = false;
  std::uint32_t type = none;
  std::uint32_t slot = none;
  std::uint32_t table = none;
  bool shared = false;
  bool operator==(const Immediates&) const = default;
};

/// A boundary function of one component instance [FUNC-01].
struct Function {
  std::uint32_t id = 0;
  std::uint32_t instance = 0;
  Role role = Role::import_;
  Side side = Side::host;
  IndexSpace index_space = IndexSpace::core_func;
  std::uint32_t index = 0;
  std::uint32_t core_instance = none;
  std::string core_export;
  std::uint32_t canonical_definition = none;
  std::vector<Name> names;
  std::string implements;
  std::string version_suffix;
  std::string external_id;
  std::string builtin;
  std::uint32_t type = none;
  Options options;
  Immediates immediates;
  std::vector<CoreType> core_params;
  std::vector<CoreType> core_results;
  std::uint32_t result_area_param = none;
  std::uint32_t result_area_size = 0;
  std::uint32_t result_area_alignment = 0;
  bool operator==(const Function&) const = default;
};

/// One definition; the alternatives stand in the order of the lists of a `definitions` frame.
using Definition = std::variant<Type, Component, Instance, Memory, Function>;

/// Definitions by kind, each list indexed by id.
struct Definitions {
  std::vector<Type> types;
  std::vector<Component> components;
  std::vector<Instance> instances;
  std::vector<Memory> memories;
  std::vector<Function> functions;
  bool operator==(const Definitions&) const = default;
};

}  // namespace crossing
