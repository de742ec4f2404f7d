//! Puts Wasmtime's C headers where who links the library finds them: `include` in cargo's folder.
use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    let from = env::var("DEP_WASMTIME_C_API_INCLUDE").expect("headers of wasmtime-c-api-impl");
    let target = env::var("OUT_DIR").unwrap();
    // OUT_DIR is FOLDER/release/build/NAME/out.
    copy(Path::new(&from), &Path::new(&target).ancestors().nth(4).unwrap().join("include"))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let into = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &into)?;
        } else {
            fs::copy(entry.path(), into)?;
        }
    }
    Ok(())
}
