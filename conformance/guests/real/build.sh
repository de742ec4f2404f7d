#!/usr/bin/env bash
# Builds the real programs: build.sh OUTDIR gives OUTDIR/zstd.wasm, OUTDIR/bzip2.wasm (both from
# the distribution's source packages) and OUTDIR/words.wasm (from JavaScript).
#
# Only what is older than its sources is built again. The sources are kept in $XDG_CACHE_HOME
# (~/.cache), under their checksums. Needs clang, wasm-ld, wasi-libc, compiler-rt for wasm32, apt-get
# with a source of the distribution, xz, npm, and jco: $JCO (a command), or $JCO_DIR/.bin/jco;
# JCO_DIR is a node_modules folder, ../../engines/jco/node_modules unless set.
set -euo pipefail

fail() { echo "real/build.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || { echo "usage: build.sh OUTDIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/core"
out=$(cd "$1" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/crossing/sources
jco=${JCO:-${JCO_DIR:-$here/../../engines/jco/node_modules}/.bin/jco}
jobs=${JOBS:-2}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# stale TARGET SOURCE...: is TARGET missing or older than a source or this script?
stale() {
    local target=$1 source
    shift
    for source in "$here/build.sh" "$@"; do
        [ ! -e "$target" ] || [ "$source" -nt "$target" ] && return 0
    done
    return 1
}

# --- sources -----------------------------------------------------------------

# The distribution's own lists, but of sources: the system's lists are left alone.
apt_sources() {
    local options=(-qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=-
        -o "Dir::State::lists=$work/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
        -o APT::Sandbox::User=root)
    if [ ! -e "$work/sources.list" ]; then
        apt-get indextargets --format '$(ORIGIN) deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' \
            'Identifier: Packages' | sed -n 's/^Debian //p' | sort -u >"$work/sources.list"
        [ -s "$work/sources.list" ] || fail "apt-get has no lists of Debian's packages: run apt-get update"
        mkdir -p "$work/lists/partial"
        apt-get "${options[@]}" update || fail "apt-get could not list the source packages"
    fi
    apt-get "${options[@]}" "$@"
}

# source_of PACKAGE TARBALL SHA256: unpacks the upstream tarball of a source package to $work/TARBALL.
source_of() {
    local package=$1 tarball=$2 sum=$3
    mkdir -p "$cache/$sum" "$work/$tarball"
    if ! echo "$sum  $cache/$sum/$tarball" | sha256sum --check --status 2>/dev/null; then
        mkdir -p "$work/download"
        (cd "$work/download" && apt_sources --download-only source "$package") ||
            fail "apt-get has no source package $package"
        [ -e "$work/download/$tarball" ] ||
            fail "expected $tarball in the source package $package, found $(ls "$work/download" | grep orig | tr '\n' ' ')"
        echo "$sum  $work/download/$tarball" | sha256sum --check --status ||
            fail "$tarball: expected the SHA-256 $sum, found $(sha256sum "$work/download/$tarball" | cut -d' ' -f1)"
        mv "$work/download/$tarball" "$cache/$sum/$tarball"
    fi
    tar -xf "$cache/$sum/$tarball" -C "$work/$tarball" --strip-components=1
}

# --- C -----------------------------------------------------------------------

support=("$here/posix.c" "$here/../cabi_realloc.c" "$here/../wasi_start.c")

# compile NAME FLAG... -- SOURCE...: a command, compiled in parallel and linked.
compile() {
    local name=$1 flags=(--target=wasm32-wasi -O2 -std=gnu99 -w -Werror=implicit-function-declaration
        -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_PROCESS_CLOCKS)
    shift
    while [ "$1" != -- ]; do flags+=("$1"); shift; done
    shift
    mkdir -p "$work/$name"
    printf '%s\n' "$@" "${support[@]}" | xargs -P "$jobs" -I '{}' sh -c \
        'clang "$@" -c "{}" -o "$0/$(echo "{}" | tr / _).o"' "$work/$name" "${flags[@]}" ||
        fail "clang could not compile $name"
    clang --target=wasm32-wasi -nostartfiles -Wl,--strip-debug "$work/$name"/*.o \
        -lwasi-emulated-signal -lwasi-emulated-process-clocks -o "$work/$name.core.wasm" ||
        fail "clang could not link $name"
    "$jco" new "$work/$name.core.wasm" --wasi-command -o "$work/$name.wasm" >"$work/log" 2>&1 ||
        { cat "$work/log" >&2; fail "jco new could not build $name"; }
    mv "$work/$name.core.wasm" "$out/core/$name.wasm"
    mv "$work/$name.wasm" "$out/$name.wasm"
}

if stale "$out/zstd.wasm" "${support[@]}"; then
    tarball=libzstd_1.5.4+dfsg2.orig.tar.xz
    source_of libzstd $tarball 8cf4bbb65e77ec348d052c8d6230eba66d435bddf64c8b5be2fcb16880c19953
    source=$work/$tarball
    # Directories are gone through only where POSIX is claimed; util.h takes stdio.h for granted then.
    compile zstd -DPLATFORM_POSIX_VERSION=200112L -include stdio.h -I"$source/lib" -I"$source/lib/common" \
        -DZSTD_NOBENCH -DZSTD_NODICT -DZSTD_NOTRACE -DZSTD_SETPRIORITY_SUPPORT=0 -DBACKTRACE_ENABLE=0 \
        -DZSTD_LEGACY_SUPPORT=0 -DZSTD_DISABLE_ASM -DXXH_NAMESPACE=ZSTD_ -- \
        "$source"/lib/{common,compress,decompress}/*.c \
        "$source"/programs/{zstdcli,util,timefn,fileio,fileio_asyncio}.c
fi

if stale "$out/bzip2.wasm" "${support[@]}"; then
    tarball=bzip2_1.0.8.orig.tar.gz
    source_of bzip2 $tarball ab5a03176ee106d3f0fa90e381da478ddae405918153cca248e682cd0c4a2269
    source=$work/$tarball
    compile bzip2 -D_FILE_OFFSET_BITS=64 -- \
        "$source"/{bzip2,blocksort,huffman,crctable,randtable,compress,decompress,bzlib}.c
fi

# --- JavaScript --------------------------------------------------------------

if stale "$out/words.wasm" "$here"/{words.js,words.wit,componentize.mjs,package-lock.json}; then
    if ! cmp -s "$here/package-lock.json" "$here/node_modules/.crossing-lock"; then
        # Not npm ci: it insists on optional packages for other systems.
        (cd "$here" && npm install --no-save --no-audit --no-fund --loglevel=error) ||
            fail "npm could not install what makes components of JavaScript"
        cp "$here/package-lock.json" "$here/node_modules/.crossing-lock"
    fi
    (cd "$here" && node componentize.mjs words.js words.wit "$work/words.wasm") ||
        fail "componentize-js could not build words"
    mv "$work/words.wasm" "$out/words.wasm"
fi
