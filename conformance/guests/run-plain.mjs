#!/usr/bin/env node
// Runs a guest on jco without recording anything: the proof that the guest
// itself works, and the reference that a recording is compared with.
//
//   run-plain.mjs [--dir HOST::GUEST] [--env K=V] [--script CALLS.json]
//                 [--host HOST.mjs] APP.wasm [-- ARGS]
//
// Without a script the guest is a command: wasi:cli/run is called, and its
// outcome is the exit status (0 ok, 1 error, 134 trap). With one, each call's
// outcome is printed as one line and compared with what the script expects;
// exit status 1 says that one differed. Scripts: README.md.
//
// JCO_DIR is the node_modules folder to take jco and its shim from;
// ../engines/jco/node_modules unless set.

import { createRequire } from 'node:module';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const jcoDir = resolve(process.env.JCO_DIR ?? join(here, '../engines/jco/node_modules'));
const require = createRequire(join(jcoDir, 'from-here.cjs'));
const load = (name) => import(pathToFileURL(require.resolve(name)));

// --- instantiation -----------------------------------------------------------

/** Transpiles APP.wasm and gives its `instantiate` and its core modules. */
export async function transpileGuest(wasmPath, options = {}) {
    const { transpile } = await load('@bytecodealliance/jco');
    const name = basename(wasmPath, '.wasm');
    const { files } = await transpile(await readFile(wasmPath), {
        name,
        instantiation: 'sync',
        noTypescript: true,
        base64Cutoff: 0,
        ...options,
    });
    // A module can only be imported from a file.
    const folder = await mkdtemp(join(tmpdir(), 'crossing-guest-'));
    const modules = new Map();
    try {
        for (const [file, bytes] of Object.entries(files)) {
            if (file.endsWith('.wasm')) modules.set(file, new WebAssembly.Module(bytes));
        }
        await writeFile(join(folder, 'guest.mjs'), files[`${name}.js`]);
        const { instantiate } = await import(pathToFileURL(join(folder, 'guest.mjs')));
        return { instantiate, getCoreModule: (file) => modules.get(file) };
    } finally {
        await rm(folder, { recursive: true });
    }
}

/** The WASI imports, with exactly these directories, variables and arguments. */
export async function wasiImports({ preopens = {}, env = {}, args = [] } = {}) {
    const { WASIShim } = await load('@bytecodealliance/preview2-shim/instantiation');
    const imports = new WASIShim({ sandbox: { preopens, env, args } }).getImportObject();
    // The shim takes every standard stream for a terminal, also a file and a pipe.
    for (const [fd, name] of ['Stdin', 'Stdout', 'Stderr'].entries()) {
        const shim = imports[`wasi:cli/terminal-${name.toLowerCase()}`];
        const ask = `getTerminal${name}`;
        imports[`wasi:cli/terminal-${name.toLowerCase()}`] = { ...shim, [ask]: () => (isatty(fd) ? shim[ask]() : undefined) };
    }
    return imports;
}

// jco looks imports up without their version.
const unversioned = (imports) =>
    Object.fromEntries(Object.entries(imports).map(([name, value]) => [name.replace(/@.*$/, ''), value]));

/** The imports of a host module (`imports()`, names as in the binary) for jco. */
export async function hostImports(hostPath) {
    if (!hostPath) return {};
    const host = await import(pathToFileURL(resolve(hostPath)));
    return unversioned(host.imports());
}

// --- scripts -----------------------------------------------------------------

const camel = (label) => label.replace(/-(.)/g, (_, c) => c.toUpperCase());
const pascal = (label) => camel(`-${label}`);

const floats = { nan: NaN, inf: Infinity, '-inf': -Infinity, '-0': -0 };

