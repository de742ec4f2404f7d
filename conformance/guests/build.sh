#!/usr/bin/env bash
# Builds the guests: build.sh OUTDIR gives OUTDIR/<name>.wasm, and
# OUTDIR/parse-only/<name>.wasm for the components that are only read, not run.
#
# Only what is older than its sources is built again. Needs clang, wasm-ld,
# wasi-libc, libclang-rt-14-dev-wasm32, and:
#   jco          $JCO (a command), or $JCO_DIR/.bin/jco; JCO_DIR is a
#                node_modules folder, ../engines/jco/node_modules unless set
#   wit-bindgen  $WIT_BINDGEN, or one of the right version on PATH, or built
#                with cargo into OUTDIR/tools (about two minutes, once)
set -euo pipefail

readonly WIT_BINDGEN_VERSION=0.63.0

fail() { echo "build.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || { echo "usage: build.sh OUTDIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
mkdir -p "$out/core" "$out/parse-only"

# --- tools -------------------------------------------------------------------

need() { command -v "$1" >/dev/null || fail "$1 is missing: install $2"; }
need clang clang
need wasm-ld lld
sysroot=${WASI_SYSROOT:-/usr}
[ -e "$sysroot/include/wasm32-wasi/stdio.h" ] || [ -n "${WASI_SYSROOT:-}" ] ||
    fail "the C library for WebAssembly is missing: install wasi-libc"
[ -e "$(clang --target=wasm32-wasi -print-libgcc-file-name)" ] ||
    fail "compiler-rt for WebAssembly is missing: install libclang-rt-14-dev-wasm32"

jco_dir=${JCO_DIR:-$here/../engines/jco/node_modules}
jco=${JCO:-$jco_dir/.bin/jco}
command -v "$jco" >/dev/null ||
    fail "jco is missing: run npm ci in conformance/engines/jco, or set JCO_DIR to a node_modules folder that has @bytecodealliance/jco"

find_wit_bindgen() {
    local candidate
    for candidate in "${WIT_BINDGEN:-}" "$out/tools/bin/wit-bindgen" wit-bindgen; do
        [ -n "$candidate" ] && command -v "$candidate" >/dev/null || continue
        case $("$candidate" --version) in
            "wit-bindgen-cli $WIT_BINDGEN_VERSION"*) wit_bindgen=$candidate; return ;;
        esac
    done
    need cargo "cargo (it builds wit-bindgen-cli $WIT_BINDGEN_VERSION)"
    cargo install --quiet wit-bindgen-cli --version "=$WIT_BINDGEN_VERSION" --locked \
        --no-default-features --features c --jobs "${JOBS:-2}" --root "$out/tools" ||
        fail "cargo could not build wit-bindgen-cli $WIT_BINDGEN_VERSION"
    wit_bindgen=$out/tools/bin/wit-bindgen
}

# --- steps -------------------------------------------------------------------

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
if stale "$out/command.wasm" "${sources[@]}"; then
    compile "$out/core/command.wasm" -nostartfiles "${sources[@]}"
    new_component "$out/core/command.wasm" "$out/command.wasm" --wasi-command
fi

for encoding in utf8 utf16; do
    name=library
    [ $encoding = utf8 ] || name=library-$encoding
    sources=("$here/library.c" "$here/library.wit")
    stale "$out/$name.wasm" "${sources[@]}" || continue
    [ -n "${wit_bindgen:-}" ] || find_wit_bindgen
    bindings=$out/core/$name
    mkdir -p "$bindings"
    "$wit_bindgen" c --string-encoding $encoding --out-dir "$bindings" "$here/library.wit" >"$out/log" 2>&1 ||
        { cat "$out/log" >&2; fail "wit-bindgen refuses library.wit"; }
    compile "$out/core/$name.wasm" -mexec-model=reactor -Wno-unused-parameter "-DSTRINGS_$encoding" \
        -I"$bindings" "$here/library.c" "$bindings/library.c" "$bindings/library_component_type.o"
    new_component "$out/core/$name.wasm" "$out/$name.wasm" --wasi-reactor
done

shopt -s nullglob
for source in "$here"/*.wat; do
    parse "$source" "$out/$(basename "$source" .wat).wasm"
done
for source in "$here"/parse-only/*.wat; do
    parse "$source" "$out/parse-only/$(basename "$source" .wat).wasm"
done
rm -f "$out/log"
