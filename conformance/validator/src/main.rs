//! What `wasm-tools validate` and `wasm-tools print` say of a component.
//!
//!     validator validate FILE...   a line for each: `ok`, or why it is not valid; 1 if one is not
//!     validator print FILE         its text

use std::process::ExitCode;
use wasmparser::{Validator, WasmFeatures};

fn validate(path: &str) -> Result<(), String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    // Whatever a guest may use: what a rewritten component may be is what its original was.
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    validator.validate_all(&bytes).map(|_| ()).map_err(|error| error.to_string())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["validate", ref paths @ ..] => {
            let mut code = ExitCode::SUCCESS;
            for path in paths {
                match validate(path) {
                    Ok(()) => println!("ok"),
                    Err(message) => {
                        println!("{}", message.replace('\n', " "));
                        code = ExitCode::FAILURE;
                    }
                }
            }
            code
        }
        ["print", path] => match wasmprinter::print_file(path) {
            Ok(text) => {
                print!("{text}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!("usage: validator validate FILE... | print FILE");
            ExitCode::from(2)
        }
    }
}
