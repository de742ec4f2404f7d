#ifndef CROSSING_C_DEFINITIONS_H
#define CROSSING_C_DEFINITIONS_H

/// What events refer to by id. Part of crossing.h. Each struct, member and number has the name and
/// meaning that spec/definitions.md and schema/crossing.fbs give it.

#include "crossing/c/base.h"

CROSSING_C_BEGIN

typedef uint8_t crossing_profile;
enum { CROSSING_PROFILE_ABI, CROSSING_PROFILE_VALUES };

typedef uint8_t crossing_recorded_by;
enum {
  CROSSING_RECORDED_BY_ENGINE,
  CROSSING_RECORDED_BY_HOOK,
  CROSSING_RECORDED_BY_INSTRUMENTED,
  CROSSING_RECORDED_BY_CONVERTED,
  CROSSING_RECORDED_BY_SYNTHETIC
};

typedef uint8_t crossing_clock;
enum {
  CROSSING_CLOCK_NONE,
  CROSSING_CLOCK_COARSE,
  CROSSING_CLOCK_PER_CALL,
  CROSSING_CLOCK_PER_EVENT
};

typedef uint8_t crossing_nan_mode;
enum { CROSSING_NAN_UNSPECIFIED, CROSSING_NAN_CANONICAL, CROSSING_NAN_ENGINE };

typedef uint8_t crossing_relaxed_simd;
enum {
  CROSSING_RELAXED_SIMD_ABSENT,
  CROSSING_RELAXED_SIMD_DETERMINISTIC,
  CROSSING_RELAXED_SIMD_ENGINE
};

typedef uint8_t crossing_interruption;
enum {
  CROSSING_INTERRUPTION_NEVER,
  CROSSING_INTERRUPTION_FUEL,
  CROSSING_INTERRUPTION_EPOCH,
  CROSSING_INTERRUPTION_OTHER
};

/// Settings of core WebAssembly that decide whether two runs are equal [TRACE-06].
typedef struct crossing_determinism {
  crossing_nan_mode nan;
  crossing_relaxed_simd relaxed_simd;
  crossing_interruption interruption;
  uint64_t memory_limit;
  uint64_t table_limit;
  uint64_t stack_limit;
} crossing_determinism;

/// What the trace says of itself [TRACE-01].
typedef struct crossing_trace_info {
  size_t struct_size;
  crossing_string producer_name;
  crossing_string producer_version;
  uint8_t uuid[16];
  crossing_profile profile;
  crossing_recorded_by recorded_by;
  crossing_clock clock;
  bool replayable;
  bool core_complete;
  bool needs_stacks;
  uint64_t clock_unit;
  uint64_t start_time;
  crossing_determinism determinism;
  const crossing_string* features;
  size_t feature_count;
  const crossing_string* quirks;
  size_t quirk_count;
  const crossing_string* core_proposals;
  size_t core_proposal_count;
} crossing_trace_info;

typedef uint8_t crossing_type_kind;
enum {
  CROSSING_TYPE_BOOL,
  CROSSING_TYPE_S8,
  CROSSING_TYPE_U8,
  CROSSING_TYPE_S16,
  CROSSING_TYPE_U16,
  CROSSING_TYPE_S32,
  CROSSING_TYPE_U32,
  CROSSING_TYPE_S64,
  CROSSING_TYPE_U64,
  CROSSING_TYPE_F32,
  CROSSING_TYPE_F64,
  CROSSING_TYPE_CHAR,
  CROSSING_TYPE_STRING,
  CROSSING_TYPE_ERROR_CONTEXT,
  CROSSING_TYPE_RECORD,
  CROSSING_TYPE_VARIANT,
  CROSSING_TYPE_LIST,
  CROSSING_TYPE_FIXED_LENGTH_LIST,
  CROSSING_TYPE_TUPLE,
  CROSSING_TYPE_FLAGS,
  CROSSING_TYPE_ENUM,
  CROSSING_TYPE_OPTION,
  CROSSING_TYPE_RESULT,
  CROSSING_TYPE_MAP,
  CROSSING_TYPE_OWN,
  CROSSING_TYPE_BORROW,
  CROSSING_TYPE_STREAM,
  CROSSING_TYPE_FUTURE,
  CROSSING_TYPE_RESOURCE,
  CROSSING_TYPE_FUNC
};

