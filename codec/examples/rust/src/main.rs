//! Records a run of a guest to a file, as an engine would, and reads it back: `example TRACE`.
//! The guest exports `run`, which calls `host.double` three times.

mod ffi;

use ffi::*;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::Write;
use std::mem::{size_of, zeroed};
use std::os::raw::{c_int, c_void};
use std::ptr::{null, null_mut};

const IMPORT_DOUBLE: u32 = 0;
const EXPORT_RUN: u32 = 1;

fn string_of(text: &str) -> crossing_string {
    crossing_string { data: text.as_ptr().cast(), size: text.len() }
}

/// Room for what a call had to say when it failed.
struct Error(*mut crossing_error);

impl Error {
    fn new() -> Error {
        let error = unsafe { crossing_error_new() };
        assert!(!error.is_null());
        Error(error)
    }
    fn check(&self, verdict: u8) -> Result<(), String> {
        if verdict == OK {
            return Ok(());
        }
        Err(unsafe { CStr::from_ptr(crossing_error_text(self.0)) }.to_string_lossy().into_owned())
    }
}

impl Drop for Error {
    fn drop(&mut self) {
        unsafe { crossing_error_delete(self.0) }
    }
}

/// A sink that any `Write` is behind. Must not move while it is in use: it is its own context.
struct Sink {
    handle: *mut crossing_sink,
    _output: Box<Box<dyn Write>>,
}

extern "C" fn write_all(context: *mut c_void, bytes: crossing_bytes) -> c_int {
    let output = unsafe { &mut *context.cast::<Box<dyn Write>>() };
    let bytes = unsafe { std::slice::from_raw_parts(bytes.data, bytes.size) };
    output.write_all(bytes).map_or_else(|error| error.raw_os_error().unwrap_or(-1), |()| 0)
}

impl Sink {
    fn new(output: Box<dyn Write>, error: &Error) -> Result<Sink, String> {
        let mut output = Box::new(output);
        let callbacks = crossing_sink_callbacks {
            struct_size: size_of::<crossing_sink_callbacks>(),
            context: (&mut *output as *mut Box<dyn Write>).cast(),
            write: Some(write_all),
            flush: None,
            close: None,
        };
        let mut handle = null_mut();
        error.check(unsafe { crossing_sink_new(&callbacks, &mut handle, error.0) })?;
        Ok(Sink { handle, _output: output })
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        unsafe { crossing_sink_delete(self.handle) }
    }
}

/// What events name.
struct Definitions {
    handle: *mut crossing_definitions,
    error: Error,
}

impl Definitions {
    fn new() -> Definitions {
        let handle = unsafe { crossing_definitions_new() };
        assert!(!handle.is_null());
        Definitions { handle, error: Error::new() }
    }

    /// A component, and its instance.
    fn add_component(&mut self, name: &str, digest: &[u8; 32]) -> Result<(), String> {
        self.error.check(unsafe {
            let mut component: crossing_component = zeroed();
            crossing_component_init(&mut component, size_of::<crossing_component>());
            component.name = string_of(name);
            component.digest = crossing_bytes { data: digest.as_ptr(), size: digest.len() };
            crossing_definitions_add_component(self.handle, &component, self.error.0)
        })?;
        self.error.check(unsafe {
            let mut instance: crossing_instance = zeroed();
            instance.struct_size = size_of::<crossing_instance>();
            crossing_definitions_add_instance(self.handle, &instance, self.error.0)
        })
    }

    /// A function from i32 to i32.
    fn add_function(&mut self, id: u32, role: u8, name: (&str, &str)) -> Result<(), String> {
        let names = [crossing_name {
            instance_name: string_of(name.0),
            function_name: string_of(name.1),
        }];
        let i32s = [CORE_TYPE_I32];
        self.error.check(unsafe {
            let mut function: crossing_function = zeroed();
            crossing_function_init(&mut function, size_of::<crossing_function>());
            function.id = id;
            function.role = role;
            function.index = id;
            if role == ROLE_EXPORT {
                function.core_instance = 0;
                function.core_export = string_of(name.1);
            }
            function.names = names.as_ptr();
            function.name_count = names.len();
            function.core_params = i32s.as_ptr();
            function.core_param_count = i32s.len();
            function.core_results = i32s.as_ptr();
            function.core_result_count = i32s.len();
            crossing_definitions_add_function(self.handle, &function, self.error.0)
        })
    }
}

impl Drop for Definitions {
    fn drop(&mut self) {
        unsafe { crossing_definitions_delete(self.handle) }
    }
}

struct Recorder {
    handle: *mut crossing_recorder,
    error: Error,
    _sink: Sink,
}