/** Script value (README.md, "Values") to the JavaScript value jco takes and gives. */
export function fromScript(value, scope) {
    const inner = (v) => fromScript(v, scope);
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(inner);
    const [tag] = Object.keys(value);
    switch (tag) {
        case '$i64': return BigInt(value.$i64);
        case '$float': return floats[value.$float];
        case '$bytes': return Uint8Array.from(Buffer.from(value.$bytes, 'hex'));
        case '$utf16': return String.fromCharCode(...value.$utf16.match(/..../g).map((unit) => parseInt(unit, 16)));
        case '$repeat': {
            const [item, count] = value.$repeat;
            return typeof item === 'string' ? item.repeat(count) : Array.from({ length: count }, () => inner(item));
        }
        case '$flags': return Object.fromEntries(value.$flags.map((label) => [camel(label), true]));
        case '$map': return new Map(value.$map.map(([key, v]) => [inner(key), inner(v)]));
        case '$case': return 'value' in value ? { tag: value.$case, val: inner(value.value) } : { tag: value.$case };
        case '$some': return inner(value.$some);
        case '$none': return undefined;
        case '$ok': return value.$ok === null ? { tag: 'ok' } : { tag: 'ok', val: inner(value.$ok) };
        case '$error': return value.$error === null ? { tag: 'err' } : { tag: 'err', val: inner(value.$error) };
        case '$result': return (value.path ?? []).reduce((v, step) => v[typeof step === 'string' ? camel(step) : step], scope.results[value.$result]);
        case '$new': {
            const [instance, resource, args] = value.$new;
            return new scope.imports[instance.replace(/@.*$/, '')][pascal(resource)](...args.map(inner));
        }
        default: return Object.fromEntries(Object.entries(value).map(([label, v]) => [camel(label), inner(v)]));
    }
}

/** The export that a script names, as a function of its arguments. */
function findExport(instance, call) {
    const scope = call.instance === null ? instance : instance[call.instance];
    if (!scope) throw new Error(`the guest has no instance ${call.instance}`);
    const [, kind, rest] = /^(?:\[(\w+)\])?(.*)$/.exec(call.function);
    const [first, second] = rest.split('.');
    switch (kind) {
        case undefined: return (...args) => scope[camel(first)](...args);
        case 'constructor': return (...args) => new scope[pascal(first)](...args);
        case 'method': return (self, ...args) => self[camel(second)](...args);
        case 'static': return (...args) => scope[pascal(first)][camel(second)](...args);
        default: throw new Error(`no such kind of function: ${call.function}`);
    }
}

// jco gives lists of numbers as typed arrays, flags with every label, and
// absent payloads as undefined; scripts do not care.
function plain(value) {
    if (ArrayBuffer.isView(value)) return Array.from(value);
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== 'object' || value.constructor !== Object) return value;
    return Object.fromEntries(
        Object.entries(value).filter(([, v]) => v !== undefined && v !== false).map(([k, v]) => [k, plain(v)]));
}

// What a call came to: { value }, { error } (the error of a top-level result) or { trap }.
function attempt(call) {
    try {
        return { value: call() };
    } catch (e) {
        return e?.constructor?.name === 'ComponentError' ? { error: e.payload } : { trap: e };
    }
}

/** Does `outcome` agree with the script's expectation? */
function agrees(call, outcome, scope) {
    if (call.traps) return 'trap' in outcome || call.quirk?.jco !== undefined;
    if ('trap' in outcome) return false;
    if (call.expect === undefined) return 'value' in outcome;
    const expected = (value) => plain(fromScript(value, scope));
    if (call.expect?.$error !== undefined) {
        return 'error' in outcome
            ? isDeepStrictEqual(plain(outcome.error) ?? null, expected(call.expect.$error) ?? null)
            : isDeepStrictEqual(plain(outcome.value), expected(call.expect));
    }
    if (!('value' in outcome)) return false;
    // A function whose result type is `result` returns the payload itself.
    return isDeepStrictEqual(plain(outcome.value), expected(call.expect)) ||
        (call.expect?.$ok !== undefined && isDeepStrictEqual(plain(outcome.value) ?? null, expected(call.expect.$ok) ?? null));
}