typedef struct crossing_member {
  crossing_string name;
  uint32_t type;
} crossing_member;

/// A component type in the flat type table; refers to smaller ids only [TYPE-02].
typedef struct crossing_type {
  size_t struct_size;
  uint32_t id;
  crossing_type_kind kind;
  bool is_async;
  crossing_string name;
  const crossing_member* members;
  size_t member_count;
  uint32_t element;
  uint32_t key;
  uint32_t length;
} crossing_type;

/// `element` and `key` none, the rest zero. `size` is `sizeof(crossing_type)`.
CROSSING_API void crossing_type_init(crossing_type* type, size_t size);

typedef uint8_t crossing_digest_algorithm;
enum { CROSSING_DIGEST_SHA256 };

typedef struct crossing_component {
  size_t struct_size;
  uint32_t id;
  crossing_digest_algorithm digest_algorithm;
  crossing_string name;
  crossing_bytes digest;
  uint64_t size;
  uint32_t attachment;
} crossing_component;

/// `attachment` none, the rest zero. `size` is `sizeof(crossing_component)`.
CROSSING_API void crossing_component_init(crossing_component* component, size_t size);

typedef uint8_t crossing_side;
enum { CROSSING_SIDE_HOST, CROSSING_SIDE_GUEST };

typedef struct crossing_binding {
  crossing_string name;
  crossing_side side;
  uint32_t instance;
  crossing_string export_name;
} crossing_binding;

/// Zero but for `struct_size` is a good start.
typedef struct crossing_instance {
  size_t struct_size;
  uint32_t id;
  uint32_t component;
  const uint32_t* path;
  size_t path_count;
  const crossing_binding* bindings;
  size_t binding_count;
} crossing_instance;

typedef uint8_t crossing_index_type;
enum { CROSSING_INDEX_TYPE_I32, CROSSING_INDEX_TYPE_I64 };

typedef struct crossing_memory {
  size_t struct_size;
  uint32_t id;
  uint32_t instance;
  uint32_t core_memory;
  uint32_t core_instance;
  crossing_string export_name;
  crossing_index_type index_type;
  uint8_t page_size_log2;
  bool shared;
} crossing_memory;

/// `page_size_log2` 16, the rest zero. `size` is `sizeof(crossing_memory)`.
CROSSING_API void crossing_memory_init(crossing_memory* memory, size_t size);

typedef uint8_t crossing_role;
enum {
  CROSSING_ROLE_IMPORT,
  CROSSING_ROLE_EXPORT,
  CROSSING_ROLE_BUILTIN,
  CROSSING_ROLE_DESTRUCTOR,
  CROSSING_ROLE_CALLBACK,
  CROSSING_ROLE_POST_RETURN,
  CROSSING_ROLE_REALLOC,
  CROSSING_ROLE_CORE_IMPORT,
  CROSSING_ROLE_CORE_EXPORT
};

typedef uint8_t crossing_index_space;
enum { CROSSING_INDEX_SPACE_CORE_FUNC, CROSSING_INDEX_SPACE_FUNC, CROSSING_INDEX_SPACE_TYPE };

typedef uint8_t crossing_core_type;
enum {
  CROSSING_CORE_TYPE_I32,
  CROSSING_CORE_TYPE_I64,
  CROSSING_CORE_TYPE_F32,
  CROSSING_CORE_TYPE_F64,
  CROSSING_CORE_TYPE_V128,
  CROSSING_CORE_TYPE_FUNCREF,
  CROSSING_CORE_TYPE_EXTERNREF
};

typedef uint8_t crossing_string_encoding;
enum {
  CROSSING_STRING_ENCODING_UTF8,
  CROSSING_STRING_ENCODING_UTF16,
  CROSSING_STRING_ENCODING_LATIN1_UTF16
};

/// A function's name as the binary has it, in two parts [FUNC-05].
typedef struct crossing_name {
  crossing_string instance_name;
  crossing_string function_name;
} crossing_name;

typedef struct crossing_options {
  crossing_string_encoding string_encoding;
  bool is_async;
  uint32_t memory;
  uint32_t realloc;
  uint32_t post_return;
  uint32_t callback;
} crossing_options;

