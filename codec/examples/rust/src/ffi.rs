//! What this example uses of crossing.h, declared by hand.

#![allow(non_camel_case_types)]

use std::os::raw::{c_char, c_int, c_void};

pub const ABI_VERSION: u32 = 1;
pub const OK: u8 = 0;

pub const ROLE_IMPORT: u8 = 0;
pub const ROLE_EXPORT: u8 = 1;
pub const CORE_TYPE_I32: u8 = 0;

pub const EVENT_INSTANTIATE: u8 = 1;
pub const EVENT_INSTANTIATE_END: u8 = 2;
pub const EVENT_EXPORT_CALL: u8 = 3;
pub const EVENT_EXPORT_ENTER: u8 = 4;
pub const EVENT_EXPORT_RESULT: u8 = 5;
pub const EVENT_IMPORT_CALL: u8 = 6;
pub const EVENT_IMPORT_RESULT: u8 = 7;

pub const ITEM_END: u8 = 0;
pub const ITEM_BLOCK: u8 = 3;

pub enum crossing_error {}
pub enum crossing_sink {}
pub enum crossing_source {}
pub enum crossing_recorder {}
pub enum crossing_reader {}
pub enum crossing_definitions {}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct crossing_bytes {
    pub data: *const u8,
    pub size: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct crossing_string {
    pub data: *const c_char,
    pub size: usize,
}

#[repr(C)]
pub struct crossing_sink_callbacks {
    pub struct_size: usize,
    pub context: *mut c_void,
    pub write: Option<extern "C" fn(*mut c_void, crossing_bytes) -> c_int>,
    pub flush: Option<extern "C" fn(*mut c_void) -> c_int>,
    pub close: Option<extern "C" fn(*mut c_void)>,
}

#[repr(C)]
pub struct crossing_determinism {
    pub nan: u8,
    pub relaxed_simd: u8,
    pub interruption: u8,
    pub memory_limit: u64,
    pub table_limit: u64,
    pub stack_limit: u64,
}

#[repr(C)]
pub struct crossing_trace_info {
    pub struct_size: usize,
    pub producer_name: crossing_string,
    pub producer_version: crossing_string,
    pub uuid: [u8; 16],
    pub profile: u8,
    pub recorded_by: u8,
    pub clock: u8,
    pub replayable: bool,
    pub core_complete: bool,
    pub needs_stacks: bool,
    pub clock_unit: u64,
    pub start_time: u64,
    pub determinism: crossing_determinism,
    pub features: *const crossing_string,
    pub feature_count: usize,
    pub quirks: *const crossing_string,
    pub quirk_count: usize,
    pub core_proposals: *const crossing_string,
    pub core_proposal_count: usize,
}

#[repr(C)]
pub struct crossing_component {
    pub struct_size: usize,
    pub id: u32,
    pub digest_algorithm: u8,
    pub name: crossing_string,
    pub digest: crossing_bytes,
    pub size: u64,
    pub attachment: u32,
}

#[repr(C)]
pub struct crossing_instance {
    pub struct_size: usize,
    pub id: u32,
    pub component: u32,
    pub path: *const u32,
    pub path_count: usize,
    pub bindings: *const c_void,
    pub binding_count: usize,
}

#[repr(C)]
pub struct crossing_name {
    pub instance_name: crossing_string,
    pub function_name: crossing_string,
}

#[repr(C)]
pub struct crossing_options {
    pub string_encoding: u8,
    pub is_async: bool,
    pub memory: u32,
    pub realloc: u32,
    pub post_return: u32,
    pub callback: u32,
}

#[repr(C)]
pub struct crossing_immediates {
    pub cancellable: bool,
    pub is_async: bool,
    pub shared: bool,
    pub type_: u32,
    pub slot: u32,
    pub table: u32,
}

#[repr(C)]
pub struct crossing_function {
    pub struct_size: usize,
    pub id: u32,
    pub instance: u32,
    pub role: u8,
    pub side: u8,
    pub index_space: u8,
    pub index: u32,
    pub core_instance: u32,
    pub core_export: crossing_string,
    pub canonical_definition: u32,
    pub names: *const crossing_name,
    pub name_count: usize,
    pub implements: crossing_string,
    pub version_suffix: crossing_string,
    pub external_id: crossing_string,
    pub builtin: crossing_string,
    pub type_: u32,
    pub options: crossing_options,
    pub immediates: crossing_immediates,
    pub core_params: *const u8,
    pub core_param_count: usize,
    pub core_results: *const u8,
    pub core_result_count: usize,
    pub result_area_param: u32,
    pub result_area_size: u32,
    pub result_area_alignment: u32,
}

#[repr(C)]
pub struct crossing_event_view {
    pub struct_size: usize,
    pub kind: u8,
    pub flags: u8,
    pub first: bool,
    pub last: bool,
    pub subject: u32,
    pub detail: u64,
    pub sequence: u64,
    pub time: u64,
    pub body: crossing_bytes,
    pub body_size: u64,
}

/// Its first members, which are all that is looked at.
#[repr(C)]
pub struct crossing_item {
    pub struct_size: usize,
    pub kind: u8,
}

extern "C" {
    pub fn crossing_abi_version() -> u32;

    pub fn crossing_error_new() -> *mut crossing_error;
    pub fn crossing_error_delete(error: *mut crossing_error);
    pub fn crossing_error_text(error: *const crossing_error) -> *const c_char;

    pub fn crossing_sink_new(
        callbacks: *const crossing_sink_callbacks,
        sink: *mut *mut crossing_sink,
        error: *mut crossing_error,
    ) -> u8;
    pub fn crossing_sink_delete(sink: *mut crossing_sink);
    pub fn crossing_source_open_file(
        path: *const c_char,
        source: *mut *mut crossing_source,
        error: *mut crossing_error,
    ) -> u8;
    pub fn crossing_source_delete(source: *mut crossing_source);

    pub fn crossing_recorder_create(
        sink: *mut crossing_sink,
        info: *const crossing_trace_info,
        options: *const c_void,
        recorder: *mut *mut crossing_recorder,
        error: *mut crossing_error,
    ) -> u8;
    pub fn crossing_recorder_delete(recorder: *mut crossing_recorder);
    pub fn crossing_recorder_define(
        recorder: *mut crossing_recorder,
        definitions: *const crossing_definitions,
        error: *mut crossing_error,
    ) -> u8;
    pub fn crossing_recorder_append(
        recorder: *mut crossing_recorder,
        kind: u8,
        subject: u32,
        detail: u64,
        body: crossing_bytes,
        flags: u8,
    );
    pub fn crossing_recorder_finish(
        recorder: *mut crossing_recorder,
        keep: bool,
        error: *mut crossing_error,
    ) -> u8;

    pub fn crossing_definitions_new() -> *mut crossing_definitions;
    pub fn crossing_definitions_delete(definitions: *mut crossing_definitions);
    pub fn crossing_component_init(component: *mut crossing_component, size: usize);
    pub fn crossing_function_init(function: *mut crossing_function, size: usize);
    pub fn crossing_definitions_add_component(
        definitions: *mut crossing_definitions,
        component: *const crossing_component,
        error: *mut crossing_error,
    ) -> u8;
    pub fn crossing_definitions_add_instance(
        definitions: *mut crossing_definitions,
        instance: *const crossing_instance,
        error: *mut crossing_error,
    ) -> u8;
    pub fn crossing_definitions_add_function(
        definitions: *mut crossing_definitions,
        function: *const crossing_function,
        error: *mut crossing_error,
    ) -> u8;

    pub fn crossing_reader_open(
        source: *mut crossing_source,
        options: *const c_void,
        reader: *mut *mut crossing_reader,
        error: *mut crossing_error,
    ) -> u8;
    pub fn crossing_reader_delete(reader: *mut crossing_reader);
    pub fn crossing_reader_next(
        reader: *mut crossing_reader,
        item: *mut *const crossing_item,
        error: *mut crossing_error,
    ) -> u8;
    pub fn crossing_reader_next_event(reader: *mut crossing_reader) -> *const crossing_event_view;
    pub fn crossing_reader_definitions(reader: *const crossing_reader)
        -> *const crossing_definitions;
    pub fn crossing_definitions_function(
        definitions: *const crossing_definitions,
        id: u32,
    ) -> *const crossing_function;
    pub fn crossing_event_kind_name(kind: u8) -> *const c_char;
}