impl Recorder {
    fn create(output: Box<dyn Write>) -> Result<Recorder, String> {
        let error = Error::new();
        let sink = Sink::new(output, &error)?;
        let mut info: crossing_trace_info = unsafe { zeroed() };
        info.struct_size = size_of::<crossing_trace_info>();
        info.producer_name = string_of("example");
        let mut handle = null_mut();
        error.check(unsafe {
            crossing_recorder_create(sink.handle, &info, null(), &mut handle, error.0)
        })?;
        Ok(Recorder { handle, error, _sink: sink })
    }

    fn define(&mut self, definitions: &Definitions) -> Result<(), String> {
        self.error.check(unsafe {
            crossing_recorder_define(self.handle, definitions.handle, self.error.0)
        })
    }

    /// Says nothing of a failure: `finish` does.
    fn append(&mut self, kind: u8, subject: u32, body: &[u8]) {
        let body = crossing_bytes { data: body.as_ptr(), size: body.len() };
        unsafe { crossing_recorder_append(self.handle, kind, subject, 0, body, 0) }
    }

    fn finish(self) -> Result<(), String> {
        self.error.check(unsafe { crossing_recorder_finish(self.handle, true, self.error.0) })
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        unsafe { crossing_recorder_delete(self.handle) }
    }
}

/// What crosses the boundary while the guest runs.
fn record(path: &str) -> Result<(), String> {
    let file = File::create(path).map_err(|error| format!("{path}: {error}"))?;
    let mut recorder = Recorder::create(Box::new(file))?;
    let mut definitions = Definitions::new();
    definitions.add_component("example", &[7; 32])?;
    definitions.add_function(IMPORT_DOUBLE, ROLE_IMPORT, ("host", "double"))?;
    definitions.add_function(EXPORT_RUN, ROLE_EXPORT, ("", "run"))?;
    recorder.define(&definitions)?;
    recorder.append(EVENT_INSTANTIATE, 0, &[]);
    recorder.append(EVENT_INSTANTIATE_END, 0, &[]);
    recorder.append(EVENT_EXPORT_CALL, EXPORT_RUN, &[]);
    let mut value = 1i32;
    recorder.append(EVENT_EXPORT_ENTER, EXPORT_RUN, &value.to_le_bytes());
    for _ in 0..3 {
        recorder.append(EVENT_IMPORT_CALL, IMPORT_DOUBLE, &value.to_le_bytes());
        value *= 2; // the host function
        recorder.append(EVENT_IMPORT_RESULT, IMPORT_DOUBLE, &value.to_le_bytes());
    }
    recorder.append(EVENT_EXPORT_RESULT, EXPORT_RUN, &value.to_le_bytes());
    recorder.finish()
}

/// Prints an event, with the name of the function that it is of.
unsafe fn print_event(event: &crossing_event_view, definitions: *const crossing_definitions) {
    assert!(event.struct_size >= size_of::<crossing_event_view>());
    print!("{}", CStr::from_ptr(crossing_event_kind_name(event.kind)).to_string_lossy());
    let function = crossing_definitions_function(definitions, event.subject);
    if event.kind >= EVENT_EXPORT_CALL && !function.is_null() {
        let name = (*(*function).names).function_name;
        let name = std::slice::from_raw_parts(name.data.cast::<u8>(), name.size);
        print!(" {}", String::from_utf8_lossy(name));
    }
    if event.body.size == 4 {
        let body = std::slice::from_raw_parts(event.body.data, event.body.size);
        print!(" {}", i32::from_le_bytes(body.try_into().unwrap()));
    }
    println!();
}

fn print(path: &str) -> Result<(), String> {
    let error = Error::new();
    let path = CString::new(path).map_err(|error| error.to_string())?;
    let mut source = null_mut();
    let mut reader = null_mut();
    unsafe {
        error.check(crossing_source_open_file(path.as_ptr(), &mut source, error.0))?;
        let opened = error.check(crossing_reader_open(source, null(), &mut reader, error.0));
        let done = opened.and_then(|()| loop {
            let mut item = null();
            error.check(crossing_reader_next(reader, &mut item, error.0))?;
            match (*item).kind {
                ITEM_END => return Ok(()),
                ITEM_BLOCK => {
                    let definitions = crossing_reader_definitions(reader);
                    while let Some(event) = crossing_reader_next_event(reader).as_ref() {
                        print_event(event, definitions);
                    }
                }
                _ => {}
            }
        });
        crossing_reader_delete(reader);
        crossing_source_delete(source);
        done
    }
}

fn main() {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: example TRACE");
        std::process::exit(2);
    };
    assert_eq!(unsafe { crossing_abi_version() }, ABI_VERSION);
    if let Err(error) = record(&path).and_then(|()| print(&path)) {
        eprintln!("example: {error}");
        std::process::exit(1);
    }
}