typedef struct crossing_immediates {
  bool cancellable;
  bool is_async;
  bool shared;
  uint32_t type;
  uint32_t slot;
  uint32_t table;
} crossing_immediates;

/// A boundary function of one component instance [FUNC-01].
typedef struct crossing_function {
  size_t struct_size;
  uint32_t id;
  uint32_t instance;
  crossing_role role;
  crossing_side side;
  crossing_index_space index_space;
  uint32_t index;
  uint32_t core_instance;
  crossing_string core_export;
  uint32_t canonical_definition;
  const crossing_name* names;
  size_t name_count;
  crossing_string implements;
  crossing_string version_suffix;
  crossing_string external_id;
  crossing_string builtin;
  uint32_t type;
  crossing_options options;
  crossing_immediates immediates;
  const crossing_core_type* core_params;
  size_t core_param_count;
  const crossing_core_type* core_results;
  size_t core_result_count;
  uint32_t result_area_param;
  uint32_t result_area_size;
  uint32_t result_area_alignment;
} crossing_function;

/// Every id and index that may be none is none, the rest zero. `size` is
/// `sizeof(crossing_function)`.
CROSSING_API void crossing_function_init(crossing_function* function, size_t size);

typedef uint8_t crossing_definition_kind;
enum {
  CROSSING_DEFINITION_TYPE,
  CROSSING_DEFINITION_COMPONENT,
  CROSSING_DEFINITION_INSTANCE,
  CROSSING_DEFINITION_MEMORY,
  CROSSING_DEFINITION_FUNCTION
};

/// Names one definition.
typedef struct crossing_definition {
  crossing_definition_kind kind;
  uint32_t id;
} crossing_definition;

/// Definitions by kind and id. Those of a reader and of a wiring live as long as it does; a caller
/// makes its own to define what its events name.
typedef struct crossing_definitions crossing_definitions;

/// None yet; NULL: out of memory.
CROSSING_API crossing_definitions* crossing_definitions_new(void);
/// For those of `crossing_definitions_new`, and so are the functions that add.
CROSSING_API void crossing_definitions_delete(crossing_definitions* definitions);

/// Each adds a copy. In a trace ids count from zero per kind [DEF-01]; here each is by one larger
/// than the one of its kind that was added before it. Whether a definition keeps to definitions.md
/// is judged where it is written.
CROSSING_API crossing_verdict crossing_definitions_add_type(crossing_definitions* definitions,
                                                            const crossing_type* type,
                                                            crossing_error* error);
CROSSING_API crossing_verdict crossing_definitions_add_component(
    crossing_definitions* definitions, const crossing_component* component, crossing_error* error);
CROSSING_API crossing_verdict crossing_definitions_add_instance(crossing_definitions* definitions,
                                                                const crossing_instance* instance,
                                                                crossing_error* error);
CROSSING_API crossing_verdict crossing_definitions_add_memory(crossing_definitions* definitions,
                                                              const crossing_memory* memory,
                                                              crossing_error* error);
CROSSING_API crossing_verdict crossing_definitions_add_function(crossing_definitions* definitions,
                                                                const crossing_function* function,
                                                                crossing_error* error);

/// How many there are of one kind. Those of a reader or a wiring have the ids from 0 on.
CROSSING_API uint32_t crossing_definitions_count(const crossing_definitions* definitions,
                                                 crossing_definition_kind kind);
/// The definition of an id, which lives as long as `definitions`; NULL: there is none.
CROSSING_API const crossing_type* crossing_definitions_type(const crossing_definitions* definitions,
                                                            uint32_t id);
CROSSING_API const crossing_component* crossing_definitions_component(
    const crossing_definitions* definitions, uint32_t id);
CROSSING_API const crossing_instance* crossing_definitions_instance(
    const crossing_definitions* definitions, uint32_t id);
CROSSING_API const crossing_memory* crossing_definitions_memory(
    const crossing_definitions* definitions, uint32_t id);
CROSSING_API const crossing_function* crossing_definitions_function(
    const crossing_definitions* definitions, uint32_t id);

CROSSING_C_END

#endif
