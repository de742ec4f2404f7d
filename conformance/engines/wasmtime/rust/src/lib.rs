//! Wasmtime's C API, and the few things that recording takes and that API does not have.
pub use wasmtime_c_api::*;

use std::ffi::c_void;
use wasmtime_c_api::wasmtime::component::{Linker, WasmList};
use wasmtime_c_api::wasmtime::{
    AsContextMut, Config, Error, Instance, Module, Result, StoreContextMut, Trap, WasmCoreDump,
};
use wasmtime_wasi::WasiCtxBuilder;

/// What C hands over to be called with; it answers for threads.
struct Data(*mut c_void);
unsafe impl Send for Data {}
unsafe impl Sync for Data {}

type Open = extern "C" fn(*mut c_void) -> u32;
type Write = extern "C" fn(
    *mut c_void, u32, *const u8, usize, *const u8, usize, *const u8, usize,
) -> bool;

/// Defines `crossing:recorder/sink@0.1.0`. `write` gets pointers straight into the recorder's
/// memory, valid during the call; false ends the guest. // [SINK-01]
///
/// # Safety
/// `data` outlives the linker and what it instantiates.
#[no_mangle]
pub unsafe extern "C" fn crossing_wasmtime_add_sink(
    linker: *mut wasmtime_component_linker_t, open: Open, write: Write, data: *mut c_void,
) -> Option<Box<wasmtime_error_t>> {
    // The C API's type is `repr(transparent)` around this one.
    let linker = &mut *linker.cast::<Linker<WasmtimeStoreData>>();
    define_sink(linker, open, write, data).err().map(|error| Box::new(error.into()))
}

fn define_sink(
    linker: &mut Linker<WasmtimeStoreData>, open: Open, write: Write, data: *mut c_void,
) -> Result<()> {
    type Context<'a> = StoreContextMut<'a, WasmtimeStoreData>;
    let mut sink = linker.instance("crossing:recorder/sink@0.1.0")?;
    let opener = Data(data);
    sink.func_wrap("open", move |_: Context<'_>, (): ()| {
        let data = &opener;
        Ok((open(data.0),))
    })?;
    let writer = Data(data);
    type Bytes = WasmList<u8>;
    sink.func_wrap("write", move |store: Context<'_>, (instance, a, b, c): (u32, Bytes, Bytes, Bytes)| {
        let data = &writer;
        let [a, b, c] = [&a, &b, &c].map(|list| list.as_le_slice(&store));
        let (a, b, c) = ((a.as_ptr(), a.len()), (b.as_ptr(), b.len()), (c.as_ptr(), c.len()));
        match write(data.0, instance, a.0, a.1, b.0, b.1, c.0, c.1) {
            true => Ok(()),
            false => Err(Error::msg("the recording was stopped")),
        }
    })
}

/// What the C API cannot set: core dumps, for `crossing_wasmtime_memories`, and features of
/// components.
///
/// # Safety
/// `config` is the C API's.
#[no_mangle]
pub unsafe extern "C" fn crossing_wasmtime_configure(config: *mut wasm_config_t) {
    let config = &mut *config.cast::<Config>(); // the one member of a `repr(C)`
    config.coredump_on_trap(true);
    config.wasm_component_model_error_context(true);
    config.wasm_component_model_fixed_length_lists(true);
    config.wasm_component_model_implements(true);
}

/// `module (func unreachable) (start 0)`
const TRAPS: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x08\x01\0\x0a\x05\x01\x03\0\0\x0b";

/// Calls `visit` with the bytes of every memory in the store, also when no guest may run there any
/// more: they are in a core dump, that of a module which does nothing but trap. False: there is none.
/// // [SINK-11]
///
/// # Safety
/// No guest runs in the store.
#[no_mangle]
pub unsafe extern "C" fn crossing_wasmtime_memories(
    mut context: WasmtimeStoreContextMut<'_>, visit: extern "C" fn(*mut c_void, *const u8, usize), data: *mut c_void,
) -> bool {
    let mut store = context.as_context_mut();
    let dump = Module::new(store.engine(), TRAPS).and_then(|module| Instance::new(&mut store, &module, &[]));
    let Err(dump) = dump else { return false };
    let Some(dump) = dump.downcast_ref::<WasmCoreDump>() else { return false };
    for memory in dump.memories() {
        let bytes = memory.data(&store);
        visit(data, bytes.as_ptr(), bytes.len());
    }
    true
}

/// Wasmtime's number of the trap that an error is, or -1; and its innermost cause in words.
///
/// # Safety
/// `error` is the C API's.
#[no_mangle]
pub unsafe extern "C" fn crossing_wasmtime_cause(
    error: *const wasmtime_error_t, say: extern "C" fn(*mut c_void, *const u8, usize), data: *mut c_void,
) -> i32 {
    let error = &*error.cast::<Error>(); // the one member of a `repr(C)`
    let text = error.root_cause().to_string();
    say(data, text.as_ptr(), text.len());
    error.downcast_ref::<Trap>().map_or(-1, |trap| *trap as i32)
}

/// File operations in the guest's own thread, as `wasmtime run` has them. Before directories are
/// preopened.
///
/// # Safety
/// `config` is the C API's.
#[no_mangle]
pub unsafe extern "C" fn crossing_wasmtime_block_in_thread(config: *mut wasi_config_t) {
    (*config.cast::<WasiCtxBuilder>()).allow_blocking_current_thread(true); // the one member of a `repr(C)`
}
