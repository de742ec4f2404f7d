#!/usr/bin/env bash
# Builds the guests: build.sh OUTDIR gives OUTDIR/<name>.wasm, and
# OUTDIR/parse-only/<name>.wasm for the components that are only read, not run.
#
# Only what is older than its sources is built again. Needs clang, wasm-ld,
# wasi-libc, libclang-rt-14-dev-wasm32, and:
#   jco          $JCO (a command), or $JCO_DIR/.bin/jco; JCO_DIR is a
#                node_modules folder, ../engines/jco/node_modules unless set
#   cargo        builds the C bindings generator, bindings/, and the validator,
#                ../validator, into OUTDIR/tools (a minute of one core, once)
set -euo pipefail

fail() { echo "build.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || { echo "usage: build.sh OUTDIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
mkdir -p "$out/core" "$out/parse-only"

# stale TARGET SOURCE...: is TARGET missing or older than a source or this script?
stale() {
    local target=$1 source
    shift
    [ -e "$target" ] || return 0
    for source in "$here/build.sh" "$@"; do
        [ "$source" -nt "$target" ] && return 0
    done
    return 1
}

# --- tools -------------------------------------------------------------------

need() { command -v "$1" >/dev/null || fail "$1 is missing: install $2"; }
need clang clang
need wasm-ld lld
echo '#include <stdio.h>' | clang --target=wasm32-wasi -E -x c - -o /dev/null 2>/dev/null ||
    fail "the C library for WebAssembly is missing: install wasi-libc"
[ -e "$(clang --target=wasm32-wasi -print-libgcc-file-name)" ] ||
    fail "compiler-rt for WebAssembly is missing: install libclang-rt-14-dev-wasm32"

jco_dir=${JCO_DIR:-$here/../engines/jco/node_modules}
jco=${JCO:-$jco_dir/.bin/jco}
command -v "$jco" >/dev/null ||
    fail "jco is missing: run npm ci in conformance/engines/jco, or set JCO_DIR to a node_modules folder that has @bytecodealliance/jco"

# build_tool NAME DIRECTORY PURPOSE: OUTDIR/tools/target/debug/NAME. Built from a copy, so that cargo
# writes nothing beside the sources.
build_tool() {
    local name=$1 from=$2 built=$out/tools/target/debug/$1
    stale "$built" "$from/Cargo.toml" "$from/src/main.rs" || return 0
    need cargo "cargo (it builds $3)"
    rm -rf "$out/tools/$name"
    mkdir -p "$out/tools"
    cp -r "$from" "$out/tools/$name"
    CARGO_TARGET_DIR=$out/tools/target cargo build --quiet --jobs "${JOBS:-2}" \
        --manifest-path "$out/tools/$name/Cargo.toml" || fail "cargo could not build $3"
    touch "$built"
}

build_bindings() {
    bindings=$out/tools/target/debug/bindings
    build_tool bindings "$here/bindings" "the C bindings generator"
}

# --- steps -------------------------------------------------------------------

# Everything appears under its final name only when it is whole.
c_flags=(--target=wasm32-wasi -O2 -std=gnu11 -Wall -Wextra -Werror -Wl,--strip-debug)

compile() { # TARGET FLAG-OR-SOURCE...
    local target=$1
    shift
    clang "${c_flags[@]}" "$@" -o "$target.part" || fail "clang could not build $(basename "$target")"
    mv "$target.part" "$target"
}

new_component() { # CORE TARGET FLAG...
    local core=$1 target=$2
    shift 2
    "$jco" new "$core" "$@" -o "$target.part" >"$out/log" 2>&1 ||
        { cat "$out/log" >&2; fail "jco new could not build $(basename "$target")"; }
    mv "$target.part" "$target"
}

parse() { # SOURCE TARGET
    stale "$2" "$1" || return 0
    "$jco" parse "$1" -o "$2.part" >"$out/log" 2>&1 ||
        { cat "$out/log" >&2; fail "jco parse refuses $(basename "$1")"; }
    mv "$2.part" "$2"
}

# --- guests ------------------------------------------------------------------

sources=("$here/command.c" "$here/cabi_realloc.c" "$here/wasi_start.c")
build_command() { # NAME FLAG...
    local name=$1
    shift
    stale "$out/$name.wasm" "${sources[@]}" || return 0
    compile "$out/core/$name.wasm" -nostartfiles "$@" "${sources[@]}"
    new_component "$out/core/$name.wasm" "$out/$name.wasm" --wasi-command
}
build_command command
build_command command-changed '-DCOMMAND_PIECE=(48 * 1024)'

for encoding in utf8 utf16; do
    name=library
    [ $encoding = utf8 ] || name=library-$encoding
    sources=("$here/library.c" "$here/library.wit")
    stale "$out/$name.wasm" "${sources[@]}" || continue
    build_bindings
    generated=$out/core/$name
    "$bindings" "$here/library.wit" $encoding "$generated" || fail "wit-bindgen refuses library.wit"
    compile "$out/core/$name.wasm" -mexec-model=reactor -Wno-unused-parameter "-DSTRINGS_$encoding" \
        -I"$generated" "$here/library.c" "$generated/library.c" "$generated/library_component_type.o"
    new_component "$out/core/$name.wasm" "$out/$name.wasm" --wasi-reactor
done

shopt -s nullglob
for source in "$here"/*.wat; do
    parse "$source" "$out/$(basename "$source" .wat).wasm"
done
for source in "$here"/parse-only/*.wat; do
    parse "$source" "$out/parse-only/$(basename "$source" .wat).wasm"
done
build_tool validator "$here/../validator" "the validator"
rm -f "$out/log"