const dispose = Symbol.dispose ?? Symbol.for('dispose');

/** Runs every call of a script; gives one { label, outcome, ok } each. */
export function runScript(script, instance, imports) {
    const scope = { results: [], imports };
    const reports = [];
    for (const [index, call] of script.calls.entries()) {
        const label = 'drop' in call ? `${index} drop ${call.drop}` : `${index} ${call.instance ?? ''}#${call.function}`;
        const outcome = attempt(() => {
            if ('drop' in call) return void fromScript({ $result: call.drop, path: call.path }, scope)[dispose]();
            const args = (call.args ?? []).map((arg) => fromScript(arg, scope));
            return findExport(instance, call)(...args);
        });
        scope.results.push(outcome.value);
        reports.push({ label, outcome, ok: agrees(call, outcome, scope) });
        if ('trap' in outcome) break; // an instance that trapped is not entered again
    }
    return reports;
}

// --- command line ------------------------------------------------------------

export function show(value) {
    const text = JSON.stringify(plain(value), (_, v) =>
        v instanceof Map ? [...v] : typeof v === 'bigint' ? `${v}` : typeof v === 'number' && !Number.isFinite(v) ? `${v}` : v);
    return text === undefined ? '-' : text.length > 200 ? `${text.slice(0, 200)}... (${text.length})` : text;
}

async function main() {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: {
            dir: { type: 'string', multiple: true, default: [] },
            env: { type: 'string', multiple: true, default: [] },
            script: { type: 'string' },
            host: { type: 'string' },
        },
    });
    const [app, ...args] = positionals;
    if (!app) {
        console.error('usage: run-plain.mjs [--dir HOST::GUEST] [--env K=V] [--script CALLS.json] [--host HOST.mjs] APP.wasm [-- ARGS]');
        return 2;
    }
    const pairs = (list, by) => Object.fromEntries(list.map((item) => {
        const at = item.indexOf(by);
        return at < 0 ? [item, item] : [item.slice(0, at), item.slice(at + by.length)];
    }));
    const preopens = Object.fromEntries(Object.entries(pairs(values.dir, '::')).map(([host, guest]) => [guest, resolve(host)]));
    const imports = {
        ...unversioned(await wasiImports({ preopens, env: pairs(values.env, '='), args: [basename(app), ...args] })),
        ...await hostImports(values.host),
    };
    const { instantiate, getCoreModule } = await transpileGuest(app);

    if (!values.script) {
        try {
            const instance = instantiate(getCoreModule, imports);
            const run = Object.entries(instance).find(([name]) => name.startsWith('wasi:cli/run@'))?.[1];
            if (!run) throw new Error(`${app} does not export wasi:cli/run; give --script`);
            run.run();
            return 0;
        } catch (e) {
            if (e?.constructor?.name === 'ComponentError') return 1;
            if (e?.constructor?.name === 'ComponentExit') return e.exitError ? 1 : 0;
            console.error(e);
            return e instanceof WebAssembly.RuntimeError ? 134 : 2;
        }
    }
    const script = JSON.parse(await readFile(values.script, 'utf8'));
    let instance;
    const start = attempt(() => { instance = instantiate(getCoreModule, imports); });
    if ('trap' in start) {
        console.log(`instantiate: trap: ${start.trap.message}`);
        return script.traps ? 0 : 1;
    }
    let failures = 0;
    for (const { label, outcome, ok } of runScript(script, instance, imports)) {
        const text = 'trap' in outcome ? `trap: ${outcome.trap.message}` : 'error' in outcome ? `error ${show(outcome.error)}` : show(outcome.value);
        console.log(`${ok ? 'ok' : 'NOT OK'} ${label}: ${text}`);
        if (!ok) failures++;
    }
    return failures ? 1 : 0;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
    main().then((status) => { process.exitCode = status; });
}
