//! Links the installed library by what pkg-config says of it.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=PKG_CONFIG_PATH");
    println!("cargo:rerun-if-env-changed=CROSSING_STATIC");
    let mut command = Command::new("pkg-config");
    command.args(["--libs", "crossing"]);
    if std::env::var_os("CROSSING_STATIC").is_some() {
        command.arg("--static");
    }
    let output = command.output().expect("pkg-config runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for flag in String::from_utf8(output.stdout).unwrap().split_whitespace() {
        println!("cargo:rustc-link-arg={flag}");
        if let Some(folder) = flag.strip_prefix("-L") {
            println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}"); // it need not be the system's
        }
    }
}
