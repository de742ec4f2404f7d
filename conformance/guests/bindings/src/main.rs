//! bindings WIT utf8|utf16 OUTDIR: writes C bindings for the only world in WIT,
//! as `wit-bindgen c --string-encoding` does.

use anyhow::{bail, Context, Result};
use std::path::Path;
use wit_bindgen_core::{wit_parser::Resolve, Files};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, wit, encoding, out] = args.as_slice() else {
        bail!("usage: bindings WIT utf8|utf16 OUTDIR");
    };
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(wit)?;
    let world = resolve.select_world(&[package], None)?;

    let mut options = wit_bindgen_c::Opts::default();
    options.string_encoding = encoding.parse().ok().context("the encoding is utf8 or utf16")?;
    let mut files = Files::default();
    options.build().generate(&mut resolve, world, &mut files)?;

    std::fs::create_dir_all(out)?;
    for (name, contents) in files.iter() {
        std::fs::write(Path::new(out).join(name), contents)?;
    }
    Ok(())
}
